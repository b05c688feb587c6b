"""What is known of a person, in the operator's words: each code of a profile as plain sentences with its evidence.

They say what was seen and what follows from it, and judge nobody. They are written for those who serve people, never for
these people themselves: no channel, page or answer for shoppers may carry them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from crosslift.domain.persona import Cluster
from crosslift.domain.profile import ClvBasis, ContributionClass, Stage
from crosslift.domain.profile_codes import ContributionReason, RfmSegment, StageSign, Unknown
from crosslift.errors import BadInput
from crosslift.wording.evidence import Evidence, amount, count, figure, is_known, listed, plain
from crosslift.wording.formats import day, duration, exact, listing, money, number, percent
from crosslift.wording.messages import language_of, text
from crosslift.wording.personas import Card, card_sentence, cluster_sentence

_AMOUNTS = frozenset({
    ContributionReason.GROSS_MARGIN, ContributionReason.RETURNS, ContributionReason.DISCOUNTS, ContributionReason.SERVICE,
    ContributionReason.DEFAULTS,
})  # fmt: skip
SIGNS = (
    "order", "rhythm", "due", "no_order", "nothing_yet", "seen", "silence", "looks", "held", "used",
)  # fmt: skip
"""Sentences of what a stage rests on."""


Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences about a column of the profile; `code` is what stands in it, None where it holds a figure."""

    about: str
    code: str | None
    text: str


def told(profile: Evidence, clusters: Sequence[Cluster], cards: Mapping[str, Card], language: str) -> list[Told]:
    """Say what the codes of a profile mean, first as of which day; what it does not hold is passed over.

    Why figures are missing comes last.

    Parameters
    ----------
    profile : mapping
        The columns of `PROFILE_COLUMNS` as plain values, as `Records.profile` gives them.
    clusters, cards : sequence of Cluster, mapping of str to card
        The groups that were learned together with it, and the persona cards by id, as plain values.
    language : str
        BCP 47 tag; we write en, ko, ja.

    Raises
    ------
    BadInput
        If a code is not one of ours, or its evidence cannot be.

    Examples
    --------
    >>> new = {"stage": "aware", "stage_evidence": [["days_since_seen", 14.0]], "unknown": {"aov": "no_orders"}}
    >>> [one.text for one in told(new, [], {}, "en")]
    ['Has been seen, and has not bought yet. Last seen 2 weeks ago.', 'Nothing was ordered yet. Not known for this reason: aov']
    """
    return told_beside(profile, of_group(profile.get("cluster"), clusters, cards, language), language)


def told_beside(profile: Evidence, group: Sequence[Told], language: str) -> list[Told]:
    """Say what `told` says, of the person's group what is given: it is the same for everybody in it."""
    found = [
        Told(column, code if isinstance(code := profile.get(column), str) else None, say(profile, language))
        for column, say in _SAYS.items()
        if is_known(profile, column)
    ]
    return [*found, *group, *_unknown(profile, language)]


def as_of(profile: Evidence, language: str) -> str:
    """Say from which day (UTC) all times count."""
    known = datetime.fromtimestamp(count(profile, "as_of", least=0) / 1_000_000, UTC)
    return text("profile.as_of", language, day=day(known, language))


def stage(profile: Evidence, language: str) -> str:
    """Say where a person stands with the shop, and what says so."""
    code, signs = _code(Stage, profile, "stage"), _pairs(profile, "stage_evidence")
    said = [text(f"profile.stage.{code}", language), *(_sign(name, signs, language) for name in _signs(code, signs))]
    return _sentences(said, language)


