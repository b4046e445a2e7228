"""`inkdigits train`: a recipe becomes a run."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from inkdigits.cli.console import percent, print_json, say
from inkdigits.config import TrainConfig, read_config_file
from inkdigits.errors import ConfigError, require
from inkdigits.recipes import LineConfig, find_recipe

if TYPE_CHECKING:
    from inkdigits.cli.progress import TrainingDisplay
    from inkdigits.training.checkpoint import Checkpoint
    from inkdigits.training.events import EventLog

RUNS = Path("runs")
DEFAULT = "quick"


def train(
    recipe: str | None = typer.Argument(
        None, help="A recipe's name; `inkdigits recipes` lists them.", show_default="quick"
    ),
    out: Path | None = typer.Option(None, help="The run's folder.", show_default="runs/RECIPE"),
    resume: Path | None = typer.Option(None, metavar="RUN", help="Go on with the run in this folder."),
    config: Path | None = typer.Option(None, help="A TOML file of settings; flags win over it."),
    model: str | None = typer.Option(None, help="Another network.", show_default="the recipe's"),
    epochs: int | None = typer.Option(None, show_default="the recipe's"),
    learning_rate: float | None = typer.Option(None, show_default="the recipe's"),
    batch_size: int | None = typer.Option(None, show_default="the recipe's"),
    optimizer: str | None = typer.Option(None, help="sgd, adam, adamw or adagrad.", show_default="the recipe's"),
    seed: int | None = typer.Option(None, show_default="the recipe's"),
    device: str | None = typer.Option(None, help="auto, cpu, cuda or mps.", show_default="auto"),
    threads: int | None = typer.Option(None, help="CPU threads.", show_default="one a core"),
    log_every: int = typer.Option(0, min=0, metavar="STEPS", help="Print a line every so many steps; 0 = never."),
    tensorboard: bool = typer.Option(False, "--tensorboard", help="Log for TensorBoard too, to RUN/tensorboard."),
    json: bool = typer.Option(False, "--json", help="One JSON object an epoch, one a line."),
) -> None:
    """Train a network: validate after every epoch, keep the best, draw the curves.

    Ctrl-C stops cleanly; what was finished is kept, and --resume goes on from there.

    Several processes train one network, each on its share of every batch:
    torchrun --standalone --nproc-per-node 2 -m inkdigits train
    """
    given = {
        "model": model, "epochs": epochs, "learning_rate": learning_rate, "batch_size": batch_size,
        "optimizer": optimizer, "seed": seed, "device": device, "threads": threads,
    }  # fmt: skip
    flags = {name: value for name, value in given.items() if value is not None}
    changes = (read_config_file(config) if config else {}) | flags
    if resume and (recipe or out):
        raise ConfigError(f"--resume goes on with the run in {resume}, in its folder: leave out the recipe and --out")
    recipe = recipe or DEFAULT
    found = find_recipe(recipe)
    if isinstance(found.config, LineConfig):
        refused = [*changes, *(["resume"] if resume else [])]
        if refused:
            raise ConfigError(f"recipe {recipe!r} fits a line and takes none of these settings: {', '.join(refused)}")
        return _fit_line(found.config, out or RUNS / recipe, as_json=json)
    require("torch", extra="train", purpose="training")
    from inkdigits.cli.progress import TrainingDisplay
    from inkdigits.training.distributed import joined
    from inkdigits.training.events import EventLog
    from inkdigits.training.fit import training_sets
    from inkdigits.training.loop import train as train_loop
    from inkdigits.training.run import free_folder, resume_run, start_run

    with joined(changes.get("device", found.config.device)) as team:
        folder = resume or out or free_folder(RUNS, recipe)
        checkpoint = resume_run(folder, changes) if resume else start_run(found.config.replace(changes), folder)
        if checkpoint.epoch >= checkpoint.config.epochs:
            if team.rank == 0:
                say(f"the run in {folder} is finished: all {checkpoint.config.epochs} epochs")
            return None
        display = TrainingDisplay(as_json=json, log_every=log_every)
        if team.rank:  # the same steps as the first process of the team, which alone speaks and writes
            for _ in train_loop(
                checkpoint, *training_sets(checkpoint.config), steps_per_record=display.steps_per_record
            ):
                pass
            return None
        with EventLog(folder, step=checkpoint.step) if tensorboard else contextlib.nullcontext() as events:
            _run(checkpoint, folder, display, events)
    return None


def _run(checkpoint: "Checkpoint", folder: Path, display: "TrainingDisplay", events: "EventLog | None") -> None:
    from inkdigits.training.fit import training_sets
    from inkdigits.training.history import EpochRecord
    from inkdigits.training.loop import train as train_loop
    from inkdigits.training.run import CURVES, draw_curves, keep_epoch

    config = checkpoint.config
    train_set, valid_set = training_sets(config)
    _introduce(checkpoint, len(train_set), len(valid_set))
    began, kept = time.perf_counter(), checkpoint.epoch if checkpoint.history.epochs else None
    try:
        with display:
            for record in train_loop(checkpoint, train_set, valid_set, steps_per_record=display.steps_per_record):
                if isinstance(record, EpochRecord):
                    keep_epoch(checkpoint, record, folder)
                    kept = record.epoch
                    display.epoch(record, config.epochs)
                else:
                    display.step(record, config.epochs)
                if events:
                    events.write(record)
    except KeyboardInterrupt:
        if kept is None:
            say("stopped before anything was finished; nothing is kept")
        else:
            say(f"stopped; epochs 0 to {kept} are kept: inkdigits train --resume {folder}")
        raise
    finally:
        if len(checkpoint.history.epochs) > 1:
            draw_curves(checkpoint, folder / CURVES)
    _conclude(checkpoint, config, folder, time.perf_counter() - began)


def _introduce(checkpoint: "Checkpoint", training: int, validation: int) -> None:
    from inkdigits.training.device import describe_device
    from inkdigits.training.distributed import Team

    config, team = checkpoint.config, Team()
    parameters = list(checkpoint.model.parameters())
    device = describe_device(parameters[0].device, config.threads or team.threads, precision=config.precision)
    say(
        f"{config.model}, {sum(tensor.numel() for tensor in parameters):,} parameters, "
        f"on {f'{team.size} processes, each ' if team.size > 1 else ''}{device}: "
        f"{training:,} training and {validation:,} validation images"
    )
    if checkpoint.step and checkpoint.processes != team.size:
        say(
            f"this run was trained by {checkpoint.processes} process{'es' * (checkpoint.processes > 1)} so far and "
            f"goes on with {team.size}: the weights will not have the bits that they would have had without the change"
        )


def _conclude(checkpoint: "Checkpoint", config: TrainConfig, folder: Path, seconds: float) -> None:
    best = checkpoint.history.best
    if best is not None:
        say(
            f"best epoch {best.epoch} of {config.epochs}: {percent(best.valid_accuracy)} on validation; "
            f"{checkpoint.seconds:.1f} s in the loop; {seconds:.1f} s since the start of this command"
        )
    say(f"kept in {folder}; next: inkdigits evaluate {folder}")


def _fit_line(config: LineConfig, folder: Path, *, as_json: bool) -> None:
    require("torch", extra="train", purpose="fitting a line by gradient descent")
    from inkdigits.evaluation.plots import plot_line, save_figure
    from inkdigits.training.line import fit_line, make_points

    x, y = make_points(config)
    fits: dict[str, Any] = {
        "by hand": fit_line(x, y, config),
        "with nn.Linear": fit_line(x, y, config, by_hand=False),
    }
    if as_json:
        print_json({name: fit.to_dict() for name, fit in fits.items()})
    else:
        print(f"{config.points} points around y = {config.slope:g} x + {config.intercept:g}, {config.steps} steps")
        for name, fit in fits.items():
            line = f"y = {fit.slope:.4f} x + {fit.intercept:.4f}"
            print(f"{name:<15} {line}   loss {fit.losses[0]:.3f} -> {fit.losses[-1]:.3f}")
    by_hand = fits["by hand"]
    save_figure(
        plot_line(x.tolist(), y.tolist(), (by_hand.slope, by_hand.intercept), by_hand.losses),
        folder / "line.png",
    )
    say(f"drawn in {folder / 'line.png'}")
