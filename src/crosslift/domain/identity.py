"""Who is who: the identifiers people leave, and the few readable rules by which two of them are one person.

An identity is written `kind:value`. Facts stay under the identity that was seen; a person is a versioned mapping of
identities, so a wrong merge can be taken back exactly (DESIGN 2b.3).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_VALUE = 200


ERASED = "erased"
"""What stands where somebody was who is not to be named any more; nobody's id."""


class IdentityKind(StrEnum):
    """What kind of identifier it is."""

    CUSTOMER = "customer"
    ANONYMOUS = "anonymous"
    EMAIL = "email"
    PHONE = "phone"
    LOYALTY = "loyalty"
    DEVICE = "device"


AGENT = "agent"
"""What stands before the id of somebody who sells, where a person of either kind can be named."""

LIGHT = frozenset({IdentityKind.ANONYMOUS, IdentityKind.DEVICE})
"""A browser or a machine: it may be lent, so it joins one person and never two of them together."""

CONTACT = frozenset({IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.LOYALTY})
"""What a person is reached or recognized by."""

NOBODY = frozenset({
    "", "-", "--", ".", "0", "na", "n/a", "nan", "nil", "none", "null", "undefined", "unknown", "anonymous", "guest",
    "(none)", "(not set)", "[object object]", "false", "true", "없음", "미상", "비회원", "なし", "不明", "ゲスト", "非会員",
})  # fmt: skip
"""Values that forms, exports and broken trackers write where nobody is named."""

SHARED_MAILBOXES = frozenset({
    "admin", "billing", "contact", "hello", "help", "helpdesk", "info", "inquiry", "mail", "marketing", "master", "no-reply",
    "noreply", "office", "order", "orders", "postmaster", "reception", "root", "sales", "service", "shop", "support",
    "team", "test", "webmaster",
})  # fmt: skip
"""Names before the @ that a team reads, not a person."""

