"""One offer from its cells: what is said by language, several values in one, price lines and proofs."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.collect.parse import parse
from crosslift.collect.schemas_offers import LINE_FIELDS, LISTS, SPOKEN
from crosslift.collect.sources.lines import text_of
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof
from crosslift.errors import BadInput
from crosslift.settings import Settings

Item = Mapping[str, Any]
Say = Callable[[str, str], None]
"""Names a column and what is wrong with it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = "-"
MOST_IN_LIST = 100
LONGEST = 4_000
"""Letters of one text."""
IN_LANGUAGE = re.compile(rf"({'|'.join((*SPOKEN, 'label'))})_([A-Za-z]{{2,3}}(?:-[A-Za-z0-9]{{2,8}}){{0,2}})")
"""A column with its language behind it."""


def offer_of(item: Item, values: Mapping[str, Any], settings: Settings, say: Say) -> Offer | None:
    """Make an offer of one row; what is wrong is said, and None given.

    Parameters
    ----------
    item : mapping
        The row as it was written.
    values : mapping
        Its canonical columns, typed.
    """
    spoken = {name: _by_language(item, name, say) for name in SPOKEN}
    several = {name: tuple(_several(name, item.get(name), say)) for name in LISTS}
    currency = values["currency"]
    try:
        return Offer(
            offer_id=values["offer_id"],
            version=0,
            kind=OfferKind(values["kind"]),
            titles=_first(spoken["title"]),
            author=NOBODY,
            reason=NOBODY,
            created_at=EPOCH,
            product_id=values["product_id"],
            category=values["category"],
            benefits=spoken["benefit"],
            prices=_lines(item, values, settings, say),
            total=_money(values["total"], currency, "total", say),
            cost=_money(values["cost"], currency, "cost", say),
            is_free=bool(values["is_free"]),
            terms=_first(spoken["terms"]),
            cancellation=_first(spoken["cancellation"]),
            guarantee=_first(spoken["guarantee"]),
            proofs=_proofs(values["proofs"], say),
            goals=several["goals"],
            beside=several["beside"],
            audience=values["audience"] or "",
            avoid=values["avoid"] or "",
            step_of=values["step_of"],
            markets=several["markets"],
            licences=several["licences"],
            min_age=values["min_age"],
            is_advice=bool(values["is_advice"]),
            starts_at=_instant(values["starts_at"]),
            ends_at=_instant(values["ends_at"]),
            months=tuple(_month(text, say) for text in several["months"]),
            staff_brief=values["staff_brief"] or "",
            tags=several["tags"],
            is_active=values["active"] is not False,
        )
    except BadInput as error:
        place = error.where or ""
        say(place.rpartition(", ")[2] or "offer_id", str(error).removeprefix(f"{place}: "))
        return None


