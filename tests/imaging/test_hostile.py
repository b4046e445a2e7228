"""Hostile and damaged pictures: each is read or refused in one sentence, in little time and memory.

All are made here, from fixed seeds. What every single source, orientation, cut and flipped byte does is in
test_files.py; this file adds files that are built to do harm, and follows them through the whole reading.
"""

import contextlib
import json
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from inkdigits.errors import InputError
from inkdigits.imaging.files import FORMATS, load_picture
from inkdigits.reading.reader import Reader
from inkdigits.types import Gray
from tests.drawing import as_file, photo_of

SMALL = Image.fromarray(photo_of(0, side=48))
ACCEPTED = "not an image that can be read; accepted: PNG, JPEG, WEBP, GIF, BMP, TIFF, PGM/PPM"


@cache
def reader() -> Reader:
    return Reader()


def read_or_refuse(content: bytes) -> bool:
    """Return True when the reading refused; whatever else is raised fails the test."""
    try:
        reading = reader().read(content, name="hostile")
    except InputError as error:
        message = str(error)
        assert message.startswith("hostile: ") or "marks" in message
        assert "\n" not in message
        return True
    json.dumps(reading.to_dict())
    return False


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pages(count: int, *, last: bytes = struct.pack("<I", 0)) -> bytes:
    """Return a TIFF of many pages of 4 x 4 pixels, all the same ones, that ends with the pointer `last`."""
    values = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: 16}
    page = struct.pack("<H", len(values))
    page += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    nexts = [struct.pack("<I", 24 + place * (len(page) + 4)) for place in range(1, count)]
    return b"II*\0" + struct.pack("<I", 24) + bytes(16) + b"".join(page + after for after in [*nexts, last])


