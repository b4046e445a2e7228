"""How accurate a network can be with at most so many parameters: the recipes `params-...`, several seeds each.

    python -m benchmarks.ladder [RECIPE ...] [--seeds 5] [--jobs 2] [--epochs N]

The best epoch by validation is measured on the test set once a run. Every finished run is written at once, and what is
on file with the same settings is not trained again, so a long table may be made in parts, on several devices; each run
says on which.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from benchmarks import records
from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.recipes.catalog import RECIPES, recipe_config
from inkdigits.training.device import choose_device, describe_device
from inkdigits.training.fit import fit

RUNGS = tuple(name for name in RECIPES if name.startswith("params-"))


def measure(name: str, config: TrainConfig) -> dict[str, Any]:
    """Train one network and measure it."""
    checkpoint = fit(config)
    evaluation = evaluate(checkpoint.classifier, load_dataset(config.dataset, "test"))
    return {
        "recipe": name,
        "seed": config.seed,
        "accuracy": evaluation.accuracy,
        "loss": evaluation.loss,
        "valid_accuracy": checkpoint.history.epochs[-1].valid_accuracy,
        "best_epoch": checkpoint.epoch,
        "parameters": sum(tensor.numel() for tensor in checkpoint.model.parameters()),
        "device": describe_device(choose_device(config.device), config.threads, precision=config.precision),
        "config": config.to_dict(),
    }


def main() -> None:
    """Train what is missing and add it to results/ladder.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=[], choices=[*RUNGS, []])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, help="fewer epochs, to see that the script runs; nothing is written")
    options = parser.parse_args()
    options.recipes = options.recipes or RUNGS
    runs: list[dict[str, Any]] = [] if options.epochs else records.read("ladder").get("runs", [])
    known = [run["config"] for run in runs]
    changes = {"threads": 1} | ({"epochs": options.epochs} if options.epochs else {})
    work = [
        (name, config)
        for seed in range(options.seeds)
        for name in options.recipes
        if (config := recipe_config(name).replace(changes | {"seed": seed})).to_dict() not in known
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