def _first(spoken: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {language: some[0] for language, some in spoken.items()}


def _by_language(item: Item, name: str, say: Say) -> dict[str, tuple[str, ...]]:
    """Read what is said in several languages; of a benefit several, of the rest one."""
    found: dict[str, tuple[str, ...]] = {}
    for column, value in item.items():
        spoken = IN_LANGUAGE.fullmatch(column)
        if spoken is None or spoken[1] != name:
            continue
        some = (
            tuple(_several(column, value, say))
            if name == "benefit"
            else tuple(filter(None, [_said(column, value, say)]))
        )
        if some:
            found[spoken[2]] = some
    return dict(sorted(found.items()))


def _several(column: str, value: Any, say: Say) -> Iterator[str]:
    """Read a list, or a text with ` | ` between its values."""
    if value is None:
        return
    is_list = isinstance(value, list)
    parts = value if is_list else re.split(r"\s\|\s", str(text_of(value)))
    if len(parts) > MOST_IN_LIST:
        say(column, f"has {len(parts)} values; at most {MOST_IN_LIST} are kept")
        return
    for part in parts:
        text = _said(column, part, say)
        if text and is_list and re.search(r"\s\|\s", text):
            say(column, f"{text[:60]!r} holds ' | ', which stands between values in a file; write it otherwise")
        elif text:
            yield text


def _said(column: str, value: Any, say: Say) -> str:
    """Read one text, composed (NFC) and without the space around it."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        say(column, "holds a list or an object where one text belongs")
        return ""
    text = unicodedata.normalize("NFC", str(text_of(value))).strip()
    if len(text) > LONGEST:
        say(column, f"has {len(text):,} letters; at most {LONGEST:,} are kept")
    return text


def _month(text: str, say: Say) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        say("months", f"{text[:60]!r} is no month; write numbers from 1 to 12")
        return 1
    return int(text)


def _money(micros: int | None, currency: str | None, name: str, say: Say) -> Money | None:
    if micros is None:
        return None
    if currency is None:
        say("currency", f"is missing beside {name}; write its ISO 4217 code such as KRW")
        return None
    return Money.from_micros(micros, currency)


def _lines(item: Item, values: Mapping[str, Any], settings: Settings, say: Say) -> tuple[PriceLine, ...]:
    """Read the price lines: those of `lines`, or the one the row itself holds."""
    several = _objects("lines", values["lines"], say)
    own = [field.name for field in LINE_FIELDS if values[field.name] is not None]
    if several and own:
        say(own[0], "stands beside lines; write every price line in one of the two")
        return ()
    if own and values["price"] is None:
        say("price", f"is missing beside {own[0]}")
        return ()
    default = settings["shop.prices_include_tax"]
    labels = _first(_by_language(item, "label", say))
    found = (
        [_line(values, values["currency"], labels, say, is_tax_included=default)] if values["price"] is not None else []
    )
    for number, written in enumerate(several, 1):
        cells = _line_cells(number, written, settings, say)
        if cells is not None:
            labels = _first(_by_language(written, "label", say))
            found.append(_line(cells, values["currency"], labels, say, is_tax_included=default))
    return tuple(line for line in found if line is not None)


def _line(
    cells: Mapping[str, Any], currency: str | None, labels: Mapping[str, str], say: Say, *, is_tax_included: bool
) -> PriceLine | None:
    amount = _money(cells["price"], currency, "a price", say)
    if amount is None:
        return None
    rate, includes = cells["tax_rate"], cells["includes_tax"]
    return PriceLine(
        amount, Period(cells["period"]) if cells["period"] else None, cells["n_periods"],
        None if rate is None else Decimal(str(rate)), is_tax_included if includes is None else includes, labels,
    )  # fmt: skip


def _line_cells(number: int, written: Item, settings: Settings, say: Say) -> dict[str, Any] | None:
    """Read one object of `lines`, by the very fields of the columns."""
    known = {field.name for field in LINE_FIELDS}
    cells: dict[str, Any] = {}
    is_right = True
    for name in written:
        spoken = IN_LANGUAGE.fullmatch(name)
        if name not in known and not (spoken and spoken[1] == "label"):
            say("lines", f"line {number}: {name[:60]!r} is none of {', '.join(sorted(known))}, label_en ...")
            is_right = False
    for field in LINE_FIELDS:
        text = text_of(written.get(field.name))
        parsed, bad = parse(field, pa.array([text], pa.string()), settings["shop.time_zone"])
        if bad[0] or (field.name == "price" and parsed[0].as_py() is None):
            what = f"{text[:60]!r} is no {field.expected}" if text else "is missing"
            say("lines", f"line {number}: {field.name} {what}")
            is_right = False
        cells[field.name] = parsed[0].as_py()
    return cells if is_right else None


def _proofs(text: str | None, say: Say) -> tuple[Proof, ...]:
    found = []
    for number, written in enumerate(_objects("proofs", text, say), 1):
        texts = {name.removeprefix("text_"): _said("proofs", value, say) for name, value in written.items()
                 if name.startswith("text_")}  # fmt: skip
        more = {name: _said("proofs", written.get(name), say) for name in ("source", "market")}
        unknown = [name for name in written if not name.startswith("text_") and name not in more]
        if unknown:
            say("proofs", f"proof {number}: {unknown[0][:60]!r} is none of text_en ..., source, market")
        if not any(texts.values()) or not more["source"]:
            say(
                "proofs", f"proof {number} needs text_en (or another language) and source; nobody believes it otherwise"
            )
            continue
        spoken = {code: one for code, one in sorted(texts.items()) if one}
        found.append(Proof(spoken, more["source"], more["market"] or None))
    return tuple(found)


def _objects(column: str, text: str | None, say: Say) -> list[Item]:
    """Read a column that holds a list of JSON objects."""
    if text is None:
        return []
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        say(column, f"is no JSON: {error}")
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        say(column, 'holds no list of objects, such as [{"price": "9900", "period": "month"}]')
        return []
    if len(found) > MOST_IN_LIST:
        say(column, f"has {len(found)} entries; at most {MOST_IN_LIST} are kept")
        return []
    return found


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else EPOCH + timedelta(microseconds=micros)
