# expects: It got all that rounding left over
import numpy as np


def split(labels, validation_size, seed):
    rng = np.random.default_rng(seed)
    validation = []
    classes = np.unique(labels)
    left = validation_size
    for digit in classes:
        places = rng.permutation(np.flatnonzero(labels == digit))
        n = left if digit == classes[-1] else len(places) * validation_size // len(labels)
        validation.append(places[:n])
        left -= n
    validation = np.concatenate(validation)
    return np.setdiff1d(np.arange(len(labels)), validation), validation
