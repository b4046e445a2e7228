"""A training run as a folder: the last epoch, the best one, the history, the curves.

RUN/best.safetensors   the epoch that is kept, the best by validation or the last: what evaluate, export and read use
RUN/last.safetensors   the last finished epoch: where --resume goes on
RUN/history.jsonl      one line of JSON an epoch
RUN/curves.png         loss and accuracy, training and validation
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError, ModelError
from inkdigits.evaluation.plots import plot_curves, save_figure
from inkdigits.storage import remove_leftovers, write_file
from inkdigits.training.checkpoint import ENSEMBLE, Checkpoint, create_checkpoint, load_checkpoint, save_checkpoint
from inkdigits.training.distributed import Team
from inkdigits.training.history import EpochRecord

BEST, LAST, HISTORY, CURVES = "best.safetensors", "last.safetensors", "history.jsonl", "curves.png"
JOURNAL = "trials.journal"  # in a folder that holds a study, see `training/tune.py`


def start_run(config: TrainConfig, folder: Path) -> Checkpoint:
    """Return the state before the first step of a new run.

    Raises:
        ConfigError: the folder already holds a run or a study, which is never overwritten.
    """
    refuse_taken(folder)
    _remove_leftovers(folder)
    return create_checkpoint(config)


def refuse_taken(folder: Path) -> None:
    """Refuse a folder that holds a run, an ensemble or a study.

    Raises:
        ConfigError: it does.
    """
    if (folder / JOURNAL).exists():
        raise ConfigError(f"{folder} holds a study of `inkdigits tune`: choose another folder with --out")
    if is_taken(folder):
        raise ConfigError(f"{folder} already holds a run: go on with --resume, or choose another folder with --out")


def is_taken(folder: Path) -> bool:
    """Tell whether a folder holds a run, an ensemble or a study."""
    return any((folder / name).exists() for name in (LAST, BEST, ENSEMBLE, JOURNAL))


def resume_run(folder: Path, changes: Mapping[str, Any]) -> Checkpoint:
    """Return the state after the last finished epoch of a run.

    Args:
        folder: of the run.
        changes: where it computes may change (device, threads), where its teacher lies, and, with a constant learning
            rate, for how many epochs; everything else must be as it was.

    Raises:
        ModelError: the folder holds no run, or a damaged one.
        ConfigError: it holds only a study, or a change would make it another run.
    """
    if (folder / JOURNAL).exists() and not (folder / LAST).exists():
        raise ConfigError(f"{folder} holds a study of `inkdigits tune`, no run: repeat that command to go on with it")
    _remove_leftovers(folder)
    checkpoint = load_checkpoint(folder / LAST, device=changes.get("device"))
    then, config = checkpoint.config, checkpoint.config.replace(changes)
    free = {"device", "threads"} | ({"epochs"} if then.schedule == "constant" else set())
    free |= {"teacher"} if then.teacher else set()
    before, after = then.to_dict(), config.to_dict()
    changed = [name for name in before if name not in free and before[name] != after[name]]
    if changed:
        told = ", ".join(f"{name} {before[name]} -> {after[name]}" for name in changed)
        raise ConfigError(
            f"the run in {folder} was started with other settings ({told}): a resumed run must be the "
            "same run. Leave those settings out, or start a new run with --out"
        )
    if not checkpoint.history.epochs:
        raise ModelError(
            f"{folder / LAST} has no history: it is no run of `inkdigits train`, which measures epoch 0 first"
        )
    checkpoint.config = config
    was_cut_off = not (folder / BEST).exists() and checkpoint.keeps(checkpoint.history.epochs[-1])
    if was_cut_off and Team().rank == 0:  # killed between the two files of its first epoch
        save_checkpoint(checkpoint, folder / BEST)
    return checkpoint


def _remove_leftovers(folder: Path) -> None:
    remove_leftovers(*(folder / name for name in (BEST, LAST, HISTORY, CURVES)))


def free_folder(parent: Path, name: str) -> Path:
    """Return parent/name, or parent/name-2, -3 ..., whichever is the first that is not taken."""
    folder, number = parent / name, 2
    while is_taken(folder):
        folder, number = parent / f"{name}-{number}", number + 1
    return folder


def keep_epoch(checkpoint: Checkpoint, record: EpochRecord, folder: Path) -> None:
    """Write a finished epoch to the folder of its run; a crash at any moment leaves the last one intact.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    if record.epoch == 0:  # of runs that began in one folder at the same time, only the first goes on
        save_checkpoint(checkpoint, folder / LAST, new=True)
    if checkpoint.keeps(record):
        save_checkpoint(checkpoint, folder / BEST)
    if record.epoch > 0:
        save_checkpoint(checkpoint, folder / LAST)
    write_file(folder / HISTORY, checkpoint.history.to_jsonl().encode())


def draw_curves(checkpoint: Checkpoint, path: Path) -> None:
    """Draw loss and accuracy of every finished epoch into a picture, PNG or SVG by its suffix."""
    epochs = checkpoint.history.to_dict()["epochs"]
    kept = checkpoint.epoch if checkpoint.config.keep == "last" else None
    save_figure(plot_curves(epochs, title=checkpoint.config.model, kept=kept), path)
