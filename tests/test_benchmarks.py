"""The benchmarks run; their small versions write nothing."""

import itertools
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import records, time_to_accuracy
from benchmarks.picture import LEFT, LETTER, OURS, PANEL_HEIGHT, THEIRS, TOP, WIDTH, accuracy_picture, sized_points
from inkdigits.models.registry import create_model
from inkdigits.models.summary import summarize
from tests.command import inkdigits

pytestmark = pytest.mark.slow

RESULTS = Path(__file__).parents[1] / "benchmarks/results"


def run(*arguments: str) -> str:
    before = {path: path.read_bytes() for path in RESULTS.iterdir()}
    ended = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=RESULTS.parents[1], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert before == {path: path.read_bytes() for path in RESULTS.iterdir()}
    return ended.stdout


def test_the_loops_can_be_compared() -> None:
    small = ["--images", "1000", "--epochs", "1", "--runs", "1", "--batch-sizes", "50"]
    assert "x as fast" in run("benchmarks.loop_speed", *small)


def test_the_time_to_an_accuracy_can_be_measured() -> None:
    small = ["--images", "100", "--runs", "1", "--tutorial-runs", "1"]
    assert "x as fast as the tutorial" in run("benchmarks.time_to_accuracy", "quick", *small)


def test_quick_takes_part_in_every_turn(tmp_path: Path) -> None:
    turn = time_to_accuracy.take_turns(["softmax"], 3, 100, tmp_path)
    assert list(turn) == ["quick", "softmax"]
    assert {run["seed"] for run in turn.values()} == {3}
    assert [path.name for path in tmp_path.iterdir()] == ["softmax-3"]


def test_a_run_in_the_way_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "quick-3").mkdir()
    script = [sys.executable, "-m", "benchmarks.time_to_accuracy", "softmax", "quick", "--keep", str(tmp_path)]
    ended = subprocess.run(script, cwd=RESULTS.parents[1], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"{tmp_path / 'quick-3'} is there already: name another folder after --keep, or take this run away\n"
    )


def test_only_seeds_that_took_turns_are_compared() -> None:
    theirs = [{"train_seconds": seconds, "accuracy": 0.985} for seconds in (50.0, 60.0, 70.0)]
    ours = [{"seed": seed, "loop_seconds": seconds} for seed, seconds in enumerate((2.0, 3.0, 4.0, 1.0, 1.0, 1.0))]
    assert time_to_accuracy.times_as_fast(theirs, ours) == 20
    assert time_to_accuracy.times_as_fast([theirs[0] | {"accuracy": 0.98}, *theirs[1:]], ours) == 65 / 3
    assert time_to_accuracy.times_as_fast([], ours) == 0


def test_the_work_of_training_leaves_out_gradients_that_nobody_computes() -> None:
    conv1, conv2, conv3, linear = 20 * 20 * 16 * 25, 8 * 8 * 32 * 16 * 9, 2 * 2 * 64 * 32 * 9, 256 * 10
    training_macs = time_to_accuracy.training_macs
    assert training_macs("quicknet") == conv1 + 2 * conv2 + 3 * (conv3 + linear)
    assert training_macs("softmax") == 2 * 7840
    assert training_macs("accuratenet") == training_macs("thoroughnet")  # each image teaches one of three columns
    summary = summarize(create_model("turnednet"))  # weights used again are trained wherever they are used
    first = next(layer.macs for layer in summary.layers if layer.macs)
    assert training_macs("turnednet") == 3 * summary.macs - first


def test_prediction_can_be_timed() -> None:
    assert "quick      ONNX Runtime   batches of    64" in run("benchmarks.inference", "--images", "20", "--runs", "1")


def test_a_recipe_can_be_measured() -> None:
    assert "softmax" in run("benchmarks.recipes", "softmax", "--epochs", "1", "--seeds", "1", "--jobs", "1")


def test_networks_of_few_parameters_can_be_measured(tmp_path: Path) -> None:
    (split := tmp_path / "split.toml").write_text("validation_size = 5_000\n")
    quick = ("--epochs", "1", "--threads", "1", "--seed", "0", "--out", tmp_path / "teacher")
    assert inkdigits("train", "softmax", *quick, "--config", split).returncode == 0
    small = ("--epochs", "1", "--jobs", "1", "--teachers", str(tmp_path / "teacher"))
    shown = run("benchmarks.ladder", "params-700", *small)
    assert shown.startswith("params-700, taught by softmax ")
    assert shown.count("params-") == 1


@pytest.mark.parametrize(
    ("script", "some"), [("recipes", "softmax linear-stack"), ("ladder", "params-700 params-3000")]
)
def test_without_a_name_all_are_meant(script: str, some: str) -> None:
    planned = run(f"benchmarks.{script}", "--seeds", "0", "--epochs", "1").split()
    assert set(some.split()) <= set(planned)


