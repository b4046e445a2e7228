"""A training run watched from its start to its end: lines, a live line, curves, clean stops."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from inkdigits.cli.console import percent, say
from inkdigits.cli.progress import TrainingDisplay
from inkdigits.config import TrainConfig
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.device import describe_device
from inkdigits.training.distributed import Team
from inkdigits.training.events import EventLog
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.run import CURVES, draw_curves, keep_epoch
from inkdigits.training.sets import training_sets
from inkdigits.training.teacher import find_teacher


@dataclass(frozen=True, kw_only=True)
class Watch:
    """How a run is watched, and of which ensemble it is a part.

    Attributes:
        as_json: JSON objects instead of lines.
        log_every: also a line every so many steps; 0 = never.
        tensorboard: log for TensorBoard too.
        ensemble: the folder of the ensemble; None for a run alone.
        network: its number there, from 1.
    """

    as_json: bool
    log_every: int
    tensorboard: bool
    ensemble: Path | None = None
    network: int | None = None


def train_run(checkpoint: Checkpoint, folder: Path, watch: Watch) -> None:
    """Train a run to its end, in every process of a team; the first one alone speaks and writes."""
    team = Team()
    if checkpoint.epoch >= checkpoint.config.epochs:
        if team.rank == 0:
            say(f"the run in {folder} is finished: all {checkpoint.epoch} epochs")
        return
    display = TrainingDisplay(as_json=watch.as_json, log_every=watch.log_every, network=watch.network)
    if team.rank:  # the same steps as the first process
        for _ in train(checkpoint, *training_sets(checkpoint.config), steps_per_record=display.steps_per_record):
            pass
        return
    with EventLog(folder, step=checkpoint.step) if watch.tensorboard else contextlib.nullcontext() as events:
        _run(checkpoint, folder, display, events, whole=watch.ensemble or folder)


def _run(
    checkpoint: Checkpoint, folder: Path, display: TrainingDisplay, events: EventLog | None, *, whole: Path
) -> None:
    config = checkpoint.config
    train_set, valid_set = training_sets(config)
    _introduce(checkpoint, len(train_set), len(valid_set))
    began, kept = time.perf_counter(), checkpoint.epoch if checkpoint.history.epochs else None
    try:
        with display:
            for record in train(checkpoint, train_set, valid_set, steps_per_record=display.steps_per_record):
                if isinstance(record, EpochRecord):
                    keep_epoch(checkpoint, record, folder)
                    kept = record.epoch
                    display.epoch(record, config.epochs, keep=config.keep)
                else:
                    display.step(record, config.epochs)
                if events:
                    events.write(record)
    except (KeyboardInterrupt, BrokenPipeError) as error:
        stopped = "nobody reads the results any more; stopped" if isinstance(error, BrokenPipeError) else "stopped"
        again = f"inkdigits train --resume {quote(str(whole))}"
        if kept is not None:
            say(f"{stopped}; epochs 0 to {kept} are kept: {again}")
        elif whole == folder:
            say(f"{stopped} before anything was finished; nothing is kept")
        else:
            say(f"{stopped} before an epoch of this network was finished: {again}")
        raise
    finally:
        if len(checkpoint.history.epochs) > 1:
            draw_curves(checkpoint, folder / CURVES)
    _conclude(checkpoint, config, time.perf_counter() - began)


def _introduce(checkpoint: Checkpoint, training: int, validation: int) -> None:
    config, team = checkpoint.config, Team()
    parameters = list(checkpoint.model.parameters())
    device = describe_device(parameters[0].device, config.threads or team.threads, precision=config.precision)
    say(
        f"{config.model}, {sum(tensor.numel() for tensor in parameters):,} parameters, "
        f"on {f'{team.size} processes, each ' if team.size > 1 else ''}{device}: "
        f"{training:,} training and {validation:,} validation images"
    )
    if teacher := find_teacher(checkpoint, parameters[0].device):
        seen = "" if teacher.same_split else ", which may have learnt from these validation images: trust the test set"
        say(f"taught by {config.teacher}, {len(teacher.networks)} network{'s' * (len(teacher.networks) > 1)}{seen}")
    if checkpoint.step and checkpoint.processes != team.size:
        say(
            f"this run was trained by {checkpoint.processes} process{'es' * (checkpoint.processes > 1)} so far and "
            f"goes on with {team.size}: the weights will not have the bits that they would have had without the change"
        )


def _conclude(checkpoint: Checkpoint, config: TrainConfig, seconds: float) -> None:
    last = checkpoint.history.epochs[-1] if checkpoint.history.epochs else None
    kept = last if config.keep == "last" else checkpoint.history.best
    if kept is not None:
        looks = f", measured with one look; it answers with {config.views}" if config.views > 1 else ""
        say(
            f"kept the {config.keep} epoch, {kept.epoch} of {config.epochs}: "
            f"{percent(kept.valid_accuracy)} on validation{looks}; {checkpoint.seconds:.1f} s in the loop; "
            f"{seconds:.1f} s since the start of this command"
        )
