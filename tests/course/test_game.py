"""The game is fair and can be seen."""

import numpy as np

from inkdigits.course.game import choose_challenges
from inkdigits.imaging.terminal import blocks, letters, without_margin
from inkdigits.inference.softmax import softmax
from inkdigits.inference.weights import shipped_classifier
from tests.drawing import mnist_test


def test_the_digits_are_those_of_which_the_model_is_least_sure() -> None:
    classifier, dataset = shipped_classifier(), mnist_test().subset(slice(1000))
    challenges = choose_challenges(classifier, dataset, rounds=5, hardest=20, seed=3)
    assert len({challenge.index for challenge in challenges}) == 5
    two = np.sort(softmax(classifier.logits(dataset.images)), axis=1)[:, -2:]
    margins = two[:, 1] - two[:, 0]
    for challenge in challenges:
        assert margins[challenge.index] <= np.sort(margins)[19]
        image, label = dataset[challenge.index]
        assert np.array_equal(challenge.image, image)
        assert challenge.label == str(label)
        guess = classifier.logits(image[None]).argmax()
        assert challenge.guess == str(guess)


def test_the_labels_have_no_say_in_the_choice() -> None:
    classifier, dataset = shipped_classifier(), mnist_test().subset(slice(300))
    lied = type(dataset)(
        images=dataset.images, labels=(dataset.labels + 1) % 10, class_names=dataset.class_names, name="x", split="test"
    )
    chosen = [
        [challenge.index for challenge in choose_challenges(classifier, each, rounds=4, seed=1)]
        for each in (dataset, lied)
    ]
    assert chosen[0] == chosen[1]


def test_a_seed_draws_the_same_game_and_another_seed_another() -> None:
    classifier, dataset = shipped_classifier(), mnist_test().subset(slice(300))
    games = [
        [challenge.index for challenge in choose_challenges(classifier, dataset, rounds=6, seed=seed)]
        for seed in (1, 1, 2)
    ]
    assert games[0] == games[1] != games[2]


def test_more_rounds_than_digits_are_as_many_as_there_are() -> None:
    dataset = mnist_test().subset(slice(7))
    assert len(choose_challenges(shipped_classifier(), dataset, rounds=50)) == 7


def test_a_digit_is_drawn_with_letters_and_with_greys() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:20, 13:15] = 255
    assert letters(without_margin(image)).splitlines() == ["@@@@"] * 16
    assert letters(without_margin(np.zeros((28, 28), np.uint8))) == ""
    lines = blocks(image).splitlines()
    assert len(lines) == 14
    assert all(line.count("▀") == 28 and line.endswith("\x1b[0m") for line in lines)
    assert "38;5;255;48;5;255" in lines[2]
    assert "38;5;255" not in lines[0]
