"""How accurate a network can be with at most so many parameters: the recipes `params-...`, several seeds each.

    python -m benchmarks.ladder [RECIPE ...] [--seeds 5] [--jobs 2] [--epochs N] [--teachers RUN ...]

The epoch that the recipe keeps is measured on the test set once a run. Every finished run is written at once, and what
is on file with today's settings is not trained again, so a long table may be made in parts, on several devices; each
run says on which. With `--teachers` each network learns the probabilities of a finished run of its own seed, whose
validation images are the same: the first run given teaches seed 0, and so on.
"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from benchmarks import recipes, records
from inkdigits.config import TrainConfig
from inkdigits.recipes.catalog import RECIPES, recipe_config
from inkdigits.training.checkpoint import create_checkpoint, load_checkpoint
from inkdigits.training.device import choose_device, describe_device
from inkdigits.training.teacher import find_teacher

DEFAULTS = TrainConfig(model="").to_dict()  # of settings that are newer than a run on file
RUNGS = tuple(name for name in RECIPES if name.startswith("params-"))


def measure(name: str, config: TrainConfig) -> dict[str, Any]:
    """Train one network and measure it; say with which settings, by whom and where."""
    device = describe_device(choose_device(config.device), config.threads, precision=config.precision)
    settings = config.to_dict() | {"teacher": None}  # its folder is this machine's affair
    return recipes.measure(name, config) | {"device": device, "taught_by": taught_by(config), "config": settings}


def taught_by(config: TrainConfig) -> str | None:
    """Return the network of a run's teacher."""
    return load_checkpoint(config.teacher).config.model if config.teacher else None


def planned(name: str, seed: int, epochs: int | None = None, teacher: Path | None = None) -> TrainConfig:
    """Return the settings of a run.

    Raises:
        SystemExit: the teacher has seen validation images of this run.
    """
    config = recipe_config(name).replace({"threads": 1, "seed": seed} | ({"epochs": epochs} if epochs else {}))
    if teacher is None:
        return config
    taught = config.replace({"teacher": str(teacher)})
    found = find_teacher(create_checkpoint(taught), choose_device())
    if found is None or not found.same_split:
        raise SystemExit(
            f"{teacher} held out other images: seed {seed} needs a run with --seed {seed}, taught by labels"
        )
    return taught


def on_file() -> list[dict[str, Any]]:
    """Return the runs that are kept and whose recipes are today's."""
    kept = records.read("ladder").get("runs", [])
    return [
        run
        for run in kept
        if run["recipe"] in RUNGS and DEFAULTS | run["config"] == planned(run["recipe"], run["seed"]).to_dict()
    ]


def main() -> None:
    """Train what is missing and add it to results/ladder.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=[], choices=[*RUNGS, []])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, help="fewer epochs, to see that the script runs; nothing is written")
    parser.add_argument(
        "--teachers", type=Path, nargs="+", metavar="RUN", help="who teaches seeds 0, 1, ...; instead of --seeds"
    )
    options = parser.parse_args()
    options.recipes = options.recipes or RUNGS
    runs = [] if options.epochs else on_file()
    known = {(run["recipe"], run["seed"], run["taught_by"]) for run in runs}
    teachers = options.teachers or [None] * options.seeds
    plans = [
        (name, planned(name, seed, options.epochs, teacher))
        for seed, teacher in enumerate(teachers)
        for name in options.recipes
    ]
    work = [(name, config) for name, config in plans if (name, config.seed, taught_by(config)) not in known]
    # Forked after torch has computed here, as when teachers are opened, a process would wait for its threads for ever.
    with ProcessPoolExecutor(options.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for finished in as_completed([pool.submit(measure, name, config) for name, config in work]):
            run = finished.result()
            print(f"{row_name(run):<28} seed {run['seed']}  {run['accuracy']:.2%}", file=sys.stderr, flush=True)
            runs.append(run)
            if not options.epochs:
                order = sorted(runs, key=lambda run: (RUNGS.index(run["recipe"]), run["taught_by"] or "", run["seed"]))
                records.write("ladder", {"runs": order})
    rows = {name: [run["accuracy"] for run in runs if row_name(run) == name] for name in map(row_name, runs)}
    for name in [name for name in options.recipes if name not in {run["recipe"] for run in runs}]:
        print(f"{name:<28} no run")
    for name, accuracies in rows.items():
        mean, deviation, half = records.mean_interval(accuracies)
        print(f"{name:<28} {mean:.2%} ± {half:.2%} (sd {deviation:.2%}, n = {len(accuracies)})")


def row_name(run: dict[str, Any]) -> str:
    """Return the name of the row that a run belongs to: its recipe, and by whom it was taught."""
    return f"{run['recipe']}, taught by {run['taught_by']}" if run["taught_by"] else str(run["recipe"])


if __name__ == "__main__":
    main()
