"""A trained network teaches another: what it says is learnt, right or wrong."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from inkdigits.data.dataset import DIGITS, Dataset
from inkdigits.errors import ConfigError, ModelError
from inkdigits.models.registry import create_model
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint, save_checkpoint
from inkdigits.training.ensemble import start_ensemble
from inkdigits.training.loop import train
from inkdigits.training.run import BEST, LAST
from inkdigits.training.teacher import Teacher, open_teacher
from tests.command import inkdigits
from tests.small import CONFIG, finish, small_sets

CPU = torch.device("cpu")
PLAIN = CONFIG.replace({"model": "softmax", "learning_rate": 0.01, "epochs": 3})


def off_by_one(dataset: Dataset) -> Dataset:
    """Return the images with the next digit as the label of each."""
    return Dataset(dataset.name, dataset.split, dataset.images, (dataset.labels + 1) % 10, dataset.class_names)


def kept(checkpoint: Checkpoint, folder: Path) -> Path:
    for name in (BEST, LAST):
        save_checkpoint(checkpoint, folder / name)
    return folder


@pytest.fixture(scope="module")
def wrong_teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learnt to answer with the next digit."""
    checkpoint = create_checkpoint(PLAIN)
    for _ in train(checkpoint, *(off_by_one(each) for each in small_sets())):
        pass
    return kept(checkpoint, tmp_path_factory.mktemp("teacher"))


def test_a_pupil_learns_what_the_teacher_says_and_not_the_labels(wrong_teacher: Path) -> None:
    pupil = create_checkpoint(PLAIN.replace({"teacher": str(wrong_teacher), "augment": {"shift_pixels": 1.0}}))
    finish(pupil)
    valid_set = small_sets()[1]
    guesses = pupil.classifier.logits(valid_set.images).argmax(axis=1)
    assert (guesses == (valid_set.labels + 1) % 10).mean() > 0.75
    assert (guesses == valid_set.labels).mean() < 0.1


def test_smoothing_is_left_to_the_teacher_and_a_temperature_makes_up_for_it(wrong_teacher: Path) -> None:
    taught = PLAIN.replace({"teacher": str(wrong_teacher), "epochs": 1})
    one, other = (create_checkpoint(taught.replace({"label_smoothing": smoothing})) for smoothing in (0.0, 0.5))
    for each in (one, other):
        finish(each)
    assert all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))
    assert one.temperature == other.temperature != 1


def test_a_taught_run_that_was_stopped_goes_on_with_the_same_bits(wrong_teacher: Path) -> None:
    config = PLAIN.replace({"teacher": str(wrong_teacher), "augment": {}})
    whole, stopped = create_checkpoint(config), create_checkpoint(config)
    finish(whole)
    finish(stopped, stop_after=1)
    resumed = stopped.copy()
    finish(resumed)
    pairs = zip(whole.model.parameters(), resumed.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_several_teachers_answer_with_the_mean_of_their_probabilities() -> None:
    images = torch.tensor(small_sets()[0].images[:5])
    networks = [create_model("cnn-dropout", seed=seed) for seed in (1, 2)]  # fresh ones are in training mode
    answers = Teacher(networks, precision="float32", same_split=True).probabilities(images)
    expected = [F.softmax(network.eval()(images), dim=1) for network in networks]
    torch.testing.assert_close(answers, (expected[0] + expected[1]) / 2)
    assert not answers.requires_grad


def test_an_ensemble_teaches_when_it_is_finished(tmp_path: Path) -> None:
    ensemble = start_ensemble(tmp_path / "ensemble", PLAIN.replace({"epochs": 1}), 2)
    config = PLAIN.replace({"teacher": str(ensemble.folder)})
    with pytest.raises(ModelError, match=r"is not finished, .*1 is missing or stopped: inkdigits train --resume"):
        open_teacher(config, DIGITS, CPU)
    for folder, own in ensemble.runs.items():
        member = create_checkpoint(own)
        finish(member)
        kept(member, folder)
    teacher = open_teacher(config, DIGITS, CPU)
    assert len(teacher.networks) == 2
    assert not teacher.same_split  # each member has held out other images


def test_who_cannot_teach_is_refused_before_the_first_epoch(wrong_teacher: Path, tmp_path: Path) -> None:
    sets = small_sets()
    for changes, error, told in (
        ({"teacher": str(tmp_path / "nobody")}, ModelError, "nobody.*there is no such file"),
        ({"teacher": str(wrong_teacher), "model": "pairnet"}, ConfigError, "answers for 10 classes, and 100 are"),
    ):
        with pytest.raises(error, match=told):
            next(iter(train(create_checkpoint(PLAIN.replace(changes)), *sets)))
    with pytest.raises(ConfigError, match="a teacher knows MNIST's images alone: set synthetic to 0"):
        PLAIN.replace({"teacher": "runs/accurate", "synthetic": 100})


def test_the_command_tells_who_teaches_and_whether_the_teacher_knows_too_much(tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text("images_per_epoch = 500\nvalidation_size = 500\n")
    settings = ("--epochs", "1", "--threads", "1", "--config", small)
    assert inkdigits("train", "softmax", *settings, "--seed", "0", "--out", tmp_path / "teacher").returncode == 0
    for seed, told in ((0, "1 network\n"), (1, "1 network, which may have learnt from these validation images")):
        run = ("--seed", str(seed), "--out", tmp_path / f"pupil-{seed}")
        ended = inkdigits("train", "mlp", *settings, "--teacher", tmp_path / "teacher", *run)
        assert ended.returncode == 0, ended.stderr.decode()
        assert f"taught by {tmp_path / 'teacher'}, {told}" in ended.stderr.decode()
    ended = inkdigits("train", "mlp", *settings, "--teacher", tmp_path / "nobody", "--out", tmp_path / "nothing")
    assert ended.returncode == 4
    assert "there is no such file" in ended.stderr.decode()
    assert not (tmp_path / "nothing" / LAST).exists()
