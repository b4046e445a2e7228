"""The same digit in every disguise that pictures come in, and digits set side by side into numbers.

    python -m benchmarks.reading_disguises [--digits 200] [--strings 1000]

Each of the first test digits of MNIST is drawn dark on light, read, then disguised and read again: the share that is
read as before. The strings are made of test digits too, 2 to 8 of one size, every fifth pair pushed together until the
two touch, or none.
"""

import argparse
import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import records
from inkdigits.data.catalog import load_dataset
from inkdigits.evaluation.metrics import wilson_interval
from inkdigits.imaging.files import Source
from inkdigits.reading.reader import Reader
from inkdigits.types import Gray, Images, Ink

PAPER, PEN = 228, 40


def sheet(ink: Ink) -> Gray:
    """Draw ink dark on light paper."""
    gray: Gray = np.rint(PAPER + (PEN - PAPER) / 255 * ink.astype(np.float64)).astype(np.uint8)
    return gray


def enlarged(image: Ink, side: int, *, canvas: int | None = None, at: tuple[float, float] = (0.5, 0.5)) -> Ink:
    """Return the digit at a size, on a square canvas, its centre at a place given as shares of the canvas."""
    canvas = canvas or side
    ink = np.zeros((canvas, canvas), np.uint8)
    x, y = (round(canvas * place - side / 2) for place in at)
    ink[y : y + side, x : x + side] = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
    return ink


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # Any: whatever the format's writer takes
    """Return the bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pen(image: Ink, change: int) -> Gray:
    """Draw with a pen that is wider, or narrower, by so many of 112 pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) + 1, abs(change) + 1))
    ink = enlarged(image, 112, canvas=200)
    return sheet((cv2.dilate if change > 0 else cv2.erode)(ink, kernel).astype(np.uint8))


def tilted(image: Ink, degrees: float) -> Gray:
    """Turn the digit."""
    turn = cv2.getRotationMatrix2D((100, 100), degrees, 1)
    return sheet(cv2.warpAffine(enlarged(image, 112, canvas=200), turn, (200, 200)).astype(np.uint8))


def ruled(gray: Gray, *, squared: bool) -> Gray:
    """Draw lines beneath, thinner and lighter than the pen."""
    lined = gray.copy()
    lined[12::32] = np.minimum(lined[12::32], 150)
    if squared:
        lined[:, 12::32] = np.minimum(lined[:, 12::32], 150)
    return lined


def shaded(gray: Gray) -> Gray:
    """Let the light fall off to a third on one side."""
    fall = 1 - 0.66 * np.linspace(0, 1, gray.shape[1])
    return (gray * fall).astype(np.uint8)


def transparent(gray: Gray, colour: int) -> Image.Image:
    """Draw the ink in one colour on a transparent ground."""
    return Image.merge("LA", (Image.new("L", gray.shape[::-1], colour), Image.fromarray(255 - gray)))


def on_camera(gray: Gray, orientation: int) -> bytes:
    """Store the picture turned, with the EXIF orientation that turns it back."""
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(Image.fromarray(gray).transpose(turned[orientation]), "JPEG", exif=exif, quality=90)


def plain(image: Ink) -> Gray:
    """Draw the digit with some paper around it."""
    return sheet(enlarged(image, 112, canvas=200))


