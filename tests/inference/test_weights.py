"""The model in the package is the one of its card, and a damaged one is refused."""

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inkdigits.inference.weights
from inkdigits.data.synthesis import touching_pairs
from inkdigits.errors import ModelError
from inkdigits.inference.weights import shipped_classifier
from tests.drawing import mnist_test

SHIPPED = files("inkdigits.inference").joinpath("weights")


def card(name: str) -> dict[str, Any]:  # Any: of JSON
    found: dict[str, Any] = json.loads(SHIPPED.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ["digits", "pairs"])
def test_card_tells_the_truth_about_the_file(name: str) -> None:
    content = SHIPPED.joinpath(f"{name}.onnx").read_bytes()
    assert card(name)["sha256"] == hashlib.sha256(content).hexdigest()
    assert card(name)["bytes"] == len(content)
    assert shipped_classifier(name).about["parameters"] == card(name)["parameters"]


def test_models_are_small_enough_to_ship() -> None:
    assert sum(len(SHIPPED.joinpath(f"{name}.onnx").read_bytes()) for name in ("digits", "pairs")) <= 1_000_000


def test_model_reads_mnist_as_well_as_its_card_claims() -> None:
    dataset = mnist_test()
    right = float((shipped_classifier().logits(dataset.images).argmax(axis=1) == dataset.labels).mean())
    assert right == pytest.approx(card("digits")["test_accuracy"], abs=2e-4)
    assert right >= 0.995


def test_model_of_pairs_reads_touching_digits_as_well_as_its_card_claims() -> None:
    pairs = touching_pairs(mnist_test(), 2_000, seed=1)
    right = float((shipped_classifier("pairs").logits(pairs.images).argmax(axis=1) == pairs.labels).mean())
    assert right == pytest.approx(card("pairs")["test_accuracy"], abs=0.015)


def test_model_names_ten_digits() -> None:
    classifier = shipped_classifier()
    assert classifier.class_names == tuple("0123456789")
    assert repr(classifier) == f"OnnxClassifier({classifier.about['model']}, 10 classes)"


def test_threads_change_nothing_but_speed() -> None:
    images = mnist_test().images[:50]
    np.testing.assert_allclose(shipped_classifier(threads=1).logits(images), shipped_classifier().logits(images), 1e-4)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a copy of the shipped model in a folder, in the package's place, and return where."""
    weights = folder / "weights"
    weights.mkdir()
    for name in ("digits.onnx", "digits.json"):
        weights.joinpath(name).write_bytes(SHIPPED.joinpath(name).read_bytes())
    monkeypatch.setattr(inkdigits.inference.weights, "FOLDER", weights)
    return weights


def test_copy_of_the_model_is_as_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch)
    assert len(shipped_classifier().class_names) == 10


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "first byte flipped": lambda content: flipped(content, 0),
    "middle byte flipped": lambda content: flipped(content, len(content) // 2),
    "last byte flipped": lambda content: flipped(content, len(content) - 1),
    "last byte lost": lambda content: content[:-1],
    "one byte more": lambda content: content + b"\0",
    "empty": lambda _content: b"",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_model_is_refused(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = installed(tmp_path, monkeypatch)
    weights.joinpath("digits.onnx").write_bytes(DAMAGE[damage](weights.joinpath("digits.onnx").read_bytes()))
    with pytest.raises(ModelError, match=r"is damaged: expected SHA-256 [0-9a-f]{64}, found .*install inkdigits again"):
        shipped_classifier()


@pytest.mark.parametrize("name", ["digits.onnx", "digits.json"])
def test_missing_part_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch).joinpath(name).unlink()
    with pytest.raises(ModelError, match=r"cannot be read .*install inkdigits again"):
        shipped_classifier()


@pytest.mark.parametrize("card", ["", "{", "{}", "[]", "null", '{"sha256": null}', "\xff"])
def test_damaged_card_is_refused(card: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch).joinpath("digits.json").write_bytes(card.encode("latin-1"))
    with pytest.raises(ModelError, match="install inkdigits again"):
        shipped_classifier()
