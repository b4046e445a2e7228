"""`inkdigits tune`: a sweep over networks, batch sizes, optimisers and learning rates."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from inkdigits.cli.console import percent, print_json, print_table, say
from inkdigits.config import OPTIMIZERS
from inkdigits.errors import ConfigError, TrainingError, require
from inkdigits.recipes.catalog import recipe_config
from inkdigits.storage import write_file

if TYPE_CHECKING:
    from inkdigits.training.tune import Trial

PICTURE, BEST = "trials.png", "best.toml"


def tune(
    recipe: str = typer.Argument("quick", help="Where every setting comes from that the sweep does not choose."),
    trials: int = typer.Option(20, min=1, help="How many trials the study shall have in the end."),
    out: Path = typer.Option(Path("runs/tune"), help="The study's folder; a study that is there goes on."),
    epochs: int = typer.Option(3, help="How many each trial may train; bad ones end after the first or second."),
    models: str | None = typer.Option(
        None, metavar="NAMES", help="Networks, with commas between.", show_default="the recipe's"
    ),
    batch_sizes: str = typer.Option("8,16,32,64,128,256", metavar="SIZES", help="Images, with commas between."),
    optimizers: str = typer.Option(",".join(OPTIMIZERS), metavar="NAMES", help="With commas between."),
    learning_rates: str = typer.Option("1e-4,1e-1", metavar="LOWEST,HIGHEST", help="Drawn on a logarithmic scale."),
    seed: int | None = typer.Option(None, help="Of the trials and of what they choose.", show_default="the recipe's"),
    threads: int | None = typer.Option(None, help="CPU threads.", show_default="one a core"),
    json: bool = typer.Option(False, "--json", help="One JSON object a trial, as it ends; those of before come last."),
) -> None:
    """Search for good settings: many short runs, measured on validation images; bad ones are cut short.

    Stopped or killed, a study goes on when the command is repeated.
    It ends with a table of all trials, a picture, and the best settings for `inkdigits train --config`.
    """
    require("torch", extra="train", purpose="training")
    from inkdigits.training.tune import Space, load_trials
    from inkdigits.training.tune import tune as sweep

    given = {"epochs": epochs, "seed": seed, "threads": threads}
    config = recipe_config(recipe).replace({name: value for name, value in given.items() if value is not None})
    space = Space(
        models=_split(models) if models is not None else (config.model,),
        batch_sizes=tuple(int(number) for number in _numbers(batch_sizes, "--batch-sizes", int)),
        optimizers=_split(optimizers),
        learning_rates=_range(learning_rates),
    )
    new = set[int]()
    try:
        for trial in sweep(config, space, out, trials=trials):
            new.add(trial.number)
            if json:
                print_json(trial.to_dict())
            else:
                say(f"trial {trial.number:>3}  {_accuracy(trial):>9}  {trial.state:<8}  {_settings(trial)}")
    except KeyboardInterrupt:
        say(f"stopped; what has ended is kept in {out}: repeat the command to go on")
        raise
    ended = sorted(load_trials(out), key=lambda trial: (-(trial.valid_accuracy or 0), trial.number))
    if json:
        for trial in (trial for trial in ended if trial.number not in new):
            print_json(trial.to_dict())
    else:
        _print(ended)
    _keep(ended, recipe, out)


def _keep(ended: "list[Trial]", recipe: str, folder: Path) -> None:
    from inkdigits.evaluation.plots import plot_trials, save_figure

    best = next((trial for trial in ended if trial.state == "finished"), None)
    if best is None or best.valid_accuracy is None:
        raise TrainingError("no trial has finished: try lower --learning-rates")
    lines = [f"# trial {best.number}: {percent(best.valid_accuracy)} on validation, epochs: {best.epochs}"]
    lines += [
        f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
        for name, value in best.settings.items()
    ]
    write_file(folder / BEST, "\n".join([*lines, f"epochs = {best.epochs}", ""]).encode())
    save_figure(plot_trials([trial.to_dict() for trial in ended]), folder / PICTURE)
    say(f"drawn in {folder / PICTURE}; next: inkdigits train {recipe} --config {folder / BEST}")


def _print(ended: "list[Trial]") -> None:
    print_table(
        ("model", "optimizer", "trial", "validation", "learning rate", "batch", "epochs", "seconds", "state"),
        [
            (
                trial.settings["model"],
                trial.settings["optimizer"],
                trial.number,
                _accuracy(trial),
                f"{trial.settings['learning_rate']:.2g}",
                trial.settings["batch_size"],
                trial.epochs,
                f"{trial.seconds:.1f}",
                trial.state,
            )
            for trial in ended
        ],
        left=2,
    )
    sys.stdout.flush()


def _accuracy(trial: "Trial") -> str:
    return "-" if trial.valid_accuracy is None else percent(trial.valid_accuracy)


def _settings(trial: "Trial") -> str:
    found = trial.settings
    return f"{found['model']}, {found['optimizer']} {found['learning_rate']:.2g}, batches of {found['batch_size']}"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str, flag: str, kind: type[int] | type[float]) -> tuple[float, ...]:
    try:
        return tuple(kind(part) for part in _split(text))
    except ValueError:
        example = "16,64" if kind is int else "1e-4,1e-1"
        raise ConfigError(f"{flag} takes numbers with commas between them, such as {example}: got {text!r}") from None


def _range(text: str) -> tuple[float, float]:
    numbers = _numbers(text, "--learning-rates", float)
    if len(numbers) != 2:
        raise ConfigError(f"--learning-rates takes the lowest and the highest, such as 1e-4,1e-1: got {text!r}")
    return numbers[0], numbers[1]
