"""Several processes train one network: the same images, the same steps, the same figures."""

import math
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError, ModelError, TrainingError
from inkdigits.models.classifier import TorchClassifier
from inkdigits.models.registry import create_model
from inkdigits.training.checkpoint import create_checkpoint, load_checkpoint, save_checkpoint
from inkdigits.training.distributed import Team, joined
from inkdigits.training.history import StepRecord
from inkdigits.training.loop import train
from inkdigits.training.run import BEST, LAST
from inkdigits.types import Logits
from tests.command import inkdigits
from tests.small import CONFIG, finish, small_sets
from tests.team import in_team

pytestmark = pytest.mark.slow

PLAIN = CONFIG.replace({"model": "lenet5", "optimizer": "sgd", "learning_rate": 0.05, "epochs": 1})
LIVELY = CONFIG.replace(
    {
        "model": "quicknet",
        "epochs": 2,
        "batch_size": 250,
        "augment": {},
        "average": 0.5,
        "images_per_epoch": 600,
        "hard_share": 0.5,
    }
)


def trained_weights(config: TrainConfig, _team: Team) -> dict[str, torch.Tensor]:
    checkpoint = create_checkpoint(config)
    finish(checkpoint)
    return checkpoint.network.state_dict()


def first_losses(config: TrainConfig, _team: Team) -> list[float]:
    records = train(create_checkpoint(config), *small_sets(), steps_per_record=1)
    running = [record.running_loss for record in records if isinstance(record, StepRecord)]
    losses: list[float] = np.diff(np.arange(1, 21) * running[:20], prepend=0).tolist()  # each step's, of running means
    return losses


def logits_of_10_007(team: Team) -> Logits:
    images = np.random.default_rng(0).integers(0, 256, (10_007, 28, 28), np.uint8)
    return team.logits(TorchClassifier(create_model("cnn")), images)


def parts_of(sizes: tuple[int, ...], team: Team) -> list[tuple[list[int], float]]:
    shares = [(size, team.share(torch.arange(size))) for size in sizes]
    return [(share.tolist(), team.weight(len(share), size)) for size, share in shares]


def test_a_run_of_two_processes_repeats_itself_in_both_even_when_it_was_stopped_between() -> None:
    runs = [*in_team(2, partial(trained_weights, LIVELY)), *in_team(2, resumed_weights)]
    for weights in runs[1:]:
        assert all(torch.equal(weights[name], runs[0][name]) for name in runs[0])


def resumed_weights(_team: Team) -> dict[str, torch.Tensor]:
    stopped = create_checkpoint(LIVELY)
    finish(stopped, stop_after=1)
    resumed = stopped.copy()
    finish(resumed)
    return resumed.network.state_dict()


@pytest.mark.parametrize("taught", [False, True])
def test_two_processes_make_the_steps_of_one(taught: bool, tmp_path: Path) -> None:
    save_checkpoint(create_checkpoint(PLAIN.replace({"model": "mlp"})), tmp_path / BEST)
    config = PLAIN.replace({"teacher": str(tmp_path)}) if taught else PLAIN
    alone = first_losses(config, Team())
    assert len(alone) == 20
    for together in in_team(2, partial(first_losses, config)):
        np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_losses_that_each_process_has_seen_are_known_to_both() -> None:
    config = PLAIN.replace({"images_per_epoch": 100, "hard_share": 0.5})
    alone = last_losses(config, Team())
    assert alone.isfinite().sum() == 100
    assert (alone >= 0).all()
    for together in in_team(2, partial(last_losses, config)):
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def last_losses(config: TrainConfig, _team: Team) -> torch.Tensor:
    checkpoint = create_checkpoint(config)
    finish(checkpoint)
    assert checkpoint.losses is not None
    return checkpoint.losses


def test_a_missing_teacher_is_told_by_all_processes() -> None:
    assert in_team(2, untaught) == [True, True]


def untaught(_team: Team) -> bool:
    with pytest.raises(ModelError, match="the teacher nobody is no trained run"):
        finish(create_checkpoint(PLAIN.replace({"teacher": "nobody"})))
    return True


@pytest.mark.parametrize("size", [2, 3])
def test_logits_of_several_processes_are_those_of_one_to_the_last_bit(size: int) -> None:
    alone = logits_of_10_007(Team())
    assert len(alone) == 10_007
    for together in in_team(size, logits_of_10_007):
        np.testing.assert_array_equal(together, alone)