def test_processes_can_be_timed() -> None:
    assert "inkdigits read" in run("benchmarks.startup", "--runs", "1", "--pictures", "3")


def test_disguises_can_be_read() -> None:
    assert "squared paper" in run("benchmarks.reading_disguises", "--digits", "2", "--strings", "2")


def test_what_is_installed_of_the_others_reads_the_same_pictures(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(RESULTS.parents[1] / "examples/seven.jpg", tmp_path / "photos")
    (tmp_path / "photos/labels.csv").write_text("file,label,source,notes\nseven.jpg,7,somebody,\n")
    any_network = "src/inkdigits/inference/weights/digits.safetensors"
    shown = run("benchmarks.reading_peers", str(tmp_path), "--most", "1", "--lenet", any_network)
    assert "photos             inkdigits     1/1     100.0%" in shown
    assert "photos             tutorial " in shown


def test_reading_accuracy_takes_a_folder_of_labelled_pictures(tmp_path: Path) -> None:
    for name in ("photos", "nondigits"):
        (tmp_path / name).mkdir()
        shutil.copy(RESULTS.parents[1] / "examples/seven.jpg", tmp_path / name)
    (tmp_path / "photos/labels.csv").write_text("file,label,source,notes\nseven.jpg,7,somebody,\n")
    (tmp_path / "nondigits/labels.csv").write_text("file,label,source,notes\nseven.jpg,none,somebody,kind=seven\n")
    shown = run("benchmarks.reading_accuracy", str(tmp_path), "--misses", "nondigits")
    assert "photos: mean over 1 100.0%; all 1/1" in shown
    assert "nondigits: mean over 1 0.0%" in shown
    assert "none read as '7'" in shown
    assert "AUROC seven                          0.500" in shown


def test_a_recipe_is_one_point_in_the_picture_of_accuracies() -> None:
    names = [point.name for point in sized_points() if not point.taught]
    assert "params-60000" in records.read("time_to_accuracy")["rows"]  # and in the ladder
    assert len(set(names)) == len(names)


def test_no_name_covers_another_one_or_a_point_or_its_interval() -> None:
    picture = ElementTree.fromstring(accuracy_picture())
    names, points = [], []  # left, right, top and bottom of each
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        if text.get("fill") in (OURS, THEIRS):
            x, y, width = float(text.get("x", 0)), float(text.get("y", 0)), LETTER * len(text.text or "")
            start = x - width if text.get("text-anchor") == "end" else x
            names.append((start, start + width, y - 9, y + 1))
    for mark in picture.iter("{http://www.w3.org/2000/svg}circle"):
        x, y = float(mark.get("cx", 0)), float(mark.get("cy", 0))
        points.append((x - 4, x + 4, y - 4, y + 4))
    assert len(names) == len(points) > 20
    for line in picture.iter("{http://www.w3.org/2000/svg}line"):
        if line.get("stroke") in (OURS, THEIRS):  # an interval
            x, top, bottom = (float(line.get(name, 0)) for name in ("x1", "y1", "y2"))
            points.append((x, x, top, bottom))
    for one, other in (*itertools.combinations(names, 2), *itertools.product(names, points)):
        assert one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2], (one, other)


def test_the_picture_of_accuracies_holds_every_point_and_one_run_has_no_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [{"recipe": "params-700", "taught_by": None, "parameters": 697, "accuracy": 0.95}]
    runs += [{**runs[0], "taught_by": "cnn", "accuracy": each} for each in (0.91, 0.99)]  # an interval beyond all axes
    results = {name: records.read(name) for name in ("time_to_accuracy", "recipes")} | {"ladder": {"runs": runs}}
    monkeypatch.setattr("benchmarks.records.read", lambda name: results[name])
    picture = ElementTree.fromstring(accuracy_picture())
    for mark in picture.iter("{http://www.w3.org/2000/svg}circle"):
        assert LEFT <= float(mark.get("cx", 0)) <= WIDTH - 16
        assert TOP <= float(mark.get("cy", 0)) <= TOP + PANEL_HEIGHT
    for line in picture.iter("{http://www.w3.org/2000/svg}line"):
        assert TOP - 1 <= float(line.get("y1", 0)) <= float(line.get("y2", 0)) <= TOP + PANEL_HEIGHT + 1
    assert {point.name: point.half_interval for point in sized_points()}["params-700"] is None
    labels = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert labels.count("params-700") == 1  # the taught one is the circle beside it


def test_runs_that_were_trained_several_at_once_tell_no_time_beside_others() -> None:
    several, alone, before = {"threads": 1, "loop_seconds": 9.0}, {"threads": None}, {"loop_seconds": 4.0}
    assert records.timed([several, alone, before]) == [alone, before]
    assert records.timed([several]) == [several]
