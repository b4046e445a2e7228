"""Train the model that ships in the package, from nothing: `make weights`.

Runs the recipe `robust`, keeps the best epoch by validation, exports it with proof, measures it once on the test set,
and writes the model with its card into the package.
"""

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from inkdigits.data.catalog import CATALOG, load_dataset
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.weights import CARD, MODEL
from inkdigits.recipes import recipe_config
from inkdigits.training.fit import fit
from inkdigits.version import __version__

RECIPE = "robust"
FOLDER = Path(__file__).parents[1] / "src/inkdigits/inference/weights"


def main() -> None:
    """Train, prove, measure, write."""
    config = recipe_config(RECIPE)
    print(
        f"training {RECIPE}: {config.epochs} epochs of {config.model}, about 6 minutes on 2 cores",
        file=sys.stderr,
    )
    began = time.perf_counter()
    checkpoint = fit(config)
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
