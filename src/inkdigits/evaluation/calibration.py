"""Probabilities that mean what they say: temperature, and the threshold below which an image is no digit."""

import numpy as np

from inkdigits.evaluation.metrics import cross_entropy
from inkdigits.inference.softmax import softmax, with_none
from inkdigits.types import Labels, Logits

LOST = 0.002  # of real digits: how many may be taken for no digit
TEMPERATURES = np.exp(np.linspace(np.log(0.25), np.log(4), 161))


def best_temperature(logits: Logits, labels: Labels) -> float:
    """Return the number that logits are best divided by, on images that were not trained on: least cross-entropy.

    Source: C. Guo et al., "On calibration of modern neural networks", 2017.
    """
    losses = [cross_entropy((logits / temperature).astype(np.float32), labels) for temperature in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def rejection_threshold(logits: Logits, *, lost: float = LOST) -> float:
    """Return the probability of being a digit that all but a share `lost` of these digits reach.

    Args:
        logits: float32 (N, K) of a network trained with images of none, for N digits that it was not trained on.
        lost: the share of digits that may be rejected, 0 to 1.
    """
    is_digit = 1 - softmax(with_none(logits))[:, -1]
    return float(np.quantile(is_digit, lost))
