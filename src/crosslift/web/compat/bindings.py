"""What the names mean that foreign clients ask for: campaigns, recommenders, serving configs."""

from collections.abc import Mapping
from dataclasses import dataclass

from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import DOORS, HELPFUL
from crosslift.errors import BadInput
from crosslift.settings import Settings

EVERYTHING = ("completion", "bestseller")
"""What completes the cart or the page, then labeled bestsellers."""
_KINDS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("complement",): ("complements", "frequently-bought-together", "aws-ecomm-frequently-bought-together"),
    ("substitute", "alike"): ("substitutes", "similar-items", "aws-similar-items", "aws-sims", "neighbors"),
    ("upgrade",): ("upgrades", "upsell"),
    ("sequence",): ("sequences", "bought-next"),
    ("bestseller",): (
        "bestsellers", "popular", "aws-ecomm-popular-items-by-purchases", "aws-ecomm-popular-items-by-views",
        "aws-popularity-count",
    ),
    ("offer", "goal"): ("actions", "offers", "aws-next-best-action"),
}  # fmt: skip
_BY_NAME = {name: kinds for kinds, names in _KINDS.items() for name in names}
NEEDS_PRODUCT = frozenset({"complement", "substitute", "alike", "upgrade", "sequence"})
"""Kinds that start from a product."""
_PLACEMENTS = {"substitute": "comparison", "sequence": "confirmation", "offer": "account"}


@dataclass(frozen=True, slots=True)
class Binding:
    """What stands behind a name.

    Attributes
    ----------
    placement, policy : str or None
        As the merchant bound it; None for the placement of whatever is asked.
    kinds : tuple of str
        Sources that answer.
    """

    placement: str | None = None
    policy: str = DOORS.name
    kinds: tuple[str, ...] = EVERYTHING

    @property
    def is_bound(self) -> bool:
        """Whether the merchant bound it: holdout and exploration hold then."""
        return self.placement is not None

    @property
    def needs_product(self) -> bool:
        """Whether it can only be asked about a product."""
        return not self.is_bound and not NEEDS_PRODUCT.isdisjoint(self.kinds)

    def place(self, *, has_product: bool) -> str:
        """Name the placement that is asked."""
        if self.placement is not None:
            return self.placement
        own = next((_PLACEMENTS[kind] for kind in self.kinds if kind in _PLACEMENTS), None)
        return own or ("product" if has_product else "home")


def binding_of(settings: Settings, door: str, name: str) -> Binding:
    """Say what a name of a door stands for: what the merchant bound it to, else what a name we know says, else everything.

    Raises
    ------
    BadInput
        If `compat.bindings` cannot be read.
    """
    bound = bindings(settings).get(f"{door}/{name}")
    return bound or Binding(kinds=_BY_NAME.get(name.casefold().replace("_", "-"), EVERYTHING))


def bindings(settings: Settings) -> dict[str, Binding]:
    """Read what the merchant bound.

    Raises
    ------
    BadInput
        Naming the part that cannot be read.

    Examples
    --------
    >>> found = bindings(Settings.load({"compat.bindings": "retail/home = home, gorse/recommend = cart:ours"}))
    >>> [(name, one.placement, one.policy) for name, one in found.items()]
    [('retail/home', 'home', 'helpful'), ('gorse/recommend', 'cart', 'ours')]
    """
    found = {}
    for part in settings["compat.bindings"].replace("\n", ",").split(","):
        if not part.strip():
            continue
        name, is_there, target = (piece.strip() for piece in part.partition("="))
        placement, _, policy = (piece.strip() for piece in target.partition(":"))
        if not is_there or "/" not in name or placement not in PLACEMENTS:
            raise BadInput(
                f"{part.strip()!r} binds nothing; write door/name = placement, one of {', '.join(PLACEMENTS)}",
                where="compat.bindings",
            )
        found[name] = Binding(placement, policy or HELPFUL.name, ())
    return found
