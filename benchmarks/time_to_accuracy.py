"""How long training takes to a given accuracy: our recipes against the tutorial's own loop, in the same run.

    python -m benchmarks.time_to_accuracy [RECIPE ...] [--runs 10] [--tutorial-runs 5] [--images 60000] [--keep FOLDER]
    python -m benchmarks.time_to_accuracy accurate --kept RUN ...

The tutorial's loop (R2, batches of 10, see `benchmarks/loop_speed.py`) is timed until it first shows the 98.48 % that
its source reports; it looks at the test set after every epoch, as it does there. Each recipe of ours trains to its end
and the epoch that its recipe keeps is measured on the test set once. Times are those of the loops, the data in memory,
all measuring left out; beside them those of whole processes, from start to the written run. Processes take turns: one
of the tutorial's, then one of each recipe's, and so on with the next seed; what is told of both together counts only
the seeds that took turns. `quick` is trained in every turn, for its time, named or not. Of `thorough` and `accurate`
there are at most five runs. With `--keep` they stay in a folder, FOLDER/RECIPE-SEED. With `--kept`, runs that
`inkdigits train RECIPE --seed N` has made already are measured instead of trained anew: an ensemble takes five times as
long as a network. Those that were trained with `--threads`, several at once, count for their accuracy alone, if there
are others.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks import records
from benchmarks.loop_speed import tutorial_loop
from inkdigits.data.catalog import load_dataset
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.inference.ensemble import Ensemble
from inkdigits.models.columns import Columns
from inkdigits.models.registry import create_model
from inkdigits.models.summary import summarize
from inkdigits.recipes.catalog import RECIPES, recipe_config
from inkdigits.recipes.recipe import EnsembleConfig
from inkdigits.training.checkpoint import load_checkpoint
from inkdigits.training.device import multiplies
from inkdigits.training.doctor import examine
from inkdigits.training.ensemble import is_ensemble, open_ensemble

PUBLISHED = 0.9848  # what the source of R2 reports, and its loop has to reach
WHOLE = 60_000  # images of the training set
MOST_EPOCHS = 12  # then it is taken not to reach it
MOST_RUNS = {"thorough": 5, "accurate": 5}  # minutes each


def tutorial(seed: int, images: int) -> dict[str, Any]:
    """Train as the tutorial does until it shows its own accuracy."""
    train_set = load_dataset("mnist").subset(slice(images))
    test_set = load_dataset("mnist", "test").subset(slice(images))
    return tutorial_loop(train_set, test_set, batch_size=10, epochs=MOST_EPOCHS, seed=seed, until=PUBLISHED)


def ours(recipe: str, seed: int, images: int | None, keep: Path | None) -> dict[str, Any]:
    """Train by the command line, and look at the test set once; keep the run in a folder, if one is given."""
    with tempfile.TemporaryDirectory() as folder:
        run, settings = (keep or Path(folder)) / f"{recipe}-{seed}", Path(folder) / "settings.toml"
        command = [sys.executable, "-m", "inkdigits", "train", recipe, "--seed", str(seed), "--out", str(run)]
        if images is not None:
            settings.write_text(f"images_per_epoch = {images}\n")
            command += ["--config", str(settings)]
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        whole = time.perf_counter() - began
        return measured(recipe, run, images) | {"process_seconds": whole}


def take_turns(recipes: list[str], seed: int, images: int | None, keep: Path | None) -> dict[str, dict[str, Any]]:
    """Train each recipe once with a seed; `quick`, which all are compared with, even where it is not named."""
    turn = {}
    for name in [*(["quick"] if recipes and "quick" not in recipes else []), *recipes]:
        run = ours(name, seed, images, keep if name in recipes else None)
        print(f"{name}  seed {seed}  {run['loop_seconds']:.2f} s  {run['accuracy']:.2%}", file=sys.stderr, flush=True)
        turn[name] = run
    return turn


def measured(recipe: str, run: Path, images: int | None = None) -> dict[str, Any]:
    """Measure a finished run, or an ensemble of several, on the test set."""
    if is_ensemble(run):
        return measured_together(recipe, run)
    last, best = load_checkpoint(run / "last.safetensors"), load_checkpoint(run)
    asked = recipe_config(recipe).replace({} if images is None else {"images_per_epoch": images})
    if last.config.replace({"seed": 0, "device": "auto", "threads": None}) != asked:
        raise SystemExit(f"{run} is no run of {recipe}: its settings are others")
    if last.epoch < last.config.epochs:
        raise SystemExit(f"{run} is at epoch {last.epoch} of {last.config.epochs}: inkdigits train --resume {run}")
    evaluation = evaluate(best.classifier, load_dataset("mnist", "test"))
    return {
        "seed": last.config.seed,
        "accuracy": evaluation.accuracy,
        "loss": evaluation.loss,
        "valid_accuracy": best.history.epochs[-1].valid_accuracy,
        "loop_seconds": last.seconds,
        "threads": last.config.threads,
    }


def measured_together(recipe: str, run: Path) -> dict[str, Any]:
    """Measure the networks of a finished ensemble as one; its loop is all of theirs."""
    asked, ensemble = RECIPES[recipe].config, open_ensemble(run)
    if not isinstance(asked, EnsembleConfig):
        raise SystemExit(f"{run} is an ensemble, {recipe} is one network: name the folders in it")
    if ensemble.members != asked.members:
        raise SystemExit(f"{run} has {ensemble.members} networks, {recipe} has {asked.members}")
    members = [measured(asked.recipe, folder) for folder in ensemble.runs]
    together = Ensemble([load_checkpoint(folder).classifier for folder in ensemble.runs])
    evaluation = evaluate(together, load_dataset("mnist", "test"))
    return {
        "seed": ensemble.config.seed,
        "accuracy": evaluation.accuracy,
        "loss": evaluation.loss,
        "loop_seconds": sum(member["loop_seconds"] for member in members),
        "threads": next((member["threads"] for member in members if member["threads"]), None),
    }


def times_as_fast(theirs: list[dict[str, Any]], runs: list[dict[str, Any]]) -> float:
    """Return the tutorial's median time divided by a recipe's; 0 where no runs can be compared.

    Only seeds that took turns count, since a machine is faster in one quarter of an hour than in another; and of the
    tutorial's runs only those that reached its accuracy.

    Args:
        theirs: the tutorial's runs, one for each seed from 0.
        runs: those of one recipe.
    """
    reached = [run["train_seconds"] for run in theirs if run["accuracy"] >= PUBLISHED]
    beside = [run["loop_seconds"] for run in runs if run["seed"] < len(theirs)]
    return records.median(reached) / records.median(beside) if reached and beside else 0.0


def main() -> None:
    """Measure the recipes named and add them to results/time_to_accuracy.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=["quick", "careful"])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--tutorial-runs", type=int, default=5)
    parser.add_argument("--images", type=int, default=WHOLE, help="fewer to try the script; then nothing is written")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the runs shall stay")
    parser.add_argument("--kept", type=Path, nargs="+", metavar="RUN", help="finished runs of the one recipe named")
    parser.add_argument("--one", type=int, metavar="SEED", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(tutorial(options.one, options.images)))
        return
    if options.kept:
        options.runs = options.tutorial_runs = 0
    runs = {name: min(options.runs, MOST_RUNS.get(name, options.runs)) for name in options.recipes}
    for run in [options.keep / f"{name}-{seed}" for name in runs for seed in range(runs[name])] if options.keep else ():
        if run.exists():  # told before anything is measured
            raise SystemExit(f"{run} is there already: name another folder after --keep, or take this run away")
    trial = None if options.images == WHOLE else options.images
    before = records.read("time_to_accuracy")
    sgemm_gflops = examine().sgemm_gflops
    theirs: list[dict[str, Any]] = []
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in options.recipes}
    quick: list[float] = []  # seconds of a run in each turn
    for seed in range(max(options.runs, options.tutorial_runs)):
        if seed < options.tutorial_runs:
            arguments = ["--one", str(seed), "--images", str(options.images)]
            command = [sys.executable, "-m", "benchmarks.time_to_accuracy", *arguments]
            theirs.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
            print(f"tutorial  seed {seed}  {theirs[-1]['train_seconds']:.1f} s", file=sys.stderr, flush=True)
        turn = take_turns([name for name in runs if seed < runs[name]], seed, trial, options.keep)
        quick += [run["loop_seconds"] for name, run in turn.items() if name == "quick"]
        for name in runs.keys() & turn.keys():
            found[name].append(turn[name])
    for run in options.kept or ():
        found[options.recipes[0]].append(measured(options.recipes[0], run))
    theirs = theirs or before.get("tutorial", [])
    timed = theirs if options.tutorial_runs else []  # by another run of this script it says nothing about these
    rows = {name: _row(name, runs, timed, quick[: len(runs)], trial) for name, runs in found.items()}
    for name, row in rows.items():
        half = row["half_interval_95"] or math.nan
        print(
            f"{name}: {row['accuracy']:.3%} ± {half:.3%} in {row['loop_seconds']:.2f} s, "
            f"{row['times_as_fast']:.1f}x as fast as the tutorial to its {PUBLISHED:.2%}, {row['gflops']:.0f} GFLOP/s "
            f"(SGEMM: {sgemm_gflops:.0f})"
        )
    if trial is None:
        speed = before["sgemm_gflops"] if options.kept and before else sgemm_gflops
        rows = before.get("rows", {}) | rows
        rows = {name: rows[name] for name in RECIPES if name in rows}
        result = {"published": PUBLISHED, "sgemm_gflops": speed, "tutorial": theirs, "rows": rows}
        records.write("time_to_accuracy", result)


