"""Ink is told from paper in either polarity and in uneven light, and a blank page stays blank."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image

from inkdigits.imaging.binarize import MIN_CONTRAST, InkMap, find_ink
from inkdigits.imaging.files import WORK_SIDE
from inkdigits.types import Gray
from tests.drawing import INDICES, as_file, ink_of, mnist_test, on_paper, photo_of


def ink_found(gray: Gray) -> InkMap:
    ink_map = find_ink(gray)
    assert ink_map is not None
    return ink_map


def overlap(mask: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return what two masks share, as a share of what either holds: 1 where they are the same."""
    return float((mask & other).sum() / (mask | other).sum())


@pytest.mark.parametrize("index", INDICES)
def test_ink_is_found_where_the_pen_was(index: int) -> None:
    gray = photo_of(index)
    drawn = ink_of(gray)
    for picture, dark in ((gray, True), (255 - gray, False)):
        ink_map = ink_found(picture)
        assert ink_map.dark_ink is dark
        assert ink_map.scale == 1
        assert ink_map.ink.dtype == np.uint8
        assert ink_map.ink.shape == ink_map.mask.shape == gray.shape
        assert overlap(ink_map.mask, drawn > 127) > 0.8  # the threshold lies where Otsu puts it


def test_either_polarity_gives_the_same_ink() -> None:
    gray = photo_of(0)
    np.testing.assert_allclose(ink_found(gray).ink.astype(int), ink_found(255 - gray).ink, atol=40)


def test_stroke_edges_stay_soft_and_paper_is_clean() -> None:
    ink = ink_found(photo_of(0)).ink
    assert 0 < float(((ink > 0) & (ink < 255)).mean()) < 0.1
    assert int(ink.max()) == 255
    assert not ink[:20].any()


@pytest.mark.parametrize("level", [0, 1, 127, 128, 254, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 2_000), (2_000, 1), (28, 28), (64, 64), (300, 200)])
def test_picture_of_one_tone_is_blank(shape: tuple[int, int], level: int) -> None:
    assert find_ink(np.full(shape, level, np.uint8)) is None


@pytest.mark.parametrize("side", [28, 50, 100, 200, 400])
@pytest.mark.parametrize("grain", [1, 2, 3])
def test_page_with_nothing_but_grain_is_blank(side: int, grain: int) -> None:
    page = 225 + np.random.default_rng(side).normal(0, grain, (side, side))
    assert find_ink(np.rint(page).astype(np.uint8)) is None


def test_page_with_nothing_but_jpeg_noise_is_blank() -> None:
    page = np.rint(225 + np.random.default_rng(1).normal(0, 1, (200, 200))).astype(np.uint8)
    with Image.open(io.BytesIO(as_file(Image.fromarray(page), "JPEG", quality=30))) as image:
        assert find_ink(np.asarray(image)) is None


def test_page_that_grows_darker_to_one_corner_is_blank() -> None:
    rows, columns = np.mgrid[:300, :300] / 300
    assert find_ink(np.rint(230 - 60 * (rows + columns) / 2).astype(np.uint8)) is None


@pytest.mark.parametrize("diagonal", [False, True], ids=["to one side", "to a corner"])
@pytest.mark.parametrize("slope", [0.1, 0.2, 0.3])
def test_page_with_grain_that_grows_darker_is_blank(slope: float, diagonal: bool) -> None:
    rows, columns = np.mgrid[:150, :150] / 150
    for level in (225, 190, 140):
        light = level * (1 - slope * ((rows + columns) / 2 if diagonal else columns))
        page = light + np.random.default_rng(level).normal(0, 2, light.shape)
        assert find_ink(np.rint(page).astype(np.uint8)) is None


