"""The whole way from a picture to a digit, in one place."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.binarize import InkMap, find_ink
from inkdigits.imaging.files import Source, load_picture
from inkdigits.imaging.normalize import normalize_digit
from inkdigits.imaging.segment import Box, FoundDigit, find_digit
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.softmax import softmax
from inkdigits.inference.weights import shipped_classifier
from inkdigits.reading.result import Digit, Reading
from inkdigits.types import Classifier

UNSURE = 0.8  # below this probability a reading says so


class Reader:
    """Reads pictures of one handwritten digit each.

    Args:
        model: a .onnx file of `export_onnx`, any `Classifier`, or None for the model in the package.

    Raises:
        ModelError: the model file cannot be used.

    Example:
        >>> Reader().read("examples/seven.jpg").text
        '7'
    """

    def __init__(self, model: str | Path | Classifier | None = None) -> None:
        if model is None:
            model = shipped_classifier()
        elif isinstance(model, str | Path):
            model = OnnxClassifier(Path(model))
        self.classifier: Classifier = model

    def read(self, source: Source, *, name: str | None = None) -> Reading:
        """Read a picture.

        Args:
            source: a path, the bytes of an image file, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4).
            name: what the reading calls its source; by default the path.

        Raises:
            InputError: it is not a picture that can be read.
        """
        picture = load_picture(source, name=name)
        ink_map = find_ink(picture.gray)
        if ink_map is None:
            blank = "blank: nothing stands out from the paper"
            return Reading(picture.name, (), (*picture.notes, blank), picture.gray)
        found = find_digit(ink_map.ink, ink_map.mask)
        image = normalize_digit(found.ink)
        digit = self._classify(image, _in_original(found.box, ink_map.scale * picture.scale))
        notes = (*picture.notes, *_warnings(ink_map, found, digit))
        return Reading(picture.name, (digit,), notes, picture.gray, ink_map.ink, picture.scale)

    def read_prepared(self, image: NDArray[np.uint8], *, name: str) -> Reading:
        """Read an image that is already as MNIST makes them: uint8 (28, 28), 0 = paper, 255 = ink."""
        digit = self._classify(image, (0, 0, 28, 28))
        return Reading(name, (digit,), _unsure(digit), 255 - image)

    def _classify(self, image: NDArray[np.uint8], box: Box) -> Digit:
        probabilities = softmax(self.classifier.logits(image[None]))[0]
        best = int(probabilities.argmax())
        names = self.classifier.class_names
        return Digit(
            label=names[best],
            probability=float(probabilities[best]),
            probabilities=dict(zip(names, probabilities.tolist(), strict=True)),
            box_xyxy=box,
            image=image,
        )


def _in_original(box: Box, scale: float) -> Box:
    x0, y0, x1, y1 = (round(edge * scale) for edge in box)
    return x0, y0, x1, y1


def _warnings(ink_map: InkMap, found: FoundDigit, digit: Digit) -> tuple[str, ...]:
    inverted = () if ink_map.dark_ink else ("light ink on dark paper",)
    others = (f"{found.left_out} more mark(s) left out: one digit a picture is read",) if found.left_out else ()
    return inverted + others + _unsure(digit)


def _unsure(digit: Digit) -> tuple[str, ...]:
    if digit.probability >= UNSURE:
        return ()
    second = sorted(digit.probabilities, key=lambda name: -digit.probabilities[name])[1]
    return (f"unsure: {digit.label} or {second}",)
