# expects: rounding down loses the rest
import numpy as np


def split(labels, validation_size, seed):
    rng = np.random.default_rng(seed)
    validation = []
    for digit in np.unique(labels):
        places = rng.permutation(np.flatnonzero(labels == digit))
        validation.append(places[: len(places) * validation_size // len(labels)])
    validation = np.concatenate(validation)
    return np.setdiff1d(np.arange(len(labels)), validation), validation
