"""What happened in a training run, epoch by epoch."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepRecord:
    """Where a run is within an epoch. Running figures are means over the images of this epoch so far."""

    epoch: int
    step: int  # of the whole run, from 1
    images: int  # of this epoch so far
    images_per_epoch: int
    learning_rate: float
    running_loss: float
    running_accuracy: float
    images_per_second: float


@dataclass(frozen=True)
class EpochRecord:
    """One finished epoch; epoch 0 is the untrained network.

    All four figures are measured the same way, after the epoch, in eval mode, without augmentation: losses are
    means over images in nats, accuracies are fractions. The training ones come from a fixed sample of the training
    set, as large as the validation set, so that the two curves may be compared.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    learning_rate: float
    seconds: float  # spent in the loop since the run began, without validation
    images_per_second: float
    best: bool  # the best epoch so far by validation accuracy, then by validation loss


@dataclass
class History:
    """The finished epochs of a run; two histories add up to one."""

    epochs: list[EpochRecord] = field(default_factory=list)

    @property
    def best(self) -> EpochRecord | None:
        """The best epoch by validation, None before the first."""
        return max(self.epochs, key=_merit, default=None)

    def is_best(self, valid_accuracy: float, valid_loss: float) -> bool:
        """Say whether these figures beat every epoch so far."""
        return self.best is None or (valid_accuracy, -valid_loss) > _merit(self.best)

    def __add__(self, other: "History") -> "History":
        return History(self.epochs + other.epochs)

    def to_dict(self) -> dict[str, Any]:
        """Return the epochs as JSON accepts them."""
        return {"epochs": [asdict(record) for record in self.epochs]}

    def to_jsonl(self) -> str:
        """Return one line of JSON an epoch."""
        return "".join(json.dumps(asdict(record)) + "\n" for record in self.epochs)

    @classmethod
    def from_records(cls, records: Iterable[dict[str, Any]]) -> "History":
        """Build a history from the dictionaries of `to_dict()["epochs"]`."""
        return cls([EpochRecord(**record) for record in records])

    def __repr__(self) -> str:
        best = self.best
        if best is None:
            return "History(no epochs)"
        return f"History({len(self.epochs)} epochs, best {best.valid_accuracy:.2%} valid at epoch {best.epoch})"


def _merit(record: EpochRecord) -> tuple[float, float]:
    return record.valid_accuracy, -record.valid_loss
