"""Whatever is a `Classifier`, a torch network or an ONNX file, keeps one contract."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch

from inkdigits.errors import InputError
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.export import export_onnx
from inkdigits.inference.ensemble import Ensemble
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.inference.softmax import softmax
from inkdigits.inference.weights import shipped_classifier
from inkdigits.reading.reader import Reader
from inkdigits.types import Classifier, Images
from tests.drawing import mnist_test
from tests.small import CONFIG, trained


@cache
def classifiers() -> dict[str, Classifier]:
    checkpoint = trained(CONFIG.replace({"epochs": 3}))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.onnx"
        export_onnx(checkpoint, path, images=mnist_test().images[:10])
        found: dict[str, Classifier] = {
            "torch": checkpoint.classifier,
            "onnx": OnnxClassifier(path),
            "shipped": shipped_classifier(),
        }
        return found | {"ensemble": Ensemble(list(found.values()))}


each = pytest.mark.parametrize("name", ["torch", "onnx", "shipped", "ensemble"])


@each
def test_raw_pixels_become_logits(name: str) -> None:
    logits = classifiers()[name].logits(mnist_test().images[:7])
    assert logits.shape == (7, 10)
    assert logits.dtype == np.float32


@each
def test_classes_are_named(name: str) -> None:
    assert classifiers()[name].class_names == tuple("0123456789")


@each
def test_no_images_give_no_logits(name: str) -> None:
    assert classifiers()[name].logits(mnist_test().images[:0]).shape == (0, 10)


@each
def test_batch_mates_do_not_matter(name: str) -> None:
    classifier, images = classifiers()[name], mnist_test().images[:300]
    together = softmax(classifier.logits(images))
    alone = np.concatenate([softmax(classifier.logits(image[None])) for image in images])
    assert (together.argmax(1) == alone.argmax(1)).all()
    assert np.abs(together - alone).max() <= 1e-6


@each
def test_views_and_read_only_arrays_are_fine(name: str) -> None:
    classifier, images = classifiers()[name], mnist_test().images
    assert not images.flags.writeable
    assert np.array_equal(classifier.logits(images[::1000]), classifier.logits(images[::1000].copy()))


@each
def test_it_can_be_evaluated_and_can_read(name: str) -> None:
    classifier = classifiers()[name]
    assert evaluate(classifier, mnist_test().subset(slice(2_000))).accuracy > 0.85
    assert Reader(classifier).read("examples/seven.jpg").text in tuple("0123456789")


@pytest.mark.parametrize(
    ("made", "got"),
    [
        (lambda images: images / np.float32(255), r"float32 \(3, 28, 28\)"),  # would be read as blank paper
        (lambda images: images[0], r"uint8 \(28, 28\)"),
        (lambda images: images[:, None], r"uint8 \(3, 1, 28, 28\)"),
        (lambda images: images[:, :20], r"uint8 \(3, 20, 28\)"),
        (torch.tensor, "Tensor"),
        (list, "list"),
    ],
)
@each
def test_other_images_are_refused(name: str, made: Callable[[Images], Images], got: str) -> None:
    with pytest.raises(InputError, match=rf"images must be an array of uint8 \(N, 28, 28\).*, got {got}: "):
        classifiers()[name].logits(made(mnist_test().images[:3]))


def test_two_threads_may_ask_a_trained_network_at_once() -> None:
    checkpoint = trained(CONFIG.replace({"model": "quicknet", "epochs": 1}))
    classifier, images = checkpoint.classifier, mnist_test().images[:2_000]
    expected, before = classifier.logits(images), copy.deepcopy(checkpoint.network.state_dict())
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: classifier.logits(images), range(8)))
    assert all(np.array_equal(each, expected) for each in found)
    assert all(torch.equal(each, before[name]) for name, each in checkpoint.network.state_dict().items())
