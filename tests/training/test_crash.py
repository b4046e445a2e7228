"""Runs that are killed, and disks that fill up: nothing is lost, and a resumed run has the same bits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from inkdigits.errors import StorageError
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint, load_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.run import BEST, LAST, keep_epoch, resume_run, start_run
from tests.small import CONFIG, small_sets
from tests.team import forkserver

pytestmark = pytest.mark.slow

KILLS = 20
LIVELY = CONFIG.replace(
    {
        "model": "cnn",
        "epochs": 50,
        "batch_size": 50,
        "optimizer": "adamw",
        "schedule": "one_cycle",
        "augment": {"stroke": 0.5},
        "average": 0.9,
        "images_per_epoch": 800,
        "hard_share": 0.5,
        "threads": 1,
    }
)


def go_on(folder: Path) -> None:
    """Start the run in a folder, or go on with it, on 200 images."""
    checkpoint = resume_run(folder, {}) if (folder / LAST).exists() else start_run(LIVELY, folder)
    finish_small(checkpoint, folder)


def finish_small(checkpoint: Checkpoint, folder: Path) -> None:
    train_set, valid_set = small_sets()
    for record in train(checkpoint, train_set.subset(slice(200)), valid_set.subset(slice(100))):
        if isinstance(record, EpochRecord):
            keep_epoch(checkpoint, record, folder)


def test_a_run_killed_20_times_has_the_bits_of_one_that_never_was(tmp_path: Path) -> None:
    context, chance = forkserver(), np.random.default_rng(0)
    folder, while_writing = tmp_path / "killed", 0
    go_on(tmp_path / "whole")
    for kill in range(KILLS):
        run = context.Process(target=go_on, args=(folder,))
        run.start()
        assert run.pid is not None
        goal = epochs_in(folder) + kill % 3  # a life of none, one or two epochs, and a part of the next
        while epochs_in(folder) < goal:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))
        if kill % 2:  # every other one while a checkpoint is being written
            while not list(folder.glob(".*.tmp")) and run.is_alive():
                pass
        os.kill(run.pid, signal.SIGKILL)
        run.join()
        assert run.exitcode == -signal.SIGKILL
        while_writing += bool(list(folder.glob(".*.tmp")))  # which the next life removes
    assert while_writing >= 4
    go_on(folder)
    assert not list(folder.glob(".*.tmp"))
    whole, killed = (load_checkpoint(tmp_path / name / LAST) for name in ("whole", "killed"))
    assert killed.epoch == LIVELY.epochs
    for one, other in zip(tensors(whole), tensors(killed), strict=True):
        assert torch.equal(one, other)
    assert [record.valid_loss for record in killed.history.epochs] == [
        record.valid_loss for record in whole.history.epochs
    ]


def epochs_in(folder: Path) -> int:
    history = folder / "history.jsonl"
    return len(history.read_text().splitlines()) if history.exists() else 0


def tensors(checkpoint: Checkpoint) -> list[torch.Tensor]:
    assert checkpoint.average is not None
    networks = [*checkpoint.model.state_dict().values(), *checkpoint.average.state_dict().values()]
    assert checkpoint.losses is not None
    return [*networks, *checkpoint.optimizer.values(), checkpoint.losses]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_last_good_state(small_disk: Path) -> None:
    checkpoint = create_checkpoint(LIVELY.replace({"epochs": 20}))
    train_set, valid_set = small_sets()
    kept = failures = 0
    for record in train(checkpoint, train_set.subset(slice(200)), valid_set.subset(slice(100))):
        if not isinstance(record, EpochRecord):
            continue
        (small_disk / "ballast").unlink(missing_ok=True)
        if record.epoch:  # less and less room, from enough for both files to none
            free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
            room = round((1 - record.epoch / 20) * 2_400_000)
            (small_disk / "ballast").write_bytes(bytes(max(0, free - room)))
        try:
            keep_epoch(checkpoint, record, small_disk / "run")
            kept = record.epoch
        except StorageError:
            failures += 1
        assert kept <= load_checkpoint(small_disk / "run" / LAST).epoch <= record.epoch
        assert load_checkpoint(small_disk / "run" / BEST).history.epochs
        assert not list((small_disk / "run").glob(".*.tmp"))
    assert failures >= 5
    assert kept >= 5


def test_the_command_says_that_the_disk_is_full(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(3 * 2**20 - 40_000))
    command = [sys.executable, "-m", "inkdigits", "train", "softmax", "--batch-size", "5000", "--epochs", "1"]
    command += ["--out", str(small_disk / "run")]
    full = subprocess.run(command, capture_output=True, text=True, check=False)
    assert full.returncode == 5
    assert "No space left on device" in full.stderr
    assert "Traceback" not in full.stderr
