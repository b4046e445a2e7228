"""A digit is read as itself, whatever picture it comes in; what is none is said to be none."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inkdigits.errors import InputError, ModelError
from inkdigits.imaging.files import Source
from inkdigits.reading.reader import UNSURE, Reader
from inkdigits.types import Gray, Images, Logits
from tests.drawing import INDICES, ORIENTATION, STORED, as_file, ink_of, mnist_test, photo_of, thin_photo_of


@cache
def reader() -> Reader:
    return Reader()


@cache
def plain(index: int) -> Gray:
    """Return the plain picture of a test digit."""
    return photo_of(index, side=112)


@cache
def plain_label(index: int) -> str:
    """Return what the plain picture of a test digit is read as."""
    return reader().read(plain(index)).text


def agreements(pictures: Callable[[int], Source], indices: tuple[int, ...] = INDICES) -> int:
    """Count the digits that a way of drawing them leaves as the plain picture has them."""
    return sum(reader().read(pictures(index)).text == plain_label(index) for index in indices)


def test_plain_pictures_are_read_right() -> None:
    labels = mnist_test().labels
    right = sum(plain_label(index) == str(labels[index]) for index in INDICES)
    assert right >= 19  # of 20; all 20 measured


def transparent(gray: Gray, colour: int) -> Image.Image:
    """Draw the ink in one colour on a transparent ground that has the same colour."""
    return Image.merge("LA", (Image.new("L", gray.shape[::-1], colour), Image.fromarray(ink_of(gray))))


def palette(gray: Gray) -> Image.Image:
    """Draw the ink dark blue on a palette whose other entry, left out, is black."""
    image = Image.frombytes("P", gray.shape[::-1], np.where(gray < 128, 0, 1).astype(np.uint8).tobytes())
    image.putpalette([10, 20, 60, 0, 0, 0])
    return image


def turned(gray: Gray, orientation: int, kind: str) -> bytes:
    """Store the picture as a camera does that was held otherwise."""
    exif, image = Image.Exif(), Image.fromarray(gray)
    exif[ORIENTATION] = orientation
    return as_file(image.transpose(STORED[orientation]) if orientation in STORED else image, kind, exif=exif)


def shaded(gray: Gray, slope: float, *, diagonal: bool = False) -> Gray:
    """Let the light fall off to one side, or to one corner."""
    rows, columns = np.mgrid[: gray.shape[0], : gray.shape[1]] / gray.shape[0]
    shadow = (rows + columns) / 2 if diagonal else columns
    shade: Gray = (gray * (1 - slope * shadow)).astype(np.uint8)
    return shade


def grainy(gray: Gray) -> Gray:
    """Add the grain of a phone's sensor."""
    noise = np.random.default_rng(0).normal(0, 5, gray.shape)
    grain: Gray = np.rint(gray + noise).clip(0, 255).astype(np.uint8)
    return grain


def wide(gray: Gray) -> NDArray[np.uint16]:
    return gray.astype(np.uint16)


