"""An interval drawn on the server: from where to where an effect may lie, where it most likely is, and where zero is."""

from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from crosslift.errors import BadInput

WIDTH, HEIGHT = 360, 72
SIDE, MIDDLE = 92, 38
"""Room for a figure on each side, and the height at which the interval lies."""


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate between its bounds; `shown` is low, value and high as people of the language write them."""

    low: float
    value: float
    high: float
    shown: tuple[str, str, str]


def interval(title: str, sentence: str, span: Span, name: str) -> Markup:
    """Draw an interval as SVG, with zero: no script, no inline style, colors by class.

    Parameters
    ----------
    title, sentence : str
        What it shows, and what it says; both are read aloud instead of the picture.
    name : str
        An id that no other chart of the page has.

    Raises
    ------
    BadInput
        For bounds that are none, or an estimate outside of them.

    Examples
    --------
    >>> drawn = interval("Earned", "not yet proven", Span(-8, 4, 16, ("-8%", "+4%", "+16%")), "earned")
    >>> drawn.count('class="zero"'), "-8%" in drawn
    (1, True)
    """
    if not all(isfinite(one) for one in (span.low, span.value, span.high)) or not span.low <= span.value <= span.high:
        raise BadInput("an interval needs an estimate between two bounds; say in words that it is not estimable")
    first, last = min(span.low, 0.0), max(span.high, 0.0)
    width = (last - first) or 1.0

    def x(value: float) -> float:
        return SIDE + (WIDTH - 2 * SIDE) * (value - first) / width

    inner = Markup(
        '<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="20" y2="54"/>'
        '<text x="{zero:.1f}" y="68" text-anchor="middle">0</text>'
        '<line class="span" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
        '<line class="span" x1="{low:.1f}" x2="{low:.1f}" y1="{top}" y2="{foot}"/>'
        '<line class="span" x1="{high:.1f}" x2="{high:.1f}" y1="{top}" y2="{foot}"/>'
        '<circle class="dot" cx="{value:.1f}" cy="{y}" r="5"/>'
        '<text class="side" x="{left:.1f}" y="{line}" text-anchor="end">{shown[0]}</text>'
        '<text class="best" x="{value:.1f}" y="14" text-anchor="middle">{shown[1]}</text>'
        '<text class="side" x="{right:.1f}" y="{line}">{shown[2]}</text>'
    ).format(
        zero=x(0.0), low=x(span.low), high=x(span.high), value=x(span.value), y=MIDDLE, top=MIDDLE - 6, foot=MIDDLE + 6,
        left=x(span.low) - 6, right=x(span.high) + 6, line=MIDDLE + 4, shown=span.shown,
    )  # fmt: skip
    return Markup(
        '<svg class="chart interval" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-said">'
        '<title id="{name}-title">{title}</title><desc id="{name}-said">{sentence}</desc>{inner}</svg>'
    ).format(width=WIDTH, height=HEIGHT, name=name, title=title, sentence=sentence, inner=inner)
