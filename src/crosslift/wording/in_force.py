"""What the page "how we recommend" is made from, and the page as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crosslift.domain.experiment import Experiment
from crosslift.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds at one moment.

    Attributes
    ----------
    policy : Policy
        The one the page is about.
    others : tuple of str
        Further policies that decide.
    currency : str
        Of what the policy says of worth.
    sensitive_traits : tuple of str
        As the shop's settings name them.
    experiments : tuple of Experiment
        Those that are on, whether their time has come or not.
    n_weighed, n_banned : int
        Curated links in force that count more or less, and that rule out.
    pack_titles : mapping of str to mapping of str to str
        By the id of each rule whose words are those of a pack: the titles of the pack, by language.
    title_of : callable
        Gives the title of a product or offer; its id where it has none.
    """

    policy: Policy
    now: datetime
    currency: str
    sensitive_traits: tuple[str, ...] = ()
    is_contextual_only: bool = False
    is_stopped: bool = False
    experiments: tuple[Experiment, ...] = ()
    others: tuple[str, ...] = ()
    n_weighed: int = 0
    n_banned: int = 0
    pack_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title_of: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    key: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page as plain text: escape it for HTML."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