DISGUISES: dict[str, Callable[[Ink], Source]] = {
    "EXIF 3": lambda image: on_camera(plain(image), 3),
    "EXIF 6": lambda image: on_camera(plain(image), 6),
    "EXIF 8": lambda image: on_camera(plain(image), 8),
    "light on dark": lambda image: 255 - plain(image),
    "black on transparent": lambda image: transparent(plain(image), 0),
    "white on transparent": lambda image: transparent(plain(image), 255),
    "16 bits": lambda image: plain(image).astype(np.uint16) * 257,
    "CMYK": lambda image: saved(Image.fromarray(plain(image)).convert("CMYK"), "JPEG", quality=90),
    "palette": lambda image: saved(Image.fromarray(plain(image)).convert("RGB").quantize(8), "PNG"),
    "1 bit": lambda image: Image.fromarray(plain(image) > 128),
    "small in a big photo": lambda image: sheet(enlarged(image, 90, canvas=1_200)),
    "off-centre": lambda image: sheet(enlarged(image, 80, canvas=300, at=(0.2, 0.75))),
    "fills the frame": lambda image: sheet(enlarged(image[3:25, 3:25], 200)),
    "28 pixels": lambda image: image,
    "16 pixels": lambda image: sheet(cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA).astype(np.uint8)),
    "thin pen": lambda image: pen(image, -4),
    "thick pen": lambda image: pen(image, 6),
    "shadow": lambda image: shaded(plain(image)),
    "ruled paper": lambda image: ruled(plain(image), squared=False),
    "squared paper": lambda image: ruled(plain(image), squared=True),
    "JPEG of quality 30": lambda image: saved(Image.fromarray(plain(image)), "JPEG", quality=30),
    "blurred": lambda image: cv2.GaussianBlur(plain(image), (0, 0), 4).astype(np.uint8),
    "turned by 15 degrees": lambda image: tilted(image, 15),
    "turned by -15 degrees": lambda image: tilted(image, -15),
}


def number(images: Images, chance: np.random.Generator, *, touching: float) -> Gray:
    """Set digits side by side; a share of them is pushed to the left until it touches."""
    page, end = np.zeros((160, 40 + 130 * len(images)), np.uint8), 20
    scale = chance.uniform(2.5, 4)
    for image in images:
        ink = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        rows, columns = np.flatnonzero((ink > 60).any(axis=1)), np.flatnonzero((ink > 60).any(axis=0))
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        top, left = (160 - len(ink)) // 2 + int(chance.integers(-4, 5)), end + int(chance.integers(5, 18))
        if end > 20 and chance.random() < touching:
            left = _touching_place(page, ink, top, left)
        part = page[top : top + len(ink), left : left + ink.shape[1]]
        np.maximum(part, ink, out=part)
        end = left + ink.shape[1]
    return sheet(page[:, : end + 20])


def _touching_place(page: NDArray[np.uint8], ink: Ink, top: int, left: int) -> int:
    for place in range(left, left - 60, -1):
        under = page[top : top + len(ink), place : place + ink.shape[1]]
        if (np.minimum(under, ink) > 120).any():
            return place
    return left


def main() -> None:
    """Read all disguises and strings, print a table, and write results/reading_disguises.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digits", type=int, default=200, help="fewer to try the script; then nothing is written")
    parser.add_argument("--strings", type=int, default=1_000)
    options = parser.parse_args()
    reader, test_set = Reader(), load_dataset("mnist", "test")
    before = [reader.read(plain(image)).text for image in test_set.images[: options.digits]]
    counts: dict[str, list[int]] = {}
    for name, disguise in DISGUISES.items():
        after = [reader.read(disguise(image)).text for image in test_set.images[: options.digits]]
        counts[name] = [sum(a == b for a, b in zip(before, after, strict=True)), options.digits]
    for name, touching in (("numbers, digits apart", 0.0), ("numbers, every fifth pair touches", 0.2)):
        chance = np.random.default_rng(1)
        right = 0
        for _ in range(options.strings):
            chosen = chance.integers(0, len(test_set), int(chance.integers(2, 9)))
            label = "".join(str(test_set.labels[index]) for index in chosen)
            right += reader.read(number(test_set.images[chosen], chance, touching=touching)).text == label
        counts[name] = [right, options.strings]
    for name, (right, total) in counts.items():
        low, high = wilson_interval(right, total)
        print(f"{name:<36} {right:>4}/{total:<4} {right / total:>7.1%}  ({low:.1%} to {high:.1%})")
    if options.digits >= 200 and options.strings >= 1_000:
        records.write("reading_disguises", {"counts": counts})


if __name__ == "__main__":
    main()