def _signs(code: Stage, signs: Evidence) -> list[str]:
    """Choose what to say of the signs that are there."""
    has = {sign for sign in StageSign if is_known(signs, sign)}
    match code:
        case Stage.AWARE:
            return ["seen"] if StageSign.DAYS_SINCE_SEEN in has else []
        case Stage.LAPSE:
            parts = (("seen", "days_since_seen"), ("silence", "silence_days"), ("order", "days_since_order"))
            return [name for name, sign in parts if sign in has]
    order = _order(code, signs, has)
    looks = ["looks"] if {StageSign.VISITS, StageSign.CARTS, StageSign.SEARCHES} <= has else []
    held = [name for name, sign in (("held", StageSign.HELD), ("used", StageSign.DAYS_SINCE_USE)) if sign in has]
    return [*order, *looks, *held]


def _order(code: Stage, signs: Evidence, has: set[StageSign]) -> list[str]:
    if StageSign.DAYS_SINCE_ORDER not in has:
        return ["nothing_yet" if code is Stage.CONSIDER else "no_order"]
    if StageSign.INTERVAL_DAYS not in has:
        return ["order"]
    is_late = figure(signs, "days_since_order") > figure(signs, "interval_days")
    is_due = code is Stage.CONSIDER or (code is Stage.USE and is_late)
    return ["order", "due" if is_due else "rhythm"]


def _sign(name: str, signs: Evidence, language: str) -> str:
    days = {
        "order": ("order", "days_since_order"), "rhythm": ("interval", "interval_days"), "due": ("interval", "interval_days"),
        "seen": ("seen", "days_since_seen"), "silence": ("silence", "silence_days"), "used": ("use", "days_since_use"),
    }  # fmt: skip
    counts = {"looks": ("visits", "carts", "searches"), "held": ("held",)}
    values = {one: number(count(signs, one, least=0), language) for one in counts.get(name, ())}
    if name in days:
        placeholder, sign = days[name]
        values[placeholder] = _days(figure(signs, sign), language)
    return text(f"profile.sign.{name}", language, None, **values)


def contribution(profile: Evidence, language: str) -> str:
    """Say what a person leaves the shop with, which cost takes most of it, and the amounts it rests on."""
    code = _code(ContributionClass, profile, "contribution_class")
    reasons = {**_pairs(profile, "contribution_reasons"), "currency": profile.get("currency")}
    said = [text(f"profile.contribution.{code}", language)]
    if code is not ContributionClass.UNKNOWN:
        lead = "left" if is_known(profile, "net_contribution") else "beyond"
        net = {"net": _money(profile, "net_contribution", language)} if lead == "left" else {}
        said.insert(0, text(f"profile.contribution.{lead}", language, None, **net))
    amounts = [_reason(one, reasons, language) for one in ContributionReason if is_known(reasons, one)]
    if amounts:
        said.append(text("profile.contribution.rests_on", language, reasons=listing(amounts, language)))
    return _sentences(said, language)


def _reason(one: ContributionReason, reasons: Evidence, language: str) -> str:
    if one in _AMOUNTS:
        value = _money(reasons, one, language)
    elif one is ContributionReason.DRAWN_RETURN_SHARE:
        value = percent(figure(reasons, one), language)
    else:
        value = number(count(reasons, one), language)
    return text(f"profile.reason.{one}", language, value=value)


def rfm(profile: Evidence, language: str) -> str:
    """Say what recency, frequency and monetary value make together, and each of them."""
    code = _code(RfmSegment, profile, "rfm_segment")
    cell = {name: str(count(profile, f"rfm_{name}")) for name in ("recency", "frequency", "monetary")}
    return _sentences(
        [text(f"profile.rfm.{code}", language), text("profile.rfm.cell", language, None, **cell)], language
    )


def churn(profile: Evidence, language: str) -> str:
    """Say how likely a person is a customer now, and how likely no more by the end of the horizon."""
    chances = {name: _chance(figure(profile, name), language) for name in ("p_alive", "churn_risk")}
    return text("profile.churn", language, None, horizon=_horizon(profile, language), **chances)


