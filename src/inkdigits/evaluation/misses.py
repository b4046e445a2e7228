"""The images that a classifier gets wrong, one by one."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkdigits.inference.softmax import softmax
from inkdigits.types import Labels, Logits


@dataclass(frozen=True)
class Miss:
    """One wrong guess: where it is in the data set, what it is, what it was called, and how surely."""

    index: int
    label: str
    guess: str
    probability: float  # of the guess
    label_probability: float  # of the truth

    def to_dict(self) -> dict[str, Any]:
        """Return the miss as JSON accepts it."""
        return asdict(self)


def find_misses(logits: Logits, labels: Labels, class_names: tuple[str, ...]) -> tuple[Miss, ...]:
    """Return every wrong guess, in the order of the data set."""
    probabilities, guesses = softmax(logits), logits.argmax(axis=1)
    return tuple(
        Miss(
            index=int(index),
            label=class_names[labels[index]],
            guess=class_names[guesses[index]],
            probability=float(probabilities[index, guesses[index]]),
            label_probability=float(probabilities[index, labels[index]]),
        )
        for index in np.flatnonzero(guesses != labels)
    )
