"""What TensorBoard would show is what happened."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from inkdigits.errors import StorageError
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.training.events import EVENTS, EventLog
from inkdigits.training.history import EpochRecord, StepRecord
from inkdigits.training.loop import train
from tests.small import CONFIG, small_sets


def shown(folder: Path, name: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(folder / EVENTS)).Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


def test_every_record_is_a_point_of_its_curves(tmp_path: Path) -> None:
    epochs, steps = list[EpochRecord](), list[StepRecord]()
    with EventLog(tmp_path) as log:
        for record in train(create_checkpoint(CONFIG), *small_sets(), steps_per_record=5):
            log.write(record)
            epochs += [record] if isinstance(record, EpochRecord) else []
            steps += [record] if isinstance(record, StepRecord) else []
    accuracies = shown(tmp_path, "accuracy/validation")
    assert [step for step, _ in accuracies] == [0, 20, 40]
    for (_, value), record in zip(accuracies, epochs, strict=True):
        assert abs(value - record.valid_accuracy) < 1e-6
    losses = shown(tmp_path, "loss/running")
    assert [step for step, _ in losses] == [record.step for record in steps] == list(range(5, 41, 5))
    assert abs(losses[-1][1] - steps[-1].running_loss) < 1e-6


def test_a_resumed_run_takes_the_place_of_what_was_lost(tmp_path: Path) -> None:
    record = EpochRecord(1, 20, 0.5, 0.8, 0.6, 0.7, 0.1, 1.0, 1.0, best=True)
    with EventLog(tmp_path) as first:
        for step in (20, 40, 60):
            first.write(EpochRecord(**(vars(record) | {"step": step})))
    with EventLog(tmp_path, step=20) as resumed:
        resumed.write(EpochRecord(**(vars(record) | {"step": 40, "valid_accuracy": 0.9})))
    assert [(step, round(value, 3)) for step, value in shown(tmp_path, "accuracy/validation")] == [
        (20, 0.7),
        (40, 0.9),
    ]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match=r"cannot write .*taken/tensorboard"):
        EventLog(tmp_path / "taken")
