"""Small real parts that many tests share: a thousand MNIST images and a network trained on them in a second."""

from functools import cache

from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train

CONFIG = TrainConfig(
    model="cnn-dropout", learning_rate=1e-3, batch_size=50, epochs=2, validation_size=300, seed=3, device="cpu"
)


@cache
def small_sets() -> tuple[Dataset, Dataset]:
    """Return 1,000 training and 300 validation images."""
    return split_dataset(load_dataset("mnist").subset(slice(1_300)), 300, seed=0)


def trained(config: TrainConfig = CONFIG) -> Checkpoint:
    """Return a copy of the state after training on the small sets to the end; each config is trained once."""
    return _trained(config).copy()


@cache
def _trained(config: TrainConfig) -> Checkpoint:
    checkpoint = create_checkpoint(config)
    finish(checkpoint)
    return checkpoint


def finish(checkpoint: Checkpoint, *, stop_after: int | None = None) -> list[EpochRecord]:
    """Train a checkpoint on, to its end or to an epoch, and return the epochs on the way."""
    records = []
    for record in train(checkpoint, *small_sets()):
        if isinstance(record, EpochRecord):
            records.append(record)
            if record.epoch == stop_after:
                break
    return records
