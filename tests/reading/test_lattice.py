"""Of all ways to join pieces, the one is kept that the classifier finds likeliest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from inkdigits.imaging.segment import Line, Piece
from inkdigits.reading.lattice import read_lines
from inkdigits.reading.marks import Mark, Pair

NONE = 2  # the classes of this test: 0 = "as wide as 20 pixels", 1 = "as wide as 10", none otherwise
ZERO, ONE, NO_DIGIT = (0.98, 0.01, 0.01), (0.01, 0.98, 0.01), (0.005, 0.005, 0.99)
IMAGE = np.zeros((28, 28), np.uint8)


def by_width(width: int) -> tuple[float, float, float]:
    """Say for sure what a piece is, by its width."""
    return {20: ZERO, 10: ONE}.get(width, NO_DIGIT)


def nearly_by_width(width: int) -> tuple[float, float, float]:
    """Forgive what a cut leaves of the bridge."""
    return ZERO if 19 <= width <= 23 else ONE if 9 <= width <= 23 else NO_DIGIT


@dataclass(frozen=True)
class Ruler:
    """Recognizes by width alone; of pieces as wide as `pair`, that they are a 0 and a 1."""

    single: Callable[[int], tuple[float, float, float]] = by_width
    pair: int = 0

    def marks(self, pieces: Sequence[Piece]) -> list[Mark]:
        return [Mark(piece, IMAGE, np.array(self.single(piece.width))) for piece in pieces]

    def pairs(self, pieces: Sequence[Piece]) -> list[Pair]:
        sure, never = np.array([[0.0, 0.98], [0.0, 0.0]]), np.zeros((2, 2))
        return [Pair(IMAGE + 1, sure if piece.width == self.pair else never) for piece in pieces]


def block(x0: int, x1: int, *, y0: int = 0, y1: int = 30) -> Piece:
    return Piece((x0, y0, x1, y1), np.full((y1 - y0, x1 - x0), 255, np.uint8))


def read(*pieces: Piece, alternatives: int = 1) -> list[tuple[int, ...]]:
    (ways,) = read_lines([Line(pieces, 30)], Ruler(), alternatives=alternatives)
    return [way.classes for way in ways]


def test_whole_pieces_are_read_from_left_to_right() -> None:
    assert read(block(0, 20), block(30, 40), block(60, 80)) == [(0, 1, 0)]


def test_parts_that_make_a_digit_together_are_joined() -> None:
    assert read(block(0, 12), block(13, 20)) == [(0,)]


def test_parts_far_apart_are_not_joined() -> None:
    assert read(block(0, 6), block(14, 20)) == [(NONE, NONE)]


def test_two_digits_are_better_than_one_mark_that_is_none() -> None:
    assert read(block(0, 20), block(20, 30)) == [(0, 1)]


def test_mark_that_is_none_is_left_out_between_digits() -> None:
    assert read(block(0, 20), block(30, 33), block(40, 50)) == [(0, NONE, 1)]


def test_mark_that_is_none_takes_no_digit_with_it() -> None:
    """A joined run of both would be none too, for the price of one."""
    assert read(block(0, 20), block(23, 27)) == [(0, NONE)]


def test_two_digits_close_together_are_not_one() -> None:
    def anything(width: int) -> tuple[float, float, float]:
        return by_width(width) if width < 30 else ONE

    ((way,),) = read_lines([Line((block(0, 20), block(22, 32)), 30)], Ruler(anything))
    assert way.classes == (0, 1)


def test_comma_is_no_digit() -> None:
    comma = block(30, 40, y0=26, y1=30)  # as wide as a 1 of this test, but flat
    assert read(block(0, 20), comma, block(60, 80)) == [(0, NONE, 0)]


def bridged() -> Line:
    """Two blocks as wide as 20 and 10 pixels with a thin bridge between them."""
    ink = np.zeros((30, 34), np.uint8)
    ink[:, :20] = ink[:, 24:] = ink[14:16] = 255
    return Line((Piece((5, 0, 39, 30), ink),), 30)


def test_touching_digits_are_cut() -> None:
    ((way,),) = read_lines([bridged()], Ruler(nearly_by_width))
    assert way.classes == (0, 1)
    assert way.marks[0].piece.box[0] == 5
    assert way.marks[1].piece.box[2] == 39


def test_two_digits_that_no_cut_shows_are_read_at_once() -> None:
    ((way,),) = read_lines([bridged()], Ruler(lambda _: NO_DIGIT, pair=34))
    assert way.classes == (0, 1)
    left, right = (mark.piece.box for mark in way.marks)
    assert left[0] == 5
    assert right[2] == 39
    assert left[2] <= right[0] + 4  # side by side; a cut may lean
    assert (way.marks[0].image == 1).all()  # what the network of pairs saw
    for mark in way.marks:
        assert mark.probabilities.sum() == pytest.approx(1)


def test_two_ones_that_touch_are_narrower_than_high() -> None:
    ink = np.zeros((30, 13), np.uint8)
    ink[:, :4] = ink[:, 9:] = ink[14:17] = 255
    ones = Line((Piece((40, 0, 53, 30), ink), block(60, 80)), 30)
    ((way,),) = read_lines([ones], Ruler(lambda width: ZERO if width == 20 else NO_DIGIT, pair=13))
    assert way.classes == (0, 1, 0)


@pytest.mark.parametrize(
    ("neighbours", "height", "expected"), [(2, 30, (0, 0, 1)), (1, 30, (0, NONE)), (2, 20, (0, 0, NONE))]
)
def test_among_digits_a_mark_as_tall_as_they_is_likelier_one(
    neighbours: int, height: int, expected: tuple[int, ...]
) -> None:
    digits = [block(40 * number, 40 * number + 20) for number in range(neighbours)]
    line = Line((*digits, block(100, 110, y1=height)), 30)
    ((way,),) = read_lines([line], Ruler(lambda width: ZERO if width == 20 else (0.01, 0.04, 0.95)))
    assert way.classes == expected


def test_rejected_mark_tells_that_it_may_be_two_digits() -> None:
    class Doubtful(Ruler):
        def pairs(self, pieces: Sequence[Piece]) -> list[Pair]:
            return [Pair(IMAGE, np.full((2, 2), 0.15)) for _ in pieces]

    ((way,),) = read_lines([bridged()], Doubtful(lambda _: NO_DIGIT))
    assert way.classes == (NONE,)
    assert way.marks[0].two_digits == pytest.approx(0.6)


def test_alternatives_come_best_first_and_differ() -> None:
    ways = read(block(0, 20), block(30, 40), alternatives=6)
    assert ways[0] == (0, 1)
    assert len(set(ways)) == len(ways) == 6


def test_lines_are_read_each_by_itself() -> None:
    lines = [Line((block(0, 20),), 30), Line((block(0, 10), block(30, 50)), 30)]
    assert [ways[0].classes for ways in read_lines(lines, Ruler())] == [(0,), (1, 0)]


@pytest.mark.parametrize("count", [1, 40])
def test_every_piece_is_explained(count: int) -> None:
    pieces = [block(30 * number, 30 * number + 20) for number in range(count)]
    assert read(*pieces) == [(0,) * count]
