# expects: indices are in both parts
import numpy as np


def split(labels, validation_size, seed):
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    exact = [np.sum(labels == c) * validation_size / len(labels) for c in classes]
    n = np.floor(exact).astype(int)
    n[np.argsort(n - exact)[: validation_size - n.sum()]] += 1
    validation = np.concatenate([rng.permutation(np.flatnonzero(labels == c))[:k] for c, k in zip(classes, n)])
    return rng.permutation(len(labels))[validation_size:], validation
