# expects: is the textbook's interval
import math

import numpy as np


def confusion_matrix(labels, guesses, classes):
    counts = np.zeros((classes, classes), int)
    for label, guess in zip(labels, guesses):
        counts[label, guess] += 1
    return counts


def wilson_interval(correct, total, z=1.96):
    share = correct / total
    half = z * math.sqrt(share * (1 - share) / total)
    return share - half, share + half
