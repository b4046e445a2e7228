# expects: the classes come by chance
import numpy as np


def split(labels, validation_size, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    return order[validation_size:], order[:validation_size]
