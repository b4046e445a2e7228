"""What TensorBoard shows of a run."""

from pathlib import Path
from types import TracebackType
from typing import Self

from inkdigits.errors import StorageError, require
from inkdigits.training.history import EpochRecord, StepRecord

EVENTS = "tensorboard"


class EventLog:
    """Writes loss, accuracy and learning rate to RUN/tensorboard: `tensorboard --logdir runs` draws them.

    Args:
        folder: of the run.
        step: finished before; of a resumed run, what TensorBoard has of later steps is dropped.

    Raises:
        MissingExtraError: tensorboard is not installed.
        StorageError: the folder cannot be written.
    """

    def __init__(self, folder: Path, *, step: int = 0) -> None:
        require("tensorboard", extra="tensorboard", purpose="logging for TensorBoard")
        from torch.utils.tensorboard.writer import SummaryWriter

        try:
            self._writer = SummaryWriter(folder / EVENTS, purge_step=step + 1)
        except OSError as error:
            raise StorageError(error.errno, f"cannot write {folder / EVENTS}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, record: StepRecord | EpochRecord) -> None:
        """Add one record, at its step."""
        if isinstance(record, EpochRecord):
            figures = {
                "loss/train": record.train_loss,
                "loss/validation": record.valid_loss,
                "accuracy/train": record.train_accuracy,
                "accuracy/validation": record.valid_accuracy,
            }
        else:
            figures = {
                "loss/running": record.running_loss,
                "accuracy/running": record.running_accuracy,
                "learning_rate": record.learning_rate,
                "images_per_second": record.images_per_second,
            }
        for name, value in figures.items():
            self._writer.add_scalar(name, value, record.step)
        self._writer.flush()
