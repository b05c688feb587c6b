"""The stored truth belongs to this process, says what was designed, and a plain statistician finds it in the demo's own files."""

from dataclasses import dataclass

import numpy as np
import pyarrow.csv as pc
import pytest
from numpy.typing import NDArray
from scipy import sparse, stats

from crosslift.testing.demo import CATALOG, DemoFiles, relations
from crosslift.testing.demo.guides import GUIDES
from crosslift.testing.demo.holdings import HOLDS_WITH
from crosslift.testing.demo.process import GENERATOR_VERSION, draw
from crosslift.testing.demo.searches import TERMS
from crosslift.testing.demo.stories import TRAP_PAIR
from crosslift.testing.demo.truth import (
    SELLABLE,
    Truth,
    compute_truth,
    count_pairs,
    fingerprint,
    load_truth,
    write_truth,
)

IDS = [item.product_id for item in CATALOG]
PLACE = {product_id: place for place, product_id in enumerate(IDS)}


def test_stored_truth_speaks_of_this_process() -> None:
    truth = load_truth()
    assert truth.version == GENERATOR_VERSION
    assert truth.fingerprint == fingerprint(), "the process changed: python -m crosslift.testing.demo.truth"
    assert truth.n_orders == 2_000_000


def test_truth_is_computed_from_the_process_and_survives_its_file(tmp_path) -> None:
    truth = compute_truth(n_sisters=2, orders_each=4_000)
    write_truth(truth, tmp_path / "truth.json")
    assert truth.n_orders == 8_000
    assert load_truth(tmp_path / "truth.json") == truth


def test_truth_of_more_sisters_adds_up() -> None:
    one, two = (compute_truth(n_sisters=n, orders_each=2_000) for n in (1, 2))
    assert (one.n_orders, two.n_orders) == (2_000, 4_000)
    assert one.fingerprint == two.fingerprint


def test_kinds_follow_lift() -> None:
    for pair in load_truth().pairs:
        assert pair.lift >= 1.1
        assert (pair.kind == "planted") == (pair.lift >= 1.3)
        assert pair.p_by_chance == pytest.approx(pair.p_basket / pair.lift)


def test_basket_sizes_are_overdispersed_as_in_real_data() -> None:
    assert load_truth().kappa >= 1.1
    assert count_pairs(draw(40_000, seed=7)).kappa >= 1.1


def test_every_designed_pair_came_out_planted() -> None:
    planted = {frozenset((pair.first, pair.second)) for pair in load_truth().planted()}
    designed = {frozenset(pair[:2]) for pair in relations.goes_with()}
    assert len(designed) >= 50
    assert designed <= planted


def test_gift_wrap_goes_with_nothing() -> None:
    truth = load_truth()
    assert truth.gift_wrap_lift <= 1.1
    assert not [pair for pair in truth.pairs if "GIFT-WRAP" in (pair.first, pair.second)]


def test_rivals_and_wrong_fits_do_not_go_together() -> None:
    truth = load_truth()
    for one, other in (*relations.VIEWED_INSTEAD, *relations.WRONG_FITS):
        assert not truth.has(one, other)


def test_paths_came_out_as_sequences_and_lead_forward() -> None:
    truth = load_truth()
    planted = {(one.first, one.then): one for one in truth.sequences if one.kind == "planted"}
    paths = {(path.first, path.then): path for path in relations.PATHS}
    assert paths.keys() <= planted.keys()
    for pair, path in paths.items():
        assert planted[pair].lift > 1.3 * planted[pair].back_lift
        if planted[pair].lift > 1.5:  # else most who come would have come anyway, at any time
            assert planted[pair].lag_median == pytest.approx(path.median_days, rel=0.35), pair
    for one in truth.sequences:
        assert 0 < one.lag_q1 <= one.lag_median <= one.lag_q3 <= 365
        assert one.first != one.then
    assert truth.has_sequence("GRD-H-38", "GRD-E-ENTRY")
    assert not truth.has_sequence("GRD-E-ENTRY", "GRD-H-38")
    assert sum(one.is_findable for one in truth.sequences) >= 5


def test_lags_of_a_rare_second_product_are_those_of_its_path() -> None:
    check = next(one for one in load_truth().sequences if (one.first, one.then) == ("ESP-HOME-58", "CHK-ESP"))
    assert check.lag_median == pytest.approx(180, abs=8)
    assert check.lift > 5