def _row(
    name: str, runs: list[dict[str, Any]], theirs: list[dict[str, Any]], quick: list[float], trial: int | None
) -> dict[str, Any]:
    row = RECIPES[name].config
    networks = row.members if isinstance(row, EnsembleConfig) else 1
    config = recipe_config(row.recipe if isinstance(row, EnsembleConfig) else name)
    mean, deviation, half = records.mean_interval([run["accuracy"] for run in runs])
    seconds = records.median([run["loop_seconds"] for run in records.timed(runs)])
    images = networks * config.epochs * (trial or config.images_per_epoch or WHOLE - config.validation_size)
    processes = [run["process_seconds"] for run in runs if "process_seconds" in run]
    work = 2 * training_macs(config.model) * images
    return {
        "accuracy": mean,
        "sd": deviation,
        "half_interval_95": half if len(runs) > 1 else None,
        "loop_seconds": seconds,
        "quick_seconds": records.median(quick) if quick else None,  # in the same turns
        "process_seconds": records.median(processes) if processes else None,
        "times_as_fast": times_as_fast(theirs, runs),
        "gflops": work / seconds / 1e9,
        "parameters": networks * summarize(create_model(config.model)).parameters,
        "bfloat16": multiplies(torch.device("cpu")),  # whether the processor multiplies it
        "runs": runs,
    }


def training_macs(model: str) -> int:
    """Return the multiply-accumulates of a network's layers for one image in training.

    Once forward, once for the gradient of a layer's weights, once for that of its input, which the first layer that is
    trained does not need, and nothing backward in a layer that is fixed. Of columns each image teaches one.
    """
    network = create_model(model)
    columns = network.columns if isinstance(network, Columns) else [network]
    return sum(_training_macs(column) for column in columns) // len(columns)


def _training_macs(network: nn.Module) -> int:
    summary = summarize(network)
    owners = {each.name.rpartition(".")[0] for each in summary.tensors}
    trained = [layer.macs for layer in summary.layers if layer.macs and layer.name in owners]
    return summary.macs + 2 * sum(trained) - trained[0]


if __name__ == "__main__":
    main()
