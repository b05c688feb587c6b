"""What the assisted-sales guard asks of whom: read once from the settings."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from crosslift.domain.agent import listed
from crosslift.domain.condition import is_within
from crosslift.domain.link import ANYTHING, CATEGORY
from crosslift.errors import BadInput
from crosslift.settings import Settings

DAY = 86_400_000_000
SUBSCRIPTION = "subscription"
"""Among the kinds that need the customer's confirmation: whatever is sold as a contract, whichever kind its product is."""
PER = ("week", "day", "contact")


@dataclass(frozen=True, slots=True)
class GuardTerms:
    """The settings under `guard`, with the shop's zone and whether its prices hold the tax.

    Attributes
    ----------
    agent_columns : tuple of str
        Further columns of orders and subscriptions that name who sold, the first that is filled counts.
    confirm_kinds : tuple of str
        Kinds of product, `category:Name`, `subscription`, or `*` for every assisted sale.
    per : str
        What openings are counted against: `week` or `day` worked, or `contact` with a customer.
    """

    agent_columns: tuple[str, ...]
    confirm_kinds: frozenset[str]
    confirm_categories: tuple[str, ...]
    grace_days: int
    early_days: int
    period_end_days: int
    per: str
    max_q: float
    zone: tzinfo
    prices_include_tax: bool

    @classmethod
    def of(cls, settings: Settings) -> "GuardTerms":
        """Read the settings.

        Raises
        ------
        BadInput
            If `guard.openings_per` is none of `PER`, or no column is named that could tell who sold.
        """
        per, wanted = settings["guard.openings_per"], listed(settings["guard.confirm_kinds"])
        if per not in PER:
            raise BadInput(f"guard.openings_per = {per!r}: choose {', '.join(PER)}")
        columns = tuple(name.strip() for name in settings["guard.agent_columns"].split(",") if name.strip())
        if not columns:
            raise BadInput("guard.agent_columns is empty; name the column of your orders that says who sold")
        return cls(
            tuple(plain(name) for name in columns),
            frozenset(name for name in wanted if not name.startswith(CATEGORY)),
            tuple(name.removeprefix(CATEGORY) for name in wanted if name.startswith(CATEGORY)),
            settings["guard.grace_days"], settings["guard.early_days"], settings["guard.period_end_days"], per,
            settings["guard.max_q_value"], ZoneInfo(settings["shop.time_zone"]), settings["shop.prices_include_tax"],
        )  # fmt: skip

    def needs_confirmation(self, kind: str, category: str | None, *, is_subscription: bool) -> bool:
        """Tell whether a sale of such a product has to be confirmed by the customer."""
        kinds = self.confirm_kinds
        if ANYTHING in kinds or kind in kinds or (is_subscription and SUBSCRIPTION in kinds):
            return True
        return any(is_within(category, wanted) for wanted in self.confirm_categories)

    def day_of(self, at: int) -> date:
        """Give the shop's local day of an instant."""
        return datetime.fromtimestamp(at / 1e6, self.zone).date()


def plain(name: str) -> str:
    """Write the name of a column as it is compared: `Sold by` and `sold_by` are one."""
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
