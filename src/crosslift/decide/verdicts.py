"""What became of each candidate, as a number: 0 passed, then the built-in codes, then the rules of the policy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.decision import DropCode, NoOffer
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate, Rule

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
CODES: tuple[DropCode, ...] = (
    DropCode.IN_CART,
    DropCode.EXCLUDED,
    DropCode.ON_PAGE,
    DropCode.BANNED,
    DropCode.NOT_SELLABLE,
    DropCode.INACTIVE,
    DropCode.OUT_OF_STOCK,
    DropCode.PRICE_MISSING,
    DropCode.SAME_PRODUCT,
    DropCode.OWNED,
    DropCode.EXPIRED,
    DropCode.DOES_NOT_FIT,
    DropCode.INCLUDED,
    DropCode.NEVER_TOGETHER,
    DropCode.SUBSTITUTE_OF_CART,
    DropCode.TOO_YOUNG,
    DropCode.TOO_DEAR,
    DropCode.BELOW_FLOOR,
    DropCode.NOT_YET,
    DropCode.WRONG_MARKET,
    DropCode.TOO_LATE,
    DropCode.NOT_FOR_PERSON,
    DropCode.NO_INCENTIVE,
    DropCode.LOWER_STEP,
    DropCode.COOLING_DOWN,
    DropCode.CAPPED,
    DropCode.SOLVE_FIRST,
    DropCode.VALUE_FIRST,
    DropCode.QUIET_HOURS,
    DropCode.BUSY,
    DropCode.BELOW_THRESHOLD,
)
"""In gate order; verdict n means `CODES[n - 1]`."""
NUMBERS = {code: place for place, code in enumerate(CODES, 1)}
"""The verdict of each built-in code."""
RULE_BASE = 256
"""The verdict of the policy's first rule; smaller ones are built-in codes."""
GATE_OF = {
    DropCode.NOT_YET: Gate.APPLICABLE,
    DropCode.WRONG_MARKET: Gate.APPLICABLE,
    DropCode.TOO_LATE: Gate.APPLICABLE,
    DropCode.NOT_FOR_PERSON: Gate.SUITABLE,
    DropCode.NO_INCENTIVE: Gate.SUITABLE,
    DropCode.LOWER_STEP: Gate.SUITABLE,
    DropCode.COOLING_DOWN: Gate.ALLOWED,
    DropCode.CAPPED: Gate.ALLOWED,
    DropCode.SOLVE_FIRST: Gate.ALLOWED,
    DropCode.VALUE_FIRST: Gate.ALLOWED,
    DropCode.QUIET_HOURS: Gate.ALLOWED,
    DropCode.BUSY: Gate.ALLOWED,
    DropCode.BELOW_THRESHOLD: Gate.ALLOWED,
}
"""The gate of each built-in code; the others are of the eligible gate."""


def stop(verdict: Array, stopped: Mask, code: DropCode | int) -> None:
    """Write a verdict where no gate before wrote one."""
    if not np.count_nonzero(stopped):
        return
    verdict[stopped & (verdict == 0)] = NUMBERS[code] if isinstance(code, DropCode) else code


def verdict_name(verdict: int, policy: Policy) -> str:
    """Name what a verdict means: a built-in code, or the code of the policy's rule; "" for one that passed."""
    if verdict >= RULE_BASE:
        return policy.rules[verdict - RULE_BASE].code
    return CODES[verdict - 1].value if verdict else ""


def rule_told(verdict: int, policy: Policy) -> str:
    """Tell of the rule behind a verdict its id, its reason, and who answers for it; "" for a built-in code."""
    return "" if verdict < RULE_BASE else told(policy.rules[verdict - RULE_BASE])


def told(rule: Rule) -> str:
    """Tell of a rule its id, its reason, and who answers for it."""
    return f"{rule.rule_id}: {rule.reason} ({rule.owner}{f', {rule.law}' if rule.law else ''})"


def gate_of(verdict: int, policy: Policy) -> Gate:
    """Give the gate that wrote a verdict."""
    if verdict >= RULE_BASE:
        return policy.rules[verdict - RULE_BASE].gate
    return GATE_OF.get(CODES[verdict - 1], Gate.ELIGIBLE)


def dropped(verdict: Array, policy: Policy) -> dict[str, int]:
    """Count what each code stopped; rules of the same code together."""
    counts: dict[str, int] = {}
    of_number = np.bincount(verdict)
    for number in of_number.nonzero()[0].tolist():
        if number:
            name = verdict_name(number, policy)
            counts[name] = counts.get(name, 0) + int(of_number[number])
    return counts


def no_offer(verdict: Array, policy: Policy) -> str:
    """Say why nothing is offered: the one code that stopped all that was eligible, else that everything was excluded."""
    if not verdict.any():
        return NoOffer.NO_CANDIDATES
    numbers = set(verdict.tolist()) - {0}
    later = {verdict_name(one, policy) for one in numbers if gate_of(one, policy) is not Gate.ELIGIBLE}
    if len(later) != 1:
        return NoOffer.ALL_EXCLUDED
    code = later.pop()
    return NoOffer(code) if code in tuple(NoOffer) else code
