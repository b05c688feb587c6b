"""Who would want a product, and what an action changes: learned from what a shop knows of its people, when asked.

Propensity is association (who resembles those who have it), uplift is effect (what an action changes, by chance in the log).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.trait import sensitive_names
from crosslift.errors import NotFound
from crosslift.learn.customers.attributes import attributes_of, columns_of
from crosslift.learn.customers.material import CUSTOMER
from crosslift.learn.customers.propensity import Basis, Propensity, Start, count_held, learn_propensity
from crosslift.learn.customers.starts import start_of_category
from crosslift.learn.customers.uplift import SHARE, Individual, Uplift, learn_uplift
from crosslift.settings import Settings
from crosslift.shop.profiles import Profiles
from crosslift.store.ports import Records

SEED = 20_001_122
"""Of folds and trees: the same people get the same probabilities every time."""
NOT_ESTIMABLE, MEASURED = "not_estimable", "measured"
PERSON, PRODUCT = "person_id", "product_id"

Row = dict[str, Any]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The catalog around a product: itself with its variants, its category, the rest of that, and what is a variant of what."""

    family: frozenset[str]
    category: str
    others: frozenset[str]
    parent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Crowd:
    """People who have something else than the product; arrays and tables in their order."""

    people: pa.Array
    has_it: Bools
    known: pa.Table
    held: pa.Table
    n_left_out: int


