"""Exercise: softmax and cross-entropy by hand.

Write the two functions with torch's arithmetic (exp, log, sum, max), without torch's own softmax or losses.

- `softmax(logits)`: float (N, K) to probabilities (N, K). Each row sums to 1. Logits of 1000 must not overflow.
- `cross_entropy(logits, labels)`: the mean over the images of -log(probability of the right class), one number as a
  tensor of no dimensions. A certain and wrong answer, with a logit of 1000, must give 1000 and not infinity.

Check it with: inkdigits learn check softmax softmax_exercise.py
"""

import torch


def softmax(logits):
    """Turn logits (N, K) into probabilities (N, K)."""
    return torch.zeros_like(logits)


def cross_entropy(logits, labels):
    """Return the mean of -log(probability of the right class); labels are int64 (N,)."""
    return torch.tensor(0.0)