def test_every_image_of_a_batch_is_in_one_share_and_counts_the_same() -> None:
    sizes = (12, 13, 14, 2)
    shares = in_team(3, partial(parts_of, sizes))
    for place, size in enumerate(sizes[:3]):
        parts = [share[place][0] for share in shares]
        assert [image for part in parts for image in part] == list(range(size))
        for part, weight in (share[place] for share in shares):
            assert weight / len(part) / 3 == pytest.approx(1 / size)  # what one image counts in the mean
    assert [share[3] for share in shares] == [([0, 1], 1.0)] * 3  # too few to share: each takes all


def test_batch_statistics_are_the_means_over_the_processes() -> None:
    for own, agreed in in_team(2, statistics):
        assert agreed == pytest.approx([0.5 * 0.75, 0.5 * 0.75])  # of 0.75 and 0: momentum 0.5, two steps
        assert own in ([0, 0], [0.75, 0.75])  # until then each process keeps what it has seen


def statistics(team: Team) -> tuple[list[float], list[float]]:
    norm = nn.BatchNorm1d(2, momentum=0.5)
    network = team.wrap(norm)
    for _ in range(2):
        network(torch.full((4, 2), float(team.rank)))
    assert norm.running_mean is not None
    own: list[float] = norm.running_mean.tolist()
    team.agree(norm)
    agreed: list[float] = norm.running_mean.tolist()
    return own, agreed


def test_a_loss_that_is_no_number_in_one_process_stops_both() -> None:
    assert in_team(2, diverged) == [True, True]


def diverged(team: Team) -> bool:
    train_set, valid_set = small_sets()
    checkpoint = create_checkpoint(PLAIN)
    if team.rank:
        checkpoint.model = Broken(checkpoint.model)
    else:
        checkpoint.model = Whole(checkpoint.model)
    with pytest.raises(TrainingError, match="training has diverged"):
        list(train(checkpoint, train_set, valid_set))
    return True


class Whole(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(images)
        return logits


class Broken(Whole):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return super().forward(images) * (math.nan if self.training else 1)


def test_a_finished_run_is_told_so_by_all(tmp_path: Path) -> None:
    assert (
        inkdigits("train", "softmax", "--epochs", "1", "--batch-size", "5000", "--out", tmp_path / "run").returncode
        == 0
    )
    again = torchrun("--resume", tmp_path / "run")
    ended = subprocess.run(again, check=True, capture_output=True, text=True)
    assert ended.stderr.count("is finished: all 1 epochs") == 1


def test_alone_a_process_is_a_team_of_one() -> None:
    with joined() as team:
        assert (team.rank, team.size, team.threads) == (0, 1, None)
        assert team.sum([1, 2.5]) == [1, 2.5]
        model = create_model("softmax")
        assert team.wrap(model) is model


def torchrun(*arguments: str | Path) -> list[str]:
    words = [str(argument) for argument in arguments]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return [*launcher, "-m", "inkdigits", "train", *words]


def test_a_killed_process_ends_all_and_the_run_goes_on_even_alone(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    settings = ("softmax", "--epochs", "200", "--batch-size", "5000", "--threads", "1", "--out", folder)
    run = subprocess.Popen(torchrun(*settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    history = folder / "history.jsonl"
    while not history.exists() or len(history.read_text().splitlines()) < 2:
        assert run.poll() is None
        time.sleep(0.05)
    second = [child for child in children_of(run.pid) if b"RANK=1" in environment_of(child).split(b"\0")]
    os.kill(second[0], signal.SIGKILL)
    began = time.perf_counter()
    output, messages = run.communicate(timeout=60)
    assert time.perf_counter() - began < 30
    assert run.returncode != 0
    assert output.count("  0/200") == 1  # one process speaks
    assert messages.count("on 2 processes, each cpu (1 thread)") == 1

    checkpoint = load_checkpoint(folder / LAST)
    assert checkpoint.processes == 2
    epochs = str(checkpoint.epoch + 1)
    alone = [sys.executable, "-m", "inkdigits", "train", "--resume", str(folder), "--epochs", epochs]
    resumed = subprocess.run(alone, capture_output=True, text=True, check=True)
    assert "trained by 2 processes so far and goes on with 1" in resumed.stderr
    assert load_checkpoint(folder / LAST).processes == 1


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def environment_of(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


@pytest.mark.parametrize("rank", [0, 1])
def test_processes_without_a_gpu_of_their_own_are_told_by_the_first_one(
    rank: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "tests")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ConfigError, match=r"2 processes need a GPU each, and this machine has 1\."), joined():
        pass
