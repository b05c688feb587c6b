"""The run over customers: facts → everything fitted over all of them → one row a person.

`profile_people` learns and writes everybody; `profiles_of` writes some people anew with what was learned, as after a merge.
A person's row is a function of the person's own facts and of `Models` alone, so both give the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.trait import is_sensitive, sensitive_names
from crosslift.errors import BadInput
from crosslift.learn.customers import returns
from crosslift.learn.customers.exchange import reporting_currency
from crosslift.learn.customers.facts import Facts
from crosslift.learn.customers.grouping import Grouping
from crosslift.learn.customers.material import CustomerMaterial, missing_columns
from crosslift.learn.customers.models import Models
from crosslift.learn.customers.table import Judged, Rows
from crosslift.learn.customers.worth import Worth, basis_of, learn_worth, worth_of
from crosslift.settings import Settings

STEPS = 5
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Profiled:
    """Everything one run found.

    Attributes
    ----------
    table : pa.Table
        One row a person with the columns of `PROFILE_COLUMNS`, sorted by person_id; lists and mappings as JSON text.
    models : dict
        What was fitted, plain values: stored, and handed to `profiles_of`.
    groups : dict
        Clusters and persona cards, plain values (`Grouping.told`); empty where nobody was grouped.
    report : dict
        What people read.
    """

    table: pa.Table
    models: dict[str, Any]
    groups: dict[str, Any]
    report: dict[str, Any]


def profile_people(
    material: CustomerMaterial,
    settings: Settings,
    progress: Progress,
    now: int | None = None,
    *,
    is_grouped: bool = True,
) -> Profiled:
    """Learn what is known of everybody.

    Parameters
    ----------
    material : CustomerMaterial
        All facts.
    settings : Settings
        `profile.*`, `shop.currency`, `shop.prices_include_tax`, `learn.view_minutes`, `learn.sequence_days`.
    now : int, optional
        Microseconds UTC; facts with a later instant are left out, so that a clock gone wrong moves nobody's days.
    is_grouped : bool
        Whether people are put in groups; it takes seconds.

    Raises
    ------
    BadInput
        If a table lacks a column that is read.
    """
    _check(material)
    progress("facts", 0, STEPS)
    facts = Facts.read(material, settings, reporting_currency(material, settings["shop.currency"]), None, now)
    del material  # most of it is not needed any more, and large
    progress("values", 1, STEPS)
    basis = basis_of(facts.figures.has_margins, facts.figures.n_orders)
    learned, worth = learn_worth(facts.orders, facts.people, basis, settings, facts.as_of)
    progress("models", 2, STEPS)
    models = Models.learn(facts, learned, settings)
    progress("profiles", 3, STEPS)
    judged = Judged.of(facts, models, settings)
    facts = facts.settled()
    rows = Rows.of(facts, judged, models, worth, settings)
    progress("groups", 4, STEPS)
    models = replace(models, groups=Grouping.learn(rows.crowd) if is_grouped else None)
    told = models.groups.told(rows.crowd, models.currency) if models.groups else {}
    table = rows.table(models.groups)
    progress("done", STEPS, STEPS)
    return Profiled(table, models.plain, told, _report(facts, models, worth, table, settings))


def profiles_of(
    material: CustomerMaterial, people: Iterable[str], models: Mapping[str, Any], settings: Settings
) -> pa.Table:
    """Write some people anew with what a run learned, as after a merge, a split, or new facts.

    Parameters
    ----------
    material : CustomerMaterial
        Facts of at least these people (see `CustomerMaterial.of`), with the mapping as it is now and the whole catalog.
    people : iterable of str
        Person ids; one that has no facts any more, as after a merge into another, gets no row.
    models : mapping
        `Profiled.models`, also after a way through JSON. Days count from their `as_of`; later facts are left out.

    Returns
    -------
    pa.Table
        As `Profiled.table`.

    Raises
    ------
    BadInput
        If a table lacks a column that is read, or the models are of another version.
    """
    _check(material)
    learned = Models.read(models)
    facts = Facts.read(material.of(people), settings, learned.currency, learned.as_of, None)
    worth = worth_of(facts.orders, facts.people, learned.worth, facts.as_of)
    return Rows.of(facts, Judged.of(facts, learned, settings), learned, worth, settings).table(learned.groups)


def _check(material: CustomerMaterial) -> None:
    missing = missing_columns(material)
    if missing:
        raise BadInput(f"{missing[0]} is missing; a run about customers reads {', '.join(missing)}")


def _report(facts: Facts, models: Models, worth: Worth, table: pa.Table, settings: Settings) -> dict[str, Any]:
    figures = facts.figures
    buyers = figures.n_orders > 0
    sensitive = sensitive_names(settings["profile.sensitive_traits"])
    return {
        "as_of": models.as_of,
        "currency": models.currency,
        "n_people": len(facts.people),
        "n_buyers": int(buyers.sum()),
        "n_orders": len(facts.orders.person),
        "stages": _counts(table.column("stage")),
        "contribution_classes": _counts(table.column("contribution_class")),
        "rfm_segments": _counts(table.column("rfm_segment")),
        "clusters": _counts(table.column("cluster")),
        "no_clusters": models.groups.why if models.groups else None,
        "basis": models.worth.basis.value,
        "n_without_margin": int((buyers & ~figures.has_margins).sum()),
        "n_without_rate": int((buyers & ~figures.has_rates).sum()),
        "value": {"model": worth.model, "unknown": dict(worth.unknown)},
        "rhythm": {"median_days": models.rhythm.median, "silence_days": models.rhythm.silence, "n_gaps": models.rhythm.n_gaps},
        "intent": {
            "window_days": models.window.days, "basis": models.window.basis.value,
            "n_repurchases": models.window.n_repurchases,
            "n_people": int(pc.sum(pc.not_equal(table.column("returning_intent"), "[]")).as_py() or 0),
        },
        "returns_without_order": returns.of_products(facts.material.returns, facts.material.lines, facts.refunds),
        "traits": list(facts.traits.names),
        "sensitive_traits": [name for name in facts.traits.names if is_sensitive(name, sensitive)],
    }  # fmt: skip


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    """Count the texts of a column, most frequent first; null is counted as `unknown`."""
    found = pc.value_counts(column.combine_chunks()).to_pylist()
    pairs = ((one["values"] or "unknown", int(one["counts"])) for one in found)
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
