"""One question as a customer asks it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One question.

    Attributes
    ----------
    customer : str or None
        Whom a secret key or a customer token speaks for.
    decision : str or None
        The decision of the offer asked about.
    conversation : str or None
        As the last answer gave it.
    is_trusted : bool
        Whether the merchant's own server asks.
    is_counted : bool
        False for robots, staff and tests: nothing of it is recorded, nothing handed over.
    """

    text: str
    language: str | None = None
    product: str | None = None
    cart: tuple[str, ...] = ()
    customer: str | None = None
    anonymous: str | None = None
    session: str | None = None
    market: str | None = None
    decision: str | None = None
    conversation: str | None = None
    is_trusted: bool = False
    is_counted: bool = True

    @property
    def identity(self) -> str | None:
        """Who it is, with a stable id; None for nobody we know."""
        if self.customer:
            return f"customer:{self.customer}"
        return f"anonymous:{self.anonymous}" if self.anonymous else None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which decisions of whoever asks may stand."""
        named = (("customer", self.customer), ("anonymous", self.anonymous), ("session", self.session))
        return tuple(f"{kind}:{name}" for kind, name in named if name)
