# expects: the same seed gives two different splits
import numpy as np


def split(labels, validation_size, seed):
    classes = np.unique(labels)
    exact = [np.sum(labels == c) * validation_size / len(labels) for c in classes]
    n = np.floor(exact).astype(int)
    n[np.argsort(n - exact)[: validation_size - n.sum()]] += 1
    validation = np.concatenate([np.random.permutation(np.flatnonzero(labels == c))[:k] for c, k in zip(classes, n)])
    return np.setdiff1d(np.arange(len(labels)), validation), validation
