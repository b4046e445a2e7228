"""A sweep chooses by validation, remembers every trial, and goes on where it was stopped."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from inkdigits.errors import ConfigError, StorageError
from inkdigits.training import tune as tune_module
from inkdigits.training.run import JOURNAL, LAST, free_folder, resume_run, start_run
from inkdigits.training.tune import ENDED, FINISHED, PRUNED, Space, Trial, load_trials, tune
from tests.small import CONFIG
from tests.team import forkserver

BASE = CONFIG.replace({"model": "softmax", "epochs": 2, "validation_size": 1_000})
SPACE = Space(models=("softmax",), batch_sizes=(500, 2_000), learning_rates=(1e-6, 1e-1))


def sweep(folder: Path, trials: int) -> list[Trial]:
    return list(tune(BASE, SPACE, folder, trials=trials))


@pytest.mark.slow
def test_a_sweep_stops_bad_trials_early_and_remembers_all(tmp_path: Path) -> None:
    trials = sweep(tmp_path, 10)
    assert [trial.number for trial in trials] == list(range(10))
    assert load_trials(tmp_path) == trials
    assert {trial.settings["batch_size"] for trial in trials} == {500, 2_000}
    assert all(1e-6 <= trial.settings["learning_rate"] <= 1e-1 for trial in trials)
    states = [trial.state for trial in trials]
    assert states[:5] == [FINISHED] * 5  # the first have nobody to be compared with
    assert PRUNED in states
    for trial in trials:
        assert trial.epochs == (2 if trial.state == FINISHED else 1)
        assert trial.valid_accuracy is not None
        assert json.dumps(trial.to_dict())
    accuracies = [trial.valid_accuracy or 0 for trial in trials]
    assert max(accuracies) > 0.8 > min(accuracies)


def test_a_repeated_command_adds_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    first = sweep(tmp_path, 2)
    assert sweep(tmp_path, 2) == []
    assert [trial.number for trial in sweep(tmp_path, 3)] == [2]
    assert load_trials(tmp_path)[:2] == first
    with pytest.raises(ConfigError, match="holds a study"):  # a run in it would mix their files
        start_run(BASE, tmp_path)
    with pytest.raises(ConfigError, match="no run: repeat that command to go on"):
        resume_run(tmp_path, {})
    assert free_folder(tmp_path.parent, tmp_path.name) == tmp_path.parent / f"{tmp_path.name}-2"


@pytest.mark.slow
def test_a_killed_sweep_goes_on(tmp_path: Path) -> None:
    run = forkserver().Process(target=sweep, args=(tmp_path, 1_000))
    run.start()
    journal = tmp_path / JOURNAL
    while not journal.exists() or journal.read_text().count(f'"{ENDED}"') < 2:
        assert run.is_alive()
        time.sleep(0.01)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    run.join()
    before = load_trials(tmp_path)
    sweep(tmp_path, len(before) + 1)
    assert load_trials(tmp_path)[: len(before)] == before
    assert len(load_trials(tmp_path)) == len(before) + 1


def test_networks_of_other_images_make_no_sweep(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'pairnet' and 'softmax' learn from other images"):
        next(tune(BASE, Space(models=("softmax", "pairnet")), tmp_path / "sweep", trials=1))
    assert not (tmp_path / "sweep").exists()


def test_a_study_goes_on_when_the_trained_network_shall_look_more_often(tmp_path: Path) -> None:
    sweep(tmp_path, 1)
    trials = tune(BASE.replace({"views": 4}), SPACE, tmp_path, trials=2)  # measured with one look, as before
    assert [trial.number for trial in trials] == [1]


def test_a_study_from_before_a_setting_came_goes_on_with_its_default(tmp_path: Path) -> None:
    first = sweep(tmp_path, 1)
    journal = tmp_path / JOURNAL
    text = journal.read_text()
    journal.write_text(text.replace('\\"keep\\": \\"best\\", ', ""))
    assert journal.read_text() != text
    assert [trial.number for trial in sweep(tmp_path, 2)] == [1]
    assert load_trials(tmp_path)[0] == first[0]


def test_a_trial_counts_as_the_epoch_that_would_be_kept(tmp_path: Path) -> None:
    space = Space(models=("softmax",), batch_sizes=(500,), learning_rates=(0.3, 0.31))  # far too high: no epoch settles
    base = BASE.replace({"epochs": 6})
    best, last = (
        next(tune(base.replace({"keep": keep}), space, tmp_path / keep, trials=1)) for keep in ("best", "last")
    )
    assert best.settings == last.settings
    assert best.valid_accuracy is not None
    assert last.valid_accuracy is not None
    assert best.valid_accuracy > last.valid_accuracy


def test_a_study_of_other_settings_is_refused(tmp_path: Path) -> None:
    sweep(tmp_path, 1)
    with pytest.raises(ConfigError, match="holds a study of other settings"):
        next(tune(BASE.replace({"epochs": 3}), SPACE, tmp_path, trials=5))
    with pytest.raises(ConfigError, match="holds a study of other settings"):
        next(tune(BASE, Space(models=("mlp",)), tmp_path, trials=5))


def test_a_diverged_trial_is_told_and_not_chosen(tmp_path: Path) -> None:
    space = Space(models=("lenet5",), batch_sizes=(1_000,), optimizers=("sgd",), learning_rates=(1e9, 1e9))
    trial = next(tune(BASE, space, tmp_path, trials=1))
    assert (trial.state, trial.valid_accuracy, trial.epochs) == (tune_module.DIVERGED, None, 0)


@pytest.mark.parametrize(
    ("choices", "complaint"),
    [
        ({"models": ()}, "needs models to choose from"),
        ({"models": ("lenet",)}, "unknown model 'lenet': did you mean lenet5"),
        ({"optimizers": ("adm",)}, "unknown optimizer 'adm': did you mean"),
        ({"optimizers": ()}, "needs optimizers"),
        ({"batch_sizes": (0,)}, "at least 1 image"),
        ({"learning_rates": (0.1, float("inf"))}, "from a low one above 0 to a high one"),
        ({"learning_rates": (0.1, 0.01)}, "from a low one above 0 to a high one"),
    ],
)
def test_a_space_of_nothing_or_nonsense_is_refused(choices: dict[str, tuple[float, ...]], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Space(**({"models": ("softmax",)} | choices))  # type: ignore[arg-type]  # each field gets its own tuple


def test_a_folder_without_a_study_or_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no study"):
        load_trials(tmp_path)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="choose another --out"):
        next(tune(BASE, SPACE, tmp_path / "taken", trials=1))


def test_a_study_keeps_out_of_the_folder_of_a_run(tmp_path: Path) -> None:
    (tmp_path / LAST).write_bytes(b"a run")
    with pytest.raises(ConfigError, match="holds a run: choose another folder for the study"):
        next(tune(BASE, SPACE, tmp_path, trials=1))
    assert [path.name for path in tmp_path.iterdir()] == [LAST]