def value(profile: Evidence, language: str) -> str:
    """Say what is expected of a person within the horizon, and between which ends."""
    basis = _code(ClvBasis, profile, "clv_basis")
    amounts = {name: _money(profile, f"clv_{name}", language) for name in ("low", "high")}
    expected = figure(profile, "expected_orders")
    orders = exact(round(expected, 1) if expected >= 1 else float(f"{expected:.2g}"), language)
    clv, horizon = _money(profile, "clv", language), _horizon(profile, language)
    said = text(f"profile.value.{basis}", language, None, horizon=horizon, orders=orders, clv=clv)
    is_nothing = profile["clv_low"] == profile["clv_high"] == 0
    likely = "nothing" if is_nothing else "between"
    return _sentences(
        [said, text(f"profile.value.{likely}", language, None, **({} if is_nothing else amounts))], language
    )


_SAYS: Mapping[str, Callable[[Evidence, str], str]] = {
    "as_of": as_of, "stage": stage, "contribution_class": contribution, "rfm_segment": rfm, "churn_risk": churn,
    "clv_basis": value,
}  # fmt: skip


def of_group(cluster_id: object, clusters: Sequence[Cluster], cards: Mapping[str, Card], language: str) -> list[Told]:
    """Say which group somebody is in, and what is on its card; nothing where it is none of these."""
    mine = next((one for one in clusters if one.cluster_id == cluster_id), None)
    if mine is None:
        return []
    found = [Told("cluster", mine.cluster_id, cluster_sentence(mine, clusters, language))]
    card = cards.get(mine.persona_id)
    return [*found, Told("persona", mine.persona_id, card_sentence(mine, card, language))] if card else found


def _unknown(profile: Evidence, language: str) -> list[Told]:
    """Say why figures are missing, those of one reason together."""
    stored = profile.get("unknown")
    by_code: dict[str, list[str]] = {}
    for name, code in (stored if isinstance(stored, Mapping) else {}).items():
        by_code.setdefault(str(code), []).append(str(name))
    return [Told("unknown", code, unknown(code, figures, language)) for code, figures in by_code.items()]


def unknown(code: str, figures: Sequence[str], language: str) -> str:
    """Say why some figures are missing; a reason that is no code of ours stands as it was written.

    Examples
    --------
    >>> unknown("no_rating", ["last_rating"], "ko")
    '아직 남긴 평점이 없어요. 이 때문에 알 수 없는 값: last_rating'
    """
    why = text(f"profile.unknown.{code}", language) if code in _REASONS else f"{code}."
    return _sentences([why, text("profile.unknown.figures", language, figures=listing(figures, language))], language)


_REASONS = frozenset(Unknown)


def _code(codes: type[Code], profile: Evidence, column: str) -> Code:
    """Read a code."""
    found = plain(profile, column)
    try:
        return codes(found)
    except ValueError:
        raise BadInput(f"{column} is {found!r}; it can be {', '.join(codes)}") from None


def _pairs(profile: Evidence, column: str) -> dict[str, object]:
    """Read evidence: codes with values."""
    if not profile.get(column):
        return {}
    pairs: dict[str, object] = {}
    for pair in listed(profile, column):
        if not isinstance(pair, Sequence) or len(pair) != 2:
            raise BadInput(f"{pair!r} in {column} is no evidence: a code and its value are needed")
        pairs[str(pair[0])] = pair[1]
    return pairs


def _sentences(said: Sequence[str], language: str) -> str:
    return ("" if language_of(language) == "ja" else " ").join(said)


def _days(days: float, language: str) -> str:
    return duration(days, language) if days >= 1 else text("profile.less_than_a_day", language)


def _horizon(profile: Evidence, language: str) -> str:
    return duration(figure(profile, "clv_horizon_days"), language)


def _chance(p: float, language: str) -> str:
    """Write a chance; what rounds to never or always is not told as that."""
    if round(p * 100) < 1:
        return text("profile.less_than_one_percent", language)
    return text("profile.more_than_99_percent", language) if round(p * 100) > 99 else percent(p, language)


def _money(evidence: Evidence, name: str, language: str) -> str:
    return money(amount(evidence, name), language, in_text=True)