def frames(count: int) -> bytes:
    """Return a GIF of many frames of one pixel."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff\xff\xff" + frame * count + b";"


SEEDS: dict[str, bytes] = {
    "PNG": as_file(SMALL),
    "16-bit PNG": as_file(Image.fromarray(np.asarray(SMALL).astype(np.uint16) * 257)),
    "palette PNG": as_file(SMALL.convert("RGB").quantize(16), transparency=1),
    "animated PNG": as_file(SMALL, save_all=True, append_images=[SMALL.rotate(90)]),
    "JPEG": as_file(SMALL, "JPEG"),
    "progressive JPEG": as_file(SMALL.convert("RGB"), "JPEG", progressive=True),
    "CMYK JPEG": as_file(SMALL.convert("CMYK"), "JPEG"),
    "JPEG of two pictures": as_file(SMALL, "MPO", save_all=True, append_images=[SMALL.rotate(90)]),
    "WebP": as_file(SMALL.convert("RGB"), "WEBP"),
    "lossless WebP": as_file(SMALL.convert("RGBA"), "WEBP", lossless=True),
    "GIF": as_file(SMALL, "GIF"),
    "animated GIF": as_file(SMALL, "GIF", save_all=True, append_images=[SMALL.rotate(90)]),
    "BMP": as_file(SMALL.convert("RGB"), "BMP"),
    "TIFF": as_file(SMALL, "TIFF"),
    "packed TIFF": as_file(SMALL.convert("RGB"), "TIFF", compression="tiff_lzw"),
    "fax TIFF": as_file(SMALL.convert("1"), "TIFF", compression="group4"),
    "PGM": as_file(SMALL, "PPM"),
    "PGM in words": b"P2 48 48 255 " + b" ".join(b"%d" % value for value in SMALL.tobytes()),
}
WORDS = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff" * 8)


def mutant(content: bytes, random: np.random.Generator) -> bytes:
    """Change a file in one to four places as damage or malice does, mostly near its head."""
    mutated = bytearray(content)
    for _ in range(random.integers(1, 5)):
        reach = len(mutated) if random.random() < 0.5 else min(len(mutated), 80)
        place, length = int(random.integers(0, reach)), int(random.integers(1, 40))
        match random.integers(0, 5):
            case 0:
                mutated[place] ^= 1 << int(random.integers(0, 8))
            case 1:
                word = WORDS[random.integers(0, len(WORDS))]
                mutated[place : place + len(word)] = word
            case 2:
                del mutated[place : place + length]
            case 3:
                mutated[place:place] = mutated[place : place + length] * int(random.integers(1, 20))
            case _:
                other = list(SEEDS.values())[random.integers(0, len(SEEDS))]
                mutated[place : place + length] = other[place : place + length]
        mutated = mutated or bytearray(b"\0")
    return bytes(mutated)


@pytest.mark.parametrize("kind", SEEDS)
def test_mutant_is_read_or_refused_and_nothing_else(kind: str) -> None:
    random = np.random.default_rng(zlib.crc32(kind.encode()))
    assert not read_or_refuse(SEEDS[kind])
    refused = 0
    for _ in range(25):
        content = mutant(SEEDS[kind], random)
        started = time.monotonic()
        refused += read_or_refuse(content)
        assert time.monotonic() - started < 5  # milliseconds measured
    assert refused > 0


@pytest.mark.parametrize("kind", [kind for kind in SEEDS if kind != "animated PNG"])
def test_file_cut_within_its_picture_is_refused_not_half_read(kind: str) -> None:
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    content = SEEDS[kind]
    if "two" in kind or "animated" in kind:  # cut within the first of them
        content = SEEDS[kind.removeprefix("animated ").removesuffix(" of two pictures")]
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert read_or_refuse(content[: round(len(content) * share)]), share


def zeros(count: int) -> bytes:
    """Return a zlib stream that unpacks to so many megabytes of zeros, at a thousandth of the size."""
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + again * (count - 1) + packer.flush()


def png(width: int, height: int, pixels: bytes, *extra: bytes, bits: int = 8) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def bombs() -> dict[str, bytes]:
    """Return files of a few kilobytes to megabytes that hold, or have to unpack, hundreds of megabytes."""
    small, giga = zlib.compress(bytes(5 * 4)), zeros(1_000)
    tall = b"II*\0" + struct.pack("<IH", 8, 9)
    values = {256: 30_000, 257: 30_000, 258: 8, 259: 8, 262: 1, 273: 122, 277: 1, 278: 30_000, 279: len(giga)}
    tall += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items()) + bytes(4) + giga
    return {
        "PNG of 2,500 megapixels": png(50_000, 50_000, zeros(300), bits=1),
        "PNG of 900 megapixels": png(30_000, 30_000, zeros(859)),
        "PNG, more pixels than it says": png(4, 4, giga),
        "PNG text": png(4, 4, small, chunk(b"zTXt", b"Title\0\0" + giga)),
        "PNG text in Unicode": png(4, 4, small, chunk(b"iTXt", b"Title\0\1\0\0\0" + giga)),
        "PNG profile": png(4, 4, small, chunk(b"iCCP", b"profile\0\0" + giga)),
        "PNG of many texts": png(4, 4, small, *[chunk(b"zTXt", b"Title\0\0" + zlib.compress(bytes(2**20)))] * 300),
        "PNG of two thousand million frames": png(
            4, 4, small, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), chunk(b"fcTL", bytes(26))
        ),
        "packed TIFF": tall,
        "TIFF of a tag that holds a gigabyte": b"II*\0" + struct.pack("<IHHHII", 8, 1, 256, 4, 2**28, 8) + bytes(4),
        "TIFF that leads in a circle": pages(3, last=struct.pack("<I", 24)),
        "TIFF of 30,000 pages": pages(30_000),
        "GIF of 100,000 frames": frames(100_000),
        "GIF of a large screen": b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + frames(1)[13:],
        "BMP that starts below the file": b"BM" + struct.pack("<IHHI", 0, 0, 0, 2**32 - 1) + bytes(64),
        "BMP of negative height": b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 50_000, -50_000, 1, 24, *[0] * 6),
        "PGM of a long number": b"P5 " + b"9" * 4_000 + b" 9 255\n" + bytes(99),
        "PGM of a long comment": b"P5 #" + b"x" * 2**22 + b"\n4 4 255\n" + bytes(16),
        "PGM in words that never end": b"P2 4 4 255 " + b"0" * 2**22,
    }


PROBE = """
import resource, sys, time
from pathlib import Path
from inkdigits.errors import InputError
from inkdigits.imaging.files import load_picture
resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))  # a bomb that does go off hits this, not the machine
started = []
sys.addaudithook(lambda event, _: started.append(event) if event.startswith(
    ("subprocess", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "socket")) else None)
load_picture(b"P5 4 4 255 " + bytes(16))
for path in sorted(Path(sys.argv[1]).iterdir()):
    before, clock = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        outcome = load_picture(path).gray.shape
    except InputError as error:
        outcome = str(error).partition(": ")[2]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(path.name, grown, f"{time.monotonic() - clock:.3f}", len(started), outcome, sep="\\t")
