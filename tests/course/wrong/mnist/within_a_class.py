# expects: your indices count within a class
import numpy as np


def split(labels, validation_size, seed):
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    exact = [np.sum(labels == c) * validation_size / len(labels) for c in classes]
    n = np.floor(exact).astype(int)
    n[np.argsort(n - exact)[: validation_size - n.sum()]] += 1
    training, validation = [], []
    for c, k in zip(classes, n):
        order = rng.permutation(np.sum(labels == c))
        validation.extend(order[:k])
        training.extend(order[k:])
    return np.array(training), np.array(validation)
