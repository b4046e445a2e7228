"""A trained network learns one person's handwriting from a few pictures, without forgetting everybody else's."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.config import AugmentConfig, TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.data.synthesis import NONE, synthesize_nothings
from inkdigits.errors import TrainingError
from inkdigits.evaluation.calibration import rejection_threshold
from inkdigits.evaluation.metrics import accuracy, cross_entropy
from inkdigits.inference.softmax import softmax, with_none
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.loop import train
from inkdigits.types import Images, Labels

REHEARSED = 4_000  # images of the data set that the network came from, in each epoch
SHOWN = 2_000  # images of the new hand, each as often as it takes
NOTHINGS = 1_000  # images of no digit, for a network that rejects them
WATCHED = 500  # validation images, after each epoch; all are for the judgement at the end
MEASURED = 500  # other images of no digit
EPOCHS = 3
LEARNING_RATE = 3e-4
MAX_LOSS = 0.001  # of the accuracy on the validation images: more is refused
MAX_ACCEPTED = 0.02  # of the images of no digit, beyond those accepted before: more is refused
FOLDS = 2
MIN_FOLDED = 10  # pictures; of fewer none can be spared for measuring


@dataclass(frozen=True)
class Adaptation:
    """What adapting did.

    Attributes:
        pictures: how many were learned from.
        right_before: how many of them the network read before.
        right_held_out: how many a network read that had learned from the other half; None with fewer than 10.
        validation_before: accuracy on validation images of everybody, before.
        validation_after: the same, after.
        rejected_before: share of images of no digit that are rejected, before; None for a network that rejects none.
        rejected_after: the same, after.
    """

    pictures: int
    right_before: int
    right_held_out: int | None
    validation_before: float
    validation_after: float
    rejected_before: float | None = None
    rejected_after: float | None = None


def adapt(checkpoint: Checkpoint, images: Images, labels: Labels, *, seed: int = 0) -> tuple[Checkpoint, Adaptation]:
    """Train on a few new images among many old ones.

    Args:
        checkpoint: the network to start from; it is left as it is.
        images: uint8 (N, 28, 28), as the reader cuts them out.
        labels: int64 (N,).
        seed: of what is rehearsed, of the order and of the augmentation.

    Returns:
        The adapted network, and what it is worth: on half of the new images after learning from the other half, and
        on validation images of everybody.

    Raises:
        TrainingError: it became worse for everybody by more than 0.1 points, or takes more for digits that are none.
    """
    config = checkpoint.config
    old_set, valid_set = split_dataset(load_dataset(config.dataset), config.validation_size, seed=config.seed)
    nothings = synthesize_nothings(valid_set, MEASURED, seed=seed + 1).images if config.synthetic else None
    few = valid_set.subset(slice(WATCHED))
    before = _Judge(checkpoint, valid_set, nothings)
    held_out = None
    if len(images) >= MIN_FOLDED:
        fold = np.random.default_rng(seed).permutation(len(images)) % FOLDS
        held_out = 0
        for part in range(FOLDS):
            learned = _learn(checkpoint, old_set, few, images[fold != part], labels[fold != part], seed)
            held_out += _Judge(learned, valid_set, nothings).right(images[fold == part], labels[fold == part])
    adapted = _learn(checkpoint, old_set, few, images, labels, seed)
    after = _Judge(adapted, valid_set, nothings)
    last = adapted.history.epochs[-1]  # the one whose weights these are
    adapted.history.epochs = [replace(last, valid_accuracy=after.accuracy, valid_loss=after.loss)]
    _refuse_harm(before, after, len(valid_set))
    found = Adaptation(
        len(images),
        before.right(images, labels),
        held_out,
        before.accuracy,
        after.accuracy,
        before.rejected,
        after.rejected,
    )
    return adapted, found


class _Judge:
    """What a network is worth: on everybody's digits, and on what is none."""

    def __init__(self, checkpoint: Checkpoint, valid_set: Dataset, nothings: Images | None) -> None:
        self.classifier = checkpoint.classifier
        logits = self.classifier.logits(valid_set.images)
        self.accuracy = accuracy(logits, valid_set.labels)
        self.loss = cross_entropy(logits, valid_set.labels)
        self.reject_below = 0.0 if nothings is None else rejection_threshold(logits)
        self.rejected = None if nothings is None else 1 - float(self._is_digit(nothings).mean())

    def right(self, images: Images, labels: Labels) -> int:
        """Count the images that are read: neither rejected nor taken for another digit."""
        guesses = self.classifier.logits(images).argmax(axis=1)
        return int(((guesses == labels) & self._is_digit(images)).sum())

    def _is_digit(self, images: Images) -> NDArray[np.bool_]:
        none = softmax(with_none(self.classifier.logits(images)))[:, -1]
        return np.asarray(1 - none >= self.reject_below)


def _refuse_harm(before: _Judge, after: _Judge, count: int) -> None:
    if after.accuracy < before.accuracy - MAX_LOSS:
        raise TrainingError(
            f"after learning these pictures the network reads {after.accuracy:.2%} of {count:,} validation images, "
            f"before {before.accuracy:.2%}: nothing was written. Are all labels right? "
            "`inkdigits read` shows each picture"
        )
    if before.rejected is not None and after.rejected is not None and after.rejected < before.rejected - MAX_ACCEPTED:
        raise TrainingError(
            f"after learning these pictures the network rejects {after.rejected:.1%} of {MEASURED} images of no digit, "
            f"before {before.rejected:.1%}: nothing was written. Do all pictures show one digit? "
            "`inkdigits read` shows each picture"
        )


def _learn(
    checkpoint: Checkpoint, old_set: Dataset, valid_set: Dataset, images: Images, labels: Labels, seed: int
) -> Checkpoint:
    chosen = np.random.default_rng(seed).permutation(len(old_set))[:REHEARSED]
    repeated = np.resize(np.random.default_rng(seed).permutation(len(images)), max(SHOWN, len(images)))
    shown = [(old_set.images[chosen], old_set.labels[chosen]), (images[repeated], labels[repeated])]
    if checkpoint.config.synthetic:  # and what is no digit stays none
        nothings = synthesize_nothings(old_set, NOTHINGS, seed=seed)
        shown.append((nothings.images, nothings.labels))
    mixed = Dataset(
        old_set.name,
        "train",
        np.concatenate([part for part, _ in shown]),
        np.concatenate([part for _, part in shown]),
        (*old_set.class_names, NONE) if checkpoint.config.synthetic else old_set.class_names,
    )
    config = _gentle(checkpoint.config, seed)
    copy = checkpoint.copy()
    adapted = Checkpoint(config, copy.network, copy.class_names, taught_by=copy.taught_by, temperature=copy.temperature)
    for _ in train(adapted, mixed, valid_set):
        pass
    adapted.config = adapted.config.replace({"seed": checkpoint.config.seed})
    return adapted


def _gentle(config: TrainConfig, seed: int) -> TrainConfig:
    """Return how to learn a little more: the steps are ours, whatever the network was trained by."""
    kept = (
        "dataset",
        "validation_size",
        "synthetic",
        "device",
        "threads",
        "weight_decay",
        "label_smoothing",
        "views",
    )
    return TrainConfig(
        model=config.model,
        optimizer="adamw",
        learning_rate=LEARNING_RATE,
        schedule="one_cycle",
        batch_size=128,
        epochs=EPOCHS,
        seed=seed,
        augment=config.augment or AugmentConfig(),
    ).replace({name: getattr(config, name) for name in kept})
