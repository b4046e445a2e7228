"""Logits become probabilities, row by row, whatever their size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inkdigits.inference.softmax import log_softmax, softmax
from inkdigits.types import Logits

ANY_LOGITS = arrays(
    np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(-1e4, 1e4, width=32)
)


def test_known_values() -> None:
    logits = np.log(np.array([[1, 2, 3, 4], [1, 1, 1, 1]], np.float32))
    np.testing.assert_allclose(softmax(logits), [[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]], rtol=1e-6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(logits=ANY_LOGITS)
def test_rows_sum_to_one(logits: Logits) -> None:
    probabilities = softmax(logits)
    assert probabilities.dtype == np.float64
    assert probabilities.shape == logits.shape
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(logits=ANY_LOGITS)
def test_log_softmax_is_the_logarithm_of_softmax(logits: Logits) -> None:
    logs, probabilities = log_softmax(logits), softmax(logits)
    assert (logs <= 0).all()
    present = probabilities > 0  # the others underflow; only their logarithm is still told
    np.testing.assert_allclose(logs[present], np.log(probabilities[present]), atol=1e-9)
    assert np.isfinite(logs).all()


def test_each_row_stands_alone() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (7, 10)).astype(np.float32)
    for row in range(7):
        np.testing.assert_array_equal(softmax(logits)[row], softmax(logits[row : row + 1])[0])


def test_a_constant_added_to_a_row_changes_nothing() -> None:
    logits = np.array([[1, 2, 3]], np.float32)
    np.testing.assert_allclose(softmax(logits + 64), softmax(logits), rtol=1e-12)


@pytest.mark.parametrize("huge", [1e4, 1e30, 3e38])
def test_huge_logits_do_not_overflow(huge: float) -> None:
    logits = np.array([[huge, 0, -huge], [-huge, -huge, -huge]], np.float32)
    np.testing.assert_allclose(softmax(logits), [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])


def test_no_rows_give_no_rows() -> None:
    assert softmax(np.zeros((0, 10), np.float32)).shape == (0, 10)
