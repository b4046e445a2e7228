"""Of all ways to join pieces, the one is kept that the classifier finds likeliest."""

from collections.abc import Sequence

import numpy as np
import pytest

from inkdigits.imaging.segment import Line, Piece
from inkdigits.reading.lattice import read_lines
from inkdigits.types import Probabilities

NONE = 2  # the classes of this test: 0 = "as wide as 20 pixels", 1 = "as wide as 10", none otherwise


def by_width(pieces: Sequence[Piece]) -> Probabilities:
    """Say for sure what a piece is, by its width."""
    rows = {20: (0.98, 0.01, 0.01), 10: (0.01, 0.98, 0.01)}
    return np.array([rows.get(piece.width, (0.005, 0.005, 0.99)) for piece in pieces])


def block(x0: int, x1: int, *, y0: int = 0, y1: int = 30) -> Piece:
    return Piece((x0, y0, x1, y1), np.full((y1 - y0, x1 - x0), 255, np.uint8))


def read(*pieces: Piece, alternatives: int = 1) -> list[tuple[int, ...]]:
    (ways,) = read_lines([Line(pieces, 30)], by_width, alternatives=alternatives)
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


def test_comma_is_no_digit() -> None:
    comma = block(30, 40, y0=26, y1=30)  # as wide as a 1 of this test, but flat
    assert read(block(0, 20), comma, block(60, 80)) == [(0, NONE, 0)]


def test_touching_digits_are_cut() -> None:
    ink = np.zeros((30, 34), np.uint8)
    ink[:, :20] = ink[:, 24:] = ink[14:16] = 255
    ((way,),) = read_lines([Line((Piece((5, 0, 39, 30), ink),), 30)], nearly_by_width)
    assert way.classes == (0, 1)
    assert way.marks[0].piece.box[0] == 5
    assert way.marks[1].piece.box[2] == 39


def nearly_by_width(pieces: Sequence[Piece]) -> Probabilities:
    """Forgive what a cut leaves of the bridge."""
    rows = [(0.98, 0.01, 0.01) if 19 <= p.width <= 23 else (0.01, 0.98, 0.01) for p in pieces]
    return np.array([row if 9 <= p.width <= 23 else (0.005, 0.005, 0.99) for row, p in zip(rows, pieces, strict=True)])


def test_alternatives_come_best_first_and_differ() -> None:
    ways = read(block(0, 20), block(30, 40), alternatives=6)
    assert ways[0] == (0, 1)
    assert len(set(ways)) == len(ways) == 6


def test_lines_are_read_each_by_itself() -> None:
    lines = [Line((block(0, 20),), 30), Line((block(0, 10), block(30, 50)), 30)]
    assert [ways[0].classes for ways in read_lines(lines, by_width)] == [(0,), (1, 0)]


@pytest.mark.parametrize("count", [1, 40])
def test_every_piece_is_explained(count: int) -> None:
    pieces = [block(30 * number, 30 * number + 20) for number in range(count)]
    assert read(*pieces) == [(0,) * count]
