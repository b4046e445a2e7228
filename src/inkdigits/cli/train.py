"""`inkdigits train`: a recipe becomes a run."""

from pathlib import Path
from shlex import quote
from typing import Any

import typer

from inkdigits.cli.console import print_json, say
from inkdigits.config import TrainConfig, read_config_file
from inkdigits.errors import ConfigError, require
from inkdigits.recipes.catalog import find_recipe, recipe_config
from inkdigits.recipes.recipe import EnsembleConfig, LineConfig

RUNS = Path("runs")
DEFAULT = "quick"


def train(
    recipe: str | None = typer.Argument(
        None, help="A recipe's name; `inkdigits recipes` lists them.", show_default="quick"
    ),
    out: Path | None = typer.Option(None, help="The run's folder.", show_default="runs/RECIPE"),
    resume: Path | None = typer.Option(None, metavar="RUN", help="Go on with the run in this folder."),
    config: list[Path] | None = typer.Option(None, help="A TOML file of settings; later files win, flags over all."),
    model: str | None = typer.Option(None, help="Another network.", show_default="the recipe's"),
    epochs: int | None = typer.Option(None, show_default="the recipe's"),
    learning_rate: float | None = typer.Option(None, show_default="the recipe's"),
    batch_size: int | None = typer.Option(None, show_default="the recipe's"),
    optimizer: str | None = typer.Option(None, help="sgd, adam, adamw or adagrad.", show_default="the recipe's"),
    teacher: Path | None = typer.Option(
        None, metavar="RUN", help="Learn the probabilities of this run or ensemble instead of the labels."
    ),
    seed: int | None = typer.Option(None, show_default="the recipe's"),
    device: str | None = typer.Option(None, help="auto, cpu, cuda or mps.", show_default="auto"),
    threads: int | None = typer.Option(None, help="CPU threads.", show_default="one a core"),
    log_every: int = typer.Option(0, min=0, metavar="STEPS", help="Print a line every so many steps; 0 = never."),
    tensorboard: bool = typer.Option(False, "--tensorboard", help="Log for TensorBoard too, to RUN/tensorboard."),
    json: bool = typer.Option(False, "--json", help="One JSON object an epoch, one a line."),
) -> None:
    """Train a network: validate after every epoch, keep the best or the last, draw the curves.

    Ctrl-C stops cleanly; what was finished is kept, and --resume goes on from there.

    Several processes train one network, each on its share of every batch:
    torchrun --standalone --nproc-per-node 2 -m inkdigits train
    """
    flags = {
        "model": model, "epochs": epochs, "learning_rate": learning_rate, "batch_size": batch_size,
        "optimizer": optimizer, "teacher": str(teacher) if teacher else None, "seed": seed, "device": device,
        "threads": threads,
    }  # fmt: skip
    changes = _changes(config or [], flags)
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
    from inkdigits.cli.train_ensemble import resume_ensemble, train_ensemble
    from inkdigits.cli.train_run import Watch, train_run
    from inkdigits.training.distributed import joined
    from inkdigits.training.ensemble import is_ensemble
    from inkdigits.training.run import free_folder, resume_run, start_run

    watch = Watch(as_json=json, log_every=log_every, tensorboard=tensorboard)
    chosen = found.config if isinstance(found.config, TrainConfig) else recipe_config(found.config.recipe)
    with joined(changes.get("device", chosen.device)) as team:
        folder = resume or out or free_folder(RUNS, recipe)
        if resume and is_ensemble(resume):
            resume_ensemble(resume, changes, watch)
        elif isinstance(found.config, EnsembleConfig):
            train_ensemble(chosen.replace(changes), found.config.members, folder, watch)
        else:
            checkpoint = resume_run(folder, changes) if resume else start_run(chosen.replace(changes), folder)
            train_run(checkpoint, folder, watch)
        if team.rank == 0:
            say(f"kept in {folder}; next: inkdigits evaluate {quote(str(folder))}")
    return None


def _changes(files: list[Path], flags: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that files and flags name; later files win over earlier ones, flags over all."""
    changes: dict[str, Any] = {}
    for path in files:
        for name, value in read_config_file(path).items():
            known = changes.get(name)
            both_tables = isinstance(known, dict) and isinstance(value, dict)
            changes[name] = known | value if both_tables else value
    changes |= {name: value for name, value in flags.items() if value is not None}
    if isinstance(teacher := changes.get("teacher"), str) and teacher:  # found again from another folder too
        changes["teacher"] = str(Path(teacher).absolute())
    return changes


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
