"""The log of decisions of a made-up shop, as rows of the store's tables: what was offered, seen, answered and withheld; seeded.

Decisions are of the last 90 days. A third came under browsers; a twentieth of the people are in the standing holdout, and their
offers were withheld. One decision in twelve has nothing to offer, the others two to four offers; six in ten are seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.population import DAY, DAYS, N_PRODUCTS, SEED, Population, named, same, texts

LAST_DAYS = 90
BEGIN = (DAYS - LAST_DAYS) * DAY
AT_ONCE = 500_000
N_BODIES = 100_000
"""So many records differ; what they hold is drawn, and read one by one all the same."""
PLACEMENTS, CHANNELS = np.array(["cart", "product", "home", "email"]), np.array(["web", "web", "app", "email"])
KINDS = ("bought_together", "similar", "popular", "refill", "viewed_together")
CODES = ("nothing_found", "all_excluded", "capped", "paused")
SEEN, CLICKED, ACCEPTED, DECLINED, MUTED = 0.6, 0.05, 0.02, 0.01, 0.002
HELD_OF = 20

Tables = Iterator[tuple[str, pa.Table]]


@dataclass(frozen=True, slots=True)
class OffersMade:
    """So many decisions for some people.

    Attributes
    ----------
    n : int
        Decisions, in the order they were made; the first half of an id is their number.
    people : Population
        For whom.
    """

    n: int
    people: Population

    def tables(self) -> Tables:
        """Give all rows, table by table and in pieces; decisions, what came back of them, the trial and who is in it."""
        bodies, first = slim_bodies()
        for begin in range(0, self.n, AT_ONCE):
            yield from self._piece(begin, min(begin + AT_ONCE, self.n), bodies, first)
        yield "experiments", _holdout()
        yield "experiment_arms", self._arms()

    def _piece(self, begin: int, end: int, bodies: list[bytes], first: npt.NDArray[np.str_]) -> Tables:
        chance, n = np.random.default_rng((SEED, 3, begin)), end - begin
        ids = pa.array([f"{number:08x}{rest.hex()}" for number, rest in zip(
            range(begin, end), (chance.bytes(12) for _ in range(n)), strict=True
        )])  # fmt: skip
        who = chance.integers(0, self.people.n, n)
        at = BEGIN + (np.arange(begin, end) / self.n * LAST_DAYS * DAY).astype(np.int64)
        where, body = chance.integers(0, len(PLACEMENTS), n), chance.integers(0, len(bodies), n)
        is_held, is_browser = who % HELD_OF == 0, chance.random(n) < 1 / 3
        kinds = texts(np.array(["customer:c", "anonymous:b"]), is_browser.astype(int))
        yield "decisions", pa.table({
            "decision_id": ids, "at": at, "placement": texts(PLACEMENTS, where), "channel": texts(CHANNELS, where),
            "purpose": same("personalization", n), "policy": same("helpful", n), "is_withheld": is_held,
            "identity": pa.compute.binary_join_element_wise(kinds, pa.array(who).cast(pa.string()), ""),
            "snapshot_id": same("20260101T000000-000000", n), "body": pa.array([bodies[place] for place in body], pa.binary()),
        })  # fmt: skip
        product, was_shown = first[body], ~is_held & (first[body] != "")
        yield from self._came_back(begin, ids, at, where, product, was_shown, chance)

    def _came_back(
        self, begin: int, ids: pa.Array, at: npt.NDArray[np.int64], where: npt.NDArray[np.int64],
        product: npt.NDArray[np.str_], was_shown: npt.NDArray[np.bool_], chance: np.random.Generator,
    ) -> Tables:  # fmt: skip
        """Give exposures, of whole decisions, and answers to their first offers."""
        n, drawn = len(ids), chance.random(len(ids))
        seen = np.flatnonzero(was_shown & (drawn < SEEN))
        chosen = ids.take(pa.array(seen))
        yield "exposures", pa.table({
            "exposure_id": named("x", begin + seen), "decision_id": chosen, "at": at[seen] + 1_000_000,
            "channel": texts(CHANNELS, where[seen]),
        })  # fmt: skip
        for action, share in (("click", CLICKED), ("accept", ACCEPTED), ("decline", DECLINED), ("mute", MUTED)):
            said = np.flatnonzero(was_shown & (drawn < SEEN) & (chance.random(n) < share))
            yield "responses", pa.table({
                "response_id": named(action, begin + said), "decision_id": ids.take(pa.array(said)),
                "product_id": pa.array(product[said]), "action": same(action, len(said)), "at": at[said] + 9_000_000,
            })  # fmt: skip

    def _arms(self) -> pa.Table:
        """Put everybody in the standing holdout, in one arm or the other, from the first day."""
        who = np.arange(self.people.n)
        return pa.table({
            "experiment_id": same("standing-holdout", len(who)), "unit": named("customer:c", who),
            "arm": texts(np.array(["treated", "held"]), (who % HELD_OF == 0).astype(int)), "version": same(1, len(who)),
            "at": BEGIN + who % DAY, "decision_id": named("", who),
        })  # fmt: skip


def slim_bodies() -> tuple[list[bytes], npt.NDArray[np.str_]]:
    """Give records as `decide.record.slim` writes them, and the first product each offers, empty where it offers none."""
    chance = np.random.default_rng((SEED, 4))
    bodies, first = [], []
    for number in range(N_BODIES):
        n_offers = 0 if number % 12 == 0 else int(chance.integers(2, 5))
        names = [f"P{one}" for one in chance.integers(0, N_PRODUCTS, n_offers)]
        offers = [
            [name, KINDS[(number + place) % len(KINDS)], 0.031_25, 4.5, 1.0, "bought_together", [number, name], None, None,
             12_500_000, "EUR", None] for place, name in enumerate(names)
        ]  # fmt: skip
        bodies.append(msgspec.msgpack.encode([
            4, "0.1.0", b"12345678", 7, None, "personalization", "20260101T000000-000000", 12, "helpful", 1, offers,
            None if offers else CODES[number // 12 % len(CODES)], {"capped": 2}, [], 0, [[] for _ in offers], [], [],
        ]))  # fmt: skip
        first.append(names[0] if names else "")
    return bodies, np.array(first)


def _holdout() -> pa.Table:
    share = 1 / HELD_OF
    return pa.table({
        "experiment_id": ["standing-holdout"], "version": [1], "kind": ["holdout"],
        "arms": [msgspec.json.encode({"held": share, "treated": 1 - share}).decode()], "unit": ["customer"],
        "placements": ["[]"], "strategies": ["[]"], "exclusion_group": [""], "policies": ["{}"], "expected_cost": [""],
        "starts_at": [BEGIN], "is_active": [True], "author": ["bench"], "reason": ["measured"], "created_at": [BEGIN],
    })  # fmt: skip
