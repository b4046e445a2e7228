"""Several models answer with the mean of their probabilities."""

import numpy as np
import pytest

from inkdigits.errors import ConfigError
from inkdigits.inference.ensemble import Ensemble
from inkdigits.inference.softmax import softmax
from inkdigits.inference.weights import shipped_classifier
from tests.drawing import mnist_test
from tests.small import CONFIG, trained

IMAGES = mnist_test().images[:200]


def test_an_ensemble_answers_with_the_mean_of_the_probabilities() -> None:
    members = [trained(CONFIG.replace({"seed": seed, "epochs": 1})).classifier for seed in (3, 4)]
    expected = (softmax(members[0].logits(IMAGES)) + softmax(members[1].logits(IMAGES))) / 2
    np.testing.assert_allclose(softmax(Ensemble(members).logits(IMAGES)), expected, atol=1e-6)
    assert not np.allclose(softmax(members[0].logits(IMAGES)), expected, atol=1e-3)


def test_one_alone_answers_as_it_does() -> None:
    alone = shipped_classifier()
    np.testing.assert_allclose(softmax(Ensemble([alone]).logits(IMAGES)), softmax(alone.logits(IMAGES)), atol=1e-6)


def test_models_of_other_classes_and_none_at_all_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"must have the same classes, got 10 \(0 to 9\) and 100 \(00 to 99\)"):
        Ensemble([shipped_classifier(), shipped_classifier("pairs")])
    with pytest.raises(ConfigError, match="got no model at all"):
        Ensemble([])
