"""Logits to probabilities: over the classes of each image, never over the batch."""

import numpy as np

from inkdigits.types import Logits, Probabilities


def log_softmax(logits: Logits) -> Probabilities:
    """Return the logarithms of the probabilities, float64 (N, K), each 0 or less.

    They are the logits minus log(sum(exp(logits))) of their own row; the largest logit is taken out first, so that
    nothing overflows.
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf)
    log_probabilities: Probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_probabilities


def softmax(logits: Logits) -> Probabilities:
    """Return probabilities float64 (N, K); each row sums to 1."""
    probabilities: Probabilities = np.exp(log_softmax(logits))
    return probabilities


def with_none(logits: Logits) -> Logits:
    """Append the logit of "none of the classes", float32 (N, K + 1): 0, what the others are measured against."""
    return np.concatenate([logits, np.zeros((len(logits), 1), logits.dtype)], axis=1)
