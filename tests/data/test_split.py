"""The validation set is held out, stratified, and the same on every run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.errors import ConfigError


def numbered(labels: list[int]) -> Dataset:
    """Return images that carry their own index in their first pixels."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(len(labels)) % 256, np.arange(len(labels)) // 256
    return Dataset("made", "train", images, np.array(labels, np.int64))


def indices(dataset: Dataset) -> list[int]:
    first = dataset.images[:, 0, :2].astype(int)
    return [int(index) for index in first[:, 0] + 256 * first[:, 1]]


def test_mnist_splits_into_55000_and_5000_with_the_same_share_of_every_class() -> None:
    whole = load_dataset("mnist")
    train_set, valid_set = split_dataset(whole, 5_000, seed=0)
    assert (len(train_set), len(valid_set)) == (55_000, 5_000)
    assert (train_set.split, valid_set.split) == ("train", "validation")
    for name, count in whole.counts().items():
        assert abs(valid_set.counts()[name] - count / 12) < 1


@given(st.lists(st.integers(0, 9), min_size=2, max_size=300), st.data())
def test_the_two_parts_are_the_whole_and_share_nothing(labels: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(labels) - 1))
    train_set, valid_set = split_dataset(numbered(labels), size, seed=data.draw(st.integers(0, 5)))
    assert len(valid_set) == size
    assert sorted(indices(train_set) + indices(valid_set)) == list(range(len(labels)))


def test_the_seed_decides() -> None:
    whole = numbered([digit for digit in range(10) for _ in range(50)])
    same = [indices(split_dataset(whole, 100, seed=7)[1]) for _ in range(2)]
    assert same[0] == same[1]
    assert same[0] != indices(split_dataset(whole, 100, seed=8)[1])


def test_the_test_set_is_not_split() -> None:
    with pytest.raises(ConfigError, match="the test set is not for choosing anything"):
        split_dataset(load_dataset("mnist", "test"), 100, seed=0)


@pytest.mark.parametrize("size", [0, -1, 10, 11])
def test_a_size_that_leaves_a_part_empty_is_refused(size: int) -> None:
    with pytest.raises(ConfigError, match="validation_size must lie between 1 and 9"):
        split_dataset(numbered([1] * 10), size, seed=0)