def test_refills_come_back_in_their_rhythm() -> None:
    refills = {one.product: one for one in load_truth().refills}
    designed = {refill.product_id: refill for refill in relations.REFILLS}
    assert {name for name, one in refills.items() if one.is_designed} == set(designed)
    for name, one in refills.items():
        if one.is_regular and one.is_designed:
            assert one.median == pytest.approx(designed[name].interval_days, rel=0.12), name
    regular = {name for name, one in refills.items() if one.is_regular and one.is_designed}
    assert regular >= {"FLT-185", "FLT-102", "FLT-AER", "DSC-POWDER", "DSC-LIQUID", "WTR-CART"}


def test_rivals_are_substitutes_and_other_sizes_are_not() -> None:
    truth = load_truth()
    assert all(truth.has_substitute(*pair) for pair in relations.VIEWED_INSTEAD)
    assert not truth.has_substitute("FLT-01", "FLT-02")
    assert not truth.has_substitute("TMP-54", "TMP-58")
    companions = {frozenset(pair[:2]) for pair in relations.goes_with()}
    assert not [one for one in truth.substitutes if frozenset((one.first, one.second)) in companions]
    assert {one.basis for one in truth.substitutes if one.is_findable} == {"need", "shelf"}


def test_never_together_is_a_shared_need_or_a_wrong_fit() -> None:
    apart = load_truth().apart
    assert {one.basis for one in apart} == {"need", "wrong_fit"}
    assert ("KTL-EL-800", "KTL-EL-900") in {(one.first, one.second) for one in apart}
    assert all(one.lift < 0.3 and one.expected >= 5 for one in apart)


def test_ladders_are_climbed_by_their_paths() -> None:
    steps = {(one.first, one.then): one for one in load_truth().upgrades}
    paths = [(path.first, path.then) for path in relations.PATHS if path.kind == "step_up"]
    assert all(steps[pair].is_taken and steps[pair].basis == "path" for pair in paths)
    assert sum(one.basis == "tier" for one in steps.values()) >= 20
    assert all(one.delta_price > 0 and one.tier_to > one.tier_from for one in steps.values())


def test_needs_leave_out_what_lies_in_the_box() -> None:
    needs = load_truth().needs
    assert ("ESP-LEVER-51", "TMP-51") in relations.needs()
    assert ("ESP-LEVER-51", "TMP-51") not in needs
    assert len(needs) == len(relations.needs()) - 1


def test_seasonal_pairs_are_those_of_a_season() -> None:
    seasons = {(one.first, one.second): one for one in load_truth().seasons}
    assert seasons["CHO-DARK", "GIFT-XMAS"].months == (11, 12)
    assert seasons["CLD-POT-1000", "CLD-BAGS"].months == (6, 7, 8)
    kinds = {item.product_id: item.season for item in CATALOG}
    assert all(kinds[one.first] or kinds[one.second] for one in seasons.values())


def test_designed_holdings_came_out_planted() -> None:
    held = {frozenset((one.first, one.second)) for one in load_truth().held if one.is_findable}
    assert held == {frozenset((first, then)) for first, more in HOLDS_WITH.items() for then in more}


def test_searches_and_guides_lead_where_they_were_meant_to() -> None:
    truth = load_truth()
    meant = {(term.query, name) for term in TERMS for name in term.means}
    assert meant <= {(one.key, one.product) for one in truth.searched if one.kind == "planted"}
    findable = {(one.key, one.product) for one in truth.searched if one.is_findable}
    assert len(meant & findable) / len(meant) > 0.95
    read = {(one.key, one.product) for one in truth.content if one.is_findable}
    assert {(guide.content_id, name) for guide in GUIDES for name in guide.leads_to} <= read
    assert not [one for one in truth.content if one.is_findable and one.key.startswith("faq-")]
    in_vain = {term.query for term in TERMS if not term.means}
    assert not [one for one in truth.searched if one.is_findable and one.key in in_vain]


