"""A checkpoint is one file that loads anywhere, or says why not."""

import json
import math
import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from inkdigits.config import OPTIMIZERS
from inkdigits.errors import ConfigError, ModelError, StorageError
from inkdigits.models.classifier import TorchClassifier
from inkdigits.training.checkpoint import create_checkpoint, load_checkpoint, save_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.run import BEST, LAST, free_folder, keep_epoch, resume_run, start_run
from tests.small import CONFIG, finish, small_sets, trained


def test_a_saved_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    before = trained()
    save_checkpoint(before, tmp_path / "c.safetensors")
    after = load_checkpoint(tmp_path / "c.safetensors")
    assert (after.config, after.epoch, after.step, after.seconds) == (CONFIG, 2, 40, before.seconds)
    assert after.history == before.history
    assert after.class_names == before.class_names
    for name, tensor in before.model.state_dict().items():
        assert torch.equal(tensor, after.model.state_dict()[name])
    assert before.optimizer.keys() == after.optimizer.keys()


def test_average_temperature_and_team_come_back_too(tmp_path: Path) -> None:
    before = trained(CONFIG.replace({"average": 0.5, "label_smoothing": 0.1}))
    before.processes = 3
    save_checkpoint(before, tmp_path / "c.safetensors")
    after = load_checkpoint(tmp_path / "c.safetensors")
    images = small_sets()[1].images
    np.testing.assert_array_equal(after.classifier.logits(images), before.classifier.logits(images))
    assert not np.array_equal(after.classifier.logits(images), TorchClassifier(after.model).logits(images))
    assert (after.temperature, after.processes) == (before.temperature, 3)
    assert before.temperature != 1


def test_a_run_that_answers_with_four_views_does_so_from_disk_too(tmp_path: Path) -> None:
    before = trained(CONFIG.replace({"views": 4}))
    save_checkpoint(before, tmp_path / "c.safetensors")
    after, images = load_checkpoint(tmp_path / "c.safetensors"), small_sets()[1].images
    np.testing.assert_array_equal(
        after.classifier.logits(images), TorchClassifier(before.model, four_views=True).logits(images)
    )
    plain = trained()  # the views change nothing in training, and the epochs are measured with one look
    assert after.history.epochs[-1].valid_accuracy == plain.history.epochs[-1].valid_accuracy
    assert torch.equal(after.model.state_dict()["linear1.weight"], plain.model.state_dict()["linear1.weight"])


