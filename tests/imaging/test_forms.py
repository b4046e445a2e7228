"""What was printed is taken away, what was written stays."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.imaging.binarize import InkMap, find_ink
from inkdigits.imaging.forms import remove_forms, without_form_colour
from inkdigits.types import Gray
from tests.drawing import INDICES, PAPER, PEN, mnist_test, photo_of

ORANGE, RED, BLUE = (240, 150, 70), (220, 60, 60), (60, 90, 220)


def ink_map(gray: Gray) -> InkMap:
    found = find_ink(gray)
    assert found is not None
    return found


def same_ink(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the intersection of two masks over their union."""
    return float((one & other).sum() / (one | other).sum())


def framed(gray: Gray, colour: tuple[int, int, int], *, width: int = 4) -> NDArray[np.uint8]:
    """Draw a box around the digit, in colour and beneath the ink."""
    rgb = np.repeat(gray[..., None], 3, axis=2)
    form = np.full_like(rgb, PAPER)
    cv2.rectangle(form, (25, 15), (175, 185), colour, width)
    return np.minimum(rgb, form)


@pytest.mark.parametrize("colour", [ORANGE, RED, BLUE])
@pytest.mark.parametrize("index", INDICES[::5])
def test_coloured_box_vanishes_and_the_digit_stays(index: int, colour: tuple[int, int, int]) -> None:
    gray = photo_of(index)
    written = without_form_colour(framed(gray, colour))
    assert written is not None
    assert same_ink(ink_map(written).mask, ink_map(gray).mask) > 0.85


def test_digit_in_another_colour_stays() -> None:
    gray = photo_of(0)
    rgb = framed(gray, ORANGE)
    rgb[gray < 128] = (40, 60, 170)  # a blue pen
    written = without_form_colour(rgb)
    assert written is not None
    assert same_ink(ink_map(written).mask, gray < 128) > 0.8


@pytest.mark.parametrize("index", INDICES[::5])
def test_coloured_pen_without_a_form_is_left_alone(index: int) -> None:
    gray = photo_of(index)
    rgb = np.repeat(gray[..., None], 3, axis=2)
    rgb[gray < 128] = RED
    if index not in (2, 5):  # ones are straight lines themselves; reading keeps their ink another way
        assert without_form_colour(rgb) is None


def test_gray_pictures_have_no_form_colour() -> None:
    assert without_form_colour(np.repeat(photo_of(0)[..., None], 3, axis=2)) is None


@pytest.mark.parametrize("index", INDICES)
def test_black_frame_vanishes_and_the_digit_stays(index: int) -> None:
    gray = photo_of(index, share=0.5)
    plain = ink_map(gray).mask
    cv2.rectangle(gray, (25, 15), (175, 185), PEN, 3)
    assert same_ink(remove_forms(ink_map(gray)).mask, plain) > 0.85


@pytest.mark.parametrize("index", INDICES)
def test_plain_digit_is_left_alone(index: int) -> None:
    for share in (0.5, 1.0):
        found = ink_map(photo_of(index, share=share))
        assert remove_forms(found) is found


@pytest.mark.parametrize("squared", [False, True])
def test_ruled_paper_vanishes_and_the_digit_stays(squared: bool) -> None:
    for index in INDICES[::3]:
        gray = photo_of(index, side=280)
        plain = ink_map(gray).mask
        gray[20::40] = 120
        gray[21::40] = 120
        if squared:
            gray[:, 20::40] = gray[:, 21::40] = 120
        assert same_ink(remove_forms(ink_map(gray)).mask, plain) > 0.75


@pytest.mark.parametrize("index", [29, 65, 74, 83, 125, 141, 178])
def test_stroke_along_a_line_of_squared_paper_stays(index: int) -> None:
    """Each of these digits has a stroke on a rule, or one as straight as a rule."""
    ink = cv2.resize(mnist_test().images[index], (112, 112), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    page = np.rint(PAPER + (PEN - PAPER) * np.pad(ink, 44) / 255).astype(np.uint8)
    lined = page.copy()
    lined[12::32] = np.minimum(lined[12::32], 150)
    lined[:, 12::32] = np.minimum(lined[:, 12::32], 150)
    assert same_ink(remove_forms(ink_map(lined)).mask, ink_map(page).mask) > 0.8


def test_one_that_fills_its_picture_is_no_rule() -> None:
    gray = np.full((100, 60), PAPER, np.uint8)
    gray[:, 26:34] = PEN
    found = ink_map(gray)
    assert remove_forms(found) is found


def test_zero_with_square_corners_is_no_frame() -> None:
    gray = np.full((200, 200), PAPER, np.uint8)
    cv2.rectangle(gray, (60, 40), (140, 160), PEN, 12)
    found = ink_map(gray)
    assert remove_forms(found) is found


def test_ones_in_a_tightly_cropped_number_are_no_rules() -> None:
    gray = np.full((100, 260), PAPER, np.uint8)
    for x in (30, 90, 150):
        gray[2:98, x : x + 8] = PEN
    cv2.ellipse(gray, (215, 50), (25, 46), 0, 0, 360, PEN, 8)
    found = ink_map(gray)
    assert remove_forms(found) is found
