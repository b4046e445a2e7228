"""A few pictures of one hand are learned, and nobody else's digits are forgotten."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.errors import TrainingError
from inkdigits.inference.weights import FOLDER
from inkdigits.training.adapt import Adaptation, adapt
from inkdigits.training.checkpoint import Checkpoint, load_checkpoint
from inkdigits.types import Images
from tests.drawing import mnist_test
from tests.small import CONFIG, trained


@cache
def shipped() -> Checkpoint:
    checkpoint = load_checkpoint(FOLDER / "digits.safetensors", device="cpu")
    return replace(checkpoint, config=checkpoint.config.replace({"validation_size": 1_000}))  # measured in a moment


def another_hand(indices: NDArray[np.int64]) -> Images:
    """Return test digits as somebody writes them who turns every one a quarter to the left."""
    return np.ascontiguousarray(np.rot90(mnist_test().images[indices], axes=(1, 2)))


SHOWN, LATER = np.arange(40), np.arange(100, 200)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.training.adapt.REHEARSED", 1_000)
    monkeypatch.setattr("inkdigits.training.adapt.SHOWN", 1_000)
    monkeypatch.setattr("inkdigits.training.adapt.NOTHINGS", 300)
    monkeypatch.setattr("inkdigits.training.adapt.EPOCHS", 2)


def right(checkpoint: Checkpoint, indices: NDArray[np.int64]) -> int:
    guesses = checkpoint.classifier.logits(another_hand(indices)).argmax(axis=1)
    return int((guesses == mnist_test().labels[indices]).sum())


@pytest.mark.slow
def test_a_strange_hand_is_learned_or_refused_but_never_forgets_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.training.adapt.MAX_LOSS", 0.05)
    monkeypatch.setattr("inkdigits.training.adapt.MAX_ACCEPTED", 0.1)
    before = [tensor.clone() for tensor in shipped().model.state_dict().values()]
    adapted, found = adapt(shipped(), another_hand(SHOWN), mnist_test().labels[SHOWN])
    assert isinstance(found, Adaptation)
    assert found.pictures == 40
    assert found.right_before <= right(shipped(), SHOWN)  # what is rejected is not read
    assert right(adapted, LATER) > right(shipped(), LATER) + 5
    assert found.right_held_out is not None
    assert found.right_held_out > found.right_before
    assert found.validation_after > 0.95
    assert found.rejected_before is not None
    assert found.rejected_after is not None
    assert 0.5 < found.rejected_before <= 1
    assert found.rejected_after > found.rejected_before - 0.1
    best = adapted.history.best
    assert best is not None
    assert best.valid_accuracy == found.validation_after  # what the exported file will claim
    assert adapted.config.synthetic == shipped().config.synthetic  # so that the export still rejects
    after = shipped().model.state_dict().values()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.slow
def test_learning_wrong_labels_is_refused() -> None:
    few = SHOWN[:9]  # too few to be split, so that one network is trained and not three
    wrong = (mnist_test().labels[few] + 1) % 10
    with pytest.raises(TrainingError, match=r"nothing was written\. Are all labels right"):
        adapt(shipped(), mnist_test().images[few], wrong)


@pytest.mark.slow
def test_taking_more_for_digits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.training.adapt.MAX_LOSS", 0.05)
    monkeypatch.setattr("inkdigits.training.adapt.MAX_ACCEPTED", -1.0)  # as if it had forgotten them all
    monkeypatch.setattr("inkdigits.training.adapt.EPOCHS", 1)
    with pytest.raises(TrainingError, match=r"of 500 images of no digit, before .*nothing was written"):
        adapt(shipped(), mnist_test().images[:5], mnist_test().labels[:5])


def test_what_a_teacher_did_to_the_probabilities_is_made_up_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.training.adapt.MAX_LOSS", 0.1)
    pupil = replace(trained(CONFIG.replace({"views": 4})), taught_by="somebody", temperature=9.0)
    adapted, _ = adapt(pupil, mnist_test().images[:5], mnist_test().labels[:5])
    assert 0.5 < adapted.temperature < 2
    assert adapted.config.views == 4  # it answers as before


def test_network_of_digits_alone_has_nothing_to_reject() -> None:
    _, found = adapt(trained(), mnist_test().images[:5], mnist_test().labels[:5])
    assert found.rejected_before is None
    assert found.rejected_after is None


@pytest.mark.slow
def test_few_pictures_are_not_split_for_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.training.adapt.EPOCHS", 1)
    monkeypatch.setattr("inkdigits.training.adapt.MAX_LOSS", 0.01)  # so little is rehearsed here
    _, found = adapt(shipped(), mnist_test().images[:5], mnist_test().labels[:5])
    assert found.right_held_out is None
    assert found.validation_after >= found.validation_before - 0.01
