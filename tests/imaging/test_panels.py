"""White writing on a dark panel is turned round; digits, frames and shadows are left alone."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from inkdigits.imaging.panels import even_polarity
from inkdigits.reading.reader import Reader
from inkdigits.types import Gray
from tests.drawing import mnist_test

PAPER, PEN = 225, 35


def tile(index: int, *, light_on_dark: bool = False) -> Gray:
    """Draw a test digit of MNIST on a piece of paper, or of blackboard."""
    ink = cv2.resize(mnist_test().images[index], (112, 112), interpolation=cv2.INTER_CUBIC)
    ink = np.pad(ink, ((44, 44), (24, 24))).astype(np.float64) / 255
    ground, pen = (PEN, PAPER) if light_on_dark else (PAPER, PEN)
    return np.rint(ground + (pen - ground) * ink).astype(np.uint8)


def label(*indices: int) -> str:
    return "".join(str(mnist_test().labels[index]) for index in indices)


def test_half_of_a_picture_may_be_dark() -> None:
    picture = np.hstack([tile(0), tile(1, light_on_dark=True)])
    assert even_polarity(picture) is not picture
    assert Reader().read(picture).text == label(0, 1)


def test_dark_panel_on_a_page_is_read_like_the_rest() -> None:
    page = np.full((500, 700), PAPER, np.uint8)
    page[60:260, 60:220] = tile(5)
    page[60:260, 300:620] = np.hstack([tile(6, light_on_dark=True), tile(7, light_on_dark=True)])
    before = page.copy()
    assert Reader().read(page).text == label(5, 6, 7)
    assert np.array_equal(page, before)  # the caller's array is not written to


@pytest.mark.parametrize("degrees", [-3, -1, 1, 2, 4])
def test_panel_need_not_lie_straight(degrees: float) -> None:
    page = np.full((500, 700), PAPER, np.uint8)
    page[60:260, 60:220] = tile(5)
    page[150:350, 300:620] = np.hstack([tile(6, light_on_dark=True), tile(7, light_on_dark=True)])
    turn = cv2.getRotationMatrix2D((350, 250), degrees, 1)
    turned = cv2.warpAffine(page, turn, (700, 500), borderValue=PAPER).astype(np.uint8)
    assert Reader().read(turned).text.replace("\n", "") == label(5, 6, 7)


def blackboard() -> Gray:
    return np.hstack([tile(2, light_on_dark=True), tile(3, light_on_dark=True)])


def frame() -> Gray:
    page = np.full((300, 300), PAPER, np.uint8)
    cv2.rectangle(page, (60, 60), (240, 240), PEN, 6)
    return page


def square_zero() -> Gray:
    page = np.full((300, 300), PAPER, np.uint8)
    cv2.rectangle(page, (100, 60), (200, 240), PEN, 24)
    return page


def shadow() -> Gray:
    page = np.tile(tile(0), (1, 2))
    page[:, 160:] = page[:, 160:] // 3
    return page


@pytest.mark.parametrize("draw", [blackboard, frame, square_zero, shadow, lambda: tile(4)[40:150, 30:130]])
def test_what_is_no_panel_stays_as_it_is(draw: Callable[[], Gray]) -> None:
    picture = draw()
    assert even_polarity(picture) is picture
