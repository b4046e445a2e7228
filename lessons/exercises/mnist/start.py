"""Exercise: a split with the same share of every digit.

Write with numpy, without inkdigits' own split:

- `split(labels, validation_size, seed)`: labels is int64 (N,), for instance 60,000 digits. Return two arrays of indices
  into it, (training, validation), int64, each in any order.
  - The validation set has exactly `validation_size` indices, the training set all the others: none twice, none lost.
  - Every class has the same share of it. A class with a tenth of the labels has a tenth of the validation set, to
    within one index; a share is seldom a whole number. Classes may differ in size, and there may be fewer or more
    than ten.
  - Which indices of a class go into it is left to chance, and `seed` decides it: the same seed gives the same split,
    another seed another one.

Check it with: inkdigits learn check mnist mnist_exercise.py
"""

import numpy as np


def split(labels, validation_size, seed):
    """Return the indices (training, validation) of a stratified split."""
    indices = np.arange(len(labels))
    return indices, indices[:0]
