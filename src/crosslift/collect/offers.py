"""Offers as files, TOML tables or JSON objects have them: one row, table or object an offer, read by one code.

    offer_id = "setup-visit"                 several values: a list, or ` | ` between them in a cell
    kind = "service"
    title_en = "Setup visit"
    benefit_en = ["brews on the day it arrives", "everything explained at your counter"]
    currency = "KRW"
    lines = [{ price = "30000" }, { price = "9900", period = "month", n_periods = 12 }]
    total = "148800"                         in all over the first term, tax included
    cancellation_en = "until the day before" needed where a price recurs, in each language of the title

A single price line may stand in the columns `price`, `period`, `n_periods`, `tax_rate`, `includes_tax`, `label_en` instead.
In a file `lines` and `proofs` hold JSON.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from crosslift.collect.checking import Problems, read_cells
from crosslift.collect.offer_rows import IN_LANGUAGE, Item, Say, offer_of
from crosslift.collect.schemas_offers import LISTS, OFFERS, SPOKEN
from crosslift.collect.sources.lines import text_of
from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.streams import Limits
from crosslift.collect.sources.workbook import ROW
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, PriceLine, Proof
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.wording import ethics

BETWEEN = " | "
MOST_TOLD = 1_000
"""Faults that are named one by one."""
PASSED_OVER = ("version", "created_at")
"""What a listing shows and nobody writes: so that a listing can be put again as it is."""
_TABLE = re.compile(r"^[ \t]*\[\[\s*offers\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """An offer as it was written, before it is a version: at which row, and by whom and why where it says so itself."""

    row: int
    offer: Offer
    author: str | None
    reason: str | None

    def version(self, number: int, created_at: datetime, author: str | None, reason: str | None) -> Offer:
        """Make a version of it; its own author and reason go before those of the call.

        Raises
        ------
        BadInput
            If nobody says who wrote it, or why.
        """
        return replace(
            self.offer, version=number, created_at=created_at, author=self.author or author or "",
            reason=self.reason or reason or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafts:
    """What was read, and where further problems with it are named."""

    drafts: tuple[Draft, ...]
    problems: Problems


def read_file(path: Path, settings: Settings) -> Drafts:
    """Read a table of offers (CSV, TSV, XLSX ...) or a TOML file with `[[offers]]`.

    Raises
    ------
    BadInput
        Naming the file, the row or line and the field; whatever is wrong with some rows, nothing of the file is taken. What
        presses or hides is named with its rule (`wording.ethics`), the words, and what to write instead.
    """
    if path.suffix.lower() == ".toml":
        items, lines = _of_toml(path)
        return _read(items, settings, _problems(path, "line {}", lines.__getitem__))
    items, rows = _of_table(path, settings)
    return _read(items, settings, _problems(path, "row {}", rows.__getitem__))


def read_items(items: Sequence[Item], settings: Settings) -> Drafts:
    """Read offers as JSON has them.

    Raises
    ------
    BadInput
        Naming the place in the list and the field.
    """
    return _read(items, settings, _problems(Path("offers"), "offers[{}]"))


def _problems(path: Path, place: str, number_of: Callable[[int], int] = int) -> Problems:
    """Whoever writes offers mends them all at once: every fault is named."""
    return Problems(path, place, is_file=False, number_of=number_of, n_samples=MOST_TOLD)


def plain(offer: Offer) -> dict[str, Any]:
    """Write an offer in the columns it can be put with again, empty ones left out; lists as lists."""
    row: dict[str, Any] = {"offer_id": offer.offer_id, "kind": offer.kind.value}
    for name, texts in zip(SPOKEN, _spoken(offer), strict=True):
        row |= {f"{name}_{language}": text for language, text in sorted(texts.items())}
    money = next((one for one in (offer.total, offer.cost, *(line.amount for line in offer.prices)) if one), None)
    row |= {
        "product_id": offer.product_id, "category": offer.category, "currency": money.currency if money else None,
        "lines": [_plain_line(line) for line in offer.prices], "total": _text(offer.total), "cost": _text(offer.cost),
        "is_free": offer.is_free or None, "is_advice": offer.is_advice or None, "min_age": offer.min_age,
        "proofs": [_plain_proof(proof) for proof in offer.proofs], "audience": offer.audience, "avoid": offer.avoid,
        "step_of": offer.step_of, "staff_brief": offer.staff_brief,
        **{name: list(getattr(offer, name)) for name in LISTS},
        "starts_at": offer.starts_at and offer.starts_at.isoformat(),
        "ends_at": offer.ends_at and offer.ends_at.isoformat(),
    }  # fmt: skip
    return {name: value for name, value in row.items() if value not in (None, "", [])} | {"active": offer.is_active}


def _spoken(offer: Offer) -> tuple[Mapping[str, Any], ...]:
    benefits = {language: list(some) for language, some in offer.benefits.items()}
    return offer.titles, benefits, offer.terms, offer.cancellation, offer.guarantee


def _plain_line(line: PriceLine) -> dict[str, Any]:
    told = {
        "price": _text(line.amount), "period": line.period and line.period.value, "n_periods": line.n_periods,
        "tax_rate": None if line.tax_rate is None else f"{line.tax_rate:f}", "includes_tax": line.includes_tax,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None} | {
        f"label_{language}": text for language, text in sorted(line.labels.items())
    }


def _plain_proof(proof: Proof) -> dict[str, Any]:
    texts = {f"text_{language}": text for language, text in sorted(proof.texts.items())}
    return {**texts, "source": proof.source, **({"market": proof.market} if proof.market else {})}


def _text(money: Money | None) -> str | None:
    return None if money is None else f"{money.amount:f}"


# files ------------------------------------------------------------------------------------------------------------


def _of_toml(path: Path) -> tuple[list[Item], list[int]]:
    """Read the tables of a TOML file, and the line each begins in."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; check the path", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"is no TOML: {error}", where=str(path)) from error
    items = tree.get("offers")
    if set(tree) != {"offers"} or not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise BadInput("write each offer as a table of its own that begins with [[offers]]", where=str(path))
    lines = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    return items, lines if len(lines) == len(items) else [1] * len(items)


