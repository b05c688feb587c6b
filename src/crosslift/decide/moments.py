"""Where and when a rule holds: the moment of a rule made into plain comparisons of the situation of a request."""

from collections.abc import Callable
from datetime import datetime

from crosslift.decide.fixed import fixed
from crosslift.domain.link import CATEGORY
from crosslift.domain.rule import DAYPART_BEGINS, Daypart, Moment

_DAY = len("YYYY-MM-DD")


@fixed
class Situation:
    """Where and when a decision is asked for.

    Attributes
    ----------
    local : datetime
        The person's own clock.
    dwell_seconds : float or None
        How long the visitor has been on the page; None where nobody says.
    is_assisted : bool
        Whether an agent speaks to the customer.
    products, categories : frozenset of str
        Ids in the cart and on the page, variants with their product; categories of these and all above them.
    """

    placement: str
    channel: str
    interrupts: bool
    is_assisted: bool
    market: str | None
    device: str | None
    local: datetime
    dwell_seconds: float | None = None
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


Check = Callable[[Situation], bool]


def daypart_of(hour: int) -> Daypart:
    """Name the part of the day an hour (0 to 23) lies in.

    Examples
    --------
    >>> [daypart_of(hour).value for hour in (4, 5, 11, 17, 22, 23)]
    ['night', 'morning', 'midday', 'afternoon', 'evening', 'night']
    """
    return next((part for begins, part in reversed(DAYPART_BEGINS) if hour >= begins), Daypart.NIGHT)


def checks_of(moment: Moment) -> tuple[Check, ...]:
    """Give what must hold, one comparison for each field that asks something; those of the place come first."""
    return (*checks_of_place(moment), *_checks_of_time(moment), *_checks_of_sight(moment))


def checks_of_place(moment: Moment) -> tuple[Check, ...]:
    """Give the comparisons that a request answers before anything is looked up: placement, market, device, agent."""
    checks: list[Check] = []
    if moment.placements:
        placements = frozenset(moment.placements)
        checks.append(lambda here: here.placement in placements)
    if moment.channels:
        channels = frozenset(moment.channels)
        checks.append(lambda here: here.channel in channels)
    if moment.markets:
        markets = frozenset(moment.markets)
        checks.append(lambda here: here.market in markets)
    if moment.devices:
        devices = frozenset(moment.devices)
        checks.append(lambda here: here.device in devices)
    if moment.interrupts is not None:
        interrupts = moment.interrupts
        checks.append(lambda here: here.interrupts is interrupts)
    if moment.is_assisted is not None:
        is_assisted = moment.is_assisted
        checks.append(lambda here: here.is_assisted is is_assisted)
    if moment.below_dwell_seconds is not None:
        least = moment.below_dwell_seconds
        checks.append(lambda here: here.dwell_seconds is None or here.dwell_seconds < least)
    return tuple(checks)


def _checks_of_time(moment: Moment) -> list[Check]:
    checks: list[Check] = []
    if moment.dayparts:
        dayparts = frozenset(moment.dayparts)
        checks.append(lambda here: daypart_of(here.local.hour) in dayparts)
    if moment.months:
        months = frozenset(moment.months)
        checks.append(lambda here: here.local.month in months)
    if moment.weekdays:
        weekdays = frozenset(moment.weekdays)
        checks.append(lambda here: here.local.isoweekday() in weekdays)
    if moment.starts_on or moment.ends_on:
        starts, ends = moment.starts_on, moment.ends_on
        checks.append(lambda here: is_between(here.local.date().isoformat(), starts, ends))
    return checks


def is_between(day: str, starts_on: str, ends_on: str) -> bool:
    """Tell whether a day (`YYYY-MM-DD`) lies between two, both included; days without a year come every year.

    Examples
    --------
    >>> is_between("2026-12-31", "12-20", "01-06"), is_between("2026-01-07", "12-20", "01-06")
    (True, False)
    >>> is_between("2026-05-01", "2026-05-01", ""), is_between("2027-05-01", "", "2026-12-31")
    (True, False)
    """
    begun = not starts_on or day[_DAY - len(starts_on) :] >= starts_on
    lasts = not ends_on or day[_DAY - len(ends_on) :] <= ends_on
    passes_new_year = len(starts_on) == len(ends_on) < _DAY and starts_on > ends_on
    return begun or lasts if passes_new_year else begun and lasts


def _checks_of_sight(moment: Moment) -> list[Check]:
    checks: list[Check] = []
    if moment.cart_has:
        has = _seen(moment.cart_has)
        checks.append(has)
    if moment.cart_lacks:
        lacks = _seen(moment.cart_lacks)
        checks.append(lambda here: not lacks(here))
    return checks


def _seen(names: tuple[str, ...]) -> Check:
    """Tell whether one of some products, or something of one of some categories, is in sight."""
    products = frozenset(name for name in names if not name.startswith(CATEGORY))
    categories = frozenset(name.removeprefix(CATEGORY) for name in names if name.startswith(CATEGORY))
    return lambda here: not (products.isdisjoint(here.products) and categories.isdisjoint(here.categories))
