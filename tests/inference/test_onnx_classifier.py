"""A model file is opened only when it is one of ours, whole, and one file."""

import json
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inkdigits.errors import ModelError
from inkdigits.inference import weights
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.softmax import log_softmax, softmax
from inkdigits.inference.weights import shipped_classifier

FOLDER = Path(weights.__file__).parent / "weights"


def model_with(about: Mapping[str, object], *, outputs: int = 10, input_name: str = "images") -> bytes:
    """Return a tiny ONNX model: the sum of all pixels, `outputs` times, with our metadata."""
    images = helper.make_tensor_value_info(input_name, TensorProto.UINT8, ["n", 28, 28])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", outputs])
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 784])
    matrix = helper.make_tensor(
        "matrix", TensorProto.FLOAT, [784, outputs], np.ones(784 * outputs, np.float32).tobytes(), raw=True
    )
    nodes = [
        helper.make_node("Cast", [input_name], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["logits"]),
    ]
    graph = helper.make_graph(nodes, "g", [images], [logits], [shape, matrix])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    entry = model.metadata_props.add()
    entry.key, entry.value = "inkdigits", json.dumps(about)
    content: bytes = model.SerializeToString()
    return content


OURS: dict[str, object] = {"class_names": list("0123456789"), "dataset": "mnist"}


def test_a_model_with_our_metadata_is_opened() -> None:
    assert OnnxClassifier(model_with(OURS)).logits(np.zeros((3, 28, 28), np.uint8)).shape == (3, 10)


@pytest.mark.parametrize(
    "content",
    [
        model_with({}),
        model_with({"class_names": list("0123456789")}),
        model_with(OURS | {"class_names": ["0", "1"]}),
        model_with(OURS, outputs=3),
        model_with(OURS, input_name="pictures"),
        model_with(OURS | {"class_names": 3}),
    ],
)
def test_a_model_that_is_not_ours_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError):
        OnnxClassifier(content)


def test_a_model_that_names_other_files_is_refused(tmp_path: Path) -> None:
    model = onnx.load_from_string(model_with(OURS))
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert (tmp_path / "weights.bin").exists()
    with pytest.raises(ModelError, match="names other files for its weights"):
        OnnxClassifier(path)


def test_a_missing_a_foreign_and_a_damaged_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    with pytest.raises(ModelError, match="cannot be opened"):
        OnnxClassifier(path)
    content, chance = (FOLDER / "digits.onnx").read_bytes(), random.Random(0)
    for damaged in (b"", b"hello", b"\x80\x04", *(content[: chance.randrange(len(content))] for _ in range(10))):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="ONNX"):
            OnnxClassifier(path)


def test_the_shipped_model_is_the_one_on_its_card() -> None:
    card = json.loads((FOLDER / "digits.json").read_text())
    assert len((FOLDER / "digits.onnx").read_bytes()) == card["bytes"] < 1_000_000
    assert card["test_accuracy"] >= 0.995
    assert shipped_classifier().about["model"] == "inknet"


def test_a_damaged_installation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights").mkdir()
    content = bytearray((FOLDER / "digits.onnx").read_bytes())
    content[1000] ^= 1
    (tmp_path / "weights/digits.onnx").write_bytes(content)
    (tmp_path / "weights/digits.json").write_bytes((FOLDER / "digits.json").read_bytes())
    monkeypatch.setattr(weights, "files", lambda _package: tmp_path)
    with pytest.raises(ModelError, match="the model in the package is damaged: expected SHA-256"):
        shipped_classifier()
    (tmp_path / "weights/digits.json").unlink()
    with pytest.raises(ModelError, match=r"cannot be read .*install inkdigits again"):
        shipped_classifier()


def test_softmax_sums_to_one_and_does_not_overflow() -> None:
    logits = np.array([[0, 1, 2], [1000, 0, -1000], [-1e30, 0, 1e30]], np.float32)
    assert np.allclose(softmax(logits).sum(axis=1), 1)
    assert softmax(logits)[1].tolist() == [1, 0, 0]
    assert np.allclose(softmax(logits[:1]), np.exp(logits[:1]) / np.exp(logits[:1]).sum())


def test_log_softmax_is_the_logarithm_of_softmax() -> None:
    logits = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float32)
    assert np.allclose(log_softmax(logits), np.log(softmax(logits)))
