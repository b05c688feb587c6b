"""Small charts drawn on the server: bars, a line, a sparkline. Each names itself, and its figures stand in a table beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from markupsafe import Markup, escape

from crosslift.errors import BadInput

WIDTH, HEIGHT = 360, 160
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 28
MOST_LABELS = 5
SHAPES = ("bars", "line", "spark")


@dataclass(frozen=True, slots=True)
class Point:
    """One figure; `label` names its place, `shown` is the figure as people of the language write it."""

    label: str
    value: float
    shown: str


def chart(
    shape: str,
    title: str,
    sentence: str,
    points: Sequence[Point],
    name: str,
    mark: Callable[[float], str] | None = None,
) -> Markup:
    """Draw figures as SVG: no script, no inline style, colors by class.

    Parameters
    ----------
    shape : str
        `bars` from zero, `line`, or `spark`, which has no axis.
    title, sentence : str
        What it shows, and what it says; both are read aloud instead of the picture.
    name : str
        An id that no other chart of the page has.
    mark : callable, optional
        Writes a figure of the axis shortly, where it would be longer than six digits.

    Raises
    ------
    BadInput
        For a shape there is not, no figures, or figures that are none.

    Examples
    --------
    >>> drawn = chart("bars", "Orders", "3 in all", [Point("Mon", 1, "1"), Point("Tue", 2, "2")], "orders")
    >>> drawn.count("<rect"), 'aria-labelledby="orders-title orders-said"' in drawn
    (2, True)
    """
    if shape not in SHAPES:
        raise BadInput(f"no chart is called {shape!r}; there are {', '.join(SHAPES)}")
    if not points or not all(isfinite(point.value) and point.value >= 0 for point in points):
        raise BadInput("a chart needs figures from 0; say in words that there are none yet")
    if shape == "spark":
        width, height, inner = 120, 28, _spark(points)
    else:
        width, height, inner = WIDTH, HEIGHT, _with_axis(shape, points, mark or _plain)
    return Markup(
        '<svg class="chart {shape}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-said">'
        '<title id="{name}-title">{title}</title><desc id="{name}-said">{sentence}</desc>{inner}</svg>'
    ).format(shape=shape, width=width, height=height, name=name, title=title, sentence=sentence, inner=inner)


def ticks(largest: float, about: int = 3) -> list[float]:
    """Give round figures from 0 to at least the largest: 1, 2 or 5 times a power of ten apart; of whole ones only whole.

    Examples
    --------
    >>> ticks(97), ticks(3), ticks(1), ticks(0.3)
    ([0.0, 50.0, 100.0], [0.0, 1.0, 2.0, 3.0], [0.0, 1.0], [0.0, 0.1, 0.2, 0.3])
    """
    if largest <= 0:
        return [0.0, 1.0]
    rough = max(largest / about, 1.0) if largest == floor(largest) else largest / about
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.999)
    return [round(place * step, 12) for place in range(ceil(largest / step - 1e-9) + 1)]


def _with_axis(shape: str, points: Sequence[Point], written: Callable[[float], str]) -> Markup:
    marks = ticks(max(point.value for point in points))
    top = marks[-1]
    parts = [_grid(written(mark), _y(mark, top)) for mark in marks]
    width = (WIDTH - LEFT - RIGHT) / len(points)
    if shape == "bars":
        parts += [_bar(place, width, point, top) for place, point in enumerate(points)]
    else:
        path = " ".join(f"{_middle(place, width):.1f},{_y(one.value, top):.1f}" for place, one in enumerate(points))
        parts.append(Markup('<polyline class="mark" points="{}" fill="none"/>').format(path))
        parts += [_dot(_middle(place, width), _y(one.value, top), one) for place, one in enumerate(points)]
    every = ceil(len(points) / MOST_LABELS)
    parts += [
        Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            _middle(place, width), HEIGHT - 8, point.label
        )
        for place, point in enumerate(points) if (len(points) - 1 - place) % every == 0
    ]  # fmt: skip
    return Markup("").join(parts)


def _spark(points: Sequence[Point]) -> Markup:
    top = max(point.value for point in points) or 1.0
    step = 116 / max(1, len(points) - 1)
    path = " ".join(f"{2 + place * step:.1f},{26 - 24 * one.value / top:.1f}" for place, one in enumerate(points))
    return Markup('<polyline class="mark" points="{}" fill="none"/>').format(path)


def _plain(mark: float) -> str:
    return f"{mark:,.12g}"


def _grid(mark: str, y: float) -> Markup:
    return Markup(
        '<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
    ).format(LEFT, WIDTH - RIGHT, LEFT - 8, y + 4, mark, y=y)


def _bar(place: int, width: float, point: Point, top: float) -> Markup:
    y = _y(point.value, top)
    return Markup(
        '<rect class="mark" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(LEFT + width * (place + 0.15), y, width * 0.7, HEIGHT - BOTTOM - y, _told(point))


def _dot(x: float, y: float, point: Point) -> Markup:
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>').format(
        x, y, _told(point)
    )


def _told(point: Point) -> Markup:
    return Markup("{}: {}").format(point.label, escape(point.shown))


def _middle(place: int, width: float) -> float:
    return LEFT + width * (place + 0.5)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top
