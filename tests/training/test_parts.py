"""The loop's parts: batches, augmentation, optimisers, devices, history, the line."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from inkdigits.config import AugmentConfig, TrainConfig
from inkdigits.data.dataset import PAIRS
from inkdigits.errors import ConfigError
from inkdigits.models.registry import create_model
from inkdigits.recipes.recipe import LineConfig
from inkdigits.training.augmentation import affine_grid, augment
from inkdigits.training.batches import Batches, epoch_generator
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.training.device import choose_device, describe_device, multiplies
from inkdigits.training.fit import fit
from inkdigits.training.history import EpochRecord, History
from inkdigits.training.line import fit_line, make_points
from inkdigits.training.optim import create_optimizer, learning_rate
from inkdigits.training.sets import training_sets, validation_set
from tests.small import small_sets

STILL = AugmentConfig(rotation_degrees=0, scale=0, shear=0, shift_pixels=0)


def images(count: int = 200) -> torch.Tensor:
    return torch.tensor(small_sets()[0].images[:count])


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batches_of(
    size: int, images_per_epoch: int | None = None, hard_share: float = 0.0, losses: torch.Tensor | None = None
) -> Batches:
    """Cut the 1,000 small training images."""
    config = TrainConfig(model="softmax", batch_size=size, images_per_epoch=images_per_epoch, hard_share=hard_share)
    return Batches(small_sets()[0], config, torch.device("cpu"), losses)


def test_an_epoch_holds_every_image_once_with_its_label() -> None:
    train_set = small_sets()[0]
    batches = batches_of(300)
    got = list(batches.shuffled(chance()))
    assert [len(labels) for _, labels, _ in got] == [300] * 3 + [100]
    assert len(batches) == 4
    rows = {
        (int(which), image.numpy().tobytes(), int(label))
        for part in got
        for image, label, which in zip(*part, strict=True)
    }
    assert rows == {(which, image.tobytes(), label) for which, (image, label) in enumerate(train_set)}


def test_a_short_epoch_draws_its_images_anew() -> None:
    batches = batches_of(100, 250)
    epochs = [torch.cat([images for images, _, _ in batches.shuffled(chance(seed))]) for seed in (0, 1)]
    assert len(batches) == 3
    seen = [{image.numpy().tobytes() for image in images} for images in epochs]
    assert [len(images) for images in seen] == [250, 250]
    assert len(seen[0] & seen[1]) < 130  # about 62 by chance
    assert len(batches_of(100, 10**6)) == 10


def hard_batches(losses: torch.Tensor | None = None) -> Batches:
    """Return 1,000 images, 200 an epoch: 120 hard ones and 80 by chance."""
    return batches_of(50, 200, 0.6, losses)


def drawn(batches: Batches, seed: int = 0) -> torch.Tensor:
    return torch.cat([which for _, _, which in batches.shuffled(chance(seed))])


def test_the_hard_images_are_in_every_epoch_and_the_others_by_chance() -> None:
    losses = torch.rand(1_000, generator=chance(5))
    hard = set(losses.topk(120).indices.tolist())
    first, second = (drawn(hard_batches(losses), seed) for seed in (0, 1))
    for epoch in (first, second):
        assert len(epoch) == len(set(epoch.tolist())) == 200
        assert hard <= set(epoch.tolist())
        at = [place for place, which in enumerate(epoch.tolist()) if which in hard]
        assert 80 < np.mean(at) < 120  # spread over the batches, not at the beginning of the epoch
    assert len(set(first.tolist()) & set(second.tolist()) - hard) < 25  # about 7 of 80 by chance


def test_unseen_images_are_the_hardest_and_a_short_set_is_shown_whole() -> None:
    losses = torch.rand(1_000, generator=chance(5))
    losses[300:350] = torch.inf
    assert set(range(300, 350)) <= set(drawn(hard_batches(losses)).tolist())
    assert len(set(drawn(hard_batches()).tolist())) == 200  # none was seen: any will do
    whole = batches_of(300, 10**6, 0.5)
    assert sorted(drawn(whole).tolist()) == list(range(1_000))


def test_losses_are_kept_where_they_are_asked_for() -> None:
    batches = hard_batches()
    logits, which = torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([7, 3])
    labels = torch.tensor([0, 1])
    batches.note(which, logits, labels)
    assert batches.losses[which].tolist() == pytest.approx([math.log(1 + math.exp(-2)), math.log(2)])
    assert batches.losses.isinf().sum() == 998
    careless = batches_of(50, 200)
    careless.note(which, logits, labels)
    assert careless.losses.isinf().all()


def test_losses_of_other_images_are_refused() -> None:
    with pytest.raises(ConfigError, match="the losses of 1,001 training images, but there are 1,000: go on with"):
        hard_batches(torch.rand(1_001))


def test_chance_differs_between_seeds_epochs_and_purposes() -> None:
    states = {
        epoch_generator(seed, epoch, purpose).initial_seed()
        for seed in range(3)
        for epoch in range(3)
        for purpose in range(3)
    }
    assert len(states) == 27


def test_no_augmentation_changes_nothing() -> None:
    assert torch.allclose(augment(images(), STILL, chance()), images().float(), atol=1e-2)


@pytest.mark.parametrize("size", [28, 20, 7])
def test_the_grid_of_an_affine_map_is_that_of_torch(size: int) -> None:
    theta = torch.randn(50, 2, 3, generator=chance())
    expected = F.affine_grid(theta, [50, 1, size, size], align_corners=False)
    torch.testing.assert_close(affine_grid(theta, size), expected, atol=1e-6, rtol=0)


def test_augmentation_is_another_for_every_image_and_the_same_for_the_same_chance() -> None:
    one = images(1).repeat(8, 1, 1)
    moved = augment(one, AugmentConfig(), chance())
    assert all(not torch.equal(moved[0], other) for other in moved[1:])
    assert torch.equal(moved, augment(one, AugmentConfig(), chance()))
    assert not torch.equal(moved, augment(one, AugmentConfig(), chance(1)))


def test_augmentation_keeps_the_range_and_the_ink_on_the_picture() -> None:
    moved = augment(images(), AugmentConfig(stroke=1.0), chance())
    assert moved.shape == (200, 28, 28)
    assert moved.dtype == torch.float32
    assert 0 <= moved.min() <= moved.max() <= 255.01
    assert (moved.sum((1, 2)) > 0.3 * images().float().sum((1, 2))).all()


def test_shifts_move_by_pixels() -> None:
    dot = torch.zeros(500, 28, 28, dtype=torch.uint8)
    dot[:, 14, 14] = 255
    moved = augment(dot, replace(STILL, shift_pixels=3), chance())
    columns = (moved.sum(1) * torch.arange(28)).sum(1) / moved.sum((1, 2))
    assert 2.5 < (columns - 14).abs().max() <= 3.1
    assert (columns - 14).mean().abs() < 0.3


def test_rotations_turn_by_degrees() -> None:
    bar = torch.zeros(500, 28, 28, dtype=torch.uint8)
    bar[:, 4:24, 13:15] = 255
    moved = augment(bar, replace(STILL, rotation_degrees=30), chance())
    top = (moved[:, 5:8].sum(1) * torch.arange(28)).sum(1) / moved[:, 5:8].sum((1, 2))
    degrees = torch.rad2deg(torch.atan2(top - 13.5, torch.tensor(13.5 - 6)))
    assert 25 < degrees.abs().max() < 35


def test_other_pens_are_thicker_and_thinner() -> None:
    before, after = images().float().sum((1, 2)), augment(images(), replace(STILL, stroke=1.0), chance()).sum((1, 2))
    assert (after / before).max() > 1.2
    assert (after / before).min() < 0.8


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "adagrad"])
def test_every_optimiser_moves_the_weights(name: str) -> None:
    model = create_model("softmax")
    before = [parameter.clone() for parameter in model.parameters()]
    optimizer = create_optimizer(model, TrainConfig(model="softmax", optimizer=name, learning_rate=0.1))
    assert type(optimizer).__name__.lower() == name
    model(images(20)).square().sum().backward()
    optimizer.step()
    assert all(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_constant_rate_is_constant() -> None:
    config = TrainConfig(model="cnn", learning_rate=0.3)
    assert {learning_rate(config, step, 100) for step in range(1, 101)} == {0.3}


def test_one_cycle_rises_to_the_rate_and_falls_to_zero() -> None:
    config = TrainConfig(model="cnn", learning_rate=0.4, schedule="one_cycle")
    rates = [learning_rate(config, step, 100) for step in range(1, 101)]
    assert max(rates) == rates[24] == pytest.approx(0.4)
    assert rates[:25] == sorted(rates[:25])
    assert rates[24:] == sorted(rates[24:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_the_device_is_chosen_and_described() -> None:
    device = choose_device("auto")
    assert device.type == (
        "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    )
    assert describe_device(torch.device("cpu"), 1) == "cpu (1 thread)"
    assert describe_device(torch.device("cpu"), 2) == "cpu (2 threads)"
    half = "bfloat16" if multiplies(torch.device("cpu")) else "no bfloat16 here: float32"
    assert describe_device(torch.device("cpu"), 2, precision="bfloat16") == f"cpu (2 threads, {half})"


def test_a_device_that_is_not_there_is_told_what_is() -> None:
    with pytest.raises(ConfigError, match=r"device 'tpu' is not available on this machine: use auto, or one of .*cpu"):
        choose_device("tpu")


def record(epoch: int, accuracy: float, loss: float) -> EpochRecord:
    return EpochRecord(epoch, epoch, loss, accuracy, loss, accuracy, 0.1, 1.0, 1.0, best=False)


def test_histories_add_up_and_come_back() -> None:
    first, second = History([record(0, 0.1, 2.3)]), History([record(1, 0.9, 0.3), record(2, 0.9, 0.2)])
    both = first + second
    assert [entry.epoch for entry in both.epochs] == [0, 1, 2]
    assert both.best == record(2, 0.9, 0.2)  # the same accuracy with less loss
    assert History.from_records(both.to_dict()["epochs"]) == both
    assert [json.loads(line)["epoch"] for line in both.to_jsonl().splitlines()] == [0, 1, 2]
    assert repr(both) == "History(3 epochs, best 90.00% valid at epoch 2)"
    assert History().best is None
    assert repr(History()) == "History(no epochs)"


@pytest.mark.parametrize("seed", [123, 0, 1])
@pytest.mark.parametrize("by_hand", [True, False])
def test_gradient_descent_finds_the_line(seed: int, by_hand: bool) -> None:
    config = LineConfig(seed=seed)
    line = fit_line(*make_points(config), config, by_hand=by_hand)
    assert line.slope == pytest.approx(2, abs=0.1)
    assert line.intercept == pytest.approx(1, abs=0.1)
    assert len(line.losses) == 500
    assert line.losses[-1] < line.losses[0] / 10


def test_the_hand_and_torchs_own_parts_agree() -> None:
    config = LineConfig()
    points = make_points(config)
    by_hand, with_modules = fit_line(*points, config), fit_line(*points, config, by_hand=False)
    assert np.allclose(by_hand.losses, with_modules.losses, rtol=1e-9)
    assert json.loads(json.dumps(by_hand.to_dict()))["slope"] == by_hand.slope


def test_fit_returns_the_best_epoch() -> None:
    config = TrainConfig(model="softmax", optimizer="sgd", learning_rate=0.1, batch_size=500, epochs=2)
    checkpoint = fit(config)
    assert checkpoint.history.best == checkpoint.history.epochs[-1]
    assert checkpoint.history.epochs[-1].valid_accuracy > 0.8


def test_fit_returns_the_epoch_that_is_to_be_kept() -> None:
    config = TrainConfig(model="softmax", learning_rate=0.3, batch_size=500, epochs=6)  # far too high: no epoch settles
    best, last = fit(config), fit(config.replace({"keep": "last"}))
    assert (best.config.keep, last.config.keep) == ("best", "last")
    assert best.epoch < last.epoch == 6
    accuracies = [record.valid_accuracy for record in last.history.epochs]
    assert best.history.epochs[-1].valid_accuracy == max(accuracies) > accuracies[-1]


def test_network_of_pairs_learns_from_drawn_pairs_and_is_chosen_on_those_of_held_out_digits() -> None:
    config = TrainConfig(model="pairnet", validation_size=500)
    checkpoint = create_checkpoint(config)
    assert checkpoint.class_names == PAIRS
    valid_set = validation_set(config)
    assert valid_set.class_names == PAIRS
    assert len(valid_set) == 500
    assert valid_set.split == "validation"
    with pytest.raises(ConfigError, match="learns from drawn pairs alone"):
        training_sets(config)
