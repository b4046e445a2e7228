"""A digit is read the same in every disguise; what is no picture is refused; what is no digit is told."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.drawing import INDICES, as_file, mnist_test, photo_of, thin_photo_of

from inkdigits.errors import InputError, ModelError
from inkdigits.reading.reader import Reader
from inkdigits.types import Gray

READER = Reader()


def transparent(gray: Gray, *, ink: int) -> bytes:
    """Return a PNG whose ink is opaque and whose paper is not there at all."""
    height, width = gray.shape
    rgba = np.full((height, width, 4), ink, np.uint8)
    rgba[..., 3] = 255 - gray
    return as_file(Image.fromarray(rgba))


def upside(gray: Gray, orientation: int) -> bytes:
    """Return a JPEG that is stored turned and says so in its EXIF."""
    turns = {1: 0, 3: 2, 6: 1, 8: 3}
    exif = Image.Exif()
    exif[0x0112] = orientation
    return as_file(Image.fromarray(np.rot90(gray, turns[orientation]).copy()), "JPEG", exif=exif, quality=95)


def shaded(gray: Gray) -> Gray:
    light = np.linspace(1.0, 0.35, gray.shape[1])[None, :] * np.linspace(1.0, 0.8, gray.shape[0])[:, None]
    return (gray * light).astype(np.uint8)


def far(gray: Gray) -> Gray:
    sheet = np.full((1200, 1600), 232, np.uint8)
    sheet[700:900, 200:400] = gray
    return sheet


def palette(gray: Gray) -> bytes:
    return as_file(Image.fromarray(gray).convert("P"))


def sixteen(gray: Gray) -> bytes:
    return as_file(Image.fromarray(gray.astype(np.uint16) * 257))


DISGUISES: dict[str, Callable[[Gray], object]] = {
    "white on black": lambda gray: 255 - gray,
    "black on transparent": lambda gray: transparent(gray, ink=0),
    "white on transparent": lambda gray: transparent(gray, ink=255),
    "16 bits": sixteen,
    "12 of 16 bits": lambda gray: gray.astype(np.uint16) * 16,
    "float": lambda gray: gray.astype(np.float32) / 255,
    "palette": palette,
    "CMYK": lambda gray: as_file(Image.fromarray(gray).convert("CMYK"), "JPEG", quality=95),
    "gray with alpha": lambda gray: as_file(Image.fromarray(gray).convert("LA")),
    "RGB array": lambda gray: np.repeat(gray[..., None], 3, axis=2),
    "1 bit": lambda gray: as_file(Image.fromarray(gray).convert("1", dither=Image.Dither.NONE)),
    "turned left": lambda gray: upside(gray, 6),
    "turned right": lambda gray: upside(gray, 8),
    "upside down": lambda gray: upside(gray, 3),
    "shadow": shaded,
    "JPEG 30": lambda gray: as_file(Image.fromarray(gray), "JPEG", quality=30),
    "small in a big photo": far,
    "WebP": lambda gray: as_file(Image.fromarray(gray), "WEBP"),
    "BMP": lambda gray: as_file(Image.fromarray(gray), "BMP"),
    "TIFF": lambda gray: as_file(Image.fromarray(gray), "TIFF"),
}


def test_plain_pictures_of_digits_are_read() -> None:
    right = sum(READER.read(photo_of(index)).text == str(mnist_test()[index][1]) for index in INDICES)
    assert right == len(INDICES)


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_does_not_change_the_label(name: str) -> None:
    for index in INDICES:
        gray = photo_of(index)
        assert READER.read(DISGUISES[name](gray)).text == READER.read(gray).text  # type: ignore[arg-type]  # a Source each


@pytest.mark.parametrize("centre", [(0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)])
def test_the_place_does_not_matter(centre: tuple[float, float]) -> None:
    for index in INDICES:
        assert READER.read(photo_of(index, share=0.4, centre=centre)).text == str(mnist_test()[index][1])


def test_polarity_does_not_matter() -> None:
    dark, light = READER.read(photo_of(0)), READER.read(255 - photo_of(0))
    assert dark.text == light.text == "7"
    assert "light ink on dark paper" in light.warnings
    assert dark.warnings == ()


def test_a_thin_pen_in_a_large_photo_survives() -> None:
    right = 0
    for index in INDICES[:10]:
        reading = READER.read(thin_photo_of(index, side=3000, pen=12))
        image = reading.digits[0].image
        assert image.max() == 255
        assert (image > 128).sum() > 20
        right += reading.text == str(mnist_test()[index][1])
    assert right >= 9


def test_a_photo_of_a_digit_is_read() -> None:
    reading = READER.read("examples/seven.jpg")
    assert reading.text == "7"
    assert reading.digits[0].probability > 0.9
    x0, y0, x1, y1 = reading.digits[0].box_xyxy
    assert 0 < x0 < x1 < 960
    assert 0 < y0 < y1 < 720


def test_the_pictures_of_the_examples_are_read() -> None:
    found = {path.stem: READER.read(path).text for path in sorted(Path("examples").glob("*.jpg"))}
    assert found == {"seven": "7", "nine": "9", "three": "3"}


def test_paths_bytes_arrays_and_images_are_read_alike() -> None:
    path = Path("examples/nine.jpg")
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        readings = [READER.read(source) for source in (path, str(path), content, image, np.asarray(image))]
    assert [reading.text for reading in readings] == ["9"] * 5


def test_boxes_count_in_pixels_of_the_upright_original() -> None:
    gray = np.full((4000, 3000), 232, np.uint8)
    gray[500:900, 2000:2400] = photo_of(0, side=400, share=1.0)
    x0, y0, x1, y1 = READER.read(as_file(Image.fromarray(gray), "JPEG")).digits[0].box_xyxy
    assert 2000 <= x0 < x1 <= 2400
    assert 500 <= y0 < y1 <= 900


@pytest.mark.parametrize("shade", [0, 90, 255])
@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (1, 2000), (600, 400)])
def test_a_blank_page_has_no_digit(shade: int, shape: tuple[int, int]) -> None:
    reading = READER.read(np.full(shape, shade, np.uint8))
    assert (reading.text, reading.digits) == ("", ())
    assert reading.warnings[-1].startswith("blank")
    assert reading.to_dict()["digit"] is None


def test_faint_grain_is_blank_too() -> None:
    chance = np.random.default_rng(0)
    grain = (220 + chance.integers(-3, 4, (300, 300))).astype(np.uint8)
    assert READER.read(grain).digits == ()


def test_another_mark_is_told() -> None:
    both = np.hstack([photo_of(0), photo_of(1)])
    assert any("left out" in warning for warning in READER.read(both).warnings)


def test_specks_are_no_marks() -> None:
    gray = photo_of(0)
    gray[5:8, 5:8] = 0
    reading = READER.read(gray)
    assert reading.text == "7"
    assert reading.warnings == ()


def test_an_unsure_reading_says_so() -> None:
    scribble = np.full((200, 200), 255, np.uint8)
    chance = np.random.default_rng(2)
    unsure = 0
    for _ in range(20):
        scribble[:] = 255
        for _ in range(6):
            y, x = chance.integers(20, 150, 2)
            scribble[y : y + chance.integers(5, 40), x : x + chance.integers(5, 40)] = 0
        reading = READER.read(scribble)
        for digit in reading.digits:
            said = any(warning.startswith(f"unsure: {digit.label} or ") for warning in reading.warnings)
            assert said == (digit.probability < 0.8)
            unsure += said
    assert unsure > 0


def test_probabilities_are_ten_and_sum_to_one() -> None:
    digit = READER.read(photo_of(0)).digits[0]
    assert list(digit.probabilities) == list("0123456789")
    assert sum(digit.probabilities.values()) == pytest.approx(1)
    assert digit.probability == max(digit.probabilities.values()) == digit.probabilities[digit.label]


def test_a_prepared_image_goes_to_the_network_as_it_is() -> None:
    image, label = mnist_test()[2019]
    reading = READER.read_prepared(image, name="mnist:test/2019")
    assert reading.text == str(label) == "9"
    assert np.array_equal(reading.digits[0].image, image)


def test_what_is_no_picture_is_refused() -> None:
    for source in (b"", b"hello", np.zeros((2, 2, 5), np.uint8), np.zeros(3, np.uint8), "missing.png", None, 7):
        with pytest.raises(InputError):
            READER.read(source)  # type: ignore[arg-type]  # wrong on purpose


def test_an_address_is_not_fetched() -> None:
    with pytest.raises(InputError, match="addresses are not fetched; download the picture"):
        READER.read("https://example.org/7.png")


def test_a_run_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a folder: `inkdigits export"):
        Reader(tmp_path)
