"""Any picture becomes one plane of gray, or one clear error."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inkdigits.errors import InputError
from inkdigits.imaging.files import MAX_BYTES, Source, load_picture
from inkdigits.types import Gray
from tests.drawing import ORIENTATION, STORED, as_file, ink_of, photo_of

SEVEN = photo_of(0, side=120)[10:, 20:]  # 110 high, 100 wide: upright and turned differ in shape
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")


def deep(gray: Gray, *, bits: int) -> NDArray[np.uint16]:
    wide = gray.astype(np.uint16)
    return ((wide << (bits - 8)) | (wide >> (16 - bits))).astype(np.uint16)


def rgba(gray: Gray, *, alpha: NDArray[np.uint8] | int) -> NDArray[np.uint8]:
    return np.dstack([gray, gray, gray, np.broadcast_to(np.uint8(alpha), gray.shape)])


EXACT: dict[str, Callable[[Gray], Source]] = {
    "gray PNG": lambda gray: as_file(Image.fromarray(gray)),
    "RGB PNG": lambda gray: as_file(Image.fromarray(gray).convert("RGB")),
    "opaque RGBA PNG": lambda gray: as_file(Image.fromarray(gray).convert("RGBA")),
    "opaque LA PNG": lambda gray: as_file(Image.fromarray(gray).convert("LA")),
    "palette PNG": lambda gray: as_file(Image.fromarray(gray).convert("P")),
    "16-bit PNG": lambda gray: as_file(Image.fromarray(deep(gray, bits=16))),
    "14-bit PNG": lambda gray: as_file(Image.fromarray(deep(gray, bits=14))),
    "12-bit PNG": lambda gray: as_file(Image.fromarray(deep(gray, bits=12))),
    "10-bit PNG": lambda gray: as_file(Image.fromarray(deep(gray, bits=10))),
    "16-bit TIFF": lambda gray: as_file(Image.fromarray(deep(gray, bits=16)), "TIFF"),
    "32-bit float TIFF": lambda gray: as_file(Image.fromarray(gray.astype(np.float32)), "TIFF"),
    "GIF": lambda gray: as_file(Image.fromarray(gray), "GIF"),
    "BMP": lambda gray: as_file(Image.fromarray(gray), "BMP"),
    "PGM": lambda gray: as_file(Image.fromarray(gray), "PPM"),
    "lossless WebP": lambda gray: as_file(Image.fromarray(gray).convert("RGB"), "WEBP", lossless=True),
    "image I;16": lambda gray: Image.fromarray(deep(gray, bits=16)),
    "image I;16B": lambda gray: Image.frombytes("I;16B", gray.shape[::-1], deep(gray, bits=16).astype(">u2").tobytes()),
    "image I": lambda gray: Image.fromarray(gray.astype(np.int32)),
    "image F": lambda gray: Image.fromarray(gray.astype(np.float32)),
    "array (H, W, 1)": lambda gray: gray[..., None],
    "array (H, W, 3)": lambda gray: np.dstack([gray, gray, gray]),
    "array (H, W, 4)": lambda gray: rgba(gray, alpha=255),
    "uint16 array": lambda gray: deep(gray, bits=16),
    "uint16 array of 12 bits": lambda gray: deep(gray, bits=12),
    "float64 array to 1": lambda gray: gray / 255,
    "float32 array to 1": lambda gray: (gray / 255).astype(np.float32),
    "float array to 255": lambda gray: gray.astype(np.float64),
    "strided array": lambda gray: np.repeat(gray, 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("disguise", EXACT)
def test_nothing_is_lost_in(disguise: str) -> None:
    picture = load_picture(EXACT[disguise](SEVEN))
    assert picture.gray.dtype == np.uint8
    assert picture.gray.shape == SEVEN.shape
    assert int(np.abs(picture.gray.astype(int) - SEVEN).max()) <= 1
    assert picture.scale == 1
    assert picture.notes == ()


LOSSY: dict[str, Callable[[Gray], Source]] = {
    "JPEG": lambda gray: as_file(Image.fromarray(gray), "JPEG", quality=90),
    "JPEG of quality 30": lambda gray: as_file(Image.fromarray(gray), "JPEG", quality=30),
    "progressive JPEG": lambda gray: as_file(Image.fromarray(gray).convert("RGB"), "JPEG", progressive=True),
    "CMYK JPEG": lambda gray: as_file(Image.fromarray(gray).convert("CMYK"), "JPEG", quality=90),
    "CMYK TIFF": lambda gray: as_file(Image.fromarray(gray).convert("CMYK"), "TIFF"),
    "LAB TIFF": lambda gray: as_file(Image.fromarray(gray).convert("RGB").convert("LAB"), "TIFF"),
    "WebP": lambda gray: as_file(Image.fromarray(gray).convert("RGB"), "WEBP"),
    "16 colours": lambda gray: as_file(Image.fromarray(gray).quantize(16)),
    "image HSV": lambda gray: Image.fromarray(gray).convert("RGB").convert("HSV"),
}


@pytest.mark.parametrize("disguise", LOSSY)
def test_little_is_lost_in(disguise: str) -> None:
    gray = load_picture(LOSSY[disguise](SEVEN)).gray
    assert gray.shape == SEVEN.shape
    assert float(np.abs(gray.astype(float) - SEVEN).mean()) < 16
    assert int(gray.max()) - int(gray.min()) > 160


def test_one_bit_picture_becomes_black_and_white() -> None:
    black = SEVEN < 128
    for source in (~black, as_file(Image.fromarray(~black)), as_file(Image.fromarray(~black), "TIFF")):
        np.testing.assert_array_equal(load_picture(source).gray, np.where(black, 0, 255))


@pytest.mark.parametrize("white", [1.0, 255.0])
def test_float_picture_that_swings_past_its_white_is_not_taken_for_a_deeper_one(white: float) -> None:
    # What resizing with a cubic filter leaves beside every edge.
    gray = load_picture(SEVEN / SEVEN.max() * white * 1.04).gray
    assert int(gray.max()) == 255
    assert int(gray.min()) < 40


def test_a_straight_line_keeps_negative_numbers_apart() -> None:
    gray = load_picture(np.array([[-255.0, 0.0, 255.0]])).gray
    np.testing.assert_array_equal(gray, [[0, 128, 255]])


@pytest.mark.parametrize(("colour", "ground"), [(0, 255), (255, 0)])
def test_transparent_ground_is_what_the_ink_stands_out_from(colour: int, ground: int) -> None:
    ink = ink_of(SEVEN)
    picture = rgba(np.full_like(SEVEN, colour), alpha=ink)
    expected = np.rint(ground + (colour - ground) * (ink / 255)).astype(int)
    for source in (picture, as_file(Image.fromarray(picture)), as_file(Image.fromarray(picture).convert("LA"))):
        assert int(np.abs(load_picture(source).gray - expected).max()) <= 1


def test_transparent_entry_of_a_palette_is_ground() -> None:
    places = np.where(SEVEN < 128, 0, 1).astype(np.uint8)
    image = Image.frombytes("P", SEVEN.shape[::-1], places.tobytes())
    image.putpalette([20, 20, 20, 0, 0, 0])  # ink almost as black as what is left out
    for kind in ("PNG", "GIF"):
        gray = load_picture(as_file(image, kind, transparency=1)).gray
        np.testing.assert_array_equal(gray, np.where(SEVEN < 128, 20, 255))


def test_wholly_transparent_picture_is_white() -> None:
    gray = load_picture(rgba(SEVEN, alpha=0)).gray
    np.testing.assert_array_equal(gray, np.full_like(SEVEN, 255))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_picture_is_turned_upright(kind: str, orientation: int) -> None:
    image = Image.fromarray(SEVEN).convert("RGB")
    if orientation in STORED:
        image = image.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    tag = {"tiffinfo": {ORIENTATION: orientation}} if kind == "TIFF" else {"exif": exif}
    gray = load_picture(as_file(image, kind, **tag)).gray
    assert gray.shape == SEVEN.shape
    assert float(np.abs(gray.astype(float) - SEVEN).mean()) < 3  # the next best orientation differs by more than 20


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    np.testing.assert_array_equal(load_picture(as_file(Image.fromarray(SEVEN), exif=exif)).gray, SEVEN)


def exif_with_orientation_as_text() -> bytes:
    entry = struct.pack("<HHI4s", ORIENTATION, 2, 2, b"6")
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0nonsense that is no EXIF",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        exif_with_orientation_as_text(),
    ],
    ids=["empty", "nonsense", "pointer past the end", "orientation as text"],
)
def test_damaged_exif_does_not_lose_the_picture(kind: str, exif: bytes) -> None:
    gray = load_picture(as_file(Image.fromarray(SEVEN), kind, exif=exif)).gray
    assert float(np.abs(gray.astype(float) - SEVEN).mean()) < 3


def exif_whose_width_is_a_word() -> bytes:
    """Return EXIF of orientation 6 beside a tag that Pillow reads but cannot write again."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010F] = 6, "maker"
    return exif.tobytes().replace(struct.pack(">HH", 0x010F, 2), struct.pack(">HH", 0x0100, 2))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_orientation_counts_even_beside_damaged_tags(kind: str) -> None:
    image = Image.fromarray(SEVEN).transpose(STORED[6])
    gray = load_picture(as_file(image, kind, exif=exif_whose_width_is_a_word())).gray
    assert gray.shape == SEVEN.shape


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", "WEBP"])
def test_first_frame_of_many_is_read_and_said(kind: str) -> None:
    frames = [Image.fromarray(frame).convert("RGB") for frame in (SEVEN, 255 - SEVEN, SEVEN[::-1])]
    picture = load_picture(as_file(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert float(np.abs(picture.gray.astype(float) - SEVEN).mean()) < 3
    assert picture.notes == ("only the first of 3 frames was read",)


def test_large_jpeg_is_decoded_smaller_and_says_so() -> None:
    picture = load_picture(as_file(Image.fromarray(photo_of(0, side=3300)), "JPEG"))
    assert picture.gray.shape == (1650, 1650)
    assert picture.scale == 2


def test_caller_keeps_the_image_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(as_file(Image.fromarray(photo_of(0, side=3300)), "JPEG"))
    with Image.open(path) as image:
        load_picture(image)
        assert image.size == (3300, 3300)


def test_picture_is_called_by_its_path_or_by_the_name_given(tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(as_file(Image.fromarray(SEVEN)))
    assert load_picture(path).name == str(path)
    assert load_picture(str(path)).name == str(path)
    assert load_picture(path, name="seven").name == "seven"
    assert load_picture(path.read_bytes()).name == "picture"
    assert load_picture(SEVEN).name == "array"


def test_format_is_told_by_content_not_by_suffix(tmp_path: Path) -> None:
    path = tmp_path / "seven.txt"
    path.write_bytes(as_file(Image.fromarray(SEVEN)))
    np.testing.assert_array_equal(load_picture(path).gray, SEVEN)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.png: cannot be opened: No such file"):
        load_picture(tmp_path / "nowhere.png")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        load_picture(tmp_path)


@pytest.mark.parametrize("path", ["a" * 5_000, "nul\0byte.png", ""])
def test_impossible_path_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        load_picture(path)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    with pytest.raises(InputError, match=r"empty\.png: the file is empty"):
        load_picture(path)


def test_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # takes no room on the disk
    with pytest.raises(InputError, match=r"huge\.png: larger than 64 MB"):
        load_picture(path)


@pytest.mark.parametrize(
    "content",
    [
        b"just a few words",
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>',
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"PK\x03\x04" + bytes(60),
        bytes(100),
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["text", "SVG", "PDF", "EPS", "zip", "zeros", "signature alone"],
)
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "words.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"words\.png: not an image that can be read; accepted: PNG, JPEG, .*, TIFF"):
        load_picture(path)


@pytest.mark.parametrize("shape", [(0,), (0, 0), (5, 0), (0, 5, 3), (5,), (5, 5, 2), (5, 5, 5), (2, 3, 4, 5), ()])
def test_array_of_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"an array must be \(H, W\).* got uint8 \("):
        load_picture(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", ["int8", "int64", "float16", "complex64", "U3", "O", "datetime64[s]"])
def test_array_of_a_wrong_dtype_is_refused(dtype: str) -> None:
    with pytest.raises(InputError, match=r"of uint8, uint16, bool or float, got .* \(5, 5\)"):
        load_picture(np.zeros((5, 5), dtype))


@pytest.mark.parametrize("holes", [[np.nan], [np.inf], [-np.inf], [np.inf, -np.inf], [1e308, -1e308]], ids=str)
@pytest.mark.parametrize("as_image", [False, True], ids=["array", "image"])
def test_picture_with_holes_in_its_numbers_is_refused(holes: list[float], as_image: bool) -> None:
    values: NDArray[Any] = SEVEN / 255  # Any: float32 or float64
    values[0, : len(holes)] = holes
    if as_image:
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    with pytest.raises(InputError, match=r"^odd\.tiff: .*(NaN|infinite|too large)"):
        load_picture(Image.fromarray(values) if as_image else values, name="odd.tiff")


@pytest.mark.parametrize("size", [(0, 0), (5, 0), (0, 5)])
def test_image_without_pixels_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=f"{size[0]} x {size[1]}"):
        load_picture(Image.new("L", size))


def test_damaged_image_that_pillow_opened_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    content = as_file(Image.fromarray(SEVEN))
    path.write_bytes(content[: len(content) // 2])
    with Image.open(path) as image, pytest.raises(InputError, match="half: the image is damaged"):
        load_picture(image, name="half")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def gif_bomb(width: int, height: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


def bmp_bomb(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)


def tiff_bomb(width: int, height: int) -> bytes:
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 10}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    return b"II*\0" + struct.pack("<IH", 8, len(values)) + entries + struct.pack("<I", 0)


def jpeg_bomb(width: int, height: int) -> bytes:
    content = as_file(Image.fromarray(SEVEN), "JPEG")
    size = content.index(b"\xff\xc0") + 5  # the frame header: marker, length, precision, then height and width
    return content[:size] + struct.pack(">HH", height, width) + content[size + 4 :]


def webp_bomb(width: int, height: int) -> bytes:
    content = as_file(Image.fromarray(SEVEN).convert("RGB"), "WEBP", lossless=True)
    size = content.index(b"VP8L") + 9  # two numbers of 14 bits, each less one
    return content[:size] + struct.pack("<I", (width - 1) | (height - 1) << 14) + content[size + 4 :]


@pytest.mark.parametrize(
    "bomb",
    [
        png_bomb(50_000, 50_000),
        png_bomb(2**31 - 1, 2**31 - 1),
        png_bomb(8_000, 8_001),
        png_bomb(2**31 - 1, 1),
        gif_bomb(65_535, 65_535),
        gif_bomb(8_001, 8_000),
        bmp_bomb(50_000, 50_000),
        tiff_bomb(50_000, 50_000),
        tiff_bomb(9_000, 9_000),
        jpeg_bomb(65_000, 65_000),
        jpeg_bomb(9_000, 9_000),
        webp_bomb(16_383, 16_383),
        b"P5\n50000 50000\n255\n",
        b"P2\n9000 9000\n255\n",
    ],
)
def test_bomb_is_refused_from_its_header(bomb: bytes) -> None:
    # None holds the pixels that it claims: decoded, it would be called damaged instead.
    with pytest.raises(InputError, match=r"bomb: .*pixels.*(million|limit)"):
        load_picture(bomb, name="bomb")


def test_image_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(InputError, match=r"picture: 64000001 x 1 pixels are more than 64 million"):
        load_picture(np.broadcast_to(np.uint8(255), (1, 64_000_001)), name="picture")


def read_or_refuse(content: bytes) -> bool:
    """Return True when the file was refused; whatever else is raised fails the test."""
    try:
        gray = load_picture(content).gray
    except InputError:
        return True
    assert gray.dtype == np.uint8
    assert gray.ndim == 2
    assert gray.size > 0
    return False


@pytest.mark.parametrize("kind", FORMATS)
def test_cut_file_is_read_or_refused_and_nothing_else(kind: str) -> None:
    content = as_file(Image.fromarray(SEVEN).convert("RGB"), kind)
    refused = 0
    for length in {*range(1, 64), *range(64, len(content), max(1, len(content) // 80))}:
        refused += read_or_refuse(content[:length])
    assert refused >= 63  # no header fits into so few bytes


def png_with_everything() -> bytes:
    info, exif = PngInfo(), Image.Exif()
    info.add_text("Title", "seven " * 20, zip=True)
    info.add_itxt("Author", "nobody")
    exif[ORIENTATION], exif[0x010F] = 6, "maker"
    image = Image.fromarray(photo_of(0, side=32)).quantize(16)
    return as_file(image, pnginfo=info, exif=exif, dpi=(72, 72), transparency=1)


SAMPLES = {
    "PNG": png_with_everything(),
    "JPEG": as_file(Image.fromarray(photo_of(0, side=32)), "JPEG", exif=exif_whose_width_is_a_word()),
    "GIF": as_file(Image.fromarray(SEVEN), "GIF", save_all=True, append_images=[Image.fromarray(255 - SEVEN)]),
    "WEBP": as_file(Image.fromarray(photo_of(0, side=32)).convert("RGBA"), "WEBP"),
    "BMP": as_file(Image.fromarray(photo_of(0, side=32)), "BMP"),
    "PPM": as_file(Image.fromarray(photo_of(0, side=32)), "PPM"),
}
FLIPS = st.lists(st.tuples(st.integers(0, 2**16), st.integers(1, 255)), min_size=1, max_size=12)


@pytest.mark.parametrize("kind", SAMPLES)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(flips=FLIPS)
def test_file_with_flipped_bytes_is_read_or_refused_and_nothing_else(kind: str, flips: list[tuple[int, int]]) -> None:
    content = bytearray(SAMPLES[kind])
    for place, change in flips:
        content[place % len(content)] ^= change
    read_or_refuse(bytes(content))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(flips=FLIPS, kind=st.sampled_from([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"zTXt", b"iTXt", b"pHYs"]))
def test_png_with_flipped_bytes_behind_a_right_checksum_is_read_or_refused(
    kind: bytes, flips: list[tuple[int, int]]
) -> None:
    content = SAMPLES["PNG"]
    place = content.index(kind)
    length = int.from_bytes(content[place - 4 : place], "big")
    body = bytearray(content[place + 4 : place + 4 + length])
    for offset, change in flips:
        body[offset % length] ^= change
    read_or_refuse(content[: place - 4] + chunk(kind, bytes(body)) + content[place + 8 + length :])


def test_gif_whose_block_ends_early_is_refused() -> None:
    content = as_file(Image.fromarray(SEVEN), "GIF", save_all=True, append_images=[Image.fromarray(255 - SEVEN)])
    control = content.index(b"!\xf9\x04")  # the graphic control extension, said to be 4 bytes long
    assert read_or_refuse(content[: control + 2] + b"\x01\x00" + content[control + 8 :])


def test_one_thin_stroke_on_a_large_transparent_picture_decides_the_ground() -> None:
    for colour in (0, 255):
        rgba = np.zeros((2_500, 2_500, 4), np.uint8)
        rgba[100:2_400, 1_501] = (colour, colour, colour, 255)  # one pixel wide
        gray = load_picture(rgba).gray
        assert gray[0, 0] == 255 - colour
        assert gray[1_000, 1_501] == colour


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("colour", [0, 255])
def test_what_a_transparent_pixel_hides_does_not_count(colour: int, hidden: int) -> None:
    rgba = np.full((60, 60, 4), (hidden, hidden, hidden, 0), np.uint8)
    rgba[10:50, 28:32] = (colour, colour, colour, 255)
    gray = load_picture(rgba).gray
    assert gray[0, 0] == 255 - colour
    assert gray[30, 30] == colour