"""


def probe(contents: dict[str, bytes], folder: Path) -> dict[str, tuple[int, float, int, str]]:
    """Load files in a process of their own; return growth of its peak in kilobytes, seconds, processes, outcome."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-c", PROBE, folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert run.returncode == 0, run.stderr
    lines = (line.split("\t") for line in run.stdout.splitlines())
    return {name: (int(grown), float(took), int(began), outcome) for name, grown, took, began, outcome in lines}


def test_bomb_does_not_go_off(tmp_path: Path) -> None:
    outcomes = probe(bombs(), tmp_path)
    assert set(outcomes) == set(bombs())
    for name, (grown, took, _, outcome) in outcomes.items():
        assert grown < 80_000, f"{name}: {grown} kB, {outcome}"
        assert took < 5, f"{name}: {took} s, {outcome}"
    for name in ("PNG of 2,500 megapixels", "PNG of 900 megapixels", "packed TIFF", "BMP of negative height"):
        assert "pixels" in outcomes[name][3]


def test_page_of_a_tiff_that_is_damaged_does_not_lose_the_first() -> None:
    picture = load_picture(pages(1, last=struct.pack("<I", 9)))
    assert picture.gray.shape == (4, 4)
    assert load_picture(pages(3)).notes == ("only the first of 3 frames was read",)


def test_pages_of_a_tiff_are_counted_no_further_than_a_hundred() -> None:
    assert load_picture(pages(100)).notes == ("only the first of 100 frames was read",)
    assert load_picture(pages(101)).notes == ("only the first of more than 100 frames was read",)
    content = BytesIO(pages(101))
    with Image.open(content) as image:
        image.seek(2)
        load_picture(image)
        assert image.tell() == 2


def test_photo_of_a_phone_that_adds_a_second_picture_is_decoded_smaller_too() -> None:
    large = Image.fromarray(photo_of(0, side=3_300))
    picture = load_picture(as_file(large, "MPO", save_all=True, append_images=[SMALL]))
    assert picture.gray.shape == (1_650, 1_650)
    assert picture.scale == 2
    assert picture.notes == ("only the first of 2 frames was read",)


def other_types() -> dict[str, bytes]:
    """Return real files of types that are not accepted."""
    colour = SMALL.convert("RGB")
    made = {kind: as_file(colour, kind) for kind in ("PCX", "TGA", "DDS", "SGI", "ICO", "DIB", "EPS", "PDF")}
    made |= {"MSP": as_file(SMALL.convert("1"), "MSP"), "XBM": as_file(SMALL.convert("1"), "XBM")}
    return made | {
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
        "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(200),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 " + bytes(200),
        "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(200),
        "Photoshop": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 8, 3) + bytes(200),
        "SVG": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        "compressed SVG": zlib.compress(b"<svg/>", wbits=31),
        "PostScript": b"%!PS\n(/etc/passwd) (r) file 100 string readstring pop print showpage\n",
        "EPS with a preview": struct.pack("<IIII", 0xC6D3D0C5, 32, 9, 0) + bytes(16) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "WMF": struct.pack("<IHhhhhHIH", 0x9AC6CDD7, 0, 0, 0, 9, 9, 96, 0, 0) + bytes(99),
        "EMF": struct.pack("<II", 1, 108) + bytes(32) + b" EMF" + bytes(99),
        "MP4": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(200),
        "FITS": b"SIMPLE  =                    T".ljust(2_880),
        "program": b"\x7fELF" + bytes(99),
        "web page": b"<!doctype html><img src='file:///etc/passwd'>",
    }


def test_other_type_is_refused_with_those_accepted_and_starts_no_process(tmp_path: Path) -> None:
    contents = other_types()
    # Under a name that lies, too.
    contents |= {f"{name}.png": content for name, content in contents.items()}
    outcomes = probe(contents, tmp_path)
    assert len(outcomes) == len(contents)
    for name, (_, _, began, outcome) in outcomes.items():
        assert outcome == ACCEPTED, name
        assert began == 0, name


@pytest.mark.parametrize("kind", FORMATS)
def test_name_that_lies_changes_nothing(kind: str, tmp_path: Path) -> None:
    content = as_file(SMALL.convert("RGB"), kind)
    honest = load_picture(content).gray
    for suffix in (".png", ".jpg", ".gif", ".svg", ".pdf", ".heic", ".exe", ""):
        path = tmp_path / f"picture{suffix}"
        path.write_bytes(content)
        np.testing.assert_array_equal(load_picture(path).gray, honest)


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../canary", "x")
    return buffer.getvalue()


