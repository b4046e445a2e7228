"""A split with the same share of every digit."""

import numpy as np


def split(labels, validation_size, seed):
    """Return the indices (training, validation) of a stratified split."""
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]  # shuffled inside each class, one class after the other
    places = np.arange(validation_size) * len(labels) // validation_size  # evenly spread, so evenly over the classes
    return np.delete(by_class, places), by_class[places]
