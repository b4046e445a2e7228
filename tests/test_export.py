"""The exported file says what the network says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inkdigits.errors import ConfigError, ModelError, StorageError
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.softmax import softmax
from inkdigits.models.registry import MODELS
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint
from tests.drawing import mnist_test
from tests.small import CONFIG, trained


@pytest.mark.parametrize("name", MODELS)
def test_every_network_survives_the_export(name: str, tmp_path: Path) -> None:
    checkpoint = create_checkpoint(CONFIG.replace({"model": name}))
    proof = export_onnx(checkpoint, tmp_path / "m.onnx", images=mnist_test().images[:300])
    assert (proof.images, proof.label_differences) == (300, 0)
    assert proof.max_probability_difference <= 1e-5
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]  # one file, no .data beside it


def test_torch_and_onnx_agree_on_all_test_images(tmp_path: Path) -> None:
    checkpoint = trained(CONFIG.replace({"model": "quicknet", "label_smoothing": 0.1, "average": 0.5, "views": 4}))
    assert checkpoint.temperature < 1
    proof = export_onnx(checkpoint, tmp_path / "m.onnx")
    assert proof.images == 10_000
    images = mnist_test().images
    ours, theirs = checkpoint.classifier.logits(images), OnnxClassifier(tmp_path / "m.onnx").logits(images)
    assert (ours.argmax(1) == theirs.argmax(1)).all()
    assert 0 < np.abs(softmax(ours) - softmax(theirs)).max() <= proof.max_probability_difference <= 1e-5


def test_an_exported_file_tells_what_it_is(tmp_path: Path) -> None:
    export_onnx(trained(), tmp_path / "m.onnx", images=mnist_test().images[:10])
    about = OnnxClassifier(tmp_path / "m.onnx").about
    assert about["class_names"] == list("0123456789")
    assert about["model"] == "cnn-dropout"
    assert about["parameters"] == 225_034
    assert about["views"] == 1
    assert 0.8 < about["validation_accuracy"] < 1


def test_an_exported_file_names_no_machine(tmp_path: Path) -> None:
    export_onnx(trained(), tmp_path / "m.onnx", images=mnist_test().images[:10])
    content = (tmp_path / "m.onnx").read_bytes()
    assert b".py" not in content
    assert str(Path.home()).encode() not in content


def test_not_a_number_is_no_proof(tmp_path: Path) -> None:
    checkpoint = create_checkpoint(CONFIG)
    with torch.no_grad():
        next(checkpoint.model.parameters()).fill_(torch.nan)
    with pytest.raises(ModelError, match="up to nan in a probability"):
        export_onnx(checkpoint, tmp_path / "m.onnx", images=mnist_test().images[:10])
    assert not (tmp_path / "m.onnx").exists()


class Fickle(nn.Module):
    """A network that changes its mind while it is exported."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.linear(images.flatten(1) / 255)
        return logits if torch.compiler.is_exporting() else logits + torch.linspace(0, 1, 10)


def test_a_file_that_differs_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the exported model differs from the network: .*was not written"):
        export_onnx(Checkpoint(CONFIG, Fickle()), tmp_path / "m.onnx", images=mnist_test().images[:50])
    assert list(tmp_path.iterdir()) == []


def test_exporting_leaves_the_network_as_it_was(tmp_path: Path) -> None:
    checkpoint = trained()
    checkpoint.model.train()
    before = [tensor.clone() for tensor in checkpoint.model.state_dict().values()]
    export_onnx(checkpoint, tmp_path / "m.onnx", images=mnist_test().images[:10])
    assert checkpoint.model.training
    assert all(torch.equal(a, b) for a, b in zip(before, checkpoint.model.state_dict().values(), strict=True))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").mkdir()
    with pytest.raises(StorageError, match="cannot write"):
        export_onnx(trained(), tmp_path / "m.onnx", images=mnist_test().images[:10])


def test_no_images_are_no_proof(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="proven on images, and there are none"):
        export_onnx(trained(), tmp_path / "m.onnx", images=mnist_test().images[:0])
    assert not (tmp_path / "m.onnx").exists()