class Propensities:
    """Propensity and uplift of one shop; nothing is kept, each question is answered from the facts as they are.

    Parameters
    ----------
    records : Records
        Where people, what they have, and logged choices live.
    profiles : Profiles
        Gives figures of people without a product.
    settings : Settings
        Of it, the traits that must not be learned from.
    """

    def __init__(self, records: Records, profiles: Profiles, settings: Settings) -> None:
        self._records = records
        self._profiles = profiles
        self._sensitive = sensitive_names(settings["profile.sensitive_traits"])

    # who would want a product -------------------------------------------------------------------------------------

    def of_product(self, product_id: str, most: int = 1000, start: Start | None = None) -> Row:
        """Give how many have a product, and who of the others resembles them most.

        Learned from people who have something else besides: of the rest, most are on record because of the product. It is had
        if it was bought and not sent back, or if a contract for it runs; variants count as it. All figures are those of a shop
        in which it was never sold (`Profiles.without`), so that nothing gives it away.

        Parameters
        ----------
        most : int
            People given, the likeliest first; of equals the first by id.
        start : Start, optional
            What is believed where too few tell; by default what the other products of the category say.

        Returns
        -------
        dict
            product_id; `basis` learned, starting or not_estimable, and `why`; n_people, n_positive, base_rate; `n_left_out`,
            people who have the product alone; `start`, the belief (rate, n_pseudo, source); `rate` of a person nothing is known
            of; `calibration_error` where learned; `people`, rows of person_id and p who do not have it, None where all have
            one rate.

        Raises
        ------
        NotFound
            If the product is not in the catalog.
        """
        shelf = self._shelf(product_id)
        profiles = self._profiles.without(shelf.family)
        had = self._had(profiles, product_id, shelf)
        crowd = self._crowd(profiles, had, product_id)
        believed = start or start_of_category(had, shelf.others, shelf.category)
        belief = None if isinstance(believed, NotEstimable) else believed
        found = learn_propensity(product_id, crowd.known, crowd.held, crowd.has_it, seed=SEED, start=belief)
        n, n_positive = len(crowd.people), int(crowd.has_it.sum())
        told = {
            "product_id": product_id, "n_people": n, "n_positive": n_positive, "n_left_out": crowd.n_left_out,
            "base_rate": n_positive / n if n else None, "start": asdict(belief) if belief else None,
            "rate": None, "calibration_error": None, "people": None,
        }  # fmt: skip
        if isinstance(found, NotEstimable):
            no_start = f"; {believed.why}" if isinstance(believed, NotEstimable) else ""
            return {**told, "basis": NOT_ESTIMABLE, "why": found.why + no_start}
        return {
            **told, "basis": found.basis.value, "why": found.why, "rate": found.rate,
            "calibration_error": found.calibration_error, "people": _likeliest(found, crowd, most),
        }  # fmt: skip

    def _shelf(self, product_id: str) -> _Shelf:
        rows = self._records.table("products", (PRODUCT, "parent_id", "category")).to_pylist()
        category = {row[PRODUCT]: (row["category"] or "").strip() for row in rows}
        if product_id not in category:
            raise NotFound(f"no product {product_id!r} in the catalog; collect it, or what was sold of it")
        parent = {row[PRODUCT]: row["parent_id"] for row in rows if row["parent_id"]}
        whole = parent.get(product_id, "")
        family = frozenset({product_id, *(one for one, its in parent.items() if its == product_id)})
        own = category[product_id] or category.get(whole, "")
        alike = {one for one, name in category.items() if own and name == own and one not in parent}
        return _Shelf(family, own, frozenset(alike - {product_id, whole}), parent)

    def _had(self, profiles: pa.Table, product_id: str, shelf: _Shelf) -> pa.Table:
        """Give person_id and product_id of everything people own or hold, each once; a variant stands as its product."""
        states = self._records.table("person_states", ("identity", "owned"))
        owned = [msgspec.msgpack.decode(one) for one in states["owned"].to_pylist()]
        held = [msgspec.json.decode(one or "[]") for one in profiles["holdings"].to_pylist()]
        pairs = pa.concat_tables([_pairs(self._person(states["identity"]), owned), _pairs(profiles[PERSON], held)])
        codes = pc.unique(pairs[PRODUCT])
        names = pa.array(
            [product_id if code in shelf.family else shelf.parent.get(code, code) for code in codes.to_pylist()],
            pa.string(),
        )
        pairs = pairs.set_column(1, PRODUCT, names.take(pc.index_in(pairs[PRODUCT], value_set=codes)))
        return pairs.group_by([PERSON, PRODUCT]).aggregate([]).sort_by([(PERSON, "ascending"), (PRODUCT, "ascending")])

    def _crowd(self, profiles: pa.Table, had: pa.Table, product_id: str) -> _Crowd:
        is_it = pc.equal(had[PRODUCT], product_id)
        rest = had.filter(pc.invert(is_it))
        people = pc.unique(rest[PERSON])
        row = pc.index_in(people, value_set=profiles[PERSON].combine_chunks())
        return _Crowd(
            people,
            np.asarray(pc.is_in(people, value_set=had.filter(is_it)[PERSON].combine_chunks()), np.bool_),
            attributes_of(profiles.take(row), self._sensitive),
            count_held(rest, people),
            len(pc.unique(had[PERSON])) - len(people),
        )

    def _person(self, identities: pa.ChunkedArray) -> pa.ChunkedArray:
        """Give the person behind each identity."""
        moved = self._records.people()
        place = pc.index_in(identities, value_set=moved["identity"].combine_chunks())
        return pc.coalesce(pc.take(moved[PERSON].combine_chunks(), place), identities)

    # what an action changes ---------------------------------------------------------------------------------------

    def uplift(self, action: str, against: str | None = None) -> Row:
        """Give what an action changes, against each other action that was logged or against one.

        Parameters
        ----------
        action, against : str
            Actions of logged choices; without `against` every other one.

        Returns
        -------
        dict
            action; `basis` measured or not_estimable, and `why`; n_choices; `n_without_outcome`, choices left out because nothing
            is known yet of what came of them; `context`, names of what was known when choosing; `compared`, a row for each
            other action: against, basis, why, n_action, n_against, n_certain, max_weight, sample_ratio_p; and each with
            value, low, high, n, unit and level, or not_estimable: `difference` of plain means, `weighted` by one over the
            probability, `doubly_robust`; `individual` says whether people are told apart by whom it moves.

        Raises
        ------
        BadInput
            If a choice has no usable probability, or the action is compared with itself.
        NotFound
            If other actions were logged, and this one never was.
        """
        logged = self._records.table("logged_choices", ("unit_id", "action", "probability", "outcome", "context"))
        known = sorted(set(logged["action"].to_pylist()))
        if known and action not in known:
            raise NotFound(f"no choice of {action!r} was logged; logged were {', '.join(known[:10])}")
        choices = logged.filter(pc.is_valid(logged["outcome"]))
        context = columns_of(choices["context"], "context:", sensitive=self._sensitive)
        whose = self._person(pc.binary_join_element_wise(CUSTOMER, choices["unit_id"], ""))
        table = choices.drop_columns(["context"]).set_column(0, "unit_id", whose)
        for name in context.column_names:
            table = table.append_column(name, context[name])
        others = [against] if against else sorted(set(choices["action"].to_pylist()) - {action})
        rows = [
            _compared(learn_uplift(table, action, other, seed=SEED, context=context.column_names), other)
            for other in others
        ]  # fmt: skip
        told = {
            "action": action, "n_choices": logged.num_rows, "n_without_outcome": logged.num_rows - choices.num_rows,
            "context": [name.removeprefix("context:") for name in context.column_names], "compared": rows,
        }  # fmt: skip
        if any(row["basis"] == MEASURED for row in rows):
            return {**told, "basis": MEASURED, "why": f"{choices.num_rows} choices logged with their probability"}
        nothing = f"no other action than {action!r} was logged with an outcome; choose by chance among at least two, and log it"
        return {**told, "basis": NOT_ESTIMABLE, "why": "; ".join(dict.fromkeys(row["why"] for row in rows)) or nothing}


