"""Which pieces make a digit together: every way to join neighbouring pieces is weighed, and the likeliest row kept.

Marks that may be several digits are cut where they might part. What a cut leaves is not what a hand writes, so runs of
such parts are also looked at as two digits at once.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.cut import cut
from inkdigits.imaging.segment import Line, Piece, join
from inkdigits.reading.marks import Mark, Pair, Recognizer, Row

MAX_PIECES = 16  # of one digit: more than a mark and what broke off it are cut into
MAX_WIDTH = 1.7  # of a line's height: no digit is wider
MAX_AREA = 400_000_000  # pixels of all runs of a line together: no writing needs more
MAX_GAP = 0.2  # of a line's height: parts of one digit overlap, or lie as near as this
SURE = 0.9  # a mark as likely as this to be a digit, and no wider than a digit, is not cut
MIN_CUT = 0.3  # of a line's height: a narrower mark is not two digits
STEP_COST = 0.2  # nats: two digits must explain the ink better than one
NONE_COST = 2.1  # nats: to leave a mark out must explain it better than any digit
COMPANY_COST = 2.0  # nats: and better still where a mark as tall as digits stands among them
CUT_COST = 0.55  # nats: digits seldom touch
NARROW_COST = 4.0  # nats a unit of missing width, as a share of the height: two digits are wide
NARROW, NARROW_ALONE = 1.0, 1.25  # how wide a mark must be not to pay it, among others and alone on its line
PAIR_COST = 0.7  # nats: two digits that touch, looked at as one
TWO_SHARE, TWO_FLOOR = 0.3, 0.02  # of the log probability that a run is not two digits: what looks like two is not one
PAIR_WIDTH, PAIR_NARROW_COST = 0.9, 2.0  # of a line's height, and nats a unit that a pair is narrower
WIDE, WIDE_COST = 1.2, 4.0  # of a line's height, and nats a unit that one digit is wider, among others
SWALLOW_COST, TALL = 3.0, 0.7  # nats for one digit made of two that are as tall as this share of a line's height
SMALL_COST = 20.0  # nats a unit of missing height: a comma is no one
MAX_PAIR_WIDTH = 2.6  # of a line's height

Span = tuple[int, int]
"""A run of neighbouring parts: the place of its first, and one past that of its last."""


@dataclass(frozen=True)
class Part:
    """A piece, or a part of one that was cut.

    Attributes:
        piece: its ink and where it is.
        cut_cost: nats, for a digit that begins here inside a mark; None where a mark begins.
    """

    piece: Piece
    cut_cost: float | None = None


def read_lines(lines: Sequence[Line], recognizer: Recognizer, *, alternatives: int = 1) -> list[list[Row]]:
    """Return the likeliest ways to read each line, best first.

    Args:
        lines: pieces from left to right.
        recognizer: asked three times at most, each time about all there is to recognize.
        alternatives: how many ways to keep.
    """
    marks = iter(recognizer.marks([piece for line in lines for piece in line.pieces]))
    lattices = [_Lattice(line, [next(marks) for _ in line.pieces]) for line in lines]
    single = [(lattice, span) for lattice in lattices for span in lattice.single_runs()]
    for (lattice, span), mark in zip(single, recognizer.marks([at.runs[span] for at, span in single]), strict=True):
        lattice.marks[span] = mark
    double = [(lattice, span) for lattice in lattices for span in lattice.double_runs()]
    for (lattice, span), pair in zip(double, recognizer.pairs([at.runs[span] for at, span in double]), strict=False):
        lattice.pairs[span] = pair
    return [lattice.best_rows(alternatives) for lattice in lattices]


class _Lattice:
    """The parts of a line, every run of them that may be a digit, or two, and what each is taken for."""

    def __init__(self, line: Line, marks: Sequence[Mark]) -> None:
        self.height, self.is_alone = line.height, len(line.pieces) == 1
        self.among_digits = sum(mark.probabilities[-1] <= 1 - SURE for mark in marks) >= 2
        self.parts = [part for mark in marks for part in _parts(mark, line)]
        self.runs = _runs(self.parts, line.height)
        self.pairs: dict[Span, Pair] = {}
        whole = {id(mark.piece): mark for mark in marks}
        self.marks = {span: whole[id(run)] for span, run in self.runs.items() if id(run) in whole}

    def single_runs(self) -> list[Span]:
        """Return the runs narrow enough for one digit that nobody has looked at yet."""
        return [
            (first, end)
            for (first, end), run in self.runs.items()
            if (first, end) not in self.marks and (end == first + 1 or run.width <= MAX_WIDTH * self.height)
        ]

    def double_runs(self) -> list[Span]:
        """Return the runs that may be two digits: of several parts, all of one mark."""
        return [(first, end) for first, end in self.runs if end > first + 1 and self._is_within_mark(first, end)]

    def best_rows(self, alternatives: int) -> list[Row]:
        """Walk from left to right, keeping the best rows that end at each part."""
        ending: list[list[Row]] = [[Row()], *([] for _ in self.parts)]
        for end in range(1, len(self.parts) + 1):
            steps = (
                (before.score + step.score - (self.parts[first].cut_cost or 0), before, step)
                for first in range(end)
                for step in self._steps((first, end), alternatives)
                for before in ending[first]
            )
            best = heapq.nlargest(alternatives, steps, key=lambda step: step[0])
            ending[end] = [
                Row(score, (*before.marks, *step.marks), (*before.classes, *step.classes))
                for score, before, step in best
            ]
        return ending[-1]

    def _steps(self, span: Span, alternatives: int) -> Iterator[Row]:
        """Return the ways to read a run: as one digit, as two, or as none; only whole marks may be none."""
        mark, pair = self.marks.get(span), self.pairs.get(span)
        if pair is not None:
            yield from self._as_two(span, pair, alternatives)
        if mark is None:
            return
        logs = _logarithms(mark.probabilities)
        missing = max(0.0, 0.6 - max(mark.piece.height, 0.6 * mark.piece.width) / self.height)
        too_wide = 0.0 if self.is_alone else max(0.0, mark.piece.width / self.height - WIDE)
        swallowed = self._swallows(span)
        digits = logs[:-1] - STEP_COST - SMALL_COST * missing - WIDE_COST * too_wide - SWALLOW_COST * swallowed
        if pair is not None:
            digits += TWO_SHARE * np.log(max(TWO_FLOOR, 1 - float(pair.together.sum())))
        for label in np.argsort(-digits)[: min(alternatives, 3)]:
            yield Row(float(digits[label]), (mark,), (int(label),))
        if self._may_be_none(span):
            doubt = replace(mark, two_digits=float(pair.together.sum())) if pair is not None else mark
            is_expected = self.among_digits and mark.piece.height > TALL * self.height
            yield Row(float(logs[-1]) - NONE_COST - COMPANY_COST * is_expected, (doubt,), (len(digits),))

    def _as_two(self, span: Span, pair: Pair, alternatives: int) -> Iterator[Row]:
        logs, classes = _logarithms(pair.together), len(pair.together)
        narrow = max(0.0, PAIR_WIDTH - self.runs[span].width / self.height)
        cost = PAIR_COST + PAIR_NARROW_COST * narrow
        for place in np.argsort(-logs, axis=None)[: min(alternatives, 3)]:
            first, second = divmod(int(place), classes)
            middle = self._middle(span, first, second)
            if middle is None:
                return
            none = 1 - pair.together.sum()
            marks = (
                Mark(self.runs[span[0], middle], pair.image, np.append(pair.together.sum(axis=1), none)),
                Mark(self.runs[middle, span[1]], pair.image, np.append(pair.together.sum(axis=0), none)),
            )
            yield Row(float(logs[first, second]) - cost, marks, (first, second))

    def _middle(self, span: Span, first: int, second: int) -> int | None:
        """Return the part that the second of two digits begins with; None where none may."""

        def likelihood(middle: int) -> float:
            halves = ((span[0], middle), first), ((middle, span[1]), second)
            return sum(float(_logarithms(self.marks[run].probabilities)[label]) for run, label in halves)

        possible = [
            middle
            for middle in range(span[0] + 1, span[1])
            if (span[0], middle) in self.marks and (middle, span[1]) in self.marks
        ]
        return max(possible, key=likelihood, default=None)

    def _may_be_none(self, span: Span) -> bool:
        """Tell whether a run is one whole mark, or several of which none is a digit by itself."""
        starts = self._starts(span)
        if starts[:1] != [span[0]] or starts[-1:] != [span[1]]:
            return False
        alone = (self.marks.get(one) for one in pairwise(starts)) if len(starts) > 2 else ()
        return all(mark is not None and mark.probabilities[-1] > 0.5 for mark in alone)

    def _swallows(self, span: Span) -> bool:
        """Tell whether a run joins whole marks two of which are digits by themselves."""
        starts = self._starts(span)
        alone = (self.marks[one] for one in pairwise(starts) if one in self.marks) if len(starts) > 2 else ()
        tall = TALL * self.height
        return len([mark for mark in alone if mark.probabilities[-1] < 0.3 and mark.piece.height > tall]) >= 2

    def _starts(self, span: Span) -> list[int]:
        return [place for place in range(span[0], span[1] + 1) if self._is_start(place)]

    def _is_start(self, place: int) -> bool:
        """Tell whether a mark begins here, or the line ends."""
        return place == len(self.parts) or self.parts[place].cut_cost is None

    def _is_within_mark(self, first: int, end: int) -> bool:
        return all(part.cut_cost is not None for part in self.parts[first + 1 : end])


def _logarithms(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithms: NDArray[np.float64] = np.log(np.maximum(probabilities, 1e-12))
    return logarithms


def _parts(mark: Mark, line: Line) -> list[Part]:
    """Cut a mark that is not surely one digit, where it is wide enough for two."""
    piece = mark.piece
    sure = 1 - mark.probabilities[-1] >= SURE and piece.width <= 1.5 * max(piece.height, line.height)
    if sure or piece.width < MIN_CUT * line.height:
        return [Part(piece)]
    enough = NARROW_ALONE if len(line.pieces) == 1 else NARROW
    cost = CUT_COST + NARROW_COST * max(0.0, enough - piece.width / piece.height)
    return [Part(part, cost if number else None) for number, part in enumerate(cut(piece, line.height))]


def _runs(parts: Sequence[Part], height: float) -> dict[Span, Piece]:
    """Return every run of neighbouring parts that may be a digit, or two that touch."""
    runs = {}
    room = MAX_AREA
    for first, part in enumerate(parts):
        runs[first, first + 1] = joined = part.piece
        widest = MAX_PAIR_WIDTH
        for end in range(first + 2, min(len(parts), first + MAX_PIECES) + 1):
            following = parts[end - 1]
            if following.cut_cost is None:
                widest = MAX_WIDTH
            gap = following.piece.box[0] - joined.box[2]
            joined = join([joined, following.piece])
            room -= joined.ink.size
            if gap > MAX_GAP * height or joined.width > widest * height or room < 0:
                break
            runs[first, end] = joined
    return runs
