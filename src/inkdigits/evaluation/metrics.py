"""The numbers that say how good a classifier is, from logits and labels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits.inference.softmax import log_softmax
from inkdigits.types import Labels, Logits


def accuracy(logits: Logits, labels: Labels) -> float:
    """Return the share of images whose largest logit is the label's, 0 to 1."""
    return float((logits.argmax(axis=1) == labels).mean())


def cross_entropy(logits: Logits, labels: Labels) -> float:
    """Return the mean negative log-probability of the labels, in nats: NLL of log-softmax."""
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def wilson_interval(correct: int, total: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Return the interval that holds the true accuracy with 95 % confidence (z = 1.96), as fractions.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Unlike the
    textbook `p +- z sqrt(p (1 - p) / n)` it stays inside [0, 1] and is right near 100 %.
    """
    if total == 0:
        return 0.0, 1.0
    share = correct / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class ClassMetrics:
    """How one class fares.

    Attributes:
        name: the class.
        support: images of this class.
        precision: of the images called this class, the share that are.
        recall: of the images that are this class, the share called so.
        f1: the harmonic mean of the two.
    """

    name: str
    support: int
    precision: float
    recall: float
    f1: float


def class_metrics(counts: NDArray[np.int64], class_names: tuple[str, ...]) -> tuple[ClassMetrics, ...]:
    """Return precision, recall and F1 of every class; 0 where nothing was called, or is, the class.

    Args:
        counts: int64 (K, K), rows = label, columns = guess.
        class_names: the K names.
    """
    rows = []
    for index, name in enumerate(class_names):
        hits, called, support = (
            int(counts[index, index]),
            int(counts[:, index].sum()),
            int(counts[index].sum()),
        )
        rows.append(
            ClassMetrics(
                name=name,
                support=support,
                precision=hits / called if called else 0.0,
                recall=hits / support if support else 0.0,
                f1=2 * hits / (called + support) if called + support else 0.0,
            )
        )
    return tuple(rows)


def mcnemar_p(correct_a: NDArray[np.bool_], correct_b: NDArray[np.bool_]) -> float:
    """Return the probability of so large a difference between two classifiers on the same images by chance alone.

    The exact two-sided test over the images that one gets right and the other wrong.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions", 1947.

    Args:
        correct_a: bool (N,), whether the first classifier is right.
        correct_b: bool (N,), whether the second is, in the same order.
    """
    only_a, only_b = int((correct_a & ~correct_b).sum()), int((correct_b & ~correct_a).sum())
    total = only_a + only_b
    tail = sum(math.comb(total, count) for count in range(min(only_a, only_b) + 1))
    return (
        min(1.0, float(2 * tail / 2**total)) if total < 1000 else math.erfc(abs(only_a - only_b) / math.sqrt(2 * total))
    )
