"""Small fixed sets, such as two wordings: which options there are, what the log says of each, and what was drawn."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crosslift.errors import BadInput

FEWEST, MOST = 2, 8
LEAST_FLOOR = 0.001
OPTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
"""What a code of an option looks like."""


@dataclass(frozen=True, slots=True)
class VariantSet:
    """A few ways to do the same, of which each decision draws one.

    Attributes
    ----------
    options : tuple of str
        2 to 8 codes, the first the default. What a code stands for is whoever shows the answer to know: a wording, a
        layout, a picture.
    placements : tuple of str
        Where it is drawn; everywhere by default.
    levers : mapping of str to tuple of str
        By option, levers of the same policy that are on under that option only.
    floor : float
        Least probability of each option, 0.001 .. 1/options: none dies by chance, and each can be judged from the log.

    Raises
    ------
    BadInput
        Where options are too few, too many, twice there or no codes; levers stand under none of them; or the floors come to
        more than 1.
    """

    set_id: str
    options: tuple[str, ...]
    placements: tuple[str, ...] = ()
    levers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    floor: float = 0.05

    def __post_init__(self) -> None:
        n = len(self.options)
        if not FEWEST <= n <= MOST:
            raise BadInput(f"it has {n} options; name {FEWEST} to {MOST}")
        if len(set(self.options)) < n:
            raise BadInput("an option is named twice")
        for option in self.options:
            if not OPTION.fullmatch(option):
                raise BadInput(f"{option!r} is no option; small letters, digits, - and _, at most 60")
        for option in self.levers:
            if option not in self.options:
                raise BadInput(
                    f"levers are named for {option!r}, which is none of its options: {', '.join(self.options)}"
                )
        if not LEAST_FLOOR <= self.floor <= 1 / n:
            raise BadInput(
                f"a floor of {self.floor:g} for each of {n} options; give {LEAST_FLOOR:g} to {1 / n:.4g}, so that all fit in 1"
            )

    @property
    def lever_ids(self) -> frozenset[str]:
        """Levers that are on under some of its options only."""
        return frozenset(name for names in self.levers.values() for name in names)


@dataclass(frozen=True, slots=True)
class Tried:
    """What the log said of one option when the snapshot was learned.

    `n_shown` counts decisions that offered something with this option drawn, `n_accepted` those of them of which something
    was accepted; `p_best` is the posterior probability that its rate is the highest of the set.
    """

    n_shown: int
    n_accepted: int
    p_best: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """The option a decision drew of one set, and the probability it had; 1 where nothing was drawn and the default stands."""

    set_id: str
    option: str
    probability: float

    @property
    def was_drawn(self) -> bool:
        """Whether chance chose: only such decisions say something about the options."""
        return self.probability < 1.0
