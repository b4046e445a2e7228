"""Train the model that ships in the package, from nothing: `make weights`.

Runs the recipe `robust`, keeps the best epoch by validation, exports it with proof, measures it once on the test set,
and writes the model with its card into the package.
"""

import hashlib
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from inkdigits.data.catalog import CATALOG, load_dataset
from inkdigits.data.split import split_dataset
from inkdigits.evaluation.calibration import LOST, best_temperature
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.weights import CARD, CHECKPOINT, MODEL
from inkdigits.recipes import recipe_config
from inkdigits.training.checkpoint import Checkpoint, save_checkpoint
from inkdigits.training.fit import fit
from inkdigits.version import __version__

RECIPE = "robust"
FOLDER = Path(__file__).parents[1] / "src/inkdigits/inference/weights"


def main() -> None:
    """Train, prove, measure, write."""
    config = recipe_config(RECIPE)
    print(
        f"training {RECIPE}: {config.epochs} epochs of {config.model}, about 10 minutes on 2 cores",
        file=sys.stderr,
    )
    began = time.perf_counter()
    ship(fit(config), began)


def ship(checkpoint: Checkpoint, began: float) -> None:
    """Calibrate on the validation images, prove, measure, write."""
    config = checkpoint.config
    _, valid_set = split_dataset(load_dataset(config.dataset), config.validation_size, seed=config.seed)
    temperature = best_temperature(checkpoint.classifier.logits(valid_set.images), valid_set.labels)
    with torch.no_grad():
        last = [layer for layer in checkpoint.model.modules() if isinstance(layer, torch.nn.Linear)][-1]
        for parameter in last.parameters():
            parameter.div_(temperature)
    save_checkpoint(replace(checkpoint, optimizer={}), FOLDER / CHECKPOINT)
    proof = export_onnx(checkpoint, FOLDER / MODEL)
    content = (FOLDER / MODEL).read_bytes()
    evaluation = evaluate(OnnxClassifier(content), load_dataset(config.dataset, "test"))
    card: dict[str, Any] = {
        "recipe": RECIPE,
        "made_with": f"inkdigits {__version__}, torch {torch.__version__}",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "training_data": f"{CATALOG[config.dataset].title}, {CATALOG[config.dataset].source}",
        "training_data_licence": CATALOG[config.dataset].licence,
        "also_trained_on": f"{config.synthetic:,} images drawn by inkdigits.data.synthesis from its training split and "
        "free fonts: digits by other pens, letters, scribbles, pairs and pieces",
        "temperature": temperature,
        "reject_below": OnnxClassifier(content).reject_below,
        "validation_digits_rejected": LOST,
        "validation_accuracy": checkpoint.history.best.valid_accuracy if checkpoint.history.best else None,
        "test_accuracy": evaluation.accuracy,
        "test_interval_95": evaluation.interval,
        "test_loss": evaluation.loss,
        "export_max_probability_difference": proof.max_probability_difference,
        "train_seconds": round(time.perf_counter() - began),
    }
    (FOLDER / CARD).write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
