"""Measure a classifier on a data set, once and completely."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, DataError, ModelError
from inkdigits.evaluation.confusion import ConfusionMatrix, confusion_matrix
from inkdigits.evaluation.metrics import ClassMetrics, class_metrics, cross_entropy, wilson_interval
from inkdigits.evaluation.misses import Miss, find_misses
from inkdigits.types import Classifier, Labels


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a classifier did on a data set.

    Attributes:
        dataset: "mnist:test".
        total: images.
        correct: images called what they are.
        loss: mean cross-entropy in nats.
        classes: precision, recall and F1 of each class.
        confusion: rows = label, columns = guess.
        misses: every wrong guess.
        guesses: int64 (total,), in the order of the data set.
        seconds: wall-clock time of all predictions.
    """

    dataset: str
    total: int
    correct: int
    loss: float
    classes: tuple[ClassMetrics, ...]
    confusion: ConfusionMatrix
    misses: tuple[Miss, ...]
    guesses: Labels
    seconds: float

    @property
    def accuracy(self) -> float:
        """The share of images called what they are, 0 to 1."""
        return self.correct / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the accuracy, as fractions."""
        return wilson_interval(self.correct, self.total)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single guesses, as JSON accepts it."""
        return {
            "dataset": self.dataset,
            "total": self.total,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval_95": list(self.interval),
            "loss": self.loss,
            "classes": [asdict(row) for row in self.classes],
            "confusion": self.confusion.to_dict(),
            "most_confused": [
                {"label": label, "guess": guess, "count": count}
                for label, guess, count in self.confusion.most_confused()
            ],
            "misses": [miss.to_dict() for miss in self.misses],
            "seconds": self.seconds,
            "images_per_second": self.total / self.seconds,
        }

    def __repr__(self) -> str:
        low, high = self.interval
        return (
            f"Evaluation({self.dataset}: {self.correct:,}/{self.total:,} = {self.accuracy:.2%}, "
            f"95 % interval {low:.2%} to {high:.2%}, loss {self.loss:.4f})"
        )


def evaluate(classifier: Classifier, dataset: Dataset) -> Evaluation:
    """Measure a classifier on every image of a data set.

    Args:
        classifier: a `Checkpoint`'s `.classifier`, an `OnnxClassifier`, or anything with `logits`.
        dataset: images and labels.

    Raises:
        ConfigError: the first argument is no classifier.
        DataError: the data set is empty, or its classes are not the classifier's.
        ModelError: the classifier gives other logits than one for each image and class, or the largest of an image is
            NaN or infinite.
    """
    if not hasattr(classifier, "logits"):
        raise ConfigError(f"{type(classifier).__name__} is no classifier: of a checkpoint, its `.classifier` is one")
    if not len(dataset):
        raise DataError(f"{dataset!r} is empty: there is nothing to measure")
    if tuple(classifier.class_names) != tuple(dataset.class_names):
        raise DataError(
            f"the classifier knows {', '.join(classifier.class_names)}, but {dataset.name} has "
            f"{', '.join(dataset.class_names)}: evaluate it on a data set of its own classes"
        )
    began = time.perf_counter()
    logits = classifier.logits(dataset.images)
    seconds = time.perf_counter() - began
    if logits.shape != (len(dataset), len(dataset.class_names)):
        raise ModelError(
            f"{classifier!r} gives logits {logits.shape} for {len(dataset):,} images of {len(dataset.class_names)} "
            f"classes, expected {(len(dataset), len(dataset.class_names))}"
        )
    if broken := int((~np.isfinite(logits.max(axis=1))).sum()):  # some may be minus infinity: no chance at all
        raise ModelError(
            f"{classifier!r} answers {broken:,} of {len(dataset):,} images with NaN or infinity: its weights are "
            "damaged, or their training diverged. Train again, or use another"
        )
    guesses = logits.argmax(axis=1)
    confusion = confusion_matrix(dataset.labels, guesses, dataset.class_names)
    return Evaluation(
        dataset=f"{dataset.name}:{dataset.split}",
        total=len(dataset),
        correct=int((guesses == dataset.labels).sum()),
        loss=cross_entropy(logits, dataset.labels),
        classes=class_metrics(confusion.counts, dataset.class_names),
        confusion=confusion,
        misses=find_misses(logits, dataset.labels, dataset.class_names),
        guesses=guesses,
        seconds=seconds,
    )
