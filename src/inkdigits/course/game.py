"""The game: a human against a model, on the digits of which the model is least sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inkdigits.data.dataset import Dataset
from inkdigits.inference.softmax import softmax
from inkdigits.types import Classifier, Ink

SHADES = " .:-=+*#%@"  # from paper to ink, for a terminal without colours


@dataclass(frozen=True, eq=False)
class Challenge:
    """A digit and what the model says of it.

    Attributes:
        index: in the data set.
        image: uint8 (28, 28), 0 = paper, 255 = ink.
        label: the right class.
        guess: the model's.
        probability: the model's, of its guess.
    """

    index: int
    image: Ink
    label: str
    guess: str
    probability: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the image, as JSON accepts it."""
        found = {"index": self.index, "label": self.label, "guess": self.guess}
        return found | {"probability": round(self.probability, 4)}


def choose_challenges(
    classifier: Classifier, dataset: Dataset, *, rounds: int, hardest: int = 200, seed: int = 0
) -> list[Challenge]:
    """Draw some of the digits at which the model's first two choices lie closest together.

    The labels have no say in it: the model may be right about many of them.

    Args:
        classifier: the model.
        dataset: where the digits come from.
        rounds: how many to draw.
        hardest: among how many of the hardest.
        seed: of the drawing.
    """
    probabilities = softmax(classifier.logits(dataset.images))
    two = np.sort(probabilities, axis=1)[:, -2:]
    hard = np.argsort(two[:, 1] - two[:, 0], kind="stable")[: max(hardest, rounds)]
    drawn = np.random.default_rng(seed).permutation(hard)[:rounds]
    names = classifier.class_names
    return [
        Challenge(
            index=int(index),
            image=dataset.images[index],
            label=dataset.class_names[dataset.labels[index]],
            guess=names[int(probabilities[index].argmax())],
            probability=float(probabilities[index].max()),
        )
        for index in drawn
    ]


def blocks(image: Ink) -> str:
    """Draw a digit for a terminal of 256 colours: two rows of pixels a line, in shades of grey."""
    shades = 232 + np.asarray(image, np.int64) * 23 // 255  # the 24 greys of the palette
    lines = []
    for top, bottom in zip(shades[::2], shades[1::2], strict=True):
        cells = "".join(f"\x1b[38;5;{a};48;5;{b}m▀" for a, b in zip(top, bottom, strict=True))
        lines.append(f"{cells}\x1b[0m")
    return "\n".join(lines)


def letters(image: Ink) -> str:
    """Draw a digit with letters, two a pixel, without the empty border."""
    rows, columns = np.flatnonzero(image.max(axis=1)), np.flatnonzero(image.max(axis=0))
    if not len(rows):
        return ""
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return "\n".join(_line(row) for row in ink)


def _line(row: Sequence[int]) -> str:
    return "".join(SHADES[int(value) * (len(SHADES) - 1) // 255] * 2 for value in row).rstrip()
