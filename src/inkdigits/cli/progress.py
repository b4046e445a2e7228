"""A training run as people and programs see it."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from inkdigits.cli.console import percent, print_json
from inkdigits.training.history import EpochRecord, StepRecord

LIVE_STEPS = 20  # steps between two refreshes of the live line


class TrainingDisplay:
    """A line an epoch on stdout; while an epoch runs, a live line on stderr if that is a terminal.

    Args:
        as_json: JSON objects instead of lines.
        log_every: also a plain line every so many steps; 0 = never.
        network: which network of an ensemble it is, from 1; None for one alone.
    """

    def __init__(self, *, as_json: bool, log_every: int, network: int | None = None) -> None:
        self.as_json, self.log_every = as_json, log_every
        self._about = {} if network is None else {"network": network}
        self._has_header = False
        self.steps_per_record = log_every or LIVE_STEPS
        console = Console(file=sys.stderr)
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # into a file or a pipe results go as they are
            disable=not console.is_terminal or (as_json and sys.stdout.isatty()),  # which would break long lines
        )
        self._task = self._progress.add_task("", total=None, epoch="0", figures="measuring the untrained network")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, record: StepRecord, epochs: int) -> None:
        """Show where the run is; the bar and the time left are those of the whole run."""
        if self.log_every:
            print(
                f"epoch {record.epoch}  step {record.step:>6}  [{record.images:>6}/{record.images_per_epoch}]  "
                f"loss {record.running_loss:.4f}  accuracy {percent(record.running_accuracy)}",
                file=sys.stderr if self.as_json else sys.stdout,
                flush=True,
            )
        done = (record.epoch - 1) * record.images_per_epoch + record.images
        self._progress.update(
            self._task,
            completed=done,
            total=epochs * record.images_per_epoch,
            epoch=f"{record.epoch}/{epochs}",
            figures=f"loss {record.running_loss:.4f}  accuracy {percent(record.running_accuracy)}  "
            f"{record.images_per_second:,.0f} images/s",
        )

    def epoch(self, record: EpochRecord, epochs: int, *, keep: str) -> None:
        """Print a finished epoch; where the best is kept, tell which is the best so far."""
        if self.as_json:
            print_json(self._about | vars(record))
            return
        if not self._has_header:
            self._has_header = True
            print("epoch    train loss  accuracy   valid loss  accuracy  seconds  images/s", flush=True)
        # Printed through the display, so that the live line stays below.
        line = (
            f"{record.epoch:>3}/{epochs:<3}  {_loss(record.train_loss):>10} {percent(record.train_accuracy):>9}  "
            f"{_loss(record.valid_loss):>11} {percent(record.valid_accuracy):>9}  {record.seconds:>7.1f}  "
            f"{record.images_per_second:>8,.0f}{'  best' if record.best and keep == 'best' else ''}"
        )
        print(line, flush=True)


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 1000 else f"{value:.2e}"
