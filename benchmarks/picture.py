"""docs/accuracy.svg: what a recipe's accuracy costs, in seconds of training and in parameters."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks import records
from benchmarks.ladder import RUNGS, row_name
from inkdigits.recipes.tutorials import TUTORIALS

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 440, 64, 40, 70  # pixels; GAP stands between the two panels
PANEL_WIDTH, PANEL_HEIGHT = (WIDTH - LEFT - GAP - 16) / 2, HEIGHT - TOP - 84
ACCURACIES = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998)  # from the bottom to the top
LETTER = 6  # pixels of a name, at most, so that it may be told whether it fits
SHIFTS = (0, -8, 8, -14, 14, -20, 20)  # pixels that a name may stand below its point
OURS, THEIRS, GRID = "#4477aa", "#d9772b", "#dddddd"


@dataclass(frozen=True)
class Point:
    """One recipe: what it costs, its mean test accuracy and half of its 95 % interval, which one run has not.

    Taught ones are drawn as circles beside those of the same name, and without it.
    """

    name: str
    cost: float
    accuracy: float
    half_interval: float | None
    ours: bool
    taught: bool = False


def accuracy_picture() -> str:
    """Return the picture as SVG, two panels of one height: accuracy over seconds, and over parameters."""
    timed, sized = timed_points(), sized_points()
    taught = " Circle: taught by another network." if any(point.taught for point in sized) else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<title>Test accuracy of the recipes over seconds of training and over parameters</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_panel(LEFT, "seconds of training on 2 cores", (0.5, 3_000), timed),
        *_panel(LEFT + PANEL_WIDTH + GAP, "parameters", (100, 1_500_000), sized),
        f'<text x="{LEFT}" y="{HEIGHT - 26}" font-size="11" fill="#555555">Mean test accuracy over the seeds, and its '
        f"95 % interval where there are several.{taught}</text>",
        f'<text x="{LEFT}" y="{HEIGHT - 10}" font-size="11"><tspan fill="{OURS}">Blue: our recipes.</tspan> <tspan '
        f'fill="{THEIRS}">Orange: those of tutorials, mended; on the left the loop of one, to what it reports.</tspan>'
        "</text>",
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def timed_points() -> list[Point]:
    """Return our recipes by the seconds of their loops, and the tutorial's loop to the accuracy that it reports."""
    found = records.read("time_to_accuracy")
    points = [
        Point(name, row["loop_seconds"], row["accuracy"], row["half_interval_95"], ours=True)
        for name, row in found["rows"].items()
        if records.timed(row["runs"])[0].get("threads") is None  # on one thread it is another time
    ]
    theirs = [run["train_seconds"] for run in found["tutorial"]]
    return [*points, Point("tutorial", records.median(theirs), found["published"], None, ours=False)]


def sized_points() -> list[Point]:
    """Return the recipes by their parameters; those of the ladder as it measured them, if they were timed too."""
    timed, measured = records.read("time_to_accuracy")["rows"], records.read("recipes")["recipes"]
    points = [
        Point(name, row["parameters"], row["accuracy"], row["half_interval_95"], ours=True)
        for name, row in timed.items()
        if name not in RUNGS
    ]
    for name, row in measured.items():
        size = row["runs"][0]["parameters"]
        points.append(Point(name, size, row["mean_accuracy"], row["half_interval_95"], ours=name not in TUTORIALS))
    ladder: dict[str, list[dict[str, Any]]] = {}
    for run in records.read("ladder")["runs"]:
        ladder.setdefault(row_name(run), []).append(run)
    for name, runs in ladder.items():
        mean, _, half = records.mean_interval([run["accuracy"] for run in runs])
        taught = runs[0]["taught_by"] is not None
        interval = half if len(runs) > 1 else None
        points.append(Point(name, runs[0]["parameters"], mean, interval, ours=True, taught=taught))
    return points


def _panel(left: float, title: str, limits: tuple[float, float], points: Iterable[Point]) -> list[str]:
    lowest, highest = (math.log10(limit) for limit in limits)

    def across(cost: float) -> float:
        return left + (math.log10(cost) - lowest) / (highest - lowest) * PANEL_WIDTH

    parts = []
    for accuracy in ACCURACIES:
        y = _down(accuracy)
        parts += [
            f'<line x1="{left:.1f}" x2="{left + PANEL_WIDTH:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>',
            f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" font-size="11" text-anchor="end">{100 * accuracy:.4g} %</text>',
        ]
    for tick in (10**power for power in range(math.ceil(lowest), math.floor(highest) + 1)):
        x = across(tick)
        parts += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + PANEL_HEIGHT}" stroke="{GRID}"/>',
            f'<text x="{x:.1f}" y="{TOP + PANEL_HEIGHT + 16}" font-size="11" text-anchor="middle">{tick:,}</text>',
        ]
    parts.append(f'<text x="{left:.1f}" y="{TOP - 14}" font-size="13" font-weight="bold">{title}</text>')
    places = [(across(point.cost), _down(point.accuracy), point) for point in points]
    for (x, y, point), (before, shift) in zip(places, _names(places, left), strict=True):
        parts += _dot(x, y, point, before=before, shift=shift)
    return parts


def _names(places: list[tuple[float, float, Point]], left: float) -> list[tuple[bool, int]]:
    """Choose for each point whether its name stands before it, and how far below, so that none covers another."""
    taken = [(x - 5, x + 5, y - 5, y + 5) for x, y, _ in places]  # left, right, top and bottom
    taken += [(x - 1, x + 1, *_bar(point)) for x, _, point in places if point.half_interval is not None]
    chosen = []
    for x, y, point in places:
        width = LETTER * len(point.name)
        ways = [(before, shift) for shift in SHIFTS for before in (point.ours, not point.ours)]
        boxes = {}
        for before, shift in ways:
            start = x - 8 - width if before else x + 8
            boxes[before, shift] = (start, start + width, y + shift - 5, y + shift + 5)
        inside = [way for way in ways if left < boxes[way][0] and boxes[way][1] < left + PANEL_WIDTH]
        free = [way for way in inside if not any(_meet(boxes[way], other) for other in taken)]
        way = (free or inside or ways)[0]
        chosen.append(way)
        if not point.taught:
            taken.append(boxes[way])
    return chosen


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _dot(x: float, y: float, point: Point, *, before: bool, shift: int) -> list[str]:
    colour = OURS if point.ours else THEIRS
    parts = []
    if point.half_interval is not None:
        high, low = _bar(point)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{high:.1f}" y2="{low:.1f}" stroke="{colour}"/>')
    fill = "none" if point.taught else colour
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}"/>')
    anchor, beside = ("end", x - 8) if before else ("start", x + 8)
    if not point.taught:
        parts.append(
            f'<text x="{beside:.1f}" y="{y + shift + 4:.1f}" font-size="11" text-anchor="{anchor}" fill="{colour}">'
            f"{point.name}</text>"
        )
    return parts


def _bar(point: Point) -> tuple[float, float]:
    """Return where the line of a point's interval begins and ends, as far as the picture goes."""
    half = point.half_interval or 0.0
    high, low = (_down(min(max(point.accuracy + sign * half, ACCURACIES[0]), ACCURACIES[-1])) for sign in (1, -1))
    return high, low


def _down(accuracy: float) -> float:
    """Return the pixels from the top of an accuracy: equal factors of the error take equal space."""
    worst, best = math.log(1 - ACCURACIES[0]), math.log(1 - ACCURACIES[-1])
    return TOP + (math.log(1 - accuracy) - best) / (worst - best) * PANEL_HEIGHT