@pytest.mark.parametrize(("contrast", "found"), [(MIN_CONTRAST // 2, False), (3 * MIN_CONTRAST, True)])
def test_mark_must_stand_out_from_the_paper(contrast: int, found: bool) -> None:
    for index in INDICES[::4]:
        page = np.rint(230 - contrast * (ink_of(photo_of(index)) / 255)).astype(np.uint8)
        assert (find_ink(page) is not None) is found


@pytest.mark.parametrize("dark", [True, False], ids=["dark ink", "light ink"])
@pytest.mark.parametrize("slope", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("direction", ["across", "down", "to a corner"])
def test_ink_is_found_in_a_shadow(direction: str, slope: float, dark: bool) -> None:
    rows, columns = np.mgrid[:112, :112] / 112
    inside = (slice(11, -11), slice(11, -11))  # along the very edge, the light is only guessed
    shadow = {"across": columns, "down": rows, "to a corner": (rows + columns) / 2}[direction]
    for index in INDICES[::2]:
        plain = photo_of(index, side=112)
        ink_map = ink_found(((plain if dark else 255 - plain) * (1 - slope * shadow)).astype(np.uint8))
        assert ink_map.dark_ink is dark
        assert overlap(ink_map.mask[inside], ink_of(plain)[inside] > 127) > 0.6


@pytest.mark.parametrize("dark", [True, False], ids=["dark ink", "light ink"])
@pytest.mark.parametrize("covered", [0.2, 0.4, 0.6, 0.8])
def test_polarity_is_told_under_a_shadow_with_an_edge(covered: float, dark: bool) -> None:
    right = 0
    for index in INDICES:
        plain = photo_of(index, side=112)
        gray = (plain if dark else 255 - plain).astype(np.float64)
        gray[:, : round(covered * 112)] *= 0.45
        ink_map = find_ink(gray.astype(np.uint8))
        right += ink_map is not None and ink_map.dark_ink is dark
    assert right >= 19  # of 20


@pytest.mark.parametrize("dim", [0.5, 0.25])
def test_ink_is_found_in_dim_light(dim: float) -> None:
    for index in INDICES[::4]:
        ink_map = ink_found((photo_of(index) * dim).astype(np.uint8))
        assert overlap(ink_map.mask, ink_of(photo_of(index)) > 127) > 0.8


def test_mnist_image_is_its_own_ink() -> None:
    image = mnist_test().images[0]
    for gray, dark in ((image, False), (255 - image, True), (on_paper(image), True)):
        ink_map = ink_found(gray)
        assert ink_map.dark_ink is dark
        assert float(np.abs(ink_map.ink.astype(int) - image).mean()) < 6


def test_large_picture_is_worked_on_at_a_smaller_size() -> None:
    gray = np.full((1_000, 4_000), 230, np.uint8)
    gray[300:700, 1_900:2_000] = 20
    ink_map = ink_found(gray)
    assert ink_map.ink.shape == ink_map.mask.shape == (400, WORK_SIDE)
    assert ink_map.scale == 2.5
    rows, columns = np.nonzero(ink_map.mask)
    assert (rows.min(), rows.max()) == (120, 279)
    assert (columns.min(), columns.max()) == (760, 799)


def test_digit_that_covers_most_of_the_frame_keeps_its_polarity() -> None:
    # Cut tight, the strokes reach all four edges; paper still holds most of them.
    for index in (3, 10):  # zeros: the frame is touched on every side
        rows, columns = np.nonzero(mnist_test().images[index])
        tight = mnist_test().images[index][rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert ink_found(on_paper(tight)).dark_ink
        assert not ink_found(tight).dark_ink


@settings(max_examples=150, deadline=None, derandomize=True)
@given(gray=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=90), elements=st.integers(0, 255)))
def test_any_small_picture_has_ink_or_is_blank(gray: Gray) -> None:
    ink_map = find_ink(gray)
    if ink_map is not None:
        assert ink_map.mask.any()
        assert not ink_map.mask.all()
        assert ink_map.ink[ink_map.mask].all()


def slanting_light(darkest: int, *, across: bool, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rng, fall = np.random.default_rng(seed), np.linspace(230, darkest, 800 if across else 600)
    page = np.tile(fall, (600, 1)) if across else np.tile(fall[:, None], (1, 800))
    return page + rng.normal(0, 2, page.shape)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("darkest", [160, 130, 100, 70])
def test_blank_paper_in_slanting_light_is_blank_and_a_digit_on_it_is_found(darkest: int, across: bool) -> None:
    page = slanting_light(darkest, across=across, seed=darkest)
    assert find_ink(page.clip(0, 255).astype(np.uint8)) is None
    page[250:350, 390:405] *= 0.3  # a one
    found = find_ink(page.clip(0, 255).astype(np.uint8))
    assert found is not None
    assert found.mask[255:345, 392:403].all()
    assert found.mask.sum() < 2 * 100 * 15


def test_a_shadow_at_the_margin_is_no_mark() -> None:
    down, across = np.mgrid[:600, :800]
    page = 200 - 90 * np.exp(-(((down - 300) / 90) ** 2) - ((across - 810) / 60) ** 2)  # soft, as of a hand
    assert find_ink(page.astype(np.uint8)) is None
    page[250:350, 300:315] = 60  # a one
    found = find_ink(page.astype(np.uint8))
    assert found is not None
    assert not found.mask[:, 400:].any()
