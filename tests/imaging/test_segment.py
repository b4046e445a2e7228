"""Marks become pieces on lines; specks, table edges and noise do not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from inkdigits.imaging.segment import Box, Line, Piece, _is_grain, find_lines, join
from inkdigits.types import Ink
from tests.drawing import INDICES, ink_of, photo_of


def page(*marks: Box, side: int = 200) -> Ink:
    """Draw full boxes of ink on an empty page."""
    ink = np.zeros((side, side), np.uint8)
    for x0, y0, x1, y1 in marks:
        ink[y0:y1, x0:x1] = 255
    return ink


def found(ink: Ink) -> tuple[Line, ...]:
    return find_lines(ink, ink > 127)


def boxes(ink: Ink) -> list[list[Box]]:
    return [[piece.box for piece in line.pieces] for line in found(ink)]


STROKE = (80, 40, 100, 160)


def test_box_surrounds_the_ink_and_no_more() -> None:
    (line,) = found(page(STROKE))
    (piece,) = line.pieces
    assert piece.box == STROKE
    assert piece.ink.shape == (120, 20)
    assert piece.ink.dtype == np.uint8
    assert piece.ink.all()
    assert (piece.width, piece.height, line.height) == (20, 120, 120)


@pytest.mark.parametrize("index", INDICES)
def test_real_digit_is_found_whole(index: int) -> None:
    ink = ink_of(photo_of(index))
    pieces = [piece for line in found(ink) for piece in line.pieces]
    x0, y0, x1, y1 = join(pieces).box
    rows, columns = np.nonzero(ink > 127)
    assert abs(x0 - columns.min()) <= 1
    assert abs(y0 - rows.min()) <= 1
    assert abs(x1 - 1 - columns.max()) <= 1
    assert abs(y1 - 1 - rows.max()) <= 1
    assert int((join(pieces).ink > 127).sum()) == int((ink > 127).sum())


def test_soft_edge_belongs_to_the_piece() -> None:
    ink = page(STROKE)
    ink[39, 80:100] = ink[160, 80:100] = ink[40:160, 79] = 90  # below the mask's threshold
    (piece,) = found(ink)[0].pieces
    assert piece.box == (79, 39, 100, 161)
    assert int(piece.ink[0, 5]) == 90


def test_specks_are_left_out() -> None:
    assert boxes(page(STROKE, (150, 100, 153, 103))) == [[STROKE]]


def test_speck_inside_a_zero_is_left_out() -> None:
    zero = page((60, 40, 140, 160)) & ~page((75, 55, 125, 145))
    (piece,) = found(zero | page((98, 98, 102, 102)))[0].pieces
    assert piece.box == (60, 40, 140, 160)
    assert not piece.ink[30:90, 30:50].any()


def test_digits_beside_a_long_chain_of_touching_ones_are_as_large_as_it() -> None:
    apart, chain = (10, 80, 30, 110), (60, 80, 190, 112)
    assert boxes(page(apart, chain)) == [[apart, chain]]
    assert boxes(page(chain, (60, 130, 66, 142))) == [[chain]]  # not a part of it: too far below


def test_small_part_belongs_to_the_mark_that_it_lies_near() -> None:
    flag = (104, 40, 130, 52)  # the top of a 5, four pixels from its body
    assert boxes(page(STROKE, flag)) == [[(80, 40, 130, 160)]]


def test_marks_side_by_side_are_a_line_from_left_to_right() -> None:
    one, two, three = (20, 50, 40, 150), (90, 60, 110, 160), (150, 45, 170, 140)
    assert boxes(page(three, one, two)) == [[one, two, three]]


def test_lines_come_from_top_to_bottom() -> None:
    upper, lower = [(20, 20, 40, 80), (90, 25, 110, 85)], [(30, 120, 50, 180), (100, 115, 120, 175)]
    assert boxes(page(*lower, *upper)) == [upper, lower]


def test_line_that_slopes_is_one_line() -> None:
    steps = [(20 * number, 20 + 12 * number, 20 * number + 10, 60 + 12 * number) for number in range(1, 9)]
    assert boxes(page(*steps)) == [steps]


def test_two_halves_of_a_broken_stroke_are_on_one_line() -> None:
    upper, lower = (80, 20, 100, 90), (82, 96, 102, 170)
    (line,) = found(page(upper, lower))
    assert {piece.box for piece in line.pieces} == {upper, lower}


@pytest.mark.parametrize("edge", [(0, 0, 200, 8), (0, 192, 200, 200), (0, 0, 8, 200), (192, 0, 200, 200)])
def test_edge_of_the_table_is_left_out(edge: Box) -> None:
    stroke = (80, 60, 100, 140)
    assert boxes(page(stroke, edge)) == [[stroke]]


def test_digit_cut_off_by_the_border_is_kept() -> None:
    inside, cut_off = (60, 60, 80, 140), (185, 60, 200, 140)
    assert boxes(page(inside, cut_off)) == [[inside, cut_off]]


def test_digit_that_touches_the_border_is_found_when_it_is_alone() -> None:
    assert boxes(page((80, 0, 100, 200))) == [[(80, 0, 100, 200)]]


def test_stroke_that_broke_off_stays_on_the_line_of_its_digit() -> None:
    """The bar of a five: above its body, and to the right of most of it."""
    assert boxes(page((60, 70, 110, 150), (112, 36, 152, 62))) == [[(60, 70, 110, 150), (112, 36, 152, 62)]]


def test_two_lines_of_digits_that_lie_close_stay_two() -> None:
    assert len(boxes(page((40, 20, 80, 90), (84, 95, 120, 165)))) == 2


@pytest.mark.parametrize("side", [28, 96])
@pytest.mark.parametrize("seed", range(3))
def test_grain_has_no_lines(side: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert found(np.where(rng.random((side, side)) < 0.4, 255, 0).astype(np.uint8)) == ()


def test_tiny_picture_full_of_a_digit_is_no_grain() -> None:
    for index in INDICES:
        tiny = cv2.resize(ink_of(photo_of(index)), (16, 16), interpolation=cv2.INTER_AREA).astype(np.uint8)
        assert found(np.where(tiny > 60, 255, 0).astype(np.uint8))


def test_noise_has_no_lines() -> None:
    noise = np.random.default_rng(0).random((400, 400)) < 0.02
    assert found(np.where(noise, 255, 0).astype(np.uint8)) == ()


def test_joined_pieces_keep_all_ink() -> None:
    one, two = found(page((20, 50, 40, 150), (60, 60, 80, 160)))[0].pieces
    both = join([one, two])
    assert both.box == (20, 50, 80, 160)
    assert int(both.ink.sum()) == int(one.ink.sum()) + int(two.ink.sum())
    assert join([one]) is one


def test_part_of_a_piece_is_cropped() -> None:
    piece = Piece((10, 20, 40, 60), np.full((40, 30), 255, np.uint8))
    keep = np.zeros((40, 30), np.bool_)
    assert piece.part(keep) is None
    keep[5:9, 7:10] = True
    part = piece.part(keep)
    assert part is not None
    assert part.box == (17, 25, 20, 29)


def test_picture_is_left_as_it_was() -> None:
    ink = page(STROKE, (150, 100, 153, 103))
    before = ink.copy()
    found(ink)
    np.testing.assert_array_equal(ink, before)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(mask=arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_any_marks_give_pieces_inside_the_picture(mask: NDArray[np.bool_]) -> None:
    if not mask.any():
        mask[0, 0] = True
    lines = find_lines(mask.astype(np.uint8) * 255, mask)
    assert lines or _is_grain(mask)
    for piece in (piece for line in lines for piece in line.pieces):
        x0, y0, x1, y1 = piece.box
        assert 0 <= x0 < x1 <= mask.shape[1]
        assert 0 <= y0 < y1 <= mask.shape[0]
        assert piece.ink.shape == (y1 - y0, x1 - x0)
        assert piece.ink.any()
