"""Rows R and M: what is learned is true, and what is not there is not found."""

import numpy as np
import pytest

from crosslift.domain.estimate import Estimate
from crosslift.learn.baskets import Baskets
from crosslift.learn.products.complements import find_complements
from crosslift.settings import Settings
from crosslift.stats.pairs import count_pairs
from crosslift.stats.shuffle import swap_shuffle


def relations(found, names):
    return {
        (names[a], names[b])
        for a, b in zip(found.first[found.is_relation], found.second[found.is_relation], strict=True)
    }


@pytest.mark.usefixtures("_no_compiler")
def test_r01_same_basket(little):
    """Injected true pairs are found with their evidence; on shuffled baskets, at a rate of 5 %, none is."""
    drawn = little.pantry(3_000, n_products=40, n_pairs=6)
    known = little.knowledge(drawn.orders)
    ones, twos = little.recount(drawn.orders)
    for a, b in drawn.pairs:
        others, rows = known.edges_of(known.index[a])
        place = others.tolist().index(known.index[b])
        first, second, _, n_both, _, expected, lift, low, high, q_value, npmi, llr = known.pair(int(rows[place]))
        assert {known.products[int(first)], known.products[int(second)]} == {a, b}
        assert n_both == little.both(twos, a, b)
        assert (known.popularity[known.index[a]], known.popularity[known.index[b]]) == (ones[a], ones[b])
        assert low < lift < high
        assert lift == np.float64(n_both / expected).round(4) or abs(lift - n_both / expected) < 1e-3
        assert q_value < 0.05
        assert npmi > 0
        assert llr > 0
    settings = Settings.load(environment={})
    items = np.concatenate([[int(p[1:]) for p in o.products] for o in drawn.orders]).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum([len(o.products) for o in drawn.orders])])
    false = 0
    for seed in range(5):
        shuffled = swap_shuffle(items, offsets, 40, seed=seed)
        n = len(offsets) - 1
        baskets = Baskets(
            [f"P{i:02}" for i in range(40)],
            shuffled,
            offsets,
            np.arange(n),
            np.arange(n),
            np.ones(n, bool),
            np.full(n, -1),
        )
        pairs = count_pairs(shuffled, offsets, 40, groups=baskets.customers)
        false += find_complements(baskets, pairs, settings).n_relations > 0
    assert false <= 1


def test_r04_complement(shop):
    """A goes-with slot holds complements only: what merely sells well, or sits in the same baskets by chance, is not in it."""
    for item in shop.knowledge.products:
        decision = shop.decide("product", [item], k=12)
        assert {offer.kind for offer in decision.offers} <= {"complement"}
        partners = {shop.knowledge.products[int(i)] for i in shop.knowledge.edges_of(shop.knowledge.index[item])[0]}
        assert {offer.product_id for offer in decision.offers} <= partners


def test_r04_complement_never_holds_what_is_bought_instead(fresh, little, tmp_path):
    """Two kettles bought with the same filters, and looked at side by side, are never bought together: neither is offered."""
    drawn = little.pantry(900).orders
    kettles = [little.Order((("red kettle", "blue kettle")[n % 2], "filters"), f"k{n}", n) for n in range(160)]
    fresh.collect(little.write(tmp_path / "orders.csv", little.order_rows([*drawn, *kettles])))
    fresh.learn()
    for one, other in (("red kettle", "blue kettle"), ("blue kettle", "red kettle")):
        assert [offer.product_id for offer in fresh.decide("product", [one], k=12).offers] == ["filters"]
        assert other not in [o.product_id for o in fresh.decide("cart", [one, "filters"], k=12).offers if o.kind == "complement"
                             and o.reason.evidence["anchor"] == one]  # fmt: skip


@pytest.mark.usefixtures("_no_compiler")
def test_r14_mega_buyer(little):
    """One buyer who takes the same two things sixty times cannot create a relation; sixty buyers can."""
    noise = little.pantry(1_500).orders
    mega = [little.Order(("P20", "P21"), "mega", 90 * n) for n in range(60)]
    many = [little.Order(("P20", "P21"), f"m{n}", 90 * n) for n in range(60)]
    for extra, expected in ((mega, False), (many, True)):
        known = little.knowledge([*noise, *extra])
        partners = known.edges_of(known.index["P20"])[0].tolist()
        assert (known.index["P21"] in partners) is expected


def test_m02_attach_aov_units(fresh, little, tmp_path):
    """Definitions recomputed by hand: 30 orders of A at 10, 12 of them with B at 5; AOV 12, attach rate 0.4."""
    made = [little.Order(("A", "B") if n < 12 else ("A",), f"c{n}", n + 1) for n in range(30)]
    fresh.collect(little.write(tmp_path / "orders.csv", little.order_rows(made, prices={"A": "10", "B": "5"})))
    found = {one.metric.name: one.figure for one in fresh.measure(anchor="A", attached="B")}
    assert found["aov"].value == 12.0
    assert found["units_per_order"].value == found["products_per_order"].value == 1.4
    assert found["attach_rate"].value == 0.4
    for name in ("aov", "units_per_order", "products_per_order", "attach_rate"):
        figure = found[name]
        assert isinstance(figure, Estimate)
        assert figure.low < figure.value < figure.high
        assert figure.n == 30