def _of_table(path: Path, settings: Settings) -> tuple[list[Item], list[int]]:
    """Read the rows of a table, and the number a person would give each."""
    if not path.is_file():
        raise BadInput("is no file; give the path of a CSV, XLSX or TOML file", where=str(path))
    table = TextTable(path, Limits.of(settings), fits=lambda names: float("offer_id" in map(_name, names)))
    names = [_name(name) for name in table.columns]
    if not {"offer_id", "kind"} <= set(names):
        raise BadInput(
            "is no file of offers: the columns offer_id and kind are missing; `crosslift collect` takes other files",
            where=str(path),
        )
    items: list[Item] = []
    rows: list[int] = []
    for batch in table.batches():
        given = batch.select(table.columns).rename_columns(names).to_pylist()
        numbers = batch.column(ROW).to_pylist() if ROW in batch.schema.names else None
        for place, row in enumerate(given):
            rows.append(numbers[place] if numbers else table.first_row + len(items))
            items.append({name: cell for name, cell in row.items() if cell and cell.strip()})
    return items, rows


def _name(heading: str) -> str:
    """Read a heading as a column: no case, but that of a language tag."""
    bare = heading.strip().replace(" ", "_")
    return bare if IN_LANGUAGE.fullmatch(bare) else bare.lower()


# rows -------------------------------------------------------------------------------------------------------------


def _read(items: Sequence[Item], settings: Settings, problems: Problems) -> Drafts:
    if not items:
        raise BadInput("there is no offer in it; give at least one", where=str(problems.path))
    cells = {field.name: pa.array([_cell(field.name, one.get(field.name)) for one in items], pa.string())
             for field in OFFERS.fields}  # fmt: skip
    typed, rejected = read_cells(OFFERS, cells, settings, problems, 0)
    columns = {name: column.to_pylist() for name, column in typed.items()}
    drafts: list[Draft] = []
    first: dict[str, int] = {}
    for row, item in enumerate(items):
        values = {name: column[row] for name, column in columns.items()}
        n_before = problems.count

        def say(name: str, what: str, row: int = row) -> None:
            problems.fault(row, name, what)

        _check_names(item, say)
        if (offer_id := values["offer_id"]) in first:
            at = problems.place.format(problems.number_of(first[offer_id]))
            say("offer_id", f"{offer_id!r} stands in {at} already; one row is one offer, several prices go in lines")
        first.setdefault(offer_id, row)
        offer = None if rejected[row] else offer_of(item, values, settings, say)
        if offer is not None and offer.is_active:  # what is taken back presses nobody
            for finding in ethics.of_offer(offer):
                say(finding.column(f"offer {offer.offer_id}"), finding.told)
        if offer is not None and problems.count == n_before:
            drafts.append(Draft(row, offer, values["author"], values["reason"]))
    if problems.count:
        raise problems.error()
    return Drafts(tuple(drafts), problems)


def _cell(name: str, value: Any) -> str | None:
    """Write a value as the cell of a file would hold it."""
    if name in LISTS and isinstance(value, list):
        return BETWEEN.join(text_of(one) or "" for one in value)
    return text_of(value)


def _check_names(item: Item, say: Say) -> None:
    """Refuse columns nobody knows: a mistyped one would be lost without a word."""
    for name in item:
        if name in OFFERS.names or name in PASSED_OVER or IN_LANGUAGE.fullmatch(name):
            continue
        near = difflib.get_close_matches(name, (*OFFERS.names, *(f"{one}_en" for one in SPOKEN)), 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"there are {', '.join(OFFERS.names)}, and title_en, benefit_ko ..."
        )
        say(name[:60], f"is no column of an offer; {hint}")
