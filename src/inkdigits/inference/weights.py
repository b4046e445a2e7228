"""The models that ship in the package: `digits` for one digit, `pairs` for two that touch."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

from inkdigits.errors import ModelError
from inkdigits.inference.onnx_classifier import OnnxClassifier

FOLDER = Path(str(files("inkdigits.inference"))) / "weights"


def shipped_classifier(name: str = "digits", *, threads: int | None = None) -> OnnxClassifier:
    """Return a model of the package, checked against the SHA-256 of its card.

    Args:
        name: "digits", or "pairs".
        threads: CPU threads of one prediction; None = one a core.

    Raises:
        ModelError: the installation is damaged.
    """
    try:
        content = (FOLDER / f"{name}.onnx").read_bytes()
        expected = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the model in the package cannot be read ({error}): install inkdigits again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelError(
            f"the model in the package is damaged: expected SHA-256 {expected}, found {found}: install inkdigits again"
        )
    return OnnxClassifier(content, threads=threads)
