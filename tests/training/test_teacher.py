"""A trained network teaches another: what it says is learnt, right or wrong."""

import shutil
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, ModelError
from inkdigits.models.registry import create_model
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint, load_checkpoint, save_checkpoint
from inkdigits.training.ensemble import start_ensemble
from inkdigits.training.loop import train
from inkdigits.training.run import BEST, LAST, keep_epoch, resume_run
from inkdigits.training.teacher import Teacher, find_teacher
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


def test_a_taught_run_goes_on_with_the_same_bits_wherever_its_teacher_lies_by_now(
    wrong_teacher: Path, tmp_path: Path
) -> None:
    first = shutil.copytree(wrong_teacher, tmp_path / "first")
    config = PLAIN.replace({"teacher": str(first), "augment": {}})
    whole, stopped = create_checkpoint(config), create_checkpoint(config)
    finish(whole)
    keep_epoch(stopped, finish(stopped, stop_after=1)[-1], tmp_path / "run")

    moved = first.rename(tmp_path / "moved")
    with pytest.raises(ModelError, match=r"the teacher .*first is no trained run: give --teacher the folder"):
        finish(resume_run(tmp_path / "run", {}))
    resumed = resume_run(tmp_path / "run", {"teacher": str(moved)})
    finish(resumed)
    pairs = zip(whole.model.parameters(), resumed.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)

    kept(create_checkpoint(PLAIN), moved)
    with pytest.raises(ConfigError, match=r"is not the teacher that this run was started with"):
        finish(resume_run(tmp_path / "run", {"teacher": str(moved)}))


def test_a_run_without_a_teacher_gets_none_later(wrong_teacher: Path, tmp_path: Path) -> None:
    run = create_checkpoint(PLAIN)
    keep_epoch(run, finish(run, stop_after=1)[-1], tmp_path)
    with pytest.raises(ConfigError, match="was started with other settings"):
        resume_run(tmp_path, {"teacher": str(wrong_teacher)})


@pytest.mark.slow
def test_a_teacher_named_by_a_relative_path_is_kept_as_an_absolute_one(tmp_path: Path) -> None:
    (tmp_path / "few.toml").write_text("images_per_epoch = 500\n")
    few = ("--epochs", "1", "--config", tmp_path / "few.toml")
    assert inkdigits("train", "softmax", *few, "--out", tmp_path / "teacher").returncode == 0
    (tmp_path / "taught.toml").write_text('teacher = "teacher"\n')
    for out, naming in (("by-flag", ("--teacher", "teacher")), ("by-file", ("--config", "taught.toml"))):
        assert inkdigits("train", "softmax", *few, *naming, "--out", out, cwd=tmp_path).returncode == 0
        assert load_checkpoint(tmp_path / out).config.teacher == str(tmp_path / "teacher")


def test_several_teachers_answer_with_the_mean_of_their_probabilities() -> None:
    images = torch.tensor(small_sets()[0].images[:5])
    networks = [create_model("cnn-dropout", seed=seed) for seed in (1, 2)]  # fresh ones are in training mode
    answers = Teacher(networks, precision="float32", same_split=True).probabilities(images)
    expected = [F.softmax(network.eval()(images), dim=1) for network in networks]
    torch.testing.assert_close(answers, (expected[0] + expected[1]) / 2)
    assert not answers.requires_grad


def test_an_ensemble_teaches_when_it_is_finished(tmp_path: Path) -> None:
    ensemble = start_ensemble(tmp_path / "ensemble", PLAIN.replace({"epochs": 1}), 2)
    pupil = create_checkpoint(PLAIN.replace({"teacher": str(ensemble.folder)}))
    with pytest.raises(ModelError, match=r"is not finished, .*1 is missing or stopped: inkdigits train --resume"):
        find_teacher(pupil, CPU)
    for folder, own in ensemble.runs.items():
        member = create_checkpoint(own)
        finish(member)
        kept(member, folder)
    teacher = find_teacher(pupil, CPU)
    assert teacher is not None
    assert len(teacher.networks) == 2
    assert not teacher.same_split  # each member has held out other images


def test_who_was_taught_itself_may_know_what_its_teacher_knew(wrong_teacher: Path, tmp_path: Path) -> None:
    taught = create_checkpoint(PLAIN.replace({"teacher": str(wrong_teacher), "epochs": 1}))
    for path, same_split in ((wrong_teacher, True), (kept(taught, tmp_path), False)):
        teacher = find_teacher(create_checkpoint(PLAIN.replace({"teacher": str(path / BEST)})), CPU)
        assert teacher is not None
        assert teacher.same_split == same_split


def test_a_teacher_computes_in_the_precision_that_it_was_trained_in(tmp_path: Path) -> None:
    kept(create_checkpoint(PLAIN.replace({"model": "cnn", "precision": "bfloat16"})), tmp_path)
    teacher = find_teacher(create_checkpoint(PLAIN.replace({"teacher": str(tmp_path)})), CPU)
    assert teacher is not None
    assert teacher.precision == "bfloat16"


def test_who_cannot_teach_is_refused_before_the_first_epoch(wrong_teacher: Path, tmp_path: Path) -> None:
    sets, pairs = small_sets(), kept(create_checkpoint(PLAIN.replace({"model": "pairnet"})), tmp_path / "pairs")
    for changes, error, told in (
        ({"teacher": "shipped"}, ModelError, "the teacher shipped is no trained run: give --teacher"),
        ({"teacher": str(tmp_path)}, ModelError, "best.safetensors: there is no such file"),
        ({"teacher": str(pairs)}, ConfigError, "cannot teach softmax: it answers for 100 classes, and 10 are"),
    ):
        with pytest.raises(error, match=told):
            next(iter(train(create_checkpoint(PLAIN.replace(changes)), *sets)))
    for model, synthetic in (("cnn", 100), ("pairnet", 0)):
        with pytest.raises(ConfigError, match=rf"{model} learns from drawn images.* leave out 'runs/a'"):
            PLAIN.replace({"model": model, "teacher": "runs/a", "synthetic": synthetic})
    with pytest.raises(ConfigError, match="teacher must be the folder of a run, got ''"):
        PLAIN.replace({"teacher": ""})


@pytest.mark.slow
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
    for recipe in ("mlp", "ensemble"):
        ended = inkdigits("train", recipe, *settings, "--teacher", tmp_path / "nobody", "--out", tmp_path / "nothing")
        assert ended.returncode == 4
        assert "nobody is no trained run" in ended.stderr.decode()
        assert not (tmp_path / "nothing").exists()
