"""Charts as numbers that a template draws as SVG: axes with round ticks, bars, lines and dots."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 620, 220
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 12, 54
BEYOND = 0.99  # of the values are on the axes of a chart of pairs: one odd ride must not hide all others


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A bar or a dot: its place, its size, its class in the style sheet, and what it says when pointed at."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    kind: str = "first"
    title: str = ""


@dataclass(kw_only=True)
class Chart:
    """A chart; `summary` says in words what it shows, for who does not see it."""

    summary: str
    x_label: str
    y_label: str
    x_ticks: list[tuple[float, str]] = field(default_factory=list)
    y_ticks: list[tuple[float, str]] = field(default_factory=list)
    bars: list[Mark] = field(default_factory=list)
    dots: list[Mark] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)  # the points, the class
    legend: list[tuple[str, str]] = field(default_factory=list)  # the class, the name
    beyond: int = 0  # pairs that are too large for the axes
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def ticks(greatest: float, wanted: int = 4) -> list[float]:
    """Round numbers from 0 to at least `greatest`: steps of 1, 2 or 5 times a power of ten."""
    if greatest <= 0 or not math.isfinite(greatest):
        return [0.0, 1.0]
    rough = greatest / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [round(number * step, 10) for number in range(math.ceil(greatest / step - 1e-9) + 1)]


def bars(
    series: Sequence[tuple[str, Sequence[float]]],
    labels: Sequence[str],
    *,
    summary: str,
    x_label: str,
    y_label: str,
    every: int = 10,
) -> Chart:
    """Stacked bars, one for each label; the series' classes and values are as long as the labels.

    Args:
        series: The class of each series, and its values.
        labels: Of the bars; every so many are written.
        summary: See `Chart`, as the others.
        x_label: See there.
        y_label: See there.
        every: How many bars there are between two labels.
    """
    totals = [sum(values[at] for _, values in series) for at in range(len(labels))]
    marks = ticks(max(totals, default=0))
    chart = Chart(summary=summary, x_label=x_label, y_label=y_label, y_ticks=_vertical(marks))
    slot = (chart.right - chart.left) / max(len(labels), 1)
    for at, label in enumerate(labels):
        x, base = chart.left + at * slot, 0.0
        for kind, values in series:
            high, low = _y(base + values[at], marks), _y(base, marks)
            if values[at]:
                title = f"{label}: {values[at]:g} {kind}"
                place = {"x": x + slot * 0.1, "y": high, "width": slot * 0.8, "height": low - high}
                chart.bars.append(Mark(**place, kind=kind, title=title))
            base += values[at]
        if (len(labels) - 1 - at) % every == 0:
            chart.x_ticks.append((x + slot / 2, label))
    return chart


def line(
    series: Sequence[tuple[str, Sequence[float | None]]],
    labels: Sequence[str],
    *,
    marked: Sequence[int] = (),
    summary: str,
    x_label: str,
    y_label: str,
) -> Chart:
    """Lines over labels; a None is a gap. The places `marked` get a dot that stands out on the first line."""
    known = [value for _, values in series for value in values if value is not None]
    marks = ticks(max(known, default=0))
    chart = Chart(summary=summary, x_label=x_label, y_label=y_label, y_ticks=_vertical(marks))
    step = (chart.right - chart.left) / max(len(labels), 1)
    xs = [chart.left + (at + 0.5) * step for at in range(len(labels))]
    for number, (kind, values) in enumerate(series):
        for at, value in enumerate(values):
            if value is None:
                continue
            alarm = number == 0 and at in marked
            title = f"{labels[at]}: {value:.2f}"
            chart.dots.append(Mark(x=xs[at], y=_y(value, marks), kind="bad" if alarm else kind, title=title))
        points = [
            f"{xs[at]:.1f},{_y(value, marks):.1f}" for at, value in enumerate(values) if value is not None
        ]
        chart.lines.append((" ".join(points), kind))
    every = max(1, math.ceil(len(labels) / 6))
    chart.x_ticks = [(xs[at], labels[at]) for at in range(0, len(labels), every)]
    return chart


def against(pairs: Sequence[tuple[float, float]], *, summary: str, x_label: str, y_label: str) -> Chart:
    """A dot for each pair but the few largest, on equal axes, with the line on which both are the same."""
    greatest = sorted(max(pair) for pair in pairs)
    marks = ticks(greatest[int(BEYOND * (len(greatest) - 1))] if greatest else 0)
    chart = Chart(summary=summary, x_label=x_label, y_label=y_label, y_ticks=_vertical(marks))
    chart.x_ticks = [(_x(mark, marks), f"{mark:,g}") for mark in marks]
    last = marks[-1]
    chart.lines.append((f"{_x(0, marks)},{_y(0, marks)} {_x(last, marks)},{_y(last, marks)}", "even"))
    chart.dots = [
        Mark(x=_x(x, marks), y=_y(y, marks), kind="small", title=f"took {x:.1f}, predicted {y:.1f}")
        for x, y in pairs
        if max(x, y) <= last
    ]
    chart.beyond = len(pairs) - len(chart.dots)
    return chart


def _vertical(marks: Sequence[float]) -> list[tuple[float, str]]:
    return [(_y(mark, marks), f"{mark:,g}" if mark < 1e6 else f"{mark:.0e}") for mark in marks]


def _y(value: float, marks: Sequence[float]) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / marks[-1], 1)


def _x(value: float, marks: Sequence[float]) -> float:
    return round(LEFT + (WIDTH - RIGHT - LEFT) * value / marks[-1], 1)
