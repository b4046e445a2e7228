# expects: It must be the same share
import numpy as np


def split(labels, validation_size, seed):
    rng = np.random.default_rng(seed)
    validation = []
    for digit in range(10):
        places = rng.permutation(np.flatnonzero(labels == digit))
        validation.extend(places[: validation_size // 10])
    training = np.setdiff1d(np.arange(len(labels)), validation)
    return training, np.array(validation)