@dataclass
class Found:
    """What size-aware Poisson tests with Benjamini and Hochberg say about all pairs of the cleaned files."""

    ids: list[tuple[str, str]]
    lift: NDArray[np.float64]
    expected: NDArray[np.float64]
    observed: NDArray[np.int64]
    is_found: NDArray[np.bool_]
    customers: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def found(demo: DemoFiles) -> Found:
    rows = _cleaned(demo)
    orders = {order_id: place for place, order_id in enumerate(dict.fromkeys(order for order, _, _ in rows))}
    who = np.full(len(orders), "", dtype="U12")
    for order_id, customer_id, _ in rows:
        who[orders[order_id]] = customer_id
    cells = sorted({(orders[order_id], PLACE[product_id]) for order_id, _, product_id in rows})
    row, column = np.array(cells).T
    baskets = sparse.csc_array((np.ones(len(row), dtype=np.int64), (row, column)), shape=(len(orders), len(IDS)))
    both = (baskets.T @ baskets).toarray()
    size = np.bincount(row)
    n, upper = np.diag(both).astype(float), np.triu_indices(len(IDS), 1)
    expected = ((size * (size - 1)).sum() / size.sum() ** 2 * np.outer(n, n))[upper]
    observed = both[upper]
    p = np.where(expected > 0, stats.poisson.sf(observed - 1, np.maximum(expected, 1e-12)), 1.0)
    lift = np.divide(observed, expected, out=np.zeros_like(expected), where=expected > 0)
    is_found = (stats.false_discovery_control(p) <= 0.05) & (lift >= 1.2) & (observed >= 3)
    ids = [(IDS[one], IDS[other]) for one, other in zip(*upper, strict=True)]
    holders = [baskets.indices[baskets.indptr[place] : baskets.indptr[place + 1]] for place in range(len(IDS))]
    customers = {}
    for place in np.flatnonzero(is_found):
        shared = np.intersect1d(holders[upper[0][place]], holders[upper[1][place]])
        customers[ids[place]] = len(set(who[shared]) - {""})
        is_found[place] = customers[ids[place]] >= 3
    return Found(ids, lift, expected, observed, is_found, customers)


def _cleaned(demo: DemoFiles) -> list[tuple[str, str, str]]:
    """Orders as a careful importer would count them: no duplicates, cancellations, non-products, bots."""
    table = pc.read_csv(demo.orders, convert_options=pc.ConvertOptions(strings_can_be_null=False)).to_pydict()
    kinds = {item.product_id: item.kind for item in CATALOG}
    gone = {
        (order, product)
        for order, product, status in zip(table["order_id"], table["product_id"], table["status"], strict=True)
        if status == "cancelled"
    }
    a_day: dict[tuple[str, str], set[str]] = {}
    for order, at, customer in zip(table["order_id"], table["ordered_at"], table["customer_id"], strict=True):
        a_day.setdefault((customer, str(at)[:10]), set()).add(order)
    bots = {customer for (customer, _), orders in a_day.items() if customer and len(orders) > 50}
    assert len(bots) == 1
    return [
        (order, customer, product)
        for order, customer, product in zip(table["order_id"], table["customer_id"], table["product_id"], strict=True)
        if (order, product) not in gone and kinds[product] in SELLABLE and customer not in bots
    ]


def _powerful(truth: Truth, n_orders: int) -> set[tuple[str, str]]:
    """Planted pairs that the exact Poisson test at .001 finds with power of .95 and more in a shop of this size."""
    pairs = truth.planted()
    by_chance, true = (
        n_orders * np.array([getattr(pair, name) for pair in pairs]) for name in ("p_by_chance", "p_basket")
    )
    critical = stats.poisson.isf(0.001, by_chance)
    return {
        (pair.first, pair.second)
        for pair, power in zip(pairs, stats.poisson.sf(critical, true), strict=True)
        if power >= 0.95
    }


def test_what_is_found_is_true(found: Found) -> None:
    truth = load_truth()
    claimed = [ids for ids, is_found in zip(found.ids, found.is_found, strict=True) if is_found]
    right = sum(truth.has(*ids) for ids in claimed)
    assert len(claimed) >= 150
    assert right / len(claimed) >= 0.95


def test_what_can_be_found_is_found(found: Found) -> None:
    target = _powerful(load_truth(), 40_000)
    claimed = {ids for ids, is_found in zip(found.ids, found.is_found, strict=True) if is_found}
    assert len(target) >= 150
    assert len(target & claimed) / len(target) >= 0.9


def test_gift_wrap_is_first_by_raw_counts_and_nobodys_companion(found: Found) -> None:
    wrap = np.array(["GIFT-WRAP" in ids for ids in found.ids])
    judged = wrap & (found.expected >= 30)
    assert judged.sum() >= 100
    assert np.median(found.lift[judged]) <= 1.1
    assert not found.is_found[wrap].any()
    most: dict[str, tuple[int, str]] = {}
    for (one, other), n in zip(found.ids, found.observed.tolist(), strict=True):
        most[one], most[other] = max(most.get(one, (0, "")), (n, other)), max(most.get(other, (0, "")), (n, one))
    assert sum(partner == "GIFT-WRAP" for _, partner in most.values()) >= 50


def test_mega_buyer_makes_no_relation(found: Found) -> None:
    pair = next(ids for ids in found.ids if set(ids) == set(TRAP_PAIR))
    assert found.observed[found.ids.index(pair)] >= 60
    assert found.customers[pair] < 3
    assert not load_truth().has(*TRAP_PAIR)
