"""Why two products are no relation, or that they are one: the pair weighed again, in the steps of a learning run.

Only the baskets that hold both are counted anew; chance is asked as the run asks it, so that the figures are the run's own.
A test holds the verdict here to that of `complements.find_complements`, pair by pair.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.products import by_chance, promotions
from crosslift.learn.products.complements import BASKETS_PER_CUSTOMER, Complements
from crosslift.settings import Settings
from crosslift.stats import chance


@dataclass(frozen=True, slots=True)
class Weighed:
    """What orders say about one pair.

    Attributes
    ----------
    n_a, n_b, n_both, n_baskets : int
        Counted baskets with the first, the second, both; all counted baskets.
    n_customers, n_effective : int
        Distinct customers of the baskets with both; those baskets when a customer counts for three at most.
    n_too_large : int
        Orders with either product that are not counted: more products than `learn.max_basket_items`.
    expected, lift, lift_low, lift_high : float
        Baskets with both by size-aware chance; observed over expected with its exact 95 % interval. nan where either was
        never sold.
    raw_expected, raw_lift : float
        The textbook's: n_a·n_b/N and n_both over it, blind to basket sizes.
    p_value : float
        Chance of so many meetings or more (Poisson upper tail); nan where either was never sold.
    is_promoted : bool
        Whether they meet beyond chance on a few days only, see `products.promotions`.
    """

    n_a: int
    n_b: int
    n_both: int
    n_baskets: int
    n_customers: int
    n_effective: int
    n_too_large: int
    expected: float
    lift: float
    lift_low: float
    lift_high: float
    raw_expected: float
    raw_lift: float
    p_value: float
    is_promoted: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps two products from being complements: a stable code, and words for people."""

    code: str
    words: str


def p_threshold(found: Complements, settings: Settings) -> float | None:
    """Give the largest p-value that passed Benjamini-Hochberg; None where none did.

    Every tested pair at or below it has a q-value of at most `learn.max_q_value`, every other one above it has not.
    """
    passed = found.q_value <= settings["learn.max_q_value"]
    if not passed.any():
        return None
    return float(chance.poisson_tail(found.n_effective[passed], found.expected[passed]).max())


def weigh(baskets: Baskets, a: str, b: str, settings: Settings) -> Weighed:
    """Count a pair and ask chance about it; two products never sold have no chance to meet.

    Parameters
    ----------
    baskets : Baskets
        Of all cleaned order lines, as `from_lines` gives them.
    a, b : str
        Two different products, sold or not.
    """
    is_counted = baskets.sizes <= settings["learn.max_basket_items"]
    counted = baskets.take(is_counted)
    holds_a, holds_b = (_holds(baskets, name) for name in (a, b))
    n_a, n_b = int((holds_a & is_counted).sum()), int((holds_b & is_counted).sum())
    n_too_large = int(((holds_a | holds_b) & ~is_counted).sum())
    n_both, n_customers, n_effective = _together(baskets.take(holds_a & holds_b & is_counted))
    expected = raw_expected = p_value = float("nan")
    is_promoted = False
    if n_a and n_b:
        first, second = sorted(baskets.products.index(name) for name in (a, b))
        ends = np.array([[first], [second]], dtype=np.int32)
        expected = float(by_chance.expected_counts(counted, ends[0], ends[1], settings)[0])
        raw_expected = n_a * n_b / counted.n_baskets
        p_value = float(chance.poisson_tail(n_effective, expected))
        is_promoted = bool(promotions.find_promoted(
            counted, ends[0], ends[1], np.array([n_customers]), np.array([expected]), settings, cap=BASKETS_PER_CUSTOMER
        )[0])  # fmt: skip
    low, high = (float(bound) for bound in chance.lift_interval(n_both, expected))
    return Weighed(
        n_a, n_b, n_both, counted.n_baskets, n_customers, n_effective, n_too_large, expected, n_both / expected, low,
        high, raw_expected, n_both / raw_expected, p_value, is_promoted,
    )  # fmt: skip


def _holds(baskets: Baskets, name: str) -> npt.NDArray[np.bool_]:
    """Mark the baskets that hold a product."""
    held = np.zeros(baskets.n_baskets, dtype=np.bool_)
    if name in baskets.products:
        lines = np.flatnonzero(baskets.items == baskets.products.index(name))
        held[np.searchsorted(baskets.offsets, lines, side="right") - 1] = True
    return held


def _together(both: Baskets) -> tuple[int, int, int]:
    """Count baskets with both, their distinct customers, and baskets with the cap for each customer."""
    _, of_customer = np.unique(both.customers, return_counts=True)
    return both.n_baskets, len(of_customer), int(np.minimum(of_customer, BASKETS_PER_CUSTOMER).sum())


def obstacles(pair: Weighed, settings: Settings, threshold: float | None) -> list[Obstacle]:
    """Say what keeps a pair from being complements, in the order of a learning run; nothing where they are.

    Parameters
    ----------
    threshold : float or None
        As `p_threshold` gives it.
    """
    if not pair.n_a or not pair.n_b:
        return [_never_sold(pair, settings)]
    least, people = settings["learn.min_baskets"], settings["learn.min_customers"]
    lift, share = settings["learn.min_lift"], settings["learn.max_q_value"]
    found = []
    if pair.n_both < least:
        often = f"in {pair.n_both} orders together" if pair.n_both else "never together"
        found.append(
            Obstacle("too_few_together", f"{often}; learn.min_baskets asks for {least} before a pair is tested")
        )
    if pair.n_customers < people:
        found.append(Obstacle(
            "too_few_customers",
            f"bought together by {pair.n_customers} distinct customers; learn.min_customers asks for {people}",
        ))  # fmt: skip
    if pair.lift < lift or round(round(pair.expected, 4), 1) >= pair.n_both:
        found.append(Obstacle(
            "too_little_lift",
            f"{pair.n_both} orders with both where chance alone brings {pair.expected:,.1f}: lift {pair.lift:.2f}, "
            f"learn.min_lift asks for {lift:g}",
        ))  # fmt: skip
    elif pair.n_effective / pair.expected < lift:
        found.append(Obstacle(
            "habit_of_few",
            f"a few customers bought them again and again: counting each for {BASKETS_PER_CUSTOMER} orders at most, "
            f"{pair.n_effective} are left and the lift falls to {pair.n_effective / pair.expected:.2f}, "
            f"below learn.min_lift = {lift:g}",
        ))  # fmt: skip
    if pair.n_both >= least and (threshold is None or pair.p_value > threshold):
        bar = "no pair of this shop is sure enough" if threshold is None else f"the bar lies at p = {threshold:.2g}"
        found.append(Obstacle(
            "not_sure",
            f"p = {pair.p_value:.2g}; so that at most {share:.0%} of all relations are false, {bar} "
            f"(Benjamini-Hochberg, learn.max_q_value)",
        ))  # fmt: skip
    if pair.is_promoted:
        found.append(Obstacle(
            "promoted",
            f"most of the {pair.n_both} orders with both lie on {promotions.BUSIEST_DAYS} days, as a promotion brings "
            f"about; on all other days they are no relation",
        ))  # fmt: skip
    return found


def _never_sold(pair: Weighed, settings: Settings) -> Obstacle:
    which = (
        "neither of the two" if not pair.n_a and not pair.n_b else f"the {'second' if pair.n_a else 'first'} product"
    )
    words = f"{which} was never sold in an order that counts"
    if pair.n_too_large:
        words += (
            f"; {pair.n_too_large} orders with one of them hold more than learn.max_basket_items = "
            f"{settings['learn.max_basket_items']} products"
        )
    return Obstacle("never_sold", words)
