"""The game: a human against a model, on the digits of which the model is least sure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from inkdigits.data.dataset import Dataset
from inkdigits.inference.softmax import softmax
from inkdigits.types import Classifier, Ink


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
