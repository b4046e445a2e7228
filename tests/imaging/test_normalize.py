"""A digit becomes what MNIST's makers would have made of it: 20x20 with its proportions, centred by mass in 28x28."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from inkdigits.imaging.normalize import BOX, MIN_STROKE, SIDE, normalize_digit
from inkdigits.types import Ink
from tests.drawing import INDICES, ink_of, mnist_test, photo_of, thin_photo_of

MIDDLE = 14  # where MNIST's makers put the centre of mass, counted from the middle of the first pixel


def cut(ink: Ink) -> Ink:
    """Return the ink inside its own box."""
    rows, columns = np.nonzero(ink)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def extent(image: NDArray[np.uint8]) -> tuple[int, int]:
    """Return height and width of the ink."""
    height, width = cut(image).shape
    return height, width


def centre_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Return row and column, where 0 is the middle of the first pixel."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    total = float(image.sum(dtype=np.float64))
    return float((rows * image).sum() / total), float((columns * image).sum() / total)


def test_mnist_has_its_mass_at_pixel_fourteen() -> None:
    centres = np.array([centre_of_mass(image) for image in mnist_test().images[:1_000]])
    np.testing.assert_allclose(centres.mean(axis=0), MIDDLE, atol=0.02)
    np.testing.assert_allclose(centres, MIDDLE, atol=0.51)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("side", [60, 200, 1_000])
def test_digit_fills_the_box_and_its_mass_is_in_the_middle(index: int, side: int) -> None:
    image = normalize_digit(cut(ink_of(photo_of(index, side=side))))
    assert image.dtype == np.uint8
    assert image.shape == (SIDE, SIDE)
    assert int(image.max()) == 255
    assert BOX - 1 <= max(extent(image)) <= BOX
    np.testing.assert_allclose(centre_of_mass(image), MIDDLE, atol=0.51)


def test_mnist_image_normalised_again_stays_itself() -> None:
    images = mnist_test().images[:200]
    same = sum(np.array_equal(normalize_digit(cut(image)) > 127, image > 127) for image in images)
    assert same >= 160  # 165 measured; the others move by one pixel, or are smaller than their box


@pytest.mark.parametrize("index", INDICES)
def test_mnist_image_normalised_again_moves_by_a_pixel_at_most(index: int) -> None:
    image = mnist_test().images[index]
    again = normalize_digit(cut(image)).astype(int)
    steps = [np.roll(again, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    assert min(float(np.abs(step - image).mean()) for step in steps) < 1  # of 255


@pytest.mark.parametrize("shape", [(200, 20), (20, 200), (120, 80), (100, 100), (9, 7), (2_000, 100)])
def test_proportions_are_kept(shape: tuple[int, int]) -> None:
    height, width = extent(normalize_digit(np.full(shape, 255, np.uint8)))
    long = max(shape)
    assert abs(height - BOX * shape[0] / long) <= 1
    assert abs(width - BOX * shape[1] / long) <= 1


def test_tall_one_stays_narrow() -> None:
    for index in (2, 5):
        height, width = extent(normalize_digit(cut(ink_of(photo_of(index)))))
        assert height >= BOX - 1
        assert width <= 12


@pytest.mark.parametrize("index", INDICES)
def test_stroke_as_thin_as_a_250th_of_the_picture_survives(index: int) -> None:
    image = normalize_digit(cut(ink_of(thin_photo_of(index, side=750, pen=3))))
    assert image.shape == (SIDE, SIDE)
    assert int(image.max()) == 255
    ordinary = mnist_test().images.mean(axis=(1, 2))
    assert float(ordinary.min()) < float(image.mean()) < float(np.percentile(ordinary, 99))


def test_thin_stroke_is_widened_to_one_of_mnist_and_a_wide_one_is_not() -> None:
    def width_of(stroke: int) -> float:
        ink = np.zeros((1_000, 600), np.uint8)
        ink[:, 300 - stroke // 2 : 300 + stroke // 2] = 255
        return float(normalize_digit(cut(ink)).sum(axis=1).max() / 255)

    assert width_of(6) == pytest.approx(MIN_STROKE, abs=0.6)
    assert width_of(60) == pytest.approx(MIN_STROKE, abs=0.6)
    assert width_of(200) == pytest.approx(4, abs=0.6)


def test_off_centre_mass_stays_inside_the_image() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[:, :4] = 255
    ink[0] = 1  # a hair that reaches far from the mass
    image = normalize_digit(ink)
    assert image.shape == (SIDE, SIDE)
    assert int(image.max()) == 255


def test_faint_ink_is_brought_to_full_strength() -> None:
    image = normalize_digit(cut(ink_of(photo_of(0))) // 4)
    assert int(image.max()) == 255


def test_single_pixel_is_a_dot_in_the_middle() -> None:
    image = normalize_digit(np.full((1, 1), 255, np.uint8))
    assert image.any()
    assert not image[0].any()
    np.testing.assert_allclose(centre_of_mass(image), MIDDLE, atol=0.51)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ink=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 255)))
def test_any_ink_fits_into_the_image(ink: Ink) -> None:
    image = normalize_digit(ink)
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.uint8
    assert int(image.max()) == (255 if ink.any() else 0)
