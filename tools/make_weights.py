"""Train the models that ship in the package, from nothing: `make weights`.

    python -m tools.make_weights [robust] [pairs]

Runs the recipes, keeps the best epoch by validation, rounds it to half the bits, exports it with proof, measures it
once on the test set, and writes the model with its card into the package.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inkdigits.data.catalog import CATALOG, load_dataset
from inkdigits.data.synthesis import touching_pairs
from inkdigits.evaluation.calibration import LOST, best_temperature
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.models.classifier import TorchClassifier
from inkdigits.recipes.catalog import recipe_config
from inkdigits.storage import write_file
from inkdigits.training.checkpoint import Checkpoint, save_checkpoint
from inkdigits.training.fit import fit
from inkdigits.training.sets import validation_set
from inkdigits.version import __version__
from tools.half import rounded, stored_in_half

FILES = {"robust": "digits", "pairs": "pairs"}  # recipe -> what its model is called in the package
DRAWN = {
    "robust": "digits by other pens and hands, letters, scribbles, shapes, pairs and pieces",
    "pairs": "two digits that touch, single digits, three together, pieces and letters; no image as it is",
}
FOLDER = Path(__file__).parents[1] / "src/inkdigits/inference/weights"


def main() -> None:
    """Train, prove, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "recipes", nargs="*", choices=[*FILES, []], metavar="RECIPE", help="by default both, an hour on 2 cores"
    )
    for recipe in parser.parse_args().recipes or FILES:
        config = recipe_config(recipe)
        print(f"training {recipe}: {config.epochs} epochs of {config.model}", file=sys.stderr)
        began = time.perf_counter()
        ship(recipe, fit(config), began)


def ship(recipe: str, checkpoint: Checkpoint, began: float) -> None:
    """Calibrate on the validation images, prove, measure, write."""
    config, name = checkpoint.config, FILES[recipe]
    valid_set, test_set = validation_set(config), load_dataset(config.dataset, "test")
    if config.pairs:  # which meet in another way than those of validation
        test_set = touching_pairs(test_set, len(test_set), seed=config.seed + 1)
    logits = TorchClassifier(checkpoint.network, checkpoint.class_names).logits(valid_set.images)
    checkpoint = replace(checkpoint, temperature=best_temperature(logits, valid_set.labels))
    if not config.pairs:  # `inkdigits adapt` starts from it
        save_checkpoint(replace(checkpoint, optimizer={}), FOLDER / f"{name}.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        proof = export_onnx(rounded(checkpoint), Path(folder) / "m.onnx", images=test_set.images)
        whole = (Path(folder) / "m.onnx").read_bytes()
    content = stored_in_half(whole)
    shipped = OnnxClassifier(content)
    if not np.array_equal(shipped.logits(test_set.images), OnnxClassifier(whole).logits(test_set.images)):
        raise SystemExit(f"{name}: stored in half the bits it answers otherwise; nothing was written")
    write_file(FOLDER / f"{name}.onnx", content)
    evaluation = evaluate(shipped, test_set)
    card: dict[str, Any] = {
        "recipe": recipe,
        "made_with": f"inkdigits {__version__}, torch {torch.__version__}",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": shipped.about["parameters"],
        "training_data": f"{CATALOG[config.dataset].title}, {CATALOG[config.dataset].source}",
        "training_data_licence": CATALOG[config.dataset].licence,
        "also_trained_on": f"{config.synthetic:,} images drawn by inkdigits.data.synthesis from its training split and "
        f"free fonts: {DRAWN[recipe]}",
        "temperature": checkpoint.temperature,
        "reject_below": shipped.reject_below,
        "validation_digits_rejected": LOST,
        "validation_accuracy": shipped.about["validation_accuracy"],
        "test_accuracy": evaluation.accuracy,
        "test_interval_95": evaluation.interval,
        "test_loss": evaluation.loss,
        "export_max_probability_difference": proof.max_probability_difference,
        "train_seconds": round(time.perf_counter() - began),
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
