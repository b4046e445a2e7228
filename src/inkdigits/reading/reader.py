"""The whole way from a picture to its digits, in one place."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.dataset import PAIRS
from inkdigits.errors import InputError, ModelError
from inkdigits.imaging.binarize import InkMap, find_ink
from inkdigits.imaging.files import Picture, Source, load_picture
from inkdigits.imaging.forms import remove_forms, without_form_colour
from inkdigits.imaging.normalize import normalize_digit
from inkdigits.imaging.segment import Box, find_lines, join
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.weights import shipped_classifier
from inkdigits.reading.expectation import Expectation, parse_expectation
from inkdigits.reading.lattice import read_lines
from inkdigits.reading.marks import Mark, Row
from inkdigits.reading.recognizer import NetworkRecognizer
from inkdigits.reading.result import Digit, Reading, Rejection
from inkdigits.reading.sources import decode_data_url, short_name
from inkdigits.types import Classifier

IN_COMPANY = 0.25  # of the limit of rejection: among digits a mark is likelier one than alone
COMPANION = 0.9  # as likely as this to be a digit, a mark keeps others company
UNSURE = 0.8  # below this probability a reading says so
ALTERNATIVES = 300  # ways to read a line, among which an expectation chooses
UNLIKELY = 7.0  # nats: a way a thousand times less likely than the likeliest is none, whatever is expected
BLANK = "blank: nothing stands out from the paper"
NOISE = "not a digit: the picture falls into more marks than a page of digits has, or is grain"


class Reader:
    """Reads the handwritten digits of pictures: one digit, a number, or lines of them.

    Args:
        model: a .onnx file of `export_onnx`, any `Classifier`, or None for the model in the package. Only a file knows
            below which probability a mark is no digit: with the checkpoint that it came from, every mark is one.
        threads: CPU threads of one prediction; None = one a core.

    Raises:
        ModelError: the model file cannot be used, or reads pairs of digits.

    Example:
        >>> Reader().read("examples/seven.jpg").text
        '7'
    """

    def __init__(self, model: str | Path | Classifier | None = None, *, threads: int | None = None) -> None:
        if model is None:
            model = shipped_classifier(threads=threads)
        elif isinstance(model, str | Path):
            model = OnnxClassifier(model, threads=threads)
        if model.class_names == PAIRS:
            raise ModelError(
                f"{model!r} reads two digits at once: give a model of single digits; reading has its own for two"
            )
        self.classifier: Classifier = model
        self.recognizer = NetworkRecognizer(model, threads=threads)

    def read(self, source: Source, *, name: str | None = None, expect: str | None = None) -> Reading:
        """Read a picture.

        Args:
            source: a path, an http:, https: or data: address, the bytes of an image file, a PIL image, or an array
                (H, W), (H, W, 3) or (H, W, 4).
            name: what the reading calls its source; by default the path or the address.
            expect: what is known of each line, such as "len=5", "range=0-100" or "luhn": the likeliest way to read it
                that fulfils this is taken.

        Raises:
            InputError: it is not a picture that can be read.
            ConfigError: the expectation is none that is known.
        """
        expectation = None if expect is None else parse_expectation(expect)
        if isinstance(source, str):
            name, source = name or short_name(source), _content(source)
        picture = load_picture(source, name=name)
        ink_map = _written_ink(picture)
        if ink_map is None:
            blank = Rejection("blank", 0.0, "", (0, 0, *_size(picture)))
            return Reading(picture.name, (), (blank,), (*picture.notes, BLANK), picture.gray, scale=picture.scale)
        lines = find_lines(ink_map.ink, ink_map.mask)
        if not lines:
            noise = Rejection("not a digit", 0.0, "", (0, 0, *_size(picture)))
            return Reading(picture.name, (), (noise,), (*picture.notes, NOISE), picture.gray, scale=picture.scale)
        rows = read_lines(lines, self.recognizer, alternatives=ALTERNATIVES if expectation else 1)
        reading = self._reading(picture, ink_map, [self._choice(ways, expectation) for ways in rows])
        unmet = [line for line in reading.text.splitlines() if expectation and not expectation.holds(line)]
        notes = tuple(f"not as expected ({expect}): {line}" for line in unmet)
        return replace(reading, warnings=(*reading.warnings, *notes))

    def read_prepared(self, image: NDArray[np.uint8], *, name: str) -> Reading:
        """Read an image that is already as MNIST makes them: uint8 (28, 28), 0 = paper, 255 = ink.

        Raises:
            InputError: it is not.
        """
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.shape != (28, 28):
            got = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
            raise InputError(f"{name}: a prepared image is an array of uint8 (28, 28), got {got}; `read` takes others")
        probabilities = self.recognizer.probabilities(image[None])[0]
        digit, rejection = self._judged(int(probabilities[:-1].argmax()), probabilities, image, (0, 0, 28, 28))
        lines = ((digit,),) if digit else ()
        rejected = (rejection,) if rejection else ()
        return Reading(name, lines, rejected, _doubts(lines, rejected), 255 - image)

    def read_marks(self, images: Sequence[NDArray[np.uint8]], boxes: Sequence[Box]) -> list[Digit | None]:
        """Read single marks that were cut out already; None for each that is no digit.

        Args:
            images: uint8 (28, 28) each, as `normalize_digit` makes them.
            boxes: where each was.
        """
        if not images:
            return []
        probabilities = self.recognizer.probabilities(np.stack(images))
        return [
            self._judged(int(row[:-1].argmax()), row, image, box)[0]
            for row, image, box in zip(probabilities, images, boxes, strict=True)
        ]

    def largest_mark(self, source: Source) -> NDArray[np.uint8]:
        """Return what a network would see of a picture of one digit: uint8 (28, 28), 0 = paper, 255 = ink.

        Raises:
            InputError: it is not a picture that can be read, or nothing is on it.
        """
        picture = load_picture(source)
        ink_map = _written_ink(picture)
        lines = find_lines(ink_map.ink, ink_map.mask) if ink_map else ()
        if not lines:
            raise InputError(f"{picture.name}: no digit on it to learn from")
        # One digit a picture: a line with most ink is it, broken strokes and all.
        most = max(lines, key=lambda line: sum(int(piece.ink.sum()) for piece in line.pieces))
        return normalize_digit(join(most.pieces).ink)

    def _judged(
        self, label: int, probabilities: NDArray[np.float64], image: NDArray[np.uint8], box: Box, *, company: int = 0
    ) -> tuple[Digit | None, Rejection | None]:
        """Make a digit of a mark, or a rejection where it is none; `company` counts the sure digits of its line."""
        names, is_digit = self.classifier.class_names, float(1 - probabilities[-1])
        shares = probabilities[:-1] / max(1e-12, is_digit)
        limit = (self.recognizer.reject_below or 0.0) * (IN_COMPANY if company >= 2 else 1)
        if label == len(names) or is_digit < limit:
            reason = "not a digit" if is_digit < 0.5 else "unclear" if label < len(names) else "left out"
            return None, Rejection(reason, is_digit, names[int(shares.argmax())], box)
        named = dict(zip(names, shares.tolist(), strict=True))
        return Digit(names[label], float(shares[label]), named, is_digit, box, image), None

    def _choice(self, ways: Sequence[Row], expectation: Expectation | None) -> Row:
        """Return the likeliest way to read a line that is as expected; if no likely one is, the likeliest."""
        names = (*self.classifier.class_names, "")
        likely = [way for way in ways if way.score >= ways[0].score - UNLIKELY]
        texts = ("".join(names[label] for label in way.classes) for way in likely)
        fitting = (way for way, text in zip(likely, texts, strict=True) if not expectation or expectation.holds(text))
        return next(fitting, ways[0])

    def _reading(self, picture: Picture, ink_map: InkMap, rows: Sequence[Row]) -> Reading:
        scale = ink_map.scale * picture.scale
        lines, rejected = [], []
        for row in rows:
            line = []
            company = sum(1 - mark.probabilities[-1] > COMPANION for mark in row.marks)
            for mark, label in zip(row.marks, row.classes, strict=True):
                box = _in_original(mark, scale, picture)
                digit, rejection = self._judged(label, mark.probabilities, mark.image, box, company=company)
                if rejection and rejection.reason == "not a digit" and mark.two_digits > 0.5:
                    rejection = replace(rejection, reason="two digits")
                line += [digit] if digit else []
                rejected += [rejection] if rejection else []
            lines += [tuple(line)] if line else []
        inverted = () if ink_map.dark_ink else ("light ink on dark paper",)
        notes = (*picture.notes, *inverted, *_doubts(lines, rejected))
        return Reading(picture.name, tuple(lines), tuple(rejected), notes, picture.gray, ink_map.ink, picture.scale)


def _content(source: str) -> str | bytes:
    """Return what an address stands for; a path stands for itself."""
    if source.lower().startswith(("http:", "https:")):
        from inkdigits.reading.fetch import fetch_picture  # the network's parts only for those who ask for them

        return fetch_picture(source)
    return decode_data_url(source) if source.lower().startswith("data:") else source


def _written_ink(picture: Picture) -> InkMap | None:
    """Find the ink, without what was printed beneath it."""
    ink_map = find_ink(picture.gray)
    if ink_map is None:
        return None
    if picture.rgb is not None and ink_map.dark_ink:
        height, width = ink_map.mask.shape  # of a large picture smaller than the picture
        rgb = cv2.resize(picture.rgb, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
        gray = without_form_colour(rgb)
        written = None if gray is None else find_ink(gray)
        # A pen of the form's own colour would vanish with it, and leave nothing but grain.
        if written is not None and written.dark_ink and (written.mask & ink_map.mask).sum() > 0.7 * written.mask.sum():
            ink_map = replace(written, scale=ink_map.scale)
    return remove_forms(ink_map)


def _size(picture: Picture) -> tuple[int, int]:
    height, width = picture.gray.shape
    return round(width * picture.scale), round(height * picture.scale)


def _in_original(mark: Mark, scale: float, picture: Picture) -> Box:
    width, height = _size(picture)
    x0, y0, x1, y1 = (round(edge * scale) for edge in mark.piece.box)
    return min(x0, width - 1), min(y0, height - 1), min(x1, width), min(y1, height)


def _doubts(lines: Sequence[tuple[Digit, ...]], rejected: Sequence[Rejection]) -> tuple[str, ...]:
    """Say which digits are unsure, and what was not read."""
    doubts = []
    for digit in (digit for line in lines for digit in line):
        if digit.probability < UNSURE:
            others = {name: value for name, value in digit.probabilities.items() if name != digit.label}
            second = f" or {max(others, key=lambda name: others[name])}" if others else ""
            doubts.append(f"unsure: {digit.label}{second}")
    doubts += [f"{mark.reason}: the mark at {mark.box_xyxy[:2]}" for mark in rejected]
    return tuple(doubts)
