"""What our own code draws is what it is labelled as, and the same for the same seed."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import PAIRS, Dataset
from inkdigits.data.fonts import FONT_PACKAGES, Fonts
from inkdigits.data.hands import HANDS, draw_digit, invented
from inkdigits.data.marks import cropped, enlarged, habit, touching
from inkdigits.data.synthesis import NONE, synthesize, synthesize_pairs, touching_pairs
from inkdigits.errors import ConfigError
from inkdigits.inference.softmax import softmax, with_none
from inkdigits.inference.weights import shipped_classifier

FONT = Path(str(files("matplotlib"))) / "mpl-data/fonts/ttf/DejaVuSans.ttf"  # on every machine that trains
FONTS = Fonts((FONT,), (FONT,))


@cache
def digits() -> Dataset:
    return load_dataset("mnist").subset(slice(1_000))


def drawn(count: int, seed: int = 0) -> Dataset:
    return synthesize(digits(), count, seed=seed, fonts=FONTS)


def test_drawn_images_come_after_the_real_ones() -> None:
    extended = drawn(300)
    assert len(extended) == 1_300
    assert np.array_equal(extended.images[:1_000], digits().images)
    assert extended.class_names == (*"0123456789", NONE)
    assert extended.split == "train"
    counts = np.bincount(extended.labels[1_000:], minlength=11)
    assert (counts > 0).all()
    assert 0.3 < counts[10] / 300 < 0.7


def test_the_same_seed_draws_the_same() -> None:
    one, again, other = drawn(60), drawn(60), drawn(60, seed=1)
    assert np.array_equal(one.images, again.images)
    assert np.array_equal(one.labels, again.labels)
    assert not np.array_equal(one.images, other.images)


def test_two_processes_draw_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = synthesize_pairs(digits(), 600, seed=0, fonts=FONTS)
    monkeypatch.setattr("inkdigits.data.synthesis.MANY", 1)
    together = synthesize_pairs(digits(), 600, seed=0, fonts=FONTS, processes=2)
    assert np.array_equal(alone.images, together.images)
    assert np.array_equal(alone.labels, together.labels)


def test_every_drawn_image_holds_ink_where_mnist_has_it() -> None:
    images = drawn(400).images[1_000:]
    assert (images.max(axis=(1, 2)) >= 250).all()
    rows, columns = np.nonzero(images.any(axis=0))
    assert rows.min() >= 0
    assert (images[:, [0, 27]] > 0).mean() < 0.2  # the box of 20 pixels leaves a margin
    assert columns.max() <= 27


def test_the_shipped_model_tells_drawn_digits_from_drawn_nothings() -> None:
    extended = drawn(600)
    images, labels = extended.images[1_000:], extended.labels[1_000:]
    probabilities = softmax(with_none(shipped_classifier().logits(images)))
    is_none = labels == 10
    assert (probabilities[~is_none].argmax(axis=1) == labels[~is_none]).mean() > 0.85
    assert (probabilities[is_none].argmax(axis=1) == 10).mean() > 0.85


def test_sevens_are_crossed_and_ones_get_a_flag() -> None:
    rng = np.random.default_rng(0)
    for label in (1, 7):
        images = digits().images[digits().labels == label][:40]
        changed = [habit(enlarged(image), label, rng).sum() > enlarged(image).sum() * 1.05 for image in images]
        assert 12 <= sum(changed) <= 36  # about 60 %
    two = digits().images[digits().labels == 2][0]
    assert np.array_equal(habit(enlarged(two), 2, rng), enlarged(two))


def test_pushed_marks_touch_and_each_pixel_has_an_owner() -> None:
    rng = np.random.default_rng(0)
    for first, second in ((0, 1), (2, 3), (4, 5)):
        left, right = (cropped(enlarged(digits().images[index])) for index in (first, second))
        whole, owners = touching(left, right, rng)
        assert np.array_equal(owners[0] | owners[1], whole > 127)
        assert not (owners[0] & owners[1]).any()
        assert whole.shape[1] <= left.shape[1] + right.shape[1]


def test_a_missing_font_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkdigits.data.fonts._installed_fonts", dict)
    with pytest.raises(ConfigError, match="apt-get install fonts-breip") as refused:
        synthesize(digits(), 10, seed=0)
    assert FONT_PACKAGES in str(refused.value)


def test_strokes_are_drawn_in_every_habit() -> None:
    rng = np.random.default_rng(0)
    for label in range(10):
        images = [draw_digit(label, rng) for _ in range(20)]
        assert len(HANDS[label]) >= 4
        assert all(image.max() == 255 and min(image.shape) > 2 for image in images)
        assert len({image.shape for image in images}) > 10  # no two hands alike
    assert all(invented(rng).max() == 255 for _ in range(20))


def test_pairs_are_drawn_from_the_digits_with_their_labels() -> None:
    pairs = touching_pairs(digits(), 60, seed=0)
    assert pairs.class_names == PAIRS
    assert pairs.images.shape == (60, 28, 28)
    assert np.array_equal(pairs.images, touching_pairs(digits(), 60, seed=0).images)
    assert not np.array_equal(pairs.images, touching_pairs(digits(), 60, seed=1).images)
    assert len(set(pairs.labels.tolist())) > 30
    assert pairs.split == digits().split


def test_pairs_to_learn_from_hold_what_is_no_pair() -> None:
    drawn_pairs = synthesize_pairs(digits(), 300, seed=0, fonts=FONTS)
    assert drawn_pairs.class_names == (*PAIRS, NONE)
    assert 0.3 < (drawn_pairs.labels == 100).mean() < 0.5
    assert (drawn_pairs.images.max(axis=(1, 2)) >= 250).all()