DISGUISES: dict[str, Callable[[Gray], Source]] = {
    "gray PNG": lambda gray: as_file(Image.fromarray(gray)),
    "black ink on transparent": lambda gray: as_file(transparent(gray, 0).convert("RGBA")),
    "white ink on transparent": lambda gray: as_file(transparent(gray, 255).convert("RGBA")),
    "LA": lambda gray: as_file(transparent(gray, 0)),
    "16-bit PNG": lambda gray: as_file(Image.fromarray(wide(gray) * 257)),
    "16-bit PNG of 12 bits": lambda gray: as_file(Image.fromarray(wide(gray) * 16)),
    "image I;16": lambda gray: Image.fromarray(wide(gray) * 257),
    "uint16 array": lambda gray: wide(gray) * 257,
    "float array to 1": lambda gray: gray / 255,
    "float array to 255": lambda gray: gray.astype(np.float32),
    "light on dark": lambda gray: 255 - gray,
    "palette": lambda gray: as_file(Image.fromarray(gray).convert("RGB").quantize(16)),
    "palette with transparency": lambda gray: as_file(palette(gray), transparency=1),
    "CMYK JPEG": lambda gray: as_file(Image.fromarray(gray).convert("CMYK"), "JPEG"),
    "1 bit": lambda gray: as_file(Image.fromarray(gray > 128)),
    "1 bit, dithered": lambda gray: as_file(Image.fromarray(gray).convert("1")),
    "1-bit TIFF": lambda gray: as_file(Image.fromarray(gray > 128), "TIFF", compression="group4"),
    "JPEG of quality 30": lambda gray: as_file(Image.fromarray(gray), "JPEG", quality=30),
    "JPEG of quality 5": lambda gray: as_file(Image.fromarray(gray), "JPEG", quality=5),
    "shadow across, half the light": lambda gray: shaded(gray, 0.5),
    "shadow across, a third of the light": lambda gray: shaded(gray, 0.7),
    "shadow to a corner": lambda gray: shaded(gray, 0.8, diagonal=True),
    "shadow on light ink": lambda gray: shaded(255 - gray, 0.7),
    "grain": grainy,
    "dim": lambda gray: gray // 5,
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_digit_is_recognised_in_disguise(disguise: str) -> None:
    assert agreements(lambda index: DISGUISES[disguise](plain(index))) >= 19  # of 20


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_digit_is_read_upright(kind: str, orientation: int) -> None:
    assert agreements(lambda index: turned(plain(index), orientation, kind), INDICES[::2]) == 10


LAYOUTS: dict[str, Callable[[int], Source]] = {
    "small in a big picture": lambda index: photo_of(index, side=900, share=0.08),
    "small in a corner": lambda index: photo_of(index, side=600, share=0.1, centre=(0.93, 0.06)),
    "off-centre": lambda index: photo_of(index, side=400, share=0.3, centre=(0.2, 0.75)),
    "large": lambda index: photo_of(index, share=1),
    "28 pixels": lambda index: photo_of(index, side=28, share=1),
    "on a wide sheet": lambda index: np.hstack([np.full((200, 700), 232, np.uint8), photo_of(index)]),
    "as MNIST has it": lambda index: mnist_test().images[index],
    "as MNIST has it, 16 bits": lambda index: wide(mnist_test().images[index]) * 257,
    "as MNIST has it, 12 bits": lambda index: wide(mnist_test().images[index]) * 16,
    "as MNIST has it, to 1": lambda index: mnist_test().images[index] / 255,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_digit_is_found_wherever_it_stands(layout: str) -> None:
    assert agreements(LAYOUTS[layout]) >= 19  # of 20


def test_stroke_of_twelve_pixels_in_three_thousand_is_read() -> None:
    ordinary = mnist_test().images.mean(axis=(1, 2))
    right = 0
    for index in INDICES[::4]:
        (digit,) = reader().read(thin_photo_of(index, side=3_000, pen=12)).digits
        right += digit.label == plain_label(index)
        assert int(digit.image.max()) == 255
        assert float(ordinary.min()) < float(digit.image.mean()) < float(np.percentile(ordinary, 99))
    assert right >= 4  # of 5


def test_mnist_image_reaches_the_network_nearly_as_it_was() -> None:
    for index in INDICES:
        image = mnist_test().images[index]
        (digit,) = reader().read(image).digits
        steps = [np.roll(digit.image, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        assert min(float(np.abs(step.astype(int) - image).mean()) for step in steps) < 4  # of 255


@pytest.mark.parametrize("scale", [1, 4, 33])
def test_box_counts_in_pixels_of_the_picture(scale: int) -> None:
    gray = np.full((100 * scale, 110 * scale), 230, np.uint8)
    gray[30 * scale : 70 * scale, 80 * scale : 90 * scale] = 20
    # At 33 the array is more than is worked on, and the JPEG is decoded smaller as well.
    for source in (gray, as_file(Image.fromarray(gray), "JPEG")):
        reading = reader().read(source)
        boxes = [digit.box_xyxy for digit in reading.digits] + [mark.box_xyxy for mark in reading.rejected]
        expected = np.array([80, 30, 90, 70]) * scale
        np.testing.assert_allclose(boxes, [expected], atol=2 + scale / 4)  # a pixel of soft edge


def test_first_frame_of_an_animation_is_read_and_said() -> None:
    frames = [Image.fromarray(photo_of(index)) for index in (0, 1, 2)]
    reading = reader().read(as_file(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert reading.text == plain_label(0)
    assert "only the first of 3 frames was read" in reading.warnings


def test_light_ink_is_read_and_said() -> None:
    assert "light ink on dark paper" in reader().read(255 - photo_of(0)).warnings
    assert reader().read(photo_of(0)).warnings == ()


def test_digits_side_by_side_are_a_number() -> None:
    for width in (2, 5, 9):
        chosen = INDICES[:width]
        reading = reader().read(np.hstack([photo_of(index, side=90) for index in chosen]))
        assert reading.text == "".join(plain_label(index) for index in chosen)
        edges = [digit.box_xyxy[0] for digit in reading.digits]
        assert edges == sorted(edges)


def test_digits_above_each_other_are_lines() -> None:
    rows = [np.hstack([photo_of(index, side=90) for index in INDICES[start : start + 3]]) for start in (0, 3, 6)]
    reading = reader().read(np.vstack(rows))
    expected = ["".join(plain_label(index) for index in INDICES[start : start + 3]) for start in (0, 3, 6)]
    assert reading.text.splitlines() == expected
    assert [len(line) for line in reading.lines] == [3, 3, 3]


def test_a_minus_sign_and_dots_are_no_digits() -> None:
    gray = np.hstack([np.full((90, 60), 232, np.uint8), photo_of(0, side=90), photo_of(1, side=90)])
    gray[43:48, 20:50] = 28  # a minus
    gray[70:74, 146:150] = 28  # a point
    assert reader().read(gray).text == plain_label(0) + plain_label(1)


def test_letters_are_rejected_with_a_reason() -> None:
    font = ImageFont.load_default(120)
    rejected = 0
    for letter in "AEFHKMNRWX":
        image = Image.new("L", (180, 180), 232)
        ImageDraw.Draw(image).text((90, 90), letter, fill=28, font=font, anchor="mm")
        reading = reader().read(image)
        rejected += reading.digits == () and reading.rejected[0].reason in ("not a digit", "unclear")
        assert reading.digits or reading.to_dict()["digit"] is None
    assert rejected >= 8  # of 10


def test_clothes_are_rejected() -> None:
    shirt = np.zeros((28, 28), np.uint8)
    shirt[4:26, 8:20] = 180
    shirt[5:12, 2:26] = 150
    trousers = np.zeros((28, 28), np.uint8)
    trousers[2:26, 8:20] = 170
    trousers[9:26, 13:15] = 0
    for cloth in (shirt, trousers):
        assert reader().read(cloth).digits == ()


BLANKS: dict[str, Source] = {
    "all white": np.full((300, 200), 255, np.uint8),
    "all black": np.zeros((300, 200), np.uint8),
    "all gray": np.full((300, 200), 128, np.uint8),
    "all ink": np.full((28, 28), 20, np.uint8),
    "all red": np.full((50, 50, 3), (200, 0, 0), np.uint8),
    "wholly transparent": np.zeros((50, 50, 4), np.uint8),
    "1 x 1": np.zeros((1, 1), np.uint8),
    "1 x 2000": np.full((1, 2_000), 255, np.uint8),
    "all zeros, float": np.zeros((40, 40)),
    "all zeros, 16 bits": np.zeros((40, 40), np.uint16),
    "white PNG": as_file(Image.new("L", (200, 300), 255)),
    "white JPEG": as_file(Image.new("RGB", (200, 300), "white"), "JPEG"),
}


@pytest.mark.parametrize("blank", BLANKS)
def test_blank_page_has_no_digit(blank: str) -> None:
    reading = reader().read(BLANKS[blank])
    assert reading.digits == ()
    assert reading.text == ""
    assert reading.warnings == ("blank: nothing stands out from the paper",)
    assert [mark.reason for mark in reading.rejected] == ["blank"]
    assert reading.to_dict()["digit"] is None


@pytest.mark.parametrize("length", [2, 30, 2_000, 100_000])
def test_line_of_one_pixel_gives_some_reading(length: int) -> None:
    line = np.full((1, length), 255, np.uint8)
    line[0, length // 3 : length // 2] = 0
    for picture in (line, line.T):
        reading = reader().read(picture)
        assert reading.digits or reading.rejected


def test_unsure_reading_names_both_candidates() -> None:
    unsure = 0
    for one, other in ((0, 7), (1, 4), (2, 0), (3, 9)):
        images = mnist_test().images.astype(np.float64)
        for share in np.linspace(0.2, 0.8, 13):
            between = np.rint(images[one] * share + images[other] * (1 - share)).astype(np.uint8)
            reading = reader().read_prepared(between, name="between")
            if not reading.digits:
                assert reading.rejected
                continue
            (digit,) = reading.digits
            best, second = sorted(digit.probabilities, key=lambda name: -digit.probabilities[name])[:2]
            assert digit.label == best
            assert reading.warnings == (() if digit.probability >= UNSURE else (f"unsure: {best} or {second}",))
            unsure += digit.probability < UNSURE
    assert unsure > 0


def test_probabilities_are_those_of_the_ten_classes() -> None:
    (digit,) = reader().read(photo_of(0)).digits
    assert tuple(digit.probabilities) == tuple("0123456789")
    assert sum(digit.probabilities.values()) == pytest.approx(1)
    assert digit.probability == digit.probabilities[digit.label] == max(digit.probabilities.values())


def test_same_picture_gives_the_same_reading() -> None:
    one, other = (json.dumps(reader().read(photo_of(4)).to_dict()) for _ in range(2))
    assert one == other


def test_prepared_image_is_read_as_it_is() -> None:
    image = mnist_test().images[2_019]
    reading = reader().read_prepared(image, name="mnist:test/2019")
    assert reading.text == "9"
    assert reading.source == "mnist:test/2019"
    assert reading.digits[0].box_xyxy == (0, 0, 28, 28)
    np.testing.assert_array_equal(reading.digits[0].image, image)
    np.testing.assert_array_equal(reading.gray, 255 - image)


@pytest.mark.parametrize(
    "image",
    [np.zeros((28, 28), np.float32), np.zeros((27, 28), np.uint8), np.zeros((2, 28, 28), np.uint8), [[0]], None],
)
def test_what_is_not_prepared_is_refused(image: object) -> None:
    with pytest.raises(InputError, match=r"x: a prepared image is an array of uint8 \(28, 28\), got "):
        reader().read_prepared(image, name="x")  # type: ignore[arg-type]  # what people pass


def test_reading_is_called_by_its_path_or_by_the_name_given(tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(as_file(Image.fromarray(photo_of(0))))
    assert reader().read(path).source == str(path)
    assert reader().read(path, name="seven").source == "seven"
    assert reader().read(photo_of(0)).source == "array"


def test_picture_is_left_as_it_was() -> None:
    gray = photo_of(0)
    before = gray.copy()
    reader().read(gray)
    np.testing.assert_array_equal(gray, before)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    words = tmp_path / "words.png"
    words.write_text("seven")
    for source in (words, tmp_path, tmp_path / "nowhere.png", b"", b"seven", np.full((9, 9), np.nan)):
        with pytest.raises(InputError):
            reader().read(source)


def test_model_file_is_used_when_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(files("inkdigits.inference").joinpath("weights").joinpath("digits.onnx").read_bytes())
    for model in (path, str(path)):
        assert Reader(model).read(photo_of(0)).text == plain_label(0)
    with pytest.raises(ModelError, match=r"nowhere\.onnx"):
        Reader(tmp_path / "nowhere.onnx")


class Height:
    """A classifier of one's own: is the digit tall or flat?"""

    class_names = ("flat", "tall")

    def logits(self, images: Images) -> Logits:
        """Compare the rows that hold ink with the columns that do."""
        rows, columns = (images.any(axis=axis).sum(axis=1) for axis in (2, 1))
        return np.stack([columns, rows], axis=1).astype(np.float32)


def test_any_classifier_can_read() -> None:
    tall = np.full((100, 100), 230, np.uint8)
    tall[20:80, 45:55] = 20
    own = Reader(Height())
    assert own.read(tall).text == "tall"
    assert own.read(tall.T).text == "flat"
    assert own.read(tall).to_dict()["digit"] is None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(picture=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=90), elements=st.integers(0, 255)))
def test_any_small_picture_is_read_or_blank(picture: Gray) -> None:
    reading = reader().read(picture)
    assert reading.digits or reading.rejected
    json.dumps(reading.to_dict())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    picture=arrays(
        st.sampled_from([np.uint16, np.float32, np.float64, np.bool_]),
        array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=12),
    )
)
def test_any_small_array_is_read_or_refused(picture: NDArray[np.generic]) -> None:
    try:
        reading = reader().read(picture)
    except InputError:
        return
    assert reading.digits or reading.rejected


def test_ones_that_reach_both_edges_are_read() -> None:
    gray = np.full((100, 260), 232, np.uint8)
    for x in (30, 90, 150):
        gray[2:98, x : x + 8] = 28
    cv2.ellipse(gray, (215, 50), (25, 46), 0, 0, 360, 28, 8)
    assert reader().read(gray).text == "1110"


def test_an_unlikely_label_that_is_expected_is_told_beside_the_likely_one() -> None:
    reading = reader().read(np.hstack([photo_of(0, side=90), photo_of(1, side=90)]), expect="range=10-20")
    for warning in (warning for warning in reading.warnings if warning.startswith("unsure: ")):
        one, _, other = warning.removeprefix("unsure: ").partition(" or ")
        assert one != other


@pytest.mark.parametrize("spacing", [10, 24])
def test_rings_within_rings_end(spacing: int) -> None:
    page = np.full((800, 800), 232, np.uint8)
    for radius in range(spacing, 390, spacing):
        cv2.circle(page, (400, 400), radius, 28, 2)
    reading = reader().read(page)
    assert reading.digits or reading.rejected
