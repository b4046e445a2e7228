"""The commands as users and programs run them; where signals and pipes count, as real processes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from inkdigits.cli.app import COMMANDS
from inkdigits.cli.models import open_model
from inkdigits.config import AugmentConfig, TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.recipes.catalog import RECIPES
from inkdigits.training.checkpoint import create_checkpoint, load_checkpoint, save_checkpoint
from inkdigits.training.ensemble import start_ensemble
from inkdigits.training.fit import fit
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.run import keep_epoch
from inkdigits.training.sets import training_sets
from tests.command import inkdigits


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    ended = inkdigits(*arguments, cwd=cwd)
    return subprocess.CompletedProcess(ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "inkdigits", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def softmax_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "softmax"
    ended = run("train", "softmax", "--epochs", "2", "--batch-size", "500", "--out", str(folder))
    assert ended.returncode == 0, ended.stderr
    return folder


def test_the_version_is_the_packages() -> None:
    assert process("--version").stdout.startswith("inkdigits 0.")


@pytest.mark.parametrize(
    ("arguments", "library", "code"),
    [
        (("read", "no.png"), "typer", -signal.SIGINT),  # for a shell, 130
        (("evaluate",), "onnxruntime", 130),
    ],
)
def test_a_command_that_is_interrupted_while_it_loads_ends_without_a_traceback(
    arguments: tuple[str, ...], library: str, code: int, tmp_path: Path
) -> None:
    interrupted = "import os, signal\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\n"
    as_extensions_do = "except KeyboardInterrupt as error:\n    raise ImportError('initialization failed') from error\n"
    (tmp_path / f"{library}.py").write_text(interrupted + as_extensions_do)
    command = [sys.executable, "-m", "inkdigits", *arguments]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == code
    assert not ended.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    ended = run(command, "--help")
    assert ended.returncode == 0
    assert "Usage: inkdigits" in ended.stdout


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    ended = run("trian")
    assert ended.returncode == 2
    assert "Did you mean 'train'" in ended.stderr


def test_training_prints_every_epoch_and_keeps_the_best(softmax_run: Path) -> None:
    names = {path.name for path in softmax_run.iterdir()}
    assert names >= {"best.safetensors", "last.safetensors", "history.jsonl", "curves.png"}
    history = [json.loads(line) for line in (softmax_run / "history.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in history] == [0, 1, 2]
    assert 0.02 < history[0]["valid_accuracy"] < 0.25
    assert history[2]["valid_accuracy"] > 0.85


def test_epochs_are_marked_as_best_where_the_best_is_kept(tmp_path: Path) -> None:
    marks = {}
    for keep in ("best", "last"):
        settings = tmp_path / f"{keep}.toml"
        settings.write_text(f'keep = "{keep}"\nimages_per_epoch = 1_000\nepochs = 1\n')
        ended = run("train", "softmax", "--config", str(settings), "--out", str(tmp_path / keep))
        assert ended.returncode == 0, ended.stderr
        marks[keep] = ended.stdout.count("best")
    assert marks == {"best": 2, "last": 0}


def test_training_speaks_json(tmp_path: Path) -> None:
    ended = run("train", "softmax", "--epochs", "1", "--batch-size", "500", "--out", str(tmp_path / "r"), "--json")
    records = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [record["epoch"] for record in records] == [0, 1]
    assert all(record["schema"] == 1 for record in records)
    assert "next: inkdigits evaluate" in ended.stderr


def test_training_logs_every_so_many_steps(tmp_path: Path) -> None:
    arguments = ["softmax", "--epochs", "1", "--batch-size", "500", "--log-every", "25", "--out", str(tmp_path / "r")]
    lines = [line for line in run("train", *arguments).stdout.splitlines() if "step" in line]
    assert len(lines) == 4
    assert "[ 12500/50000]" in lines[0]
    assert "accuracy" in lines[0]


def test_config_files_are_read_in_order_and_flags_win_over_them(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text('epochs = 9\nbatch_size = 300\noptimizer = "adagrad"\n[augment]\nshear = 0.5\nscale = 0.5\n')
    second.write_text("batch_size = 500\nviews = 4\n[augment]\nscale = 0.25\n")
    files = ["--config", str(first), "--config", str(second)]
    ended = run("train", "softmax", *files, "--epochs", "1", "--out", str(tmp_path / "r"))
    assert ended.returncode == 0
    assert "on validation, measured with one look; it answers with 4;" in ended.stderr
    kept = load_checkpoint(tmp_path / "r").config
    assert (kept.epochs, kept.batch_size, kept.optimizer, kept.views) == (1, 500, "adagrad", 4)
    assert kept.augment == AugmentConfig(shear=0.5, scale=0.25)
    facts = ("views", "4 of each image; one while it trained"), ("seed", "0")  # for the report
    assert set(facts) <= set(open_model(str(tmp_path / "r")).facts())


def test_a_run_is_resumed_and_its_history_goes_on(softmax_run: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(softmax_run, tmp_path / "r")
    assert run("train", "--resume", str(tmp_path / "r"), "--epochs", "3").returncode == 0
    history = [json.loads(line) for line in (tmp_path / "r/history.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in history] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("train", "lenet"), 2, "unknown recipe 'lenet': did you mean lenet5"),
        (("train", "softmax", "--model", "cn"), 2, "unknown model 'cn': did you mean cnn"),
        (("train", "softmax", "--epochs", "0"), 2, "epochs must be at least 1, got 0"),
        (("train", "softmax", "--optimizer", "sdg"), 2, "optimizer must be one of"),
        (("train", "softmax", "--config", "missing.toml"), 2, "cannot open the config file missing.toml"),
        (("train", "line", "--epochs", "3"), 2, "fits a line and takes none of these settings: epochs"),
        (("train", "--resume", "missing"), 4, "there is no such file. `inkdigits train` makes one"),
        (("evaluate", "missing"), 4, "`shipped` names the model in the package"),
        (("evaluate", "missing.onnx"), 4, "missing.onnx: cannot be opened"),
        (("evaluate", "shipped", "--split", "validation"), 2, "does not tell how its training set was split"),
        (("evaluate", "shipped", "--split", "tset"), 2, "unknown split 'tset': did you mean test"),
        (("evaluate", "shipped", "--root", "."), 4, "neither plain nor with .gz"),
        (("evaluate", "shipped", "--report", "r.pdf"), 2, "the report is an HTML file, got 'r.pdf'"),
        (("summary", "lenet"), 2, "unknown model 'lenet': did you mean lenet5"),
        (("data", "minst"), 2, "unknown data set 'minst': did you mean mnist"),
        (("data", "--show", "60000"), 2, "index 60000 is outside mnist:train"),
        (("data", "--sheet", "sheet.gif"), 2, "written as .png or .svg"),
        (("export", "missing"), 4, "there is no such file. `inkdigits train` makes one\n"),
        (("export", "model.onnx"), 4, "model.onnx is an exported model, which only answers"),
        (("data", "--show", "-1"), 2, "index -1 is outside mnist:train"),
    ],
)
def test_wrong_input_is_one_line_and_an_exit_code(
    arguments: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    ended = run(*arguments, cwd=tmp_path)
    assert ended.returncode == code
    assert message in ended.stderr
    assert ended.stderr.count("error:") == 1
    assert "Traceback" not in ended.stderr


def test_a_run_that_diverges_says_where_and_keeps_the_last_good_epoch(tmp_path: Path) -> None:
    arguments = ["lenet5", "--optimizer", "sgd", "--learning-rate", "1e9", "--out", str(tmp_path / "r")]
    ended = run("train", *arguments)
    assert ended.returncode == 4
    assert "at step " in ended.stderr
    assert "--learning-rate 1e+08" in ended.stderr
    from inkdigits.training.checkpoint import load_checkpoint

    assert load_checkpoint(tmp_path / "r").epoch == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "run_folder", "sent", "code"),
    [
        ("softmax", "r", signal.SIGINT, 130),
        ("softmax", "r", signal.SIGTERM, 143),
        ("ensemble", "r/1", signal.SIGINT, 130),
    ],
)
def test_an_interrupted_run_keeps_what_there_is(
    tmp_path: Path, recipe: str, run_folder: str, sent: signal.Signals, code: int
) -> None:
    settings = ["--model", "softmax", "--epochs", "500", "--out", str(tmp_path / "r")]
    command = [sys.executable, "-m", "inkdigits", "train", recipe, *settings]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / run_folder / "history.jsonl").exists():
        assert training.poll() is None
        time.sleep(0.05)
    time.sleep(1.5)
    training.send_signal(sent)
    _, messages = training.communicate(timeout=60)
    assert training.returncode == code
    assert f"are kept: inkdigits train --resume {tmp_path / 'r'}\n" in messages
    assert "Traceback" not in messages
    assert (tmp_path / run_folder / "last.safetensors").exists()


def test_evaluating_prints_everything_and_writes_the_report(softmax_run: Path, tmp_path: Path) -> None:
    ended = run("evaluate", str(softmax_run), "--plots", str(tmp_path))
    assert ended.returncode == 0
    for part in ("95 % interval", "precision", "label \\ guess", "most confused", "misses: ", "index"):
        assert part in ended.stdout
    assert (softmax_run / "report.html").read_text().startswith("<!doctype html>")
    assert {path.name for path in tmp_path.iterdir()} == {"confusion.png", "misses.png"}


def test_evaluating_speaks_json(softmax_run: Path) -> None:
    ended = run("evaluate", str(softmax_run), "--split", "validation", "--json")
    found = json.loads(ended.stdout)
    assert found["dataset"] == "mnist:validation"
    assert found["total"] == 10_000
    history = [json.loads(line) for line in (softmax_run / "history.jsonl").read_text().splitlines()]
    assert found["accuracy"] == max(record["valid_accuracy"] for record in history)


def test_a_reader_that_has_seen_enough_still_gets_its_report(softmax_run: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    shell = f"{sys.executable} -u -m inkdigits evaluate {softmax_run} --report {report} --plots {tmp_path} | true"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", shell], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "confusion.png", "misses.png"}


def test_a_report_that_cannot_be_written_takes_no_results_away(softmax_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("evaluate", str(softmax_run), "--report", str(tmp_path / "file" / "report.html"))
    assert ended.returncode == 5
    assert "95 % interval" in ended.stdout
    assert ended.stderr.startswith("error: ")


def test_a_missing_extra_takes_no_results_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ended = run("evaluate", "shipped", "--plots", str(tmp_path))
    assert ended.returncode == 2
    assert "95 % interval" in ended.stdout
    assert 'pip install "inkdigits[train]"' in ended.stderr


def test_a_network_of_nan_is_not_measured(tmp_path: Path) -> None:
    broken = create_checkpoint(TrainConfig(model="softmax"))
    next(broken.model.parameters()).data.fill_(torch.nan)
    save_checkpoint(broken, tmp_path / "nan.safetensors")
    ended = run("evaluate", str(tmp_path / "nan.safetensors"))
    assert ended.returncode == 4
    assert "SoftmaxRegression, 10 classes) answers 10,000 of 10,000 images with NaN" in ended.stderr


def test_the_shipped_model_reads_the_test_set() -> None:
    found = json.loads(run("evaluate", "--json").stdout)
    assert found["model"] == "shipped"
    assert found["accuracy"] >= 0.995


def test_models_are_compared_on_the_same_images(softmax_run: Path) -> None:
    ended = run("compare", str(softmax_run), "shipped", "--json")
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [row["name"] for row in rows] == ["shipped", str(softmax_run)]
    assert rows[1]["parameters"] == 7_850
    assert rows[1]["p_value"] < 1e-10
    assert "95 % interval" in run("compare", "shipped").stdout


def test_several_models_may_answer_as_one(softmax_run: Path, tmp_path: Path) -> None:
    both, other = f"{softmax_run}+shipped", tmp_path / "other.safetensors"
    save_checkpoint(create_checkpoint(TrainConfig(model="softmax", batch_size=64)), other)
    found = json.loads(run("evaluate", both, "--json").stdout)
    alone = json.loads(run("evaluate", str(softmax_run), "--json").stdout)
    assert found["model"] == both
    assert found["accuracy"] > alone["accuracy"]
    assert not {"network", "epochs"} & dict(open_model(both).facts()).keys()  # the shipped one does not tell
    twice = dict(open_model(f"{softmax_run}+{softmax_run}").facts())
    assert (twice["networks"], twice["network"], twice["batch size"]) == ("2", "softmax", "500")
    thrice = dict(open_model(f"{softmax_run}+{softmax_run}+{other}").facts())
    assert (thrice["network"], thrice["batch size"]) == ("softmax", "500; 500; 64")
    missing = run("evaluate", f"{softmax_run}+runs/nowhere")
    assert missing.returncode == 4
    assert "runs/nowhere" in missing.stderr


@pytest.mark.slow
def test_an_ensemble_is_trained_evaluated_and_resumed(tmp_path: Path) -> None:
    settings, folder = tmp_path / "settings.toml", tmp_path / "ensemble"
    settings.write_text("images_per_epoch = 1_000\naugment = false\naverage = 0.0\n")
    small = ("--model", "softmax", "--epochs", "1", "--config", str(settings), "--out", str(folder), "--json")
    trained = run("train", "ensemble", *small)
    assert trained.returncode == 0, trained.stderr
    epochs = [json.loads(line) for line in trained.stdout.splitlines()]
    assert [(record["network"], record["epoch"]) for record in epochs] == [(n, e) for n in range(1, 6) for e in (0, 1)]
    assert f"next: inkdigits evaluate {folder}" in trained.stderr.splitlines()[-1]

    together = json.loads(run("evaluate", str(folder), "--json").stdout)
    by_hand = json.loads(run("evaluate", "+".join(str(folder / str(n)) for n in range(1, 6)), "--json").stdout)
    assert together["accuracy"] == by_hand["accuracy"]
    assert "0; 1; 2; 3; 4" in (folder / "report.html").read_text()  # the seeds; all else is told once

    shutil.rmtree(folder / "4")
    unfinished = run("evaluate", str(folder))
    assert unfinished.returncode == 4
    assert f"inkdigits train --resume {folder}" in unfinished.stderr
    resumed = run("train", "--resume", str(folder), "--json")
    assert {json.loads(line)["network"] for line in resumed.stdout.splitlines()} == {4}
    assert json.loads(run("evaluate", str(folder), "--json").stdout)["accuracy"] == together["accuracy"]


@pytest.mark.slow
def test_a_network_of_an_ensemble_that_was_stopped_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    folder = tmp_path / "ensemble"
    config = TrainConfig(model="softmax", epochs=2, batch_size=500, images_per_epoch=2_000)
    first = next(iter(start_ensemble(folder, config, 2).runs))
    whole = create_checkpoint(config)
    for record in train(whole, *training_sets(config)):
        if isinstance(record, EpochRecord) and record.epoch < 2:
            keep_epoch(whole, record, first)
    stopped = run("compare", str(folder))
    assert stopped.returncode == 4
    assert f"{first} is missing or stopped: inkdigits train --resume {folder}" in stopped.stderr

    resumed = run("train", "--resume", str(folder))
    assert resumed.returncode == 0, resumed.stderr
    assert "network 2 of 2" in resumed.stderr
    found = load_checkpoint(first / "last.safetensors").model.state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in whole.model.state_dict().items())


def test_the_splits_of_an_ensemble_are_its_networks_own(tmp_path: Path) -> None:
    both = run("evaluate", "shipped+shipped", "--split", "validation")
    assert both.returncode == 2
    assert "have a validation split each: evaluate one of them" in both.stderr


def test_a_run_with_other_settings_is_no_network_of_an_ensemble(tmp_path: Path) -> None:
    ensemble = start_ensemble(tmp_path / "ensemble", TrainConfig(model="softmax", epochs=1), 1)
    other = create_checkpoint(TrainConfig(model="softmax", epochs=1, batch_size=32))
    save_checkpoint(other, ensemble.folder / "1/last.safetensors")
    ended = run("train", "--resume", str(ensemble.folder))
    assert ended.returncode == 2
    assert "batch_size 32 -> 64" in ended.stderr


def test_a_resumed_ensemble_keeps_its_settings(tmp_path: Path) -> None:
    start_ensemble(tmp_path / "ensemble", TrainConfig(model="softmax"), 2)
    ended = run("train", "--resume", str(tmp_path / "ensemble"), "--epochs", "3")
    assert ended.returncode == 2
    assert "leave out epochs" in ended.stderr
    ended = run("train", "--resume", str(tmp_path / "ensemble"), "--teacher", "runs/a")
    assert ended.returncode == 2
    assert "leave out teacher" in ended.stderr


@pytest.mark.slow
def test_an_ensemble_of_pupils_goes_on_where_its_teacher_lies_by_now(tmp_path: Path) -> None:
    small = TrainConfig(model="softmax", epochs=1, batch_size=500, images_per_epoch=1_000)
    then, now, folder = tmp_path / "then", tmp_path / "now", tmp_path / "ensemble"
    for config, run_folder in ((small, then), (small.replace({"seed": 1}), tmp_path / "other")):
        teacher = fit(config)
        keep_epoch(teacher, teacher.history.epochs[-1], run_folder)
    first = next(iter(start_ensemble(folder, small.replace({"teacher": str(then)}), 2).runs))
    pupil = fit(small.replace({"teacher": str(then)}))
    keep_epoch(pupil, pupil.history.epochs[-1], first)
    then.rename(now)

    missing = run("train", "--resume", str(folder))
    assert missing.returncode == 4
    assert "give --teacher the folder" in missing.stderr
    other = run("train", "--resume", str(folder), "--teacher", str(tmp_path / "other"))
    assert other.returncode == 2
    assert "is not the teacher that this run was started with" in other.stderr
    assert not (folder / "2").exists()
    found = run("train", "--resume", str(folder), "--teacher", str(now))
    assert found.returncode == 0, found.stderr
    assert load_checkpoint(folder / "2").taught_by == pupil.taught_by
    shutil.rmtree(folder / "2")
    assert run("train", "--resume", str(folder)).returncode == 0  # where it lies now is known
    shutil.rmtree(now)
    assert run("train", "--resume", str(folder)).returncode == 0  # nothing is left to be taught


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("evaluate", ""), 2, "a model's name is missing"),
        (("evaluate", "shipped+"), 2, "a model's name is missing"),
        (("evaluate", "x" * 300), 5, f"error: {'x' * 300}"),
        (("train", "softmax", "--threads", "100000", "--out", "run"), 2, "threads must be from 1 to 1024"),
        (("train", "softmax", "--seed", "18446744073709551616", "--out", "run"), 2, "seed must be from 0 to"),
    ],
)
def test_odd_values_are_told(arguments: tuple[str, ...], code: int, told: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == code
    assert told in ended.stderr


def test_a_network_is_summarised() -> None:
    assert "60,074 parameters" in run("summary", "cnn").stdout
    assert json.loads(run("summary", "cnn", "--json").stdout)["parameters"] == 60_074
    assert "lenet5" in run("summary", "--list").stdout


def test_recipes_are_listed() -> None:
    lines = run("recipes").stdout.splitlines()
    assert {line.split()[0] for line in lines[1:]} == set(RECIPES)
    assert [json.loads(line)["name"] for line in run("recipes", "--json").stdout.splitlines()] == list(RECIPES)


def test_a_data_set_is_verified_counted_and_shown(tmp_path: Path) -> None:
    ended = run("data", "--show", "10", "--sheet", str(tmp_path / "sheet.png"))
    assert "verified: SHA-256" in ended.stdout
    assert "6,742" in ended.stdout
    assert "mnist:train/10 is labelled 3" in ended.stdout
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(run("data", "--json").stdout)["splits"]["test"]["images"] == 10_000


def test_a_run_is_exported_and_the_file_reads(softmax_run: Path, tmp_path: Path) -> None:
    ended = run("export", str(softmax_run), str(tmp_path / "m.onnx"), "--json")
    proof = json.loads(ended.stdout)
    assert (proof["images"], proof["label_differences"]) == (10_000, 0)
    assert run("read", "mnist:test/0", "--model", str(tmp_path / "m.onnx")).stdout.startswith("mnist:test/0: 7")
    assert run("evaluate", str(tmp_path / "m.onnx")).returncode == 0


def test_the_line_is_fitted_both_ways(tmp_path: Path) -> None:
    ended = run("train", "line", "--out", str(tmp_path), "--json")
    found = json.loads(ended.stdout)
    assert found["by hand"]["slope"] == pytest.approx(found["with nn.Linear"]["slope"])
    assert (tmp_path / "line.png").exists()


def test_nothing_is_coloured_when_nobody_looks(softmax_run: Path) -> None:
    for arguments in (("recipes",), ("trian",), ("train", "--resume", str(softmax_run))):
        ended = process(*arguments)
        assert "\x1b" not in ended.stdout + ended.stderr


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    shell = f"{sys.executable} -m inkdigits data --show 1 --json | head -c 1"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", shell], capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr


def test_results_go_into_a_file_while_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "inkdigits", "train", "softmax", "--epochs", "1", "--threads", "1", "--json"]
    terminal, end = os.openpty()
    with (tmp_path / "run.jsonl").open("wb") as file:
        subprocess.run([*command, "--out", tmp_path / "run"], stdout=file, stderr=end, check=True, timeout=120)
    os.close(end)
    records = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in records] == [0, 1]
    shown = os.read(terminal, 100_000)
    os.close(terminal)
    assert b"epoch" in shown
    assert b"valid_accuracy" not in shown


def test_a_raw_image_is_a_part_of_the_json() -> None:
    found = json.loads(run("data", "--json", "--show", "5", "--split", "test").stdout)
    assert found["image"]["label"] == "1"
    assert np.array_equal(found["image"]["pixels"], load_dataset("mnist", "test").images[5])


def test_training_whose_reader_leaves_tells_what_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    command = [sys.executable, "-m", "inkdigits", "train", "softmax", "--epochs", "500", "--threads", "1"]
    with subprocess.Popen([*command, "--out", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read().decode()
    assert re.search(r"nobody reads the results any more; stopped; epochs 0 to \d+ are kept: ", told)
    assert f"inkdigits train --resume '{folder}'" in told
    assert (folder / "last.safetensors").exists()


def test_the_model_in_the_package_is_read_with_by_its_name_and_not_exported_again() -> None:
    assert run("read", "examples/seven.jpg", "--model", "shipped").stdout.startswith("examples/seven.jpg: 7")
    ended = run("export", "shipped")
    assert ended.returncode == 2
    assert "an exported one already" in ended.stderr
