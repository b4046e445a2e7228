"""An exported model answers for each image alone; what is not one is refused with one clear error."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inkdigits.errors import ModelError
from inkdigits.inference.onnx_classifier import BATCH_SIZE, MAX_BYTES, METADATA_KEY, OnnxClassifier
from tests.drawing import mnist_test

SHIPPED = files("inkdigits.inference").joinpath("weights").joinpath("digits.onnx").read_bytes()
ABOUT = {"class_names": list("0123456789"), "dataset": "mnist", "model": "one layer"}


def one_layer(about: str | None, *, source: str = "images", classes: int = 10, weights_in: str | None = None) -> bytes:
    """Return a small valid ONNX model: one layer of weights, in the file or in another."""
    shape = (784, classes)
    weights = helper.make_tensor("weights", TensorProto.FLOAT, shape, np.full(shape, 0.01, np.float32).ravel().tolist())
    if weights_in is not None:
        weights = TensorProto(
            name="weights", data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL
        )
        entry = weights.external_data.add()
        entry.key, entry.value = "location", weights_in
    nodes = [
        helper.make_node("Cast", [source], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["numbers"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["logits"]),
    ]
    inputs = [helper.make_tensor_value_info(source, TensorProto.UINT8, ["batch", 28, 28])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])]
    graph = helper.make_graph(nodes, "one_layer", inputs, outputs, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    if about is not None:
        helper.set_model_props(model, {METADATA_KEY: about})
    content: bytes = model.SerializeToString()
    return content


@pytest.mark.parametrize("size", [2, 7, 64, BATCH_SIZE + 1])
def test_image_alone_gets_the_logits_that_it_gets_in_any_batch(size: int) -> None:
    classifier = OnnxClassifier(SHIPPED)
    images = mnist_test().images[:size]
    together = classifier.logits(images)
    assert together.dtype == np.float32
    assert together.shape == (size, 10)
    for place in {0, 1, size // 2, size - 1}:
        np.testing.assert_allclose(classifier.logits(images[place : place + 1])[0], together[place], atol=1e-5)


def test_order_of_a_batch_is_kept() -> None:
    classifier = OnnxClassifier(SHIPPED)
    images = mnist_test().images[:30]
    np.testing.assert_allclose(classifier.logits(images[::-1]), classifier.logits(images)[::-1], atol=1e-5)


def test_no_images_get_no_logits() -> None:
    logits = OnnxClassifier(SHIPPED).logits(np.zeros((0, 28, 28), np.uint8))
    assert logits.shape == (0, 10)
    assert logits.dtype == np.float32


def test_model_is_opened_from_a_path_as_from_bytes(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    path.write_bytes(SHIPPED)
    images = mnist_test().images[:5]
    np.testing.assert_array_equal(OnnxClassifier(path).logits(images), OnnxClassifier(SHIPPED).logits(images))


def test_model_is_left_alone_after_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    path.write_bytes(SHIPPED)
    classifier = OnnxClassifier(path)
    path.unlink()
    assert classifier.logits(mnist_test().images[:3]).argmax(axis=1).tolist() == mnist_test().labels[:3].tolist()


def test_model_says_what_it_is() -> None:
    classifier = OnnxClassifier(one_layer(json.dumps(ABOUT)))
    assert classifier.class_names == tuple("0123456789")
    assert classifier.about == ABOUT
    assert repr(classifier) == "OnnxClassifier(one layer, 10 classes)"
    np.testing.assert_allclose(classifier.logits(np.ones((1, 28, 28), np.uint8)), np.full((1, 10), 7.84), rtol=1e-5)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.onnx: cannot be opened: No such file"):
        OnnxClassifier(tmp_path / "nowhere.onnx")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"folder|cannot be opened"):  # Windows calls it a lack of permission
        OnnxClassifier(tmp_path)


NO_MODELS = {
    "empty": b"",
    "text": b"these are not weights\n",
    "JSON": b'{"class_names": []}',
    "zeros": bytes(1_000),
    "garbage": np.random.default_rng(0).integers(0, 256, 5_000, dtype=np.uint8).tobytes(),
    "pickle": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
}


@pytest.mark.parametrize("content", NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_onnx_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "wrong.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"wrong\.onnx is not a usable ONNX file: .+"):
        OnnxClassifier(path)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.25, 0.5, 0.9, 0.999])
def test_truncated_model_is_refused(share: float) -> None:
    with pytest.raises(ModelError, match=r"the model is not a usable ONNX file|not one of inkdigits"):
        OnnxClassifier(SHIPPED[: int(share * len(SHIPPED))])


def test_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # takes no room on the disk
    with pytest.raises(ModelError, match=r"huge\.onnx.* larger than 64 MB"):
        OnnxClassifier(path)


@pytest.mark.parametrize("about", [None, "{}", "[]", "null", "not JSON", '{"class_names": null}', '{"model": "ours"}'])
def test_valid_onnx_model_of_someone_else_is_refused(about: str | None) -> None:
    with pytest.raises(ModelError, match="an ONNX model, but not one of inkdigits: `inkdigits export` makes them"):
        OnnxClassifier(one_layer(about))


def test_model_with_other_inputs_is_refused() -> None:
    with pytest.raises(ModelError):
        OnnxClassifier(one_layer(json.dumps(ABOUT), source="pixels"))


@pytest.mark.parametrize("classes", [1, 9, 11])
def test_model_whose_classes_do_not_match_its_names_is_refused(classes: int) -> None:
    with pytest.raises(ModelError, match="names 10 classes"):
        OnnxClassifier(one_layer(json.dumps(ABOUT), classes=classes))


def test_model_may_not_open_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("private.bin").write_bytes(np.ones((784, 10), np.float32).tobytes())
    content = one_layer(json.dumps(ABOUT), weights_in="private.bin")
    onnx.checker.check_model(onnx.load_from_string(content))  # but for the rule it is a sound model
    Path("sly.onnx").write_bytes(content)
    for source in (Path("sly.onnx"), content):
        with pytest.raises(ModelError, match=r"one file|external data"):
            OnnxClassifier(source)