def test_a_run_resumed_from_disk_equals_the_uninterrupted_one(tmp_path: Path) -> None:
    stopped = create_checkpoint(CONFIG.replace({"augment": {}, "images_per_epoch": 400, "hard_share": 0.5}))
    finish(stopped, stop_after=1)
    save_checkpoint(stopped, tmp_path / "c.safetensors")
    resumed = load_checkpoint(tmp_path / "c.safetensors")
    finish(resumed)
    for ours, theirs in zip(
        resumed.model.state_dict().values(), trained(stopped.config).model.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_a_run_that_knows_its_hard_images_does_not_go_on_with_others(tmp_path: Path) -> None:
    stopped = create_checkpoint(CONFIG.replace({"images_per_epoch": 400, "hard_share": 0.5}))
    finish(stopped, stop_after=1)
    save_checkpoint(stopped, tmp_path / "c.safetensors")
    train_set, valid_set = small_sets()
    with pytest.raises(ConfigError, match="the losses of 1,000 training images, but there are 900"):
        next(train(load_checkpoint(tmp_path / "c.safetensors"), train_set.subset(slice(900)), valid_set))


@pytest.mark.parametrize(
    ("losses", "why"),
    [
        (None, "it asks for hard images, and does not know the images' losses"),
        (torch.zeros(1_000, dtype=torch.float64), r"its losses are torch.float64 \(1000,\), expected torch.float32"),
        (torch.zeros(10, 100), r"its losses are torch.float32 \(10, 100\), expected torch.float32 \(N,\)"),
    ],
)
def test_a_run_of_hard_images_without_their_losses_is_refused(
    losses: torch.Tensor | None, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "c.safetensors"
    stopped = create_checkpoint(CONFIG.replace({"images_per_epoch": 400, "hard_share": 0.5}))
    save_checkpoint(stopped, path)
    assert load_checkpoint(path).losses is None  # no image was seen
    finish(stopped, stop_after=1)
    stopped.losses = losses
    save_checkpoint(stopped, path)
    with pytest.raises(ModelError, match=f"is not a whole inkdigits checkpoint: {why}"):
        load_checkpoint(path)


def test_of_a_share_too_small_for_one_hard_image_the_run_goes_on(tmp_path: Path) -> None:
    stopped = create_checkpoint(CONFIG.replace({"images_per_epoch": 400, "hard_share": 0.001}))
    finish(stopped, stop_after=1)
    save_checkpoint(stopped, tmp_path / "c.safetensors")
    resumed = load_checkpoint(tmp_path / "c.safetensors")
    assert finish(resumed)[-1].epoch == 2


def test_paths_may_be_text(tmp_path: Path) -> None:
    save_checkpoint(trained(), str(tmp_path / "best.safetensors"))
    assert load_checkpoint(str(tmp_path)).epoch == load_checkpoint(tmp_path / "best.safetensors").epoch == 2


def test_a_file_trained_elsewhere_names_no_device(tmp_path: Path) -> None:
    save_checkpoint(create_checkpoint(CONFIG.replace({"device": "auto"})), tmp_path / "c.safetensors")
    assert next(load_checkpoint(tmp_path / "c.safetensors", device="cpu").model.parameters()).device.type == "cpu"


def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    save_checkpoint(create_checkpoint(CONFIG), tmp_path / "c.safetensors")
    missing = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(ConfigError, match=f"device '{missing}' is not available on this machine: use auto"):
        load_checkpoint(tmp_path / "c.safetensors", device=missing)


def test_a_pickle_is_refused_and_never_opened(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(canary),)

    torch.save(Hostile(), tmp_path / "model.pt")
    with pytest.raises(ModelError, match=r"pickles .* are never opened"):
        load_checkpoint(tmp_path / "model.pt")
    assert not canary.exists()


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(create_checkpoint(CONFIG.replace({"model": "softmax"})), path)
    content, chance = path.read_bytes(), random.Random(0)
    for _ in range(60):
        path.write_bytes(content[: chance.randrange(len(content))])
        with pytest.raises(ModelError, match="is not a whole safetensors file"):
            load_checkpoint(path)


def test_hostile_metadata_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(create_checkpoint(CONFIG.replace({"model": "softmax"})), path)
    tensors = load_file(path)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    about = json.loads(json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]["inkdigits"])
    hostile = [
        {},
        {"format": 99},
        about | {"config": {}},
        about | {"config": about["config"] | {"model": "../../etc/passwd"}},
        about | {"config": about["config"] | {"epochs": "many"}},
        about | {"config": about["config"] | {"model": "lenet5"}},
        about | {"class_names": ["a", "b"]},
        about | {"history": [{"epoch": 1}]},
        about | {"step": "x"},
        about | {"temperature": 0},
        about | {"processes": None},
        about | {"config": about["config"] | {"average": 0.9}},
        about | {"class_names": None},
        about | {"config": []},
        about | {"config": "softmax"},
        about | {"config": about["config"] | {"device": "tpu"}},
        about | {"epoch": math.inf},
    ]
    for metadata in hostile:
        save_file(tensors, path, {"inkdigits": json.dumps(metadata)})
        with pytest.raises(ModelError):
            load_checkpoint(path)
    save_file(tensors, path)
    with pytest.raises(ModelError, match="not an inkdigits checkpoint"):
        load_checkpoint(path)


def test_weights_of_another_version_of_a_network_are_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(create_checkpoint(CONFIG.replace({"model": "quicknet"})), path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    name = "model.network.linear.weight"
    tensors[name] = tensors[name][:, :-1].contiguous()
    save_file(tensors, path, metadata)
    with pytest.raises(ModelError) as told:
        load_checkpoint(path)
    assert str(told.value) == (
        f"{path} does not fit quicknet as this version builds it: tensor 'network.linear.weight' is float32 (10, 255), "
        "expected float32 (10, 256). Another version made it, or it is damaged: train again, or use another"
    )


@pytest.mark.parametrize(
    "changes", [{"optimizer": name} for name in OPTIMIZERS] + [{"optimizer": "sgd", "momentum": 0.9}]
)
def test_the_state_of_every_optimiser_comes_back(changes: dict[str, object], tmp_path: Path) -> None:
    checkpoint = trained(CONFIG.replace({"model": "softmax"} | changes))
    save_checkpoint(checkpoint, tmp_path / "c.safetensors")
    assert load_checkpoint(tmp_path / "c.safetensors").optimizer.keys() == checkpoint.optimizer.keys()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"1.exp_avg": torch.zeros(2, 2)}, r"'1\.exp_avg' is float32 \(2, 2\), expected float32 \(10,\)"),
        ({"1.exp_avg": None}, r"'1\.exp_avg' is missing"),
        ({"1.step": torch.zeros((), dtype=torch.int64)}, r"'1\.step' is int64 \(\), expected float32 \(\)"),
        ({"99.exp_avg": torch.zeros(10)}, r"'99\.exp_avg' is float32 \(10,\), expected none"),
        ({"bias": torch.zeros(10)}, r"'bias' is float32 \(10,\), expected none"),
    ],
)
def test_a_state_that_is_not_the_optimisers_is_refused(
    change: dict[str, torch.Tensor | None], complaint: str, tmp_path: Path
) -> None:
    checkpoint = trained(CONFIG.replace({"model": "softmax"}))
    state = checkpoint.optimizer | change
    checkpoint.optimizer = {name: tensor for name, tensor in state.items() if tensor is not None}
    save_checkpoint(checkpoint, tmp_path / "c.safetensors")
    with pytest.raises(ModelError, match=f"does not fit adam as this version builds it: tensor {complaint}"):
        load_checkpoint(tmp_path / "c.safetensors")  # a fused optimiser would walk through memory of others