@pytest.mark.parametrize("tail", [zipped(), b"<script>alert(1)</script>", b"%PDF-1.7\n%%EOF", as_file(SMALL, "GIF")])
@pytest.mark.parametrize("kind", FORMATS)
def test_file_that_is_two_things_is_read_as_the_picture_that_it_begins_with(kind: str, tail: bytes) -> None:
    content = as_file(SMALL.convert("RGB"), kind)
    np.testing.assert_array_equal(load_picture(content + tail).gray, load_picture(content).gray)
    with pytest.raises(InputError, match=ACCEPTED):
        load_picture(b"%PDF-1.7\n" + content)


def test_png_carried_as_text_is_refused() -> None:
    with pytest.raises(InputError, match=ACCEPTED):
        load_picture(as_file(SMALL).replace(b"\r\n", b"\n"))


# Those modes of Pillow that a file seldom has; the others are in test_files.py.
MODES: dict[str, Callable[[], Image.Image]] = {
    "RGBX": lambda: SMALL.convert("RGB").convert("RGBX"),
    "YCbCr": lambda: SMALL.convert("RGB").convert("YCbCr"),
    "PA": lambda: SMALL.convert("LA").convert("PA"),
    "La": lambda: SMALL.convert("LA").convert("La"),
    "RGBa": lambda: SMALL.convert("RGBA").convert("RGBa"),
    "I;16L": lambda: Image.frombytes("I;16L", SMALL.size, (np.asarray(SMALL).astype("<u2") * 257).tobytes()),
}


@pytest.mark.parametrize("mode", MODES)
def test_rare_mode_is_read_like_any_other(mode: str) -> None:
    image = MODES[mode]()
    assert image.mode == mode
    assert float(np.abs(load_picture(image).gray.astype(float) - np.asarray(SMALL)).mean()) < 4


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 16_383), (16_383, 1), (2, 2), (3, 999)])
def test_odd_size_is_read_or_blank(kind: str, size: tuple[int, int]) -> None:
    white = as_file(Image.new("RGB", size, "white"), kind)
    assert load_picture(white).gray.shape == size[::-1]
    assert reader().read(white).digits == ()
    stripes = np.full(size[::-1], 255, np.uint8)
    stripes[size[1] // 3 : size[1] // 2 + 1, size[0] // 3 : size[0] // 2 + 1] = 0
    read_or_refuse(as_file(Image.fromarray(stripes).convert("RGB"), kind))


def test_blank_pages_of_every_shade_have_no_digit() -> None:
    random = np.random.default_rng(0)
    for _ in range(60):
        shape = tuple(random.integers(1, 300, 2))
        shade, grain = int(random.integers(0, 256)), float(random.uniform(0, 1.5))
        page = np.rint(shade + random.normal(0, grain, shape)).clip(0, 255).astype(np.uint8)
        assert reader().read(page).digits == (), (shape, shade, grain)


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_read_or_refused(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(20, 200, 2))
    read_or_refuse(as_file(Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8))))


def checkerboard(height: int, width: int, *, cell: int) -> Gray:
    rows, columns = np.ogrid[:height, :width]
    board: Gray = ((rows // cell + columns // cell) % 2 * 255).astype(np.uint8)
    return board


def specks(height: int, width: int, *, share: float) -> Gray:
    noise = np.random.default_rng(0).random((height, width), dtype=np.float32)
    return np.where(noise < share, np.uint8(20), np.uint8(232))


STORMS: dict[str, Callable[[], Gray]] = {
    "checkerboard of single pixels": lambda: checkerboard(3_000, 4_000, cell=1),
    "checkerboard of two": lambda: checkerboard(3_000, 4_000, cell=2),
    "checkerboard of eight": lambda: checkerboard(3_000, 4_000, cell=8),
    "pepper, 1 %": lambda: specks(3_000, 4_000, share=0.01),
    "pepper, 10 %": lambda: specks(3_000, 4_000, share=0.1),
    "half pepper, half salt": lambda: specks(3_000, 4_000, share=0.5),
    "pepper, 1 %, that nothing blurs": lambda: specks(1_200, 1_600, share=0.01),
    "checkerboard of two that nothing blurs": lambda: checkerboard(1_200, 1_600, cell=2),
    "half pepper, half salt that nothing blurs": lambda: specks(1_200, 1_600, share=0.5),
    "pepper that nothing blurs": lambda: specks(1_200, 1_600, share=0.1),
}


@pytest.mark.parametrize("storm", STORMS)
def test_storm_of_marks_is_over_soon(storm: str) -> None:
    picture = STORMS[storm]()
    started = time.monotonic()
    with contextlib.suppress(InputError):
        reader().read(picture)
    assert time.monotonic() - started < 5  # at most 0.7 s measured