def _pairs(people: pa.ChunkedArray, products: list[list[str]]) -> pa.Table:
    """Write lists of products as one row a product."""
    lists = pa.array(products, pa.list_(pa.string()))
    owner = pc.take(people, pc.list_parent_indices(lists))
    return pa.table({PERSON: owner, PRODUCT: pa.chunked_array([pc.list_flatten(lists)])})


def _likeliest(found: Propensity, crowd: _Crowd, most: int) -> list[Row] | None:
    """List who does not have the product, likeliest first; probabilities held out where there are."""
    if found.basis is not Basis.LEARNED:
        return None
    p = np.where(np.isnan(found.p), found.predict(crowd.known, crowd.held), found.p)
    rows = np.flatnonzero(~crowd.has_it)
    order = rows[np.argsort(-p[rows], kind="stable")][:most]
    named = zip(crowd.people.take(pa.array(order)).to_pylist(), p[order].tolist(), strict=True)
    return [{PERSON: person, "p": round(value, 4)} for person, value in named]


def _compared(found: Uplift | NotEstimable, against: str) -> Row:
    if isinstance(found, NotEstimable):
        return {"against": against, "basis": NOT_ESTIMABLE, "why": found.why}
    ratio = found.sample_ratio
    return {
        "against": against, "basis": MEASURED, "why": None, "n_action": found.n_treated, "n_against": found.n_control,
        "n_certain": found.n_certain, "max_weight": found.max_weight, "difference": _figure(found.difference),
        "weighted": _figure(found.weighted), "doubly_robust": _figure(found.doubly_robust),
        "sample_ratio_p": None if isinstance(ratio, NotEstimable) else ratio.p_value, "individual": _individual(found.individual),
    }  # fmt: skip


def _figure(figure: Figure) -> Row:
    return asdict(figure) if isinstance(figure, Estimate) else {"not_estimable": figure.why}


def _individual(found: Individual | NotEstimable) -> Row:
    if isinstance(found, NotEstimable):
        return {"not_estimable": found.why}
    return {
        "is_better_than_random": found.is_better_than_random, "qini": found.qini, "qini_low": found.qini_interval.low,
        "qini_high": found.qini_interval.high, "auuc": found.auuc, "share": SHARE, "uplift_at_share": found.uplift_at_share,
    }  # fmt: skip
