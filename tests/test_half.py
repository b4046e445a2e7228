"""A network stored in half the bits is the rounded network."""

from pathlib import Path

import numpy as np
import pytest
from torch import nn

from inkdigits.errors import ModelError
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.softmax import softmax
from inkdigits.models.layers import ScalePixels
from inkdigits.training.checkpoint import Checkpoint
from tests.drawing import mnist_test
from tests.small import CONFIG, trained
from tools.half import rounded, stored_in_half


def test_half_the_bits_say_the_same_to_the_last_one(tmp_path: Path) -> None:
    images = mnist_test().images[:200]
    whole = trained(CONFIG.replace({"model": "inknet", "epochs": 1, "average": 0.5}))
    half = rounded(whole)
    np.testing.assert_allclose(
        softmax(half.classifier.logits(images)), softmax(whole.classifier.logits(images)), atol=0.01
    )
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in half.model.modules())
    assert any(isinstance(layer, nn.BatchNorm2d) for layer in whole.network.modules())  # which stays as it was
    export_onnx(half, tmp_path / "m.onnx", images=images)
    content = (tmp_path / "m.onnx").read_bytes()
    stored = stored_in_half(content)
    assert len(stored) < 0.52 * len(content)
    np.testing.assert_array_equal(OnnxClassifier(stored).logits(images), OnnxClassifier(content).logits(images))


def test_a_batch_norm_of_another_name_is_refused() -> None:
    network = nn.Sequential(ScalePixels(), nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(1_352, 10))
    with pytest.raises(ModelError, match="a batch norm is left"):
        rounded(Checkpoint(CONFIG, network))
