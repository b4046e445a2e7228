"""The networks of an ensemble, trained one after another."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inkdigits.cli.console import say
from inkdigits.cli.train_run import Watch, train_run
from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.training.device import choose_device
from inkdigits.training.distributed import Team
from inkdigits.training.ensemble import EnsembleRun, open_ensemble, start_ensemble, write_ensemble
from inkdigits.training.run import LAST, resume_run, start_run
from inkdigits.training.teacher import find_teacher


def train_ensemble(config: TrainConfig, members: int, folder: Path, watch: Watch) -> None:
    """Start an ensemble and train all of it.

    Raises:
        ConfigError: the folder is taken, or this cannot be trained; nothing was written.
    """
    first = create_checkpoint(config)
    find_teacher(first, choose_device(config.device))  # one that cannot teach is told before anything is written
    _train_each(start_ensemble(folder, config, members), {}, watch)


def resume_ensemble(folder: Path, changes: Mapping[str, Any], watch: Watch) -> None:
    """Go on with the network that was not finished, and with those after it.

    Raises:
        ConfigError: a change would make it another ensemble, its teacher is another one than before, or a run in its
            folder is none of its networks.
        ModelError: its description or a run is damaged.
    """
    ensemble = open_ensemble(folder)
    free = {"device", "threads"} | ({"teacher"} if ensemble.config.teacher else set())  # which may have moved
    if other := set(changes) - free:
        raise ConfigError(
            f"the ensemble in {folder} was started with its settings: leave out {', '.join(sorted(other))}, or start a "
            "new one with --out"
        )
    if "teacher" in changes:
        for run in ensemble.runs:  # a finished network tells another teacher too
            if (run / LAST).exists():
                find_teacher(resume_run(run, changes), choose_device("cpu"))
        ensemble = replace(ensemble, config=ensemble.config.replace({"teacher": changes["teacher"]}))
        write_ensemble(ensemble)
    _train_each(ensemble, changes, watch)


def _train_each(ensemble: EnsembleRun, changes: Mapping[str, Any], watch: Watch) -> None:
    for number, (folder, own) in enumerate(ensemble.runs.items(), start=1):
        if Team().rank == 0:
            say(f"network {number} of {ensemble.members}")
        config = own.replace(changes)
        started = (folder / LAST).exists()
        checkpoint = resume_run(folder, config.to_dict()) if started else start_run(config, folder)
        train_run(checkpoint, folder, replace(watch, ensemble=ensemble.folder, network=number))
