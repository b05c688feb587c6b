"""Over many seeded shops: of the sequences and holdings that are named, hardly any is false, and where nothing is true none.

The false-discovery rate is the mean share of false among what is named; it may be at most `learn.max_q_value`.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import catalog_of
from crosslift.learn.material import Material
from crosslift.learn.products.complements import count, find_complements
from crosslift.learn.products.holdings import find_owned_together, holdings_at
from crosslift.learn.products.sequences import find_sequences
from crosslift.settings import Settings
from crosslift.stats.shuffle import swap_shuffle

pytestmark = pytest.mark.long

DAY = 86_400_000_000
N_ITEMS, N_DAYS = 24, 540
NAMES = [f"p{item:02}" for item in range(N_ITEMS)]
NOTHING = pa.table({name: pa.nulls(0, pa.string()) for name in ("product_id", "title", "category", "attributes")})
CATALOG = catalog_of(NAMES, NOTHING)
SETTINGS = Settings.load({"learn.narrow_draws": 20}, environment={})
LEVEL = SETTINGS["learn.max_q_value"]
SHOPS = 60

PATHS = {(0, 12): 40, (1, 13): 90, (2, 14): 150, (3, 15): 60}
HELD = {(0, 1), (2, 3), (4, 5), (6, 7)}


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


def orders(seed):
    """Draw people of different zeal and orders of different size, products by popularity; paths lead on for some."""
    random = np.random.default_rng([seed, 1])
    n_orders = 1 + random.poisson(random.gamma(1.0, 4.0, 800))
    who = np.repeat(np.arange(800), n_orders)
    day = random.uniform(0, N_DAYS, who.size)
    weights = 1.0 / np.arange(6, 6 + N_ITEMS)
    order = np.repeat(np.arange(who.size), 1 + random.poisson(random.gamma(1.0, 0.8, who.size)))
    item = random.choice(random.permutation(N_ITEMS), order.size, p=weights / weights.sum())
    for (first, then), median_days in PATHS.items():
        sent = order[(item == first) & (random.random(order.size) < 0.4)]
        later = day[sent] + median_days * random.lognormal(0, 0.35, sent.size)
        sent, later = sent[later < N_DAYS], later[later < N_DAYS]
        order = np.append(order, who.size + np.arange(sent.size))
        item = np.append(item, np.full(sent.size, then))
        who, day = np.append(who, who[sent]), np.append(day, later)
    lines = np.unique(order * N_ITEMS + item)
    offsets = np.searchsorted(lines // N_ITEMS, np.arange(who.size + 1)).astype(np.int64)
    at, nowhere = (day * DAY).astype(np.int64), np.full(who.size, -1)
    return Baskets(NAMES, (lines % N_ITEMS).astype(np.int32), offsets, at, who, nowhere < 0, nowhere)


def contracts(seed):
    """Draw what 2,500 people hold, few of them much, by popularity; of who holds one of a pair some hold the other."""
    random = np.random.default_rng([seed, 2])
    zeal = random.gamma(1.0, 1.0, (2_500, 1))
    popularity = random.permutation(np.geomspace(0.25, 0.02, N_ITEMS))
    held = random.random((2_500, N_ITEMS)) < 1 - np.exp(-zeal * popularity)
    for first, second in HELD:
        held[:, second] |= held[:, first] & (random.random(2_500) < 0.3)
    who, item = np.nonzero(held)
    columns = {
        "customer_id": [f"c{number}" for number in who], "product_id": [NAMES[number] for number in item],
        "status": ["active"] * who.size, "started_at": [0] * who.size,
    }  # fmt: skip
    schema = Material(NOTHING, NOTHING).subscriptions.schema
    return pa.table(
        [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(who.size, field.type)
            for field in schema
        ],
        schema,
    )


def pairs_of(links):
    return set(zip(links.sources.tolist(), links.targets.tolist(), strict=True))


def summarize(what, named, true):
    """Give the mean share of false ones and the share of true ones found, and print them."""
    shares = [len(found - true) / max(len(found), 1) for found in named]
    recall = sum(len(found & true) for found in named) / (len(named) * len(true))
    n_false, n_named = sum(len(found - true) for found in named), sum(map(len, named))
    error = np.std(shares) / np.sqrt(len(shares))
    print(
        f"{what} in {len(named)} shops: {n_named} named, {n_false} of them false, false-discovery rate {np.mean(shares):.3f} "
        f"± {error:.3f}, recall {recall:.3f}"
    )
    return np.mean(shares), error, recall


def test_sequences_are_hardly_ever_false():
    named = [pairs_of(find_sequences(orders(seed), CATALOG, SETTINGS, N_DAYS * DAY)) for seed in range(SHOPS)]
    rate, error, recall = summarize("sequences", named, set(PATHS))
    assert rate <= LEVEL + 2 * error
    assert recall >= 0.5


def test_in_shuffled_orders_nothing_follows():
    false = []
    for seed in range(SHOPS):
        made = orders(seed)
        dealt = replace(made, items=swap_shuffle(made.items, made.offsets, N_ITEMS, seed=seed))
        false.append(len(find_sequences(dealt, CATALOG, SETTINGS, N_DAYS * DAY)))
    print(f"shuffled orders: sequences in {sum(n > 0 for n in false)} of {SHOPS} shops, {sum(false)} in all")
    assert sum(n > 0 for n in false) <= LEVEL * SHOPS + 2 * np.sqrt(LEVEL * SHOPS)


def test_holdings_are_hardly_ever_false():
    named = []
    for seed in range(SHOPS):
        found = pairs_of(find_owned_together(contracts(seed), CATALOG, SETTINGS, as_of=1))
        named.append({(min(pair), max(pair)) for pair in found})
    rate, error, recall = summarize("holdings", named, HELD)
    assert rate <= LEVEL + 2 * error
    assert recall >= 0.5


def test_in_shuffled_holdings_nothing_is_held_together():
    false = []
    for seed in range(SHOPS):
        held = holdings_at(contracts(seed), CATALOG, as_of=1)
        dealt = replace(held, items=swap_shuffle(held.items, held.offsets, N_ITEMS, seed=seed))
        false.append(find_complements(*count(dealt, SETTINGS), SETTINGS).n_relations)
    print(f"shuffled holdings: pairs in {sum(n > 0 for n in false)} of {SHOPS} shops, {sum(false)} in all")
    assert sum(n > 0 for n in false) <= LEVEL * SHOPS + 2 * np.sqrt(LEVEL * SHOPS)
