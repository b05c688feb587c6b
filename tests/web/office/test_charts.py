import pytest

from crosslift.errors import BadInput
from crosslift.web.office.charts import Point, chart, ticks
from crosslift.web.office.figures import Figures
from crosslift.web.office.intervals import Span, interval

POINTS = [Point("3/1", 2, "2"), Point("3/2", 0, "0"), Point("<3/3>", 7, "7")]


@pytest.mark.parametrize(("shape", "mark"), [("bars", "<rect"), ("line", "<circle")])
def test_a_chart_draws_every_figure_from_zero_and_names_itself(shape, mark):
    drawn = chart(shape, "Orders", "9 in all", POINTS, "orders")
    assert drawn.count(mark) == 3
    assert '<title id="orders-title">Orders</title><desc id="orders-said">9 in all</desc>' in drawn
    assert ">0</text>" in drawn
    assert "style=" not in drawn


def test_what_stands_in_a_chart_is_escaped():
    drawn = chart("bars", "<b>", "&", POINTS, "x")
    assert "&lt;b&gt;" in drawn
    assert "&lt;3/3&gt;: 7" in drawn
    assert "<b>" not in drawn


def test_a_sparkline_has_no_axis():
    drawn = chart("spark", "Orders", "9 in all", POINTS, "spark")
    assert "<text" not in drawn
    assert 'points="2.0,19.1 60.0,26.0 118.0,2.0"' in drawn


def test_bars_are_as_high_as_their_figures():
    drawn = chart("bars", "t", "s", [Point("a", 1, "1"), Point("b", 2, "2")], "x")
    assert 'height="60.0"' in drawn
    assert 'height="120.0"' in drawn


@pytest.mark.parametrize("points", [[], [Point("a", float("nan"), "")], [Point("a", -1, "")]])
def test_no_figures_are_no_chart(points):
    with pytest.raises(BadInput, match="say in words"):
        chart("bars", "t", "s", points, "x")


def test_a_chart_of_another_shape_is_refused():
    with pytest.raises(BadInput, match="bars, line, spark"):
        chart("pie", "t", "s", POINTS, "x")


@pytest.mark.parametrize("largest", [0.004, 0.3, 1, 2, 9, 97, 1234, 4.2e6])
def test_ticks_reach_the_largest_and_are_few(largest):
    found = ticks(largest)
    assert found[0] == 0
    assert found[-1] >= largest
    assert len(found) <= 5


@pytest.mark.parametrize("bounds", [(-8, 4, 16), (2, 4, 16), (-16, -4, -2), (0, 0, 0)])
def test_an_interval_shows_its_bounds_and_where_zero_is(bounds):
    drawn = interval("Earned", "<said>", Span(*bounds, ("low", "best", "high")), "earned")
    assert drawn.count('class="zero"') == 1
    assert [one for one in ("low", "best", "high") if f">{one}</text>" not in drawn] == []
    assert "&lt;said&gt;" in drawn
    assert "nan" not in drawn


@pytest.mark.parametrize("bounds", [(4, 2, 16), (-8, 17, 16), (-8, 4, float("nan")), (float("-inf"), 0, 1)])
def test_bounds_that_are_none_are_no_interval(bounds):
    with pytest.raises(BadInput, match="not estimable"):
        interval("t", "s", Span(*bounds, ("a", "b", "c")), "x")


def test_differences_are_written_with_their_sign_and_small_ones_not_as_zero():
    figures = Figures("en", "USD")
    assert [figures.gained(one) for one in (12.3456, -7.1, 0.00123456, 0.0)] == [
        "+$12.35",
        "-$7.10",
        "+$0.0012",
        "$0.00",
    ]
