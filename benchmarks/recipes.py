"""Train the recipes of the tutorials with several seeds and measure each once on the test set.

    python -m benchmarks.recipes [RECIPE ...] [--seeds 3] [--epochs N] [--jobs 2]

Each run uses one thread, and `--jobs` runs go side by side; seconds are those that the processor worked for the run.
The split, the epoch to keep and every setting come from the training set alone; the test set is looked at once a run,
at its end.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks import records
from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.recipes.catalog import RECIPES
from inkdigits.training.fit import fit


def measure(name: str, config: TrainConfig) -> dict[str, Any]:
    """Train one network and measure it."""
    began = time.process_time()
    checkpoint = fit(config)
    seconds = time.process_time() - began
    evaluation = evaluate(checkpoint.classifier, load_dataset(config.dataset, "test"))
    return {
        "recipe": name,
        "seed": config.seed,
        "accuracy": evaluation.accuracy,
        "loss": evaluation.loss,
        "valid_accuracy": checkpoint.history.epochs[-1].valid_accuracy,
        "best_epoch": checkpoint.epoch,
        "processor_seconds": seconds,
        "parameters": sum(tensor.numel() for tensor in checkpoint.model.parameters()),
    }


def main() -> None:
    """Measure the recipes named, all by default, and add them to results/recipes.json."""
    # Our own recipes are measured by benchmarks/time_to_accuracy.py and tools/make_weights.py,
    # and those of few parameters by benchmarks/ladder.py.
    ours = ("quick", "careful", "thorough", "accurate", "robust", "pairs")
    others = (*ours, *(name for name in RECIPES if name.startswith("params-")))
    trained = [
        name for name, recipe in RECIPES.items() if isinstance(recipe.config, TrainConfig) and name not in others
    ]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=[], choices=[*trained, []])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="fewer epochs, to see that the script runs; nothing is written")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.recipes = options.recipes or trained
    work = []
    for name in options.recipes:
        config = RECIPES[name].config
        assert isinstance(config, TrainConfig)
        changes = {"threads": 1} | ({"epochs": options.epochs} if options.epochs else {})
        work += [(name, config.replace(changes | {"seed": config.seed + run})) for run in range(options.seeds)]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in options.recipes}
    with ProcessPoolExecutor(options.jobs) as pool:
        for run in pool.map(measure, *zip(*work, strict=True)):
            runs[run["recipe"]].append(run)
            print(f"{run['recipe']:<14} seed {run['seed']:>3}  {run['accuracy']:.2%}", file=sys.stderr, flush=True)
            if not options.epochs and len(runs[run["recipe"]]) == options.seeds:
                _add(run["recipe"], runs[run["recipe"]])
    for name, found in runs.items():
        if not found:
            print(f"{name:<14} no run")
            continue
        mean, deviation, half = records.mean_interval([run["accuracy"] for run in found])
        print(f"{name:<14} {mean:.2%} ± {half:.2%} (sd {deviation:.2%}, n = {len(found)})")


def _add(name: str, runs: list[dict[str, Any]]) -> None:
    mean, deviation, half = records.mean_interval([run["accuracy"] for run in runs])
    row = {"mean_accuracy": mean, "sd": deviation, "half_interval_95": half, "runs": runs}
    recipes = records.read("recipes").get("recipes", {}) | {name: row}
    records.write("recipes", {"recipes": {key: recipes[key] for key in RECIPES if key in recipes}})


if __name__ == "__main__":
    main()
