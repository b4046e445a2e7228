"""Temperature and threshold are what their definitions say."""

import numpy as np
import pytest

from inkdigits.evaluation.calibration import best_temperature, rejection_threshold
from inkdigits.inference.softmax import softmax, with_none


def test_the_temperature_that_was_applied_is_found() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (20_000, 10)).astype(np.float32)
    labels = np.array([rng.choice(10, p=row) for row in softmax(honest)])
    for temperature in (0.5, 1.0, 2.0):
        found = best_temperature((honest * temperature).astype(np.float32), labels)
        assert found == pytest.approx(temperature, rel=0.05)


def test_the_threshold_loses_the_share_that_was_asked_for() -> None:
    logits = np.random.default_rng(0).normal(2, 2, (10_000, 10)).astype(np.float32)
    threshold = rejection_threshold(logits, lost=0.01)
    is_digit = 1 - softmax(with_none(logits))[:, -1]
    assert (is_digit < threshold).mean() == pytest.approx(0.01, abs=0.0002)


def test_none_is_measured_against_zero() -> None:
    logits = np.array([[0.0, 0.0], [10.0, 0.0], [-10.0, -10.0]], np.float32)
    none = softmax(with_none(logits))[:, -1]
    assert none == pytest.approx([1 / 3, 0, 1], abs=1e-4)
