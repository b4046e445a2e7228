"""A trained network as one ONNX file that takes raw pixels, with the proof that it says the same."""

import copy
import json
import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from inkdigits.data.catalog import load_dataset
from inkdigits.errors import ConfigError, ModelError, require
from inkdigits.evaluation.calibration import rejection_threshold
from inkdigits.inference.onnx_classifier import METADATA_KEY, OnnxClassifier
from inkdigits.inference.softmax import softmax, with_none
from inkdigits.storage import write_file
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.sets import validation_set
from inkdigits.types import Images, Logits, Probabilities
from inkdigits.version import __version__

TOLERANCE = 1e-5  # of a probability


@dataclass(frozen=True)
class ExportProof:
    """How the exported file differs from the network it came from.

    Attributes:
        images: how many were compared.
        label_differences: images that the two read differently.
        max_probability_difference: the largest difference of any probability.
        bytes: size of the file.
    """

    images: int
    label_differences: int
    max_probability_difference: float
    bytes: int


def export_onnx(checkpoint: Checkpoint, path: str | Path, *, images: Images | None = None) -> ExportProof:
    """Write a checkpoint as one ONNX file and prove that it gives the same probabilities.

    The file takes `images` uint8 (N, 28, 28), 0 = paper, 255 = ink, for any N, and gives `logits` float32 (N, K): the
    normalisation is inside. Class names, version and validation figures are in its metadata; for a network trained with
    images of no digit also the probability of being a digit below which readers reject an image.

    Args:
        checkpoint: the trained network.
        path: where to write; replaced only when the proof holds.
        images: to compare on; None = the 10,000 test images of the checkpoint's data set (without their labels).

    Raises:
        ConfigError: there are no images to compare on.
        ModelError: the two differ by more than 1e-5 in a probability, or in a label.
        MissingExtraError: onnx or onnxscript is not installed.
        StorageError: the file cannot be written.
    """
    if images is None:
        images = load_dataset(checkpoint.config.dataset, "test").images
    if not len(images):
        raise ConfigError("an export is proven on images, and there are none: give some, or leave them out")
    # On the CPU, as the file will be run: a GPU's convolutions are rounded to 10 bits unless it is told otherwise.
    classifier = copy.deepcopy(checkpoint.classifier)
    classifier.model.to("cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch's stubs lack it
    content = _onnx_bytes(classifier.model.eval(), _about(checkpoint))
    exported = OnnxClassifier(content)
    ours, theirs = classifier.logits(images), exported.logits(images)
    proof = ExportProof(
        images=len(images),
        label_differences=int((ours.argmax(axis=1) != theirs.argmax(axis=1)).sum()),
        max_probability_difference=float(np.abs(_all_probabilities(ours) - _all_probabilities(theirs)).max(initial=0)),
        bytes=len(content),
    )
    if proof.label_differences or not proof.max_probability_difference <= TOLERANCE:  # NaN is no proof
        raise ModelError(
            f"the exported model differs from the network: {proof.label_differences} labels, "
            f"up to {proof.max_probability_difference:.1e} in a probability (allowed {TOLERANCE:g}). "
            f"{path} was not written; please report this with the versions of torch and onnxruntime"
        )
    write_file(Path(path), content)
    return proof


def _all_probabilities(logits: Logits) -> Probabilities:
    """Return the probabilities of the classes, and beside them those that hold when none of them is a choice too."""
    return np.concatenate([softmax(logits), softmax(with_none(logits))], axis=1)


def _onnx_bytes(model: nn.Module, metadata: dict[str, Any]) -> bytes:
    for package in ("onnx", "onnxscript"):
        require(package, extra="train", purpose="exporting to ONNX")
    import onnx

    example = torch.zeros(2, 28, 28, dtype=torch.uint8)  # two: a batch of one would freeze the batch at one
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # torch's exporter warns of its own deprecated parts
        file = Path(folder) / "model.onnx"
        torch.onnx.export(
            model,
            (example,),
            file,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        graph = onnx.load(file)
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]  # source lines of the machine that exported it
    about = graph.metadata_props.add()
    about.key, about.value = METADATA_KEY, json.dumps(metadata)
    content: bytes = graph.SerializeToString()
    return content


def _about(checkpoint: Checkpoint) -> dict[str, Any]:
    epochs = checkpoint.history.epochs  # up to the one whose weights these are
    return {
        "inkdigits": __version__,
        "model": checkpoint.config.model,
        "dataset": checkpoint.config.dataset,
        "class_names": checkpoint.class_names,
        "input": "images uint8 (N, 28, 28), 0 = paper, 255 = ink",
        "parameters": sum(tensor.numel() for tensor in checkpoint.model.parameters()),
        "epochs": checkpoint.epoch,
        "views": checkpoint.config.views,
        "reject_below": _reject_below(checkpoint),
        "validation_accuracy": epochs[-1].valid_accuracy if epochs else None,
    }


def _reject_below(checkpoint: Checkpoint) -> float | None:
    """Choose the threshold on the validation digits; None for a network that never saw anything but digits."""
    if not checkpoint.config.synthetic:
        return None
    return rejection_threshold(checkpoint.classifier.logits(validation_set(checkpoint.config).images))
