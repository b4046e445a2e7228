"""The model that ships in the package."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

from inkdigits.errors import ModelError
from inkdigits.inference.onnx_classifier import OnnxClassifier

FOLDER = Path(str(files("inkdigits.inference"))) / "weights"
MODEL, CHECKPOINT, CARD = "digits.onnx", "digits.safetensors", "digits.json"


def shipped_classifier(*, threads: int | None = None) -> OnnxClassifier:
    """Return the model in the package, checked against the SHA-256 of its card.

    Raises:
        ModelError: the installation is damaged.
    """
    try:
        content = (FOLDER / MODEL).read_bytes()
        expected = json.loads((FOLDER / CARD).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the model in the package cannot be read ({error}): install inkdigits again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelError(
            f"the model in the package is damaged: expected SHA-256 {expected}, found {found}: install inkdigits again"
        )
    return OnnxClassifier(content, threads=threads)
