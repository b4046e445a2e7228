"""`doctor` and `tune` as commands: what they print, what they keep, what they refuse."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.command import inkdigits

SWEEP = ("tune", "softmax", "--epochs", "1", "--batch-sizes", "500,2000", "--optimizers", "sgd,adam", "--threads", "1")


def test_doctor_tells_what_works_and_how_fast() -> None:
    ended = inkdigits("doctor")
    assert ended.returncode == 0
    shown = ended.stdout.decode()
    for line in (
        "inkdigits ",
        "reading      works: onnxruntime",
        "torch ",
        "SGEMM ",
        "training     `quick`, forward and backward:",
    ):
        assert line in shown
    assert "nothing to mend" in shown or "  mend: " in shown


def test_doctor_speaks_to_programs() -> None:
    report = json.loads(inkdigits("doctor", "--json").stdout)
    assert report["schema"] == 1
    assert report["reading"]["milliseconds"] > 0
    assert report["training"]["sgemm_gflops"] > 0
    assert all(found["what"] and found["mend"] for found in report["warnings"])


def test_a_sweep_leaves_a_table_a_picture_and_the_best_settings(tmp_path: Path) -> None:
    first = inkdigits(*SWEEP, "--trials", "2", "--out", tmp_path / "sweep", "--json")
    assert first.returncode == 0
    trials = [json.loads(line) for line in first.stdout.splitlines()]
    assert [trial["number"] for trial in trials] == [0, 1]

    told_again = inkdigits(*SWEEP, "--trials", "2", "--out", tmp_path / "sweep", "--json").stdout.splitlines()
    assert sorted((json.loads(line) for line in told_again), key=lambda trial: int(trial["number"])) == trials
    again = inkdigits(*SWEEP, "--trials", "2", "--out", tmp_path / "sweep")
    lines = again.stdout.decode().splitlines()
    assert lines[0].split()[:4] == ["model", "optimizer", "trial", "validation"]
    assert len(lines) == 3
    best = max(trials, key=lambda trial: trial["valid_accuracy"])
    assert lines[1].split()[2] == str(best["number"])
    assert (tmp_path / "sweep/trials.png").read_bytes().startswith(b"\x89PNG")
    kept = tomllib.loads((tmp_path / "sweep/best.toml").read_text())
    assert kept == {**best["settings"], "epochs": 1}

    trained = inkdigits(
        "train", "softmax", "--config", tmp_path / "sweep/best.toml", "--out", tmp_path / "run", "--json"
    )
    last = json.loads(trained.stdout.splitlines()[-1])
    assert last["valid_accuracy"] == pytest.approx(best["valid_accuracy"], abs=0.02)


def test_a_sweep_of_which_nothing_finished_fails(tmp_path: Path) -> None:
    far_too_high = ("--models", "lenet5", "--learning-rates", "1e9,1e9", "--batch-sizes", "1000", "--optimizers", "sgd")
    ended = inkdigits("tune", "lenet5", *far_too_high, "--epochs", "1", "--trials", "1", "--out", tmp_path / "sweep")
    assert ended.returncode == 4
    assert "error: no trial has finished: try lower --learning-rates" in ended.stderr.decode()
    assert not (tmp_path / "sweep/best.toml").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--models", "lenet"), "unknown model 'lenet': did you mean lenet5"),
        (("--batch-sizes", "8,many"), "--batch-sizes takes numbers with commas between them, such as 16,64"),
        (("--batch-sizes", "0"), "batch sizes must be at least 1 image"),
        (("--learning-rates", "0.1"), "takes the lowest and the highest"),
        (("--learning-rates", "0.1,0.01"), "from a low one above 0 to a high one"),
        (("--optimizers", "muon"), "unknown optimizer 'muon'"),
        (("--epochs", "0"), "epochs must be at least 1"),
    ],
)
def test_what_a_sweep_cannot_do_is_one_line(words: tuple[str, str], complaint: str, tmp_path: Path) -> None:
    ended = inkdigits("tune", "softmax", *words, "--out", tmp_path / "sweep")
    assert ended.returncode == 2
    assert complaint in ended.stderr.decode()
    assert not (tmp_path / "sweep").exists()
