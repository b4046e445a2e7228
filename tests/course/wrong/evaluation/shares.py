# expects: return counts
import math

import numpy as np


def confusion_matrix(labels, guesses, classes):
    counts = np.zeros((classes, classes))
    for label, guess in zip(labels, guesses):
        counts[label, guess] += 1
    return counts / counts.sum(axis=1, keepdims=True)


def wilson_interval(correct, total, z=1.96):
    if total == 0:
        return 0.0, 1.0
    share = correct / total
    centre = share + z**2 / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return (centre - half) / (1 + z**2 / total), (centre + half) / (1 + z**2 / total)
