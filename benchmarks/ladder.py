"""How accurate a network can be with at most so many parameters: the recipes `params-...`, several seeds each.

    python -m benchmarks.ladder [RECIPE ...] [--seeds 5] [--jobs 2] [--epochs N]

The best epoch by validation is measured on the test set once a run. Every finished run is written at once, and what is
on file with today's settings is not trained again, so a long table may be made in parts, on several devices; each run
says on which.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from benchmarks import recipes, records
from inkdigits.config import TrainConfig
from inkdigits.recipes.catalog import RECIPES, recipe_config
from inkdigits.training.device import choose_device, describe_device

RUNGS = tuple(name for name in RECIPES if name.startswith("params-"))


def measure(name: str, config: TrainConfig) -> dict[str, Any]:
    """Train one network and measure it; say with which settings and where."""
    device = describe_device(choose_device(config.device), config.threads, precision=config.precision)
    return recipes.measure(name, config) | {"device": device, "config": config.to_dict()}


def planned(name: str, seed: int, epochs: int | None = None) -> TrainConfig:
    """Return the settings of a run."""
    return recipe_config(name).replace({"threads": 1, "seed": seed} | ({"epochs": epochs} if epochs else {}))


def on_file() -> list[dict[str, Any]]:
    """Return the runs that are kept and whose recipes are today's."""
    kept = records.read("ladder").get("runs", [])
    return [
        run for run in kept if run["recipe"] in RUNGS and run["config"] == planned(run["recipe"], run["seed"]).to_dict()
    ]


def main() -> None:
    """Train what is missing and add it to results/ladder.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=[], choices=[*RUNGS, []])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, help="fewer epochs, to see that the script runs; nothing is written")
    options = parser.parse_args()
    options.recipes = options.recipes or RUNGS
    runs = [] if options.epochs else on_file()
    known = {(run["recipe"], run["seed"]) for run in runs}
    work = [
        (name, planned(name, seed, options.epochs))
        for seed in range(options.seeds)
        for name in options.recipes
        if (name, seed) not in known
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        for finished in as_completed([pool.submit(measure, name, config) for name, config in work]):
            run = finished.result()
            print(f"{run['recipe']:<13} seed {run['seed']}  {run['accuracy']:.2%}", file=sys.stderr, flush=True)
            runs.append(run)
            if not options.epochs:
                order = sorted(runs, key=lambda run: (RUNGS.index(run["recipe"]), run["seed"]))
                records.write("ladder", {"runs": order})
    for name in options.recipes:
        accuracies = [run["accuracy"] for run in runs if run["recipe"] == name]
        if not accuracies:
            print(f"{name:<13} no run")
            continue
        mean, deviation, half = records.mean_interval(accuracies)
        print(f"{name:<13} {mean:.2%} ± {half:.2%} (sd {deviation:.2%}, n = {len(accuracies)})")


if __name__ == "__main__":
    main()
