# expects: another seed gives the same validation set
import numpy as np


def split(labels, validation_size, seed):
    np.random.seed(seed)
    classes = np.unique(labels)
    exact = [np.sum(labels == c) * validation_size / len(labels) for c in classes]
    n = np.floor(exact).astype(int)
    n[np.argsort(n - exact)[: validation_size - n.sum()]] += 1
    validation = np.concatenate([np.flatnonzero(labels == c)[:k] for c, k in zip(classes, n)])
    np.random.shuffle(validation)
    return np.setdiff1d(np.arange(len(labels)), validation), validation
