"""What a network takes a piece for: one digit, two that touch, or none."""

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np

from inkdigits.data.dataset import DIGITS
from inkdigits.imaging.normalize import normalize_digit, normalize_pair
from inkdigits.imaging.segment import Piece
from inkdigits.inference.softmax import softmax, with_none
from inkdigits.inference.weights import shipped_classifier
from inkdigits.reading.marks import Mark, Pair
from inkdigits.types import Classifier, Images, Probabilities

SECOND_LOOK = 0.9  # below this probability a mark, or a pair, is looked at again
MOVES = ((6, 1.0), (-6, 1.0), (0, 0.92), (0, 1.08))  # degrees and scale of each second look
CENTRE = (14, 14)


class NetworkRecognizer:
    """Looks at pieces with a classifier of single digits, and with the model in the package that knows pairs.

    Args:
        classifier: of single digits.
        threads: CPU threads of one prediction of pairs; None = one a core.
    """

    def __init__(self, classifier: Classifier, *, threads: int | None = None) -> None:
        self.classifier, self.threads = classifier, threads
        # What only a model trained with marks that are no digits can tell.
        self.reject_below: float | None = getattr(classifier, "reject_below", None)

    @cached_property
    def _pair_classifier(self) -> Classifier:
        return shipped_classifier("pairs", threads=self.threads)

    def probabilities(self, images: Images) -> Probabilities:
        """Return float64 (N, K + 1): every class, and last none of them, 0 where the model cannot tell.

        Args:
            images: uint8 (N, 28, 28), as `normalize_digit` makes them.
        """
        logits = self.classifier.logits(images)
        if self.reject_below is None:
            return np.pad(softmax(logits), ((0, 0), (0, 1)))
        return softmax(with_none(logits))

    def marks(self, pieces: Sequence[Piece]) -> list[Mark]:
        """Take each piece for one digit."""
        if not pieces:
            return []
        images = np.stack([normalize_digit(piece.ink) for piece in pieces])
        probabilities = _looked_at(images, self.probabilities)
        return [Mark(*found) for found in zip(pieces, images, probabilities, strict=True)]

    def pairs(self, pieces: Sequence[Piece]) -> list[Pair]:
        """Take each piece for two digits; nothing where the classifier's classes are not the ten digits."""
        if not pieces or self.classifier.class_names != DIGITS:
            return []
        images = np.stack([normalize_pair(piece.ink) for piece in pieces])
        together = _looked_at(images, self._pair_probabilities)[:, :-1].reshape(-1, 10, 10)
        return [Pair(image, joint) for image, joint in zip(images, together, strict=True)]

    def _pair_probabilities(self, images: Images) -> Probabilities:
        """Return float64 (N, 101): "00" to "99", and last none of them."""
        return softmax(with_none(self._pair_classifier.logits(images)))


def _looked_at(images: Images, look: Callable[[Images], Probabilities]) -> Probabilities:
    """Look at images; where that leaves a doubt, turn and scale them a little, look again, and take the mean."""
    probabilities = look(images)
    unsure = np.flatnonzero(probabilities.max(axis=1) < SECOND_LOOK)
    if len(unsure):
        moved = [
            cv2.warpAffine(image, cv2.getRotationMatrix2D(CENTRE, degrees, scale), image.shape)
            for degrees, scale in MOVES
            for image in images[unsure]
        ]
        looks = look(np.stack(moved).astype(np.uint8)).reshape(len(MOVES), len(unsure), -1)
        probabilities[unsure] = (probabilities[unsure] + looks.sum(axis=0)) / (1 + len(MOVES))
    return probabilities
