"""An ONNX file as a `Classifier`; torch is not needed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from inkdigits.errors import ModelError
from inkdigits.types import Images, Logits, checked_images

BATCH_SIZE = 500  # images; more gain nothing on a CPU and cost memory
MAX_BYTES = 64 * 2**20
EXTERNAL_DATA = b"location"  # the key under which an ONNX tensor names a file to be opened
METADATA_KEY = "inkdigits"


class OnnxClassifier:
    """Runs an exported model with ONNX Runtime on the CPU.

    Args:
        source: the path of a .onnx file, or its bytes.
        threads: CPU threads of one prediction; None = one a core.

    Raises:
        ModelError: the file is missing, damaged, too large or not an inkdigits model.
    """

    def __init__(self, source: str | Path | bytes, *, threads: int | None = None) -> None:
        content = source if isinstance(source, bytes) else _read(Path(source))
        name = "the model" if isinstance(source, bytes) else str(source)
        if len(content) > MAX_BYTES:
            raise ModelError(f"{name} is larger than {MAX_BYTES // 2**20} MB, no digit model is")
        if EXTERNAL_DATA in content:
            raise ModelError(f"{name} names other files for its weights: only models that are one file are opened")
        options = ort.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised; nothing is printed
        options.intra_op_num_threads = threads or 0
        # Waiting threads that spin take the processor from whatever else runs in the program.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            self.about: dict[str, Any] = json.loads(self._session.get_modelmeta().custom_metadata_map[METADATA_KEY])
            self.class_names: tuple[str, ...] = tuple(self.about["class_names"])
            self.dataset: str = self.about["dataset"]
            # Below this probability of being a digit at all, an image is none; None where the model cannot tell.
            self.reject_below: float | None = self.about.get("reject_below")
            probe = self.logits(np.zeros((1, 28, 28), np.uint8))
        except (KeyError, TypeError, ValueError):
            raise ModelError(
                f"{name} is an ONNX model, but not one of inkdigits: `inkdigits export` makes them"
            ) from None
        except Exception as error:  # ONNX Runtime raises classes of its own, which share no other base
            raise ModelError(f"{name} is not a usable ONNX file: {str(error).splitlines()[0]}") from error
        if probe.shape != (1, len(self.class_names)) or probe.dtype != np.float32:
            raise ModelError(
                f"{name} names {len(self.class_names)} classes, but gives {probe.dtype} {probe.shape} for one image"
            )

    def logits(self, images: Images) -> Logits:
        """Map images uint8 (N, 28, 28), 0 = paper, 255 = ink, to logits float32 (N, K).

        Raises:
            InputError: the images are of another type or shape.
        """
        images = checked_images(images)
        parts = [
            self._session.run(["logits"], {"images": images[start : start + BATCH_SIZE]})[0]
            for start in range(0, len(images), BATCH_SIZE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.class_names)), np.float32)

    def __repr__(self) -> str:
        return f"OnnxClassifier({self.about.get('model', '?')}, {len(self.class_names)} classes)"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise ModelError(
            f"{path} is a folder: `inkdigits export {path} model.onnx` makes a model file of a run"
        ) from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be opened: {error.strerror}") from error
    return content
