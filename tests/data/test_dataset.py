"""A data set is two arrays that belong together."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.data.dataset import Dataset
from inkdigits.errors import DataError
from tests.drawing import mnist_test


def blank(count: int) -> Dataset:
    return Dataset("made", "train", np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.int64))


def test_it_says_what_it_is() -> None:
    assert repr(mnist_test()) == "Dataset(mnist:test, 10,000 images 28x28)"
    about = json.loads(json.dumps(mnist_test().to_dict()))
    assert about["counts"]["1"] == 1135
    assert about["shape"] == [10_000, 28, 28]


def test_one_image_comes_with_its_label() -> None:
    image, label = mnist_test()[2019]
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert label == 9
    assert mnist_test()[-1][1] == mnist_test().labels[-1]


@pytest.mark.parametrize("index", [10_000, -10_001])
def test_an_index_outside_is_told_the_bounds(index: int) -> None:
    with pytest.raises(IndexError, match="outside mnist:test, which holds 0 to 9999"):
        mnist_test()[index]


def test_iterating_ends() -> None:
    assert len(list(blank(3))) == 3


def test_a_subset_keeps_images_and_labels_together() -> None:
    part = mnist_test().subset(np.array([5, 3]), split="validation")
    assert part.labels.tolist() == mnist_test().labels[[5, 3]].tolist()
    assert np.array_equal(part.images, mnist_test().images[[5, 3]])
    assert part.split == "validation"


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 28, 28), np.float32), np.zeros(2, np.int64), r"images must be uint8 \(N, 28, 28\), got float32"),
        (np.zeros((2, 27, 28), np.uint8), np.zeros(2, np.int64), r"got uint8 \(2, 27, 28\)"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.int64), r"labels must be int64 \(2,\), one an image, got"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int32), "got int32"),
        (np.zeros((2, 28, 28), np.uint8), np.array([0, 10]), "between 0 and 9, got 0 to 10"),
        (np.zeros((2, 28, 28), np.uint8), np.array([-1, 1]), "between 0 and 9, got -1 to 1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(images: NDArray[np.uint8], labels: NDArray[np.int64], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Dataset("made", "train", images, labels)
