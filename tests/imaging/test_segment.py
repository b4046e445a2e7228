"""The digit is its largest mark and what belongs to it; specks, neighbours and frames do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from inkdigits.imaging.segment import Box, FoundDigit, find_digit
from inkdigits.types import Ink
from tests.drawing import INDICES, ink_of, photo_of


def page(*marks: Box, side: int = 200) -> Ink:
    """Draw full boxes of ink on an empty page."""
    ink = np.zeros((side, side), np.uint8)
    for x0, y0, x1, y1 in marks:
        ink[y0:y1, x0:x1] = 255
    return ink


def found(ink: Ink) -> FoundDigit:
    return find_digit(ink, ink > 127)


STROKE = (80, 40, 100, 160)


def test_box_surrounds_the_ink_and_no_more() -> None:
    digit = found(page(STROKE))
    assert digit.box == STROKE
    assert digit.ink.shape == (120, 20)
    assert digit.ink.dtype == np.uint8
    assert digit.ink.all()
    assert digit.left_out == 0


@pytest.mark.parametrize("index", INDICES)
def test_real_digit_is_found_whole(index: int) -> None:
    ink = ink_of(photo_of(index))
    digit = found(ink)
    x0, y0, x1, y1 = digit.box
    rows, columns = np.nonzero(ink > 127)
    assert abs(x0 - columns.min()) <= 1
    assert abs(y0 - rows.min()) <= 1
    assert abs(x1 - 1 - columns.max()) <= 1
    assert abs(y1 - 1 - rows.max()) <= 1
    assert int((digit.ink > 127).sum()) == int((ink > 127).sum())
    assert digit.left_out == 0


def test_soft_edge_belongs_to_the_digit() -> None:
    ink = page(STROKE)
    ink[39, 80:100] = ink[160, 80:100] = ink[40:160, 79] = 90  # below the mask's threshold
    digit = found(ink)
    assert digit.box == (79, 39, 100, 161)
    assert int(digit.ink[0, 5]) == 90


def test_specks_are_left_out() -> None:
    speck = (150, 100, 153, 103)
    digit = found(page(STROKE, speck))
    assert digit.box == STROKE
    assert digit.ink.all()
    assert digit.left_out == 0  # not worth a word


def test_speck_inside_the_box_is_left_out() -> None:
    frame_of_zero = page((60, 40, 140, 160)) & ~page((75, 55, 125, 145))
    digit = found(frame_of_zero | page((98, 98, 102, 102)))
    assert digit.box == (60, 40, 140, 160)
    assert not digit.ink[30:90, 30:50].any()


def test_stroke_that_came_off_is_kept() -> None:
    flag = (104, 40, 150, 55)  # the top of a 5, four pixels from its body
    digit = found(page(STROKE, flag))
    assert digit.box == (80, 40, 150, 160)
    assert digit.left_out == 0


def test_broken_five_of_mnist_is_kept_whole() -> None:
    ink = ink_of(photo_of(8))
    ink[ink < 128] = 0
    digit = found(ink)
    rows, columns = np.nonzero(ink)
    assert digit.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert int((digit.ink > 0).sum()) == int((ink > 0).sum())


def test_distant_mark_is_left_out_and_counted() -> None:
    one, two = (170, 40, 185, 100), (5, 40, 20, 100)
    for marks in ((one,), (one, two)):
        digit = found(page(STROKE, *marks))
        assert digit.box == STROKE
        assert digit.left_out == len(marks)


@pytest.mark.parametrize("edge", [(0, 0, 200, 8), (0, 192, 200, 200), (0, 0, 8, 200), (192, 0, 200, 200)])
def test_edge_of_the_table_is_left_out(edge: Box) -> None:
    digit = found(page(STROKE, edge))
    assert digit.box == STROKE
    assert digit.left_out == 0


def test_frame_drawn_along_the_border_is_left_out() -> None:
    border = ~page((2, 2, 198, 198))
    assert found(page(STROKE) | border).box == STROKE


def test_digit_that_touches_the_border_is_found_when_it_is_alone() -> None:
    assert found(page((80, 0, 100, 200))).box == (80, 0, 100, 200)


def test_picture_is_left_as_it_was() -> None:
    ink = page(STROKE, (150, 100, 153, 103))
    before = ink.copy()
    found(ink)
    np.testing.assert_array_equal(ink, before)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(mask=arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_any_mark_gives_a_box_inside_the_picture(mask: NDArray[np.bool_]) -> None:
    if not mask.any():
        mask[0, 0] = True
    digit = find_digit(mask.astype(np.uint8) * 255, mask)
    x0, y0, x1, y1 = digit.box
    assert 0 <= x0 < x1 <= mask.shape[1]
    assert 0 <= y0 < y1 <= mask.shape[0]
    assert digit.ink.shape == (y1 - y0, x1 - x0)
    assert digit.ink.any()
