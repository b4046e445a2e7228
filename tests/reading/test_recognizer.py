"""The two models together: single digits, second looks, and pairs in the right order."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.data.dataset import PAIRS
from inkdigits.errors import ModelError
from inkdigits.imaging.normalize import normalize_digit, normalize_pair
from inkdigits.imaging.segment import Piece
from inkdigits.inference.weights import shipped_classifier
from inkdigits.models.classifier import TorchClassifier
from inkdigits.models.registry import create_model
from inkdigits.reading.reader import Reader
from inkdigits.reading.recognizer import SECOND_LOOK, NetworkRecognizer
from inkdigits.types import Images, Ink, Logits
from tests.drawing import mnist_test


def mark(index: int, *, scale: float = 4) -> Ink:
    image = mnist_test().images[index]
    rows, columns = np.flatnonzero(image.max(axis=1) > 60), np.flatnonzero(image.max(axis=0) > 60)
    cropped = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    large: Ink = cv2.resize(cropped, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    return large


def pushed(left: Ink, right: Ink) -> Ink:
    """Put two marks side by side, the second as far to the left as it goes until it touches."""
    height = max(len(left), len(right))
    page = np.zeros((height, left.shape[1] + right.shape[1]), np.uint8)
    page[height - len(left) :, : left.shape[1]] = left
    for x in range(left.shape[1], 0, -1):
        under = page[height - len(right) :, x : x + right.shape[1]]
        if (np.minimum(under, right) > 120).any():
            break
    np.maximum(under, right, out=under)
    return page[:, : x + right.shape[1]]


def piece(ink: Ink) -> Piece:
    return Piece((0, 0, ink.shape[1], ink.shape[0]), ink)


def test_two_touching_digits_are_read_in_their_order() -> None:
    right, reader, recognizer = 0, Reader(), NetworkRecognizer(shipped_classifier())
    for index in range(20):
        label = "".join(str(mnist_test().labels[index + step]) for step in (0, 1))
        ink = pushed(mark(index), mark(index + 1))
        (pair,) = recognizer.pairs([piece(ink)])
        assert pair.together.shape == (10, 10)
        assert 0 <= pair.together.sum() <= 1 + 1e-9
        right += "".join(map(str, divmod(int(pair.together.argmax()), 10))) == label
        reading = reader.read(np.pad(255 - ink, 30, constant_values=255))
        assert len(reading.digits) <= 2
    assert right >= 17


@pytest.mark.parametrize("scale", [1.5, 25])
def test_touching_digits_are_read_at_every_size(scale: float) -> None:
    for start in (0, 3, 10, 17):
        ink = pushed(pushed(mark(start, scale=scale), mark(start + 1, scale=scale)), mark(start + 2, scale=scale))
        assert Reader().read(np.pad(255 - ink, 40, constant_values=255)).text  # and no KeyError


def test_pair_fills_its_square() -> None:
    wide = np.full((20, 60), 255, np.uint8)
    assert normalize_pair(wide).shape == (28, 28)
    assert (normalize_pair(wide)[2:26, 2:26] == 255).all()
    assert normalize_pair(wide).sum() == 24 * 24 * 255


def test_only_unsure_marks_get_a_second_look() -> None:
    recognizer = NetworkRecognizer(shipped_classifier())
    pieces = [piece(mark(index)) for index in range(60)]
    first = recognizer.probabilities(np.stack([normalize_digit(one.ink) for one in pieces]))
    looked = np.stack([found.probabilities for found in recognizer.marks(pieces)])
    unsure = first.max(axis=1) < SECOND_LOOK
    assert np.array_equal(first[~unsure], looked[~unsure])
    np.testing.assert_allclose(looked.sum(axis=1), 1)
    spoilt = [piece(cv2.GaussianBlur(mark(index), (0, 0), 9).astype(np.uint8)) for index in range(60)]
    first = recognizer.probabilities(np.stack([normalize_digit(one.ink) for one in spoilt]))
    looked = np.stack([found.probabilities for found in recognizer.marks(spoilt)])
    unsure = first.max(axis=1) < SECOND_LOOK
    assert unsure.any()
    assert (first[unsure] != looked[unsure]).any(axis=1).all()


def test_model_of_pairs_cannot_take_the_place_of_single_digits() -> None:
    pairs = TorchClassifier(create_model("pairnet"), PAIRS)
    with pytest.raises(ModelError, match="reads two digits at once"):
        Reader(pairs)


def test_model_of_other_classes_is_asked_about_no_pairs() -> None:
    letters = TorchClassifier(create_model("softmax", num_classes=3), ("a", "b", "c"))
    assert NetworkRecognizer(letters).pairs([piece(mark(0))]) == []


class Doubting:
    """Finds a seven in everything; for marks as wide as half their height it hardly believes in a digit."""

    class_names = tuple("0123456789")
    reject_below = 0.4

    def logits(self, images: Images) -> Logits:
        logits = np.full((len(images), 10), -9.0, np.float32)
        columns = (images > 100).any(axis=1).sum(axis=1)
        logits[:, 7] = np.where(columns > 8, 6.0, -1.2)  # is_digit 0.998 or 0.23
        return logits


def bars(*widths: int) -> NDArray[np.uint8]:
    page = np.full((120, 40 + 60 * len(widths)), 255, np.uint8)
    for place, width in enumerate(widths):
        page[20:100, 20 + 60 * place : 20 + 60 * place + width] = 0
    return page


def test_doubtful_mark_is_read_among_digits_and_rejected_alone() -> None:
    reader = Reader(Doubting())
    alone, among = reader.read(bars(20)), reader.read(bars(36, 20, 36))
    assert alone.text == ""
    assert [mark.reason for mark in alone.rejected] == ["not a digit"]
    assert among.text == "777"
    assert reader.read(bars(36, 20)).text == "7"  # one digit is no company
