"""Exercise: a temperature for the probabilities.

Write the three functions with numpy, without inkdigits' own. `logits` are float32 (N, K), `labels` int64 (N,).

- `probabilities(logits, temperature)`: softmax of logits / temperature, (N, K), each row sums to 1. Logits of 1000 and
  temperatures of 0.1 must not overflow.
- `cross_entropy(logits, labels, temperature)`: the mean over the images of -log(probability of the right class), one
  number. It must be a number also where that probability is too small for a computer: with a logit of 1000 for the
  wrong class and temperature 1 it is 1000.
- `find_temperature(logits, labels)`: the temperature from 0.1 to 10 with the least cross-entropy, at most 3 % away from
  the best.

Check it with: inkdigits learn check calibration calibration_exercise.py
"""

import numpy as np


def probabilities(logits, temperature):
    """Return the probabilities (N, K) of logits (N, K) at a temperature."""
    return np.zeros_like(logits)


def cross_entropy(logits, labels, temperature):
    """Return the mean of -log(probability of the right class) at a temperature."""
    return 0.0


def find_temperature(logits, labels):
    """Return the temperature, 0.1 to 10, whose cross-entropy is least."""
    return 1.0
