"""What was read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.types import Gray, Ink


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit in a picture.

    Attributes:
        label: "0" to "9".
        probability: of the label, 0 to 1.
        probabilities: of every class, in the order of the classes.
        box_xyxy: left, top, right, bottom in pixels of the upright picture.
        image: uint8 (28, 28), 0 = paper, 255 = ink: what the network saw.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    box_xyxy: tuple[int, int, int, int]
    image: NDArray[np.uint8] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the digit without its pixels, as JSON accepts it."""
        return {
            "label": self.label,
            "probability": round(self.probability, 6),
            "probabilities": {name: round(value, 6) for name, value in self.probabilities.items()},
            "box_xyxy": list(self.box_xyxy),
        }


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture as read.

    Attributes:
        source: what was read.
        digits: the digits found; empty when there are none.
        warnings: what the reader of this reading should know.
        gray: uint8 (height, width), the picture as loaded, upright.
        ink: uint8 (height, width), 0 = paper, 255 = ink; None where the picture is blank or was prepared already.
        scale: pixels of the original for one of `gray`.
    """

    source: str
    digits: tuple[Digit, ...]
    warnings: tuple[str, ...] = ()
    gray: Gray = field(repr=False, default_factory=lambda: np.zeros((0, 0), np.uint8))
    ink: Ink | None = field(repr=False, default=None)
    scale: float = 1.0

    @property
    def text(self) -> str:
        """The digits as one string, empty when there are none."""
        return "".join(digit.label for digit in self.digits)

    def to_dict(self) -> dict[str, Any]:
        """Return the reading without its pixels, as JSON accepts it."""
        return {
            "source": self.source,
            "text": self.text,
            "digit": int(self.text) if len(self.digits) == 1 and self.text.isdecimal() else None,
            "digits": [digit.to_dict() for digit in self.digits],
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        certainty = ", ".join(f"{digit.probability:.1%}" for digit in self.digits)
        return f"Reading({self.text!r}, {certainty or 'no digit'})"
