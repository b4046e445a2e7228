"""Exercise: a confusion matrix, and an interval for the accuracy.

Write the two functions with numpy or with plain Python, without a library that has them ready.

- `confusion_matrix(labels, guesses, classes)`: how often each label got each guess. `labels` and `guesses` are int64
  (N,), each from 0 to classes - 1; the result is an array of whole numbers (classes, classes). Rows are labels, the
  truth; columns are guesses. A class that never occurs has its row and its column all the same.
- `wilson_interval(correct, total, z=1.96)`: the two ends (low, high) of the Wilson interval, as fractions from 0 to 1.
  After 0 images nothing is known: (0.0, 1.0).

Check it with: inkdigits learn check evaluation evaluation_exercise.py
"""

import numpy as np


def confusion_matrix(labels, guesses, classes):
    """Count every pair of label and guess: int (classes, classes), rows = label, columns = guess."""
    return np.zeros((classes, classes), np.int64)


def wilson_interval(correct, total, z=1.96):
    """Return (low, high), the ends of the Wilson interval of the share correct / total."""
    return 0.0, 0.0
