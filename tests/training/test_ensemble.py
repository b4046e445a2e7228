"""An ensemble as a folder: what it is to consist of is known before the first member is trained."""

import json
import time
from functools import partial
from pathlib import Path

import pytest

from inkdigits.errors import ConfigError, ModelError
from inkdigits.training.checkpoint import load_checkpoint
from inkdigits.training.distributed import Team
from inkdigits.training.ensemble import EnsembleRun, is_ensemble, open_ensemble, start_ensemble
from inkdigits.training.run import free_folder, start_run
from tests.small import CONFIG
from tests.team import in_team


@pytest.fixture
def ensemble(tmp_path: Path) -> EnsembleRun:
    return start_ensemble(tmp_path / "ensemble", CONFIG, 3)


def test_what_was_started_can_be_opened(ensemble: EnsembleRun) -> None:
    assert is_ensemble(ensemble.folder)
    assert open_ensemble(ensemble.folder) == ensemble


def test_every_member_has_a_folder_and_a_seed_of_its_own_and_nothing_else(ensemble: EnsembleRun) -> None:
    seeds = {folder.name: config.seed for folder, config in ensemble.runs.items()}
    assert seeds == {"1": CONFIG.seed, "2": CONFIG.seed + 1, "3": CONFIG.seed + 2}
    assert {config.replace({"seed": 0}) for config in ensemble.runs.values()} == {CONFIG.replace({"seed": 0})}


def test_what_is_there_is_never_overwritten(ensemble: EnsembleRun) -> None:
    with pytest.raises(ConfigError, match="already holds a run"):
        start_ensemble(ensemble.folder, CONFIG, 2)
    with pytest.raises(ConfigError, match="already holds a run"):
        start_run(CONFIG, ensemble.folder)
    assert free_folder(ensemble.folder.parent, "ensemble").name == "ensemble-2"
    assert open_ensemble(ensemble.folder).members == 3


def test_a_run_of_somebody_else_does_not_become_a_member(tmp_path: Path) -> None:
    (tmp_path / "2").mkdir()
    (tmp_path / "2/last.safetensors").touch()
    with pytest.raises(ConfigError, match="2 already holds a run"):
        start_ensemble(tmp_path, CONFIG, 3)
    assert not is_ensemble(tmp_path)


@pytest.mark.parametrize("wrong", [{"model": "lenet6"}, {"dataset": "mnits"}, {"validation_size": 60_000}])
def test_what_cannot_be_trained_leaves_the_folder_free(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        start_ensemble(tmp_path / "ensemble", CONFIG.replace(wrong), 3)
    assert not (tmp_path / "ensemble").exists()


def start_in_team(folder: Path, team: Team) -> str:
    time.sleep(team.rank)  # the first process has long started when the second one looks
    try:
        start_ensemble(folder, CONFIG, 2)
    except ConfigError:
        return "refused"
    return "started"


@pytest.mark.slow
def test_all_processes_of_a_team_start_the_same_or_are_all_refused(tmp_path: Path) -> None:
    assert in_team(2, partial(start_in_team, tmp_path)) == ["started", "started"]
    assert in_team(2, partial(start_in_team, tmp_path)) == ["refused", "refused"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"members": 3}', '{"members": 3, "config": {}}', '{"members": 3, "config": 7}', "\x00{"],
)
def test_a_damaged_description_is_refused(ensemble: EnsembleRun, text: str) -> None:
    (ensemble.folder / "ensemble.json").write_text(text)
    with pytest.raises(ModelError, match="does not describe an ensemble"):
        open_ensemble(ensemble.folder)


@pytest.mark.parametrize("members", [0, -1, 2.5, "3", True])
def test_a_number_of_members_that_is_none_is_refused(ensemble: EnsembleRun, members: object) -> None:
    path = ensemble.folder / "ensemble.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"members": members}))
    with pytest.raises(ModelError, match="members must be a whole number above 0"):
        open_ensemble(ensemble.folder)


def test_a_folder_without_a_description_is_no_ensemble(tmp_path: Path) -> None:
    assert not is_ensemble(tmp_path)
    with pytest.raises(ModelError, match="cannot open"):
        open_ensemble(tmp_path)


def test_an_ensemble_is_not_one_checkpoint(ensemble: EnsembleRun) -> None:
    with pytest.raises(ModelError, match=r"holds several networks: name one of them, such as .*ensemble.1"):
        load_checkpoint(ensemble.folder)
