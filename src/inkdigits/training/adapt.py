"""A trained network learns one person's handwriting from a few pictures, without forgetting everybody else's."""

from dataclasses import dataclass

import numpy as np

from inkdigits.config import AugmentConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.errors import TrainingError
from inkdigits.evaluation.metrics import accuracy
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.loop import train
from inkdigits.types import Images, Labels

REHEARSED = 4_000  # images of the data set that the network came from, in each epoch beside as many of the new ones
EPOCHS = 3
MAX_LOSS = 0.001  # of the accuracy on the validation images: more is refused
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
    """

    pictures: int
    right_before: int
    right_held_out: int | None
    validation_before: float
    validation_after: float


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
        TrainingError: it became worse for everybody by more than 0.1 points.
    """
    config = checkpoint.config
    old_set, valid_set = split_dataset(load_dataset(config.dataset), config.validation_size, seed=config.seed)
    before = accuracy(checkpoint.classifier.logits(valid_set.images), valid_set.labels)
    held_out = None
    if len(images) >= MIN_FOLDED:
        fold = np.random.default_rng(seed).permutation(len(images)) % FOLDS
        held_out = 0
        for part in range(FOLDS):
            learned = _learn(
                checkpoint, old_set, valid_set.subset(slice(100)), images[fold != part], labels[fold != part], seed
            )
            guesses = learned.classifier.logits(images[fold == part]).argmax(axis=1)
            held_out += int((guesses == labels[fold == part]).sum())
    adapted = _learn(checkpoint, old_set, valid_set, images, labels, seed)
    after = accuracy(adapted.classifier.logits(valid_set.images), valid_set.labels)
    if after < before - MAX_LOSS:
        raise TrainingError(
            f"after learning these pictures the network reads {after:.2%} of {len(valid_set):,} validation images, "
            f"before {before:.2%}: nothing was written. Are all labels right? `inkdigits read` shows each picture"
        )
    right = int((checkpoint.classifier.logits(images).argmax(axis=1) == labels).sum())
    return adapted, Adaptation(len(images), right, held_out, before, after)


def _learn(
    checkpoint: Checkpoint, old_set: Dataset, valid_set: Dataset, images: Images, labels: Labels, seed: int
) -> Checkpoint:
    chosen = np.random.default_rng(seed).permutation(len(old_set))[:REHEARSED]
    repeated = np.resize(np.random.default_rng(seed).permutation(len(images)), max(REHEARSED, len(images)))
    mixed = Dataset(
        old_set.name,
        "train",
        np.concatenate([old_set.images[chosen], images[repeated]]),
        np.concatenate([old_set.labels[chosen], labels[repeated]]),
        old_set.class_names,
    )
    config = checkpoint.config.replace(
        {"optimizer": "adamw", "learning_rate": 5e-4, "schedule": "one_cycle", "batch_size": 128, "epochs": EPOCHS}
    )
    # Only the ten digits are weighed against each other; what is no digit is not shown again.
    config = config.replace({"seed": seed, "synthetic": 0, "augment": config.augment or AugmentConfig()})
    copy = checkpoint.copy()
    adapted = Checkpoint(config, copy.model, copy.class_names)
    for _ in train(adapted, mixed, valid_set):
        pass
    adapted.history.epochs = adapted.history.epochs[-1:]  # the one whose weights these are
    adapted.config = adapted.config.replace({"synthetic": checkpoint.config.synthetic, "seed": checkpoint.config.seed})
    return adapted
