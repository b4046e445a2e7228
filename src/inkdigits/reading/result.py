"""What was read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.reading.overlay import Labelled, draw_boxes
from inkdigits.types import Gray, Ink

READ, REJECTED = "#1f77b4", "#ee6677"  # colours of boxes


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit in a picture.

    Attributes:
        label: "0" to "9".
        probability: of the label among the ten, given that it is a digit, 0 to 1.
        probabilities: of every class, in the order of the classes.
        is_digit: the probability that the mark is a digit at all, 0 to 1; 1 where the model cannot tell.
        box_xyxy: left, top, right, bottom in pixels of the upright picture.
        image: uint8 (28, 28), 0 = paper, 255 = ink: what the network saw.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    is_digit: float
    box_xyxy: tuple[int, int, int, int]
    image: NDArray[np.uint8] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the digit without its pixels, as JSON accepts it."""
        return {
            "label": self.label,
            "probability": round(self.probability, 6),
            "probabilities": {name: round(value, 6) for name, value in self.probabilities.items()},
            "is_digit": round(self.is_digit, 6),
            "box_xyxy": list(self.box_xyxy),
        }


@dataclass(frozen=True, eq=False)
class Rejection:
    """A mark that is not read, and why.

    Attributes:
        reason: "blank", "not a digit", "unclear", "two digits" or "left out".
        is_digit: the probability that it is a digit, 0 to 1; 0 for a blank picture.
        guess: the digit that it would be, if it were one; empty for a blank picture.
        box_xyxy: left, top, right, bottom in pixels of the upright picture.
    """

    reason: str
    is_digit: float
    guess: str
    box_xyxy: tuple[int, int, int, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the rejection as JSON accepts it."""
        return {
            "reason": self.reason,
            "is_digit": round(self.is_digit, 6),
            "guess": self.guess,
            "box_xyxy": list(self.box_xyxy),
        }


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture as read.

    Attributes:
        source: what was read.
        lines: the digits of each line of the picture, from left to right and top to bottom; no empty lines.
        rejected: the marks that are no digit, or too unclear to be read.
        warnings: what the reader of this reading should know.
        gray: uint8 (height, width), the picture as loaded, upright.
        ink: uint8 (height, width), 0 = paper, 255 = ink; None where the picture is blank or was prepared already.
        scale: pixels of the original for one of `gray`.
    """

    source: str
    lines: tuple[tuple[Digit, ...], ...]
    rejected: tuple[Rejection, ...] = ()
    warnings: tuple[str, ...] = ()
    gray: Gray = field(repr=False, default_factory=lambda: np.zeros((0, 0), np.uint8))
    ink: Ink | None = field(repr=False, default=None)
    scale: float = 1.0

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits, line by line."""
        return tuple(digit for line in self.lines for digit in line)

    @property
    def text(self) -> str:
        """The digits as text, a line of the picture on a line; empty when there are none."""
        return "\n".join("".join(digit.label for digit in line) for line in self.lines)

    def overlay(self) -> Image.Image:
        """Return the picture in RGB with a box around every digit, and around every mark that was not read."""
        marks = [(digit.box_xyxy, digit.label, READ) for digit in self.digits]
        marks += [(mark.box_xyxy, mark.reason, REJECTED) for mark in self.rejected]
        # Boxes count in pixels of the original; a large photo was decoded smaller.
        boxes = [Labelled(_scaled(box, 1 / self.scale), word, colour) for box, word, colour in marks]
        return draw_boxes(self.gray, boxes)

    def to_dict(self) -> dict[str, Any]:
        """Return the reading without its pixels, as JSON accepts it."""
        return {
            "source": self.source,
            "text": self.text,
            "digit": int(self.text) if len(self.digits) == 1 and self.text.isdecimal() else None,
            "lines": self.text.splitlines(),
            "digits": [digit.to_dict() for digit in self.digits],
            "rejected": [mark.to_dict() for mark in self.rejected],
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        certainty = ", ".join(f"{digit.probability:.1%}" for digit in self.digits)
        return f"Reading({self.text!r}, {certainty or 'no digit'})"


def _scaled(box: tuple[int, int, int, int], scale: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return x0 * scale, y0 * scale, x1 * scale, y1 * scale
