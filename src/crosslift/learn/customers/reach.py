"""Who is reached: people, decisions and the value of offers by group of a trait. Counts, and no names.

For sensitive traits this is the only use there is: to see whether some are left out though nobody meant to. Groups of few
people are put together, so that nobody can be recognized in them.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.people import encoded

FEW = 10
"""People a group needs to be shown."""
NOT_SAID, OTHERS = "not said", "others"


@dataclass(frozen=True, slots=True)
class GroupReach:
    """What reached one group.

    Attributes
    ----------
    group : str
        Value of the trait, `not said`, or `others` for the groups of few.
    n_people, n_reached : int
        People of the group, and those to whom anything was offered.
    n_decisions, n_offers : int
        Decisions about them, and offers made in these.
    n_valued : int
        Offers whose price is known.
    value : float
        Sum of these prices, reporting currency.
    """

    group: str
    n_people: int
    n_reached: int
    n_decisions: int
    n_offers: int
    n_valued: int
    value: float

    @property
    def reach(self) -> float:
        """Share of the group to whom anything was offered."""
        return self.n_reached / self.n_people

    @property
    def value_per_offer(self) -> float | None:
        """Mean price of what was offered, None where none is known."""
        return self.value / self.n_valued if self.n_valued else None


def reach_by_group(profiles: pa.Table, offered: pa.Table, trait: str) -> list[GroupReach]:
    """Count who was reached, group by group.

    Parameters
    ----------
    profiles : pa.Table
        person_id, traits (JSON objects).
    offered : pa.Table
        One row an offer, or a decision without any: person_id, decision_id, product_id (null where nothing was offered),
        value (its price, null where unknown). People without a profile are left out.
    trait : str
        The trait people are grouped by.

    Returns
    -------
    list of GroupReach
        Most people first.
    """
    index, texts = encoded(profiles.column("traits"))
    said = [msgspec.json.decode(text).get(trait) for text in texts.to_pylist()]
    group = np.array([NOT_SAID if value is None else str(value) for value in (*said, None)], object)[index]
    names, of_person, n_people = np.unique(group.astype(str), return_inverse=True, return_counts=True)
    shown = [name if n >= FEW or name == NOT_SAID else OTHERS for name, n in zip(names.tolist(), n_people, strict=True)]
    labels = sorted(set(shown))
    of_person = np.array([labels.index(name) for name in shown], np.int64)[of_person]
    place = np.asarray(
        pc.fill_null(
            pc.index_in(offered.column("person_id"), value_set=profiles.column("person_id").combine_chunks()), -1
        )
    )
    known = place >= 0
    person, rows = place[known], offered.filter(pa.array(known))
    of_row = of_person[person]
    is_offer = np.asarray(pc.is_valid(rows.column("product_id")), np.bool_)
    value = np.asarray(rows.column("value").cast(pa.float64()), np.float64)
    is_valued = is_offer & ~np.isnan(value)
    _, first = np.unique(encoded(rows.column("decision_id"))[0], return_index=True)
    reached = np.unique(person[is_offer])

    def counted(places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
        found: list[int] = np.bincount(places, minlength=len(labels)).tolist()
        return found

    sums = np.bincount(of_row[is_valued], value[is_valued], minlength=len(labels)).tolist()
    columns = (
        labels, counted(of_person), counted(of_person[reached]), counted(of_row[first]), counted(of_row[is_offer]),
        counted(of_row[is_valued]), sums,
    )  # fmt: skip
    found = [GroupReach(*row) for row in zip(*columns, strict=True)]
    return sorted(found, key=lambda one: (-one.n_people, one.group))