def test_a_missing_file_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no such file\. `inkdigits train` makes one"):
        load_checkpoint(tmp_path)


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    checkpoint = start_run(CONFIG, tmp_path)
    for record in finish(checkpoint, stop_after=0):
        keep_epoch(checkpoint, record, tmp_path)
    with pytest.raises(ConfigError, match="already holds a run: go on with --resume"):
        start_run(CONFIG, tmp_path)
    assert free_folder(tmp_path.parent, tmp_path.name) == tmp_path.parent / f"{tmp_path.name}-2"


def test_of_two_runs_that_begin_in_one_folder_only_the_first_goes_on(tmp_path: Path) -> None:
    runs = [start_run(CONFIG.replace({"seed": seed}), tmp_path) for seed in (1, 2)]
    records = [finish(run, stop_after=0)[-1] for run in runs]
    keep_epoch(runs[0], records[0], tmp_path)
    with pytest.raises(StorageError, match=r"last\.safetensors: File exists"):
        keep_epoch(runs[1], records[1], tmp_path)
    assert {load_checkpoint(tmp_path / name).config.seed for name in (BEST, LAST)} == {1}


def test_the_kept_epoch_alone_is_not_overwritten_either(tmp_path: Path) -> None:
    save_checkpoint(trained(), tmp_path / BEST)
    with pytest.raises(ConfigError, match="already holds a run"):
        start_run(CONFIG, tmp_path)


def test_a_run_killed_before_its_first_epoch_was_kept_has_it_when_it_goes_on(tmp_path: Path) -> None:
    checkpoint = start_run(CONFIG, tmp_path)
    keep_epoch(checkpoint, finish(checkpoint, stop_after=0)[-1], tmp_path)
    (tmp_path / BEST).unlink()
    resume_run(tmp_path, {})
    assert load_checkpoint(tmp_path).epoch == 0


def test_a_file_that_may_not_be_read_is_not_called_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError  # what safetensors raises then too; to the superuser, nothing is refused

    save_checkpoint(trained(), tmp_path / BEST)
    monkeypatch.setattr("inkdigits.training.checkpoint.safe_open", refused)
    with pytest.raises(ModelError, match="cannot be opened"):
        load_checkpoint(tmp_path)


def test_a_resumed_run_must_be_the_same_run(tmp_path: Path) -> None:
    checkpoint = start_run(CONFIG, tmp_path)
    for record in finish(checkpoint, stop_after=0):
        keep_epoch(checkpoint, record, tmp_path)
    with pytest.raises(ConfigError, match=r"other settings \(learning_rate 0.001 -> 0.1\)"):
        resume_run(tmp_path, {"learning_rate": 0.1, "epochs": 9})  # which may change, and so is not named
    assert resume_run(tmp_path, {"epochs": 9, "threads": 1}).config.epochs == 9


@pytest.mark.parametrize(("keep", "epoch"), [("best", 1), ("last", 2)])
def test_the_folder_holds_the_epoch_that_is_to_be_kept(keep: str, epoch: int, tmp_path: Path) -> None:
    checkpoint = start_run(CONFIG.replace({"keep": keep}), tmp_path)
    for number, accuracy in enumerate((0.1, 0.9, 0.8)):
        checkpoint.epoch = number
        best = checkpoint.history.is_best(accuracy, 0.3)
        checkpoint.history.epochs.append(EpochRecord(number, number, 0.3, 0.9, 0.3, accuracy, 0.1, 1.0, 1.0, best=best))
        keep_epoch(checkpoint, checkpoint.history.epochs[-1], tmp_path)
    assert load_checkpoint(tmp_path).epoch == epoch
    assert load_checkpoint(tmp_path / "last.safetensors").epoch == 2


def test_a_scheduled_run_cannot_grow(tmp_path: Path) -> None:
    checkpoint = start_run(CONFIG.replace({"schedule": "one_cycle"}), tmp_path)
    for record in finish(checkpoint, stop_after=0):
        keep_epoch(checkpoint, record, tmp_path)
    with pytest.raises(ConfigError, match=r"other settings \(epochs 2 -> 9\)"):
        resume_run(tmp_path, {"epochs": 9})


def test_a_run_goes_on_where_it_was_told_to_compute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = trained(CONFIG.replace({"epochs": 1}))
    keep_epoch(checkpoint, checkpoint.history.epochs[0], tmp_path)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)  # "auto" would go there
    assert next(resume_run(tmp_path, {}).model.parameters()).device.type == "cpu"


def test_a_checkpoint_that_was_never_measured_is_no_run(tmp_path: Path) -> None:
    save_checkpoint(create_checkpoint(CONFIG), tmp_path / "last.safetensors")
    with pytest.raises(ModelError, match="has no history"):
        resume_run(tmp_path, {})
