"""Which pieces make a digit together: every way to join neighbouring pieces is weighed, and the likeliest row kept."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.cut import cut
from inkdigits.imaging.segment import Line, Piece, join
from inkdigits.types import Probabilities

MAX_PIECES = 16  # of one digit: more than a mark and what broke off it are cut into
MAX_WIDTH = 1.7  # of a line's height: no digit is wider
MAX_AREA = 40_000_000  # pixels of all runs of a line together: no writing needs more
MAX_GAP = 0.2  # of a line's height: parts of one digit overlap, or lie as near as this
SURE = 0.9  # a mark as likely as this to be a digit, and no wider than a digit, is not cut
MIN_CUT = 0.5  # of a line's height: a narrower mark is not two digits
STEP_COST = 0.3  # nats: two digits must explain the ink better than one
NONE_COST = 2.5  # nats: to leave a mark out must explain it better than any digit
CUT_COST = 0.7  # nats: digits seldom touch
NARROW_COST = 4.0  # nats a unit of missing width, as a share of the height: two digits are wide
NARROW, NARROW_ALONE = 1.0, 1.25  # how wide a mark must be not to pay it, among others and alone on its line
SMALL_COST = 20.0  # nats a unit of missing height: a comma is no one

Classify = Callable[[Sequence[Piece]], Probabilities]
"""Pieces to float64 (N, K + 1): the probability of every class, and of none of them in the last column."""


@dataclass(frozen=True)
class Mark:
    """A digit found on a line, or a mark that is none.

    Attributes:
        piece: its ink and where it is.
        probabilities: float64 (K + 1,), of every class and, last, of no digit.
    """

    piece: Piece
    probabilities: NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One way to read a line: its marks and the class of each, K for none; the higher the score the likelier."""

    score: float = 0.0
    marks: tuple[Mark, ...] = ()
    classes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Part:
    """A piece, or a part of one that was cut.

    Attributes:
        piece: its ink and where it is.
        cut_cost: nats, for a digit that begins here inside a mark; None where a mark begins.
    """

    piece: Piece
    cut_cost: float | None = None


def read_lines(lines: Sequence[Line], classify: Classify, *, alternatives: int = 1) -> list[list[Row]]:
    """Return the likeliest ways to read each line, best first.

    Args:
        lines: pieces from left to right.
        classify: pieces to probabilities; called twice, with all there is to classify.
        alternatives: how many ways to keep.
    """
    whole = iter(classify([piece for line in lines for piece in line.pieces]))
    parts = [[part for piece in line.pieces for part in _parts(piece, next(whole), line)] for line in lines]
    joined = [_joined(pieces, line.height) for pieces, line in zip(parts, lines, strict=True)]
    probabilities = iter(classify([piece for candidates in joined for piece in candidates.values()]))
    found = []
    for pieces, line, candidates in zip(parts, lines, joined, strict=True):
        marks = {span: Mark(piece, next(probabilities)) for span, piece in candidates.items()}
        found.append(_best_rows(marks, pieces, line.height, alternatives))
    return found


def _parts(piece: Piece, probabilities: NDArray[np.float64], line: Line) -> list[Part]:
    """Cut a mark that is not surely one digit, where it is wide enough for two."""
    sure = 1 - probabilities[-1] >= SURE and piece.width <= 1.5 * max(piece.height, line.height)
    if sure or piece.width < MIN_CUT * line.height:
        return [Part(piece)]
    enough = NARROW_ALONE if len(line.pieces) == 1 else NARROW
    cost = CUT_COST + NARROW_COST * max(0.0, enough - piece.width / piece.height)
    return [Part(part, cost if number else None) for number, part in enumerate(cut(piece, line.height))]


def _joined(parts: Sequence[Part], height: float) -> dict[tuple[int, int], Piece]:
    """Return every run of neighbouring parts that may be one digit, by its first and one past its last."""
    runs = {}
    room = MAX_AREA
    for first, part in enumerate(parts):
        runs[first, first + 1] = joined = part.piece
        for end in range(first + 2, min(len(parts), first + MAX_PIECES) + 1):
            following = parts[end - 1].piece
            gap = following.box[0] - joined.box[2]
            joined = join([joined, following])
            room -= joined.ink.size
            if gap > MAX_GAP * height or joined.width > MAX_WIDTH * height or room < 0:
                break
            runs[first, end] = joined
    return runs


def _best_rows(
    marks: dict[tuple[int, int], Mark], parts: Sequence[Part], height: float, alternatives: int
) -> list[Row]:
    """Walk the lattice from left to right, keeping the best rows that end at each part."""
    starts = [part.cut_cost is None for part in parts] + [True]
    ending: list[list[Row]] = [[Row()], *([] for _ in parts)]
    by_end: list[list[tuple[int, Mark]]] = [[] for _ in range(len(parts) + 1)]
    for (first, end), mark in marks.items():
        by_end[end].append((first, mark))
    for end in range(1, len(parts) + 1):
        steps = (
            (before.score + score - (parts[first].cut_cost or 0), before, mark, label)
            for first, mark in by_end[end]
            for label, score in _options(mark, height, alternatives, is_whole=starts[first] and starts[end])
            for before in ending[first]
        )
        best = heapq.nlargest(alternatives, steps, key=lambda step: step[0])
        ending[end] = [
            Row(score, (*before.marks, mark), (*before.classes, label)) for score, before, mark, label in best
        ]
    return ending[-1]


def _options(mark: Mark, height: float, alternatives: int, *, is_whole: bool) -> list[tuple[int, float]]:
    """Return the classes that a mark may have, each with its score; only whole marks may be none."""
    logs = np.log(np.maximum(mark.probabilities, 1e-12))
    missing = max(0.0, 0.6 - max(mark.piece.height, 0.6 * mark.piece.width) / height)
    digits = logs[:-1] - STEP_COST - SMALL_COST * missing
    best = np.argsort(-digits)[: min(alternatives, 3)]
    options = [(int(label), float(digits[label])) for label in best]
    return [*options, (len(digits), float(logs[-1]) - NONE_COST)] if is_whole else options
