"""A validation set held out of the training set."""

import numpy as np

from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError


def split_dataset(dataset: Dataset, validation_size: int, *, seed: int) -> tuple[Dataset, Dataset]:
    """Split a training set into a smaller training set and a validation set, with the same share of every class.

    Args:
        dataset: what to split; the test set is refused, since nothing may be chosen on it.
        validation_size: images in the validation set, exactly.
        seed: the same seed gives the same split on every machine.

    Returns:
        (training set, validation set); together they are the whole, and no image is in both.

    Raises:
        ConfigError: the data set is the test set, or too small for the split.
    """
    if dataset.split == "test":
        raise ConfigError("the test set is not for choosing anything: split the training set instead")
    if not 0 < validation_size < len(dataset):
        raise ConfigError(f"validation_size must lie between 1 and {len(dataset) - 1}, got {validation_size}")
    order = np.random.default_rng(seed).permutation(len(dataset))
    by_class = [order[dataset.labels[order] == label] for label in range(len(dataset.class_names))]
    held_out = np.concatenate(
        [indices[:share] for indices, share in zip(by_class, _shares(by_class, validation_size), strict=True)]
    )
    chosen = np.zeros(len(dataset), dtype=bool)
    chosen[held_out] = True
    return (
        dataset.subset(np.flatnonzero(~chosen), split="train"),
        dataset.subset(np.flatnonzero(chosen), split="validation"),
    )


def _shares(by_class: list[np.ndarray[tuple[int], np.dtype[np.int64]]], total: int) -> list[int]:
    """Divide `total` among the classes by their size; what rounding leaves goes to the largest remainders."""
    exact = np.array([len(indices) for indices in by_class]) * total / sum(len(indices) for indices in by_class)
    shares = np.floor(exact).astype(int)
    shares[np.argsort(shares - exact, kind="stable")[: total - shares.sum()]] += 1
    return [int(share) for share in shares]