_ZEROS = re.compile(r"[0\W_]*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LEAST_DIGITS = 7


CALLING_CODES: Mapping[str, str] = {
    "AT": "43", "AU": "61", "BE": "32", "CH": "41", "CN": "86", "DE": "49", "DK": "45", "ES": "34", "FI": "358", "FR": "33",
    "GB": "44", "IE": "353", "IN": "91", "JP": "81", "KR": "82", "NL": "31", "NO": "47", "NZ": "64", "PT": "351",
    "SE": "46", "SG": "65", "TW": "886", "VN": "84",
}  # fmt: skip
"""By market: what stands in place of the leading 0 of a national phone number (ITU-T E.164). Markets without one are left
out: there a number stays as it is written."""


class Rule(StrEnum):
    """Why two identities are one person; the value is kept in the merge log."""

    STATED = "stated"
    LOGIN = "login"
    ALIAS = "alias"
    EMAIL = "email"
    PHONE = "phone"
    LOYALTY = "loyalty"
    DEVICE = "device"


SAYS: Mapping[Rule, str] = {
    Rule.STATED: "The merchant said that both are the same person.",
    Rule.LOGIN: "One message named the browser and the customer who was logged in; a browser joins its first customer.",
    Rule.ALIAS: "The tracker renamed one to the other.",
    Rule.EMAIL: "Both have this e-mail address, which few enough customers share and no team reads.",
    Rule.PHONE: "Both have this phone number, which few enough customers share.",
    Rule.LOYALTY: "Both use this loyalty card, which few enough customers share.",
    Rule.DEVICE: "The app on this device named the customer; a device joins its first customer.",
}
"""What each rule says, for the merge log and the documentation."""


class Refusal(StrEnum):
    """Why evidence that two identities are one person does not count."""

    SHARED = "shared"
    CROWDED = "crowded"
    NOT_FIRST = "not_first"
    LARGE = "large"
    SPLIT = "split"


REFUSED: Mapping[Refusal, str] = {
    Refusal.SHARED: "More customers use this identifier than one person would; it joins nobody.",
    Refusal.CROWDED: "So many identifiers hang on this customer that it is a shared log-in; they stay apart.",
    Refusal.NOT_FIRST: "The browser or device belongs to the customer it named first.",
    Refusal.LARGE: "Together they would be more customers than one person has; only what was stated joins them.",
    Refusal.SPLIT: "The merchant said that these are two people.",
}
"""What each refusal says."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to think that two identities are one person; `at` is when it was first seen, microseconds UTC."""

    first: str
    second: str
    rule: Rule
    at: int


@dataclass(frozen=True, slots=True)
class Split:
    """The merchant's word that two identities are not one person; stronger than any evidence."""

    first: str
    second: str
    author: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much sharing still looks like one person.

    Attributes
    ----------
    customers_per_identifier : int
        Customer ids behind one e-mail address, phone number, card, browser or device.
    contacts_per_customer : int
        E-mail addresses, phone numbers and cards of one customer id.
    devices_per_customer : int
        Browsers and devices of one customer id, e-mail address, phone number or card.
    customers_per_person : int
        Customer ids that contacts may join into one person.
    """

    customers_per_identifier: int = 3
    contacts_per_customer: int = 20
    devices_per_customer: int = 1000
    customers_per_person: int = 10


@dataclass(frozen=True, slots=True)
class MappingChange:
    """One line of the merge log: an identity went from one person to another, with the version that did it."""

    version: int
    at: int
    identity: str
    from_person: str
    to_person: str
    because: str
    author: str | None = None


def identity_of(kind: IdentityKind, value: object, market: str | None = None) -> str | None:
    """Write an identifier as an identity, None where it names nobody.

    Parameters
    ----------
    market : str, optional
        Where a national phone number is meant; without it the number joins only with the same spelling.

    Examples
    --------
    >>> identity_of(IdentityKind.EMAIL, " Jane@Example.org ")
    'email:jane@example.org'
    >>> identity_of(IdentityKind.PHONE, "010-1234-5678", "KR")
    'phone:+821012345678'
    >>> identity_of(IdentityKind.CUSTOMER, "null") is None, identity_of(IdentityKind.EMAIL, "info@shop.example") is None
    (True, True)
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = unicodedata.normalize("NFC", str(value)).strip()
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain in NOBODY or _ZEROS.fullmatch(plain) or len(text) > MAX_VALUE:
        return None
    if kind is IdentityKind.EMAIL:
        return f"{kind}:{plain}" if _is_personal(plain) else None
    if kind is IdentityKind.PHONE:
        number = _phone(plain, CALLING_CODES.get((market or "").upper(), ""))
        return f"{kind}:{number}" if number else None
    return f"{kind}:{text}"


def contacts_of(email: object, phone: object, card: object, market: str | None) -> Iterator[tuple[Rule, str]]:
    """Give what a customer's record says the customer is reached or recognized by, with the rule that joins by it.

    What names nobody, or more than one person, is left out.

    Examples
    --------
    >>> list(contacts_of("Jane@Example.org", "-", "L-1", None))
    [(<Rule.EMAIL: 'email'>, 'email:jane@example.org'), (<Rule.LOYALTY: 'loyalty'>, 'loyalty:L-1')]
    """
    for rule, kind, value in (
        (Rule.EMAIL, IdentityKind.EMAIL, email),
        (Rule.PHONE, IdentityKind.PHONE, phone),
        (Rule.LOYALTY, IdentityKind.LOYALTY, card),
    ):
        identity = identity_of(kind, value, market)
        if identity is not None:
            yield rule, identity


def kind_of(identity: str) -> IdentityKind:
    """Tell the kind of an identity; what is none raises ValueError."""
    return IdentityKind(identity.partition(":")[0])


def customer_of(identity: str) -> str | None:
    """Give the customer id an identity is, None for other kinds.

    Examples
    --------
    >>> customer_of("customer:17850"), customer_of("anonymous:x")
    ('17850', None)
    """
    kind, _, value = identity.partition(":")
    return value if kind == IdentityKind.CUSTOMER else None


def agent_of(identity: str) -> str | None:
    """Give the agent id of `agent:ID`, None for whatever is a customer's: who sells is nobody's identity, but has rights too."""
    kind, _, value = identity.partition(":")
    return value if kind == AGENT and value else None


def _is_personal(mail: str) -> bool:
    local = mail.partition("@")[0].partition("+")[0]
    return bool(_MAIL.fullmatch(mail)) and local not in SHARED_MAILBOXES and local not in NOBODY


def _phone(text: str, calling_code: str) -> str | None:
    digits = "".join(c for c in text if c.isdecimal())
    if text.startswith("+"):
        number = f"+{digits}"
    elif digits.startswith("00"):
        number = f"+{digits[2:]}"
    elif digits.startswith("0") and calling_code:
        number = f"+{calling_code}{digits[1:]}"
    else:
        number = digits
    return number if len(set(digits)) > 1 and len(digits) >= _LEAST_DIGITS else None
