"""The loop trains, tells the truth about it, and repeats itself exactly."""

import copy
import math
import time
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
import torch
from torch import nn

from inkdigits.config import AugmentConfig
from inkdigits.errors import ConfigError, TrainingError
from inkdigits.evaluation.metrics import accuracy, cross_entropy
from inkdigits.models.classifier import TorchClassifier
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint
from inkdigits.training.device import multiplies
from inkdigits.training.history import EpochRecord, StepRecord
from inkdigits.training.loop import train
from inkdigits.training.tally import Tally
from tests.drawing import mnist_test
from tests.small import CONFIG, finish, small_sets, trained


def weights(checkpoint: Checkpoint) -> list[torch.Tensor]:
    return list(checkpoint.model.state_dict().values())


def same(one: Checkpoint, other: Checkpoint) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_the_untrained_network_is_measured_first_and_knows_nothing() -> None:
    record = finish(create_checkpoint(CONFIG), stop_after=0)[0]
    assert record.epoch == 0
    assert 0.02 < record.valid_accuracy < 0.25
    assert record.valid_loss == pytest.approx(math.log(10), abs=0.2)


def test_two_epochs_on_1000_images_learn_digits() -> None:
    checkpoint = trained()
    assert checkpoint.history.epochs[-1].valid_accuracy > 0.85
    assert checkpoint.epoch == 2
    assert checkpoint.step == 2 * 20


def test_the_same_seed_gives_the_same_bits() -> None:
    config = CONFIG.replace({"augment": {"stroke": 0.5}, "epochs": 1})
    again = create_checkpoint(config)
    finish(again)
    assert same(again, trained(config))
    assert not same(again, trained(config.replace({"seed": 4})))


def test_half_the_bits_train_as_well_and_repeat_themselves() -> None:
    config = CONFIG.replace({"precision": "bfloat16"})
    again = create_checkpoint(config)
    finish(again)
    assert same(again, trained(config))
    assert again.history.epochs[-1].valid_accuracy > 0.85
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in weights(again))
    assert same(again, trained()) is not multiplies(
        torch.device("cpu")
    )  # where the processor lacks it, it is the same run


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "adagrad"])
def test_a_run_continued_from_a_copy_equals_the_uninterrupted_one(optimizer: str) -> None:
    config = CONFIG.replace({"augment": {"stroke": 0.5}, "optimizer": optimizer, "schedule": "one_cycle"})
    config = config.replace({"momentum": 0.9}) if optimizer == "sgd" else config
    stopped = create_checkpoint(config)
    finish(stopped, stop_after=1)
    resumed = copy.deepcopy(stopped)
    finish(resumed)
    assert same(resumed, trained(config))
    assert [record.epoch for record in resumed.history.epochs] == [0, 1, 2]


def test_training_leaves_the_global_chance_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    first, torch_state = np.random.random(), torch.get_rng_state()
    np.random.seed(1)
    finish(create_checkpoint(CONFIG.replace({"epochs": 1, "augment": {}})))
    assert torch.equal(torch_state, torch.get_rng_state())
    assert np.random.random() == first


def test_the_order_is_another_in_every_epoch() -> None:
    seen: list[list[int]] = []

    class Spy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(784, 10)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append(images.flatten(1).long().sum(1).tolist())
            logits: torch.Tensor = self.linear(images.flatten(1) / 255)
            return logits

    checkpoint = Checkpoint(CONFIG, Spy())
    finish(checkpoint)
    first, second = list(chain(*seen[:20])), list(chain(*seen[20:]))
    assert first != second
    assert sorted(first) == sorted(second) == sorted(small_sets()[0].images.reshape(1_000, -1).sum(1).tolist())


def test_the_test_set_is_refused_for_training_and_for_choosing() -> None:
    train_set, valid_set = small_sets()
    for sets in ((train_set, mnist_test()), (mnist_test(), valid_set)):
        with pytest.raises(ConfigError, match="the test set is only for `evaluate`"):
            next(train(create_checkpoint(CONFIG), *sets))


def test_a_loss_that_is_no_number_stops_with_step_rate_and_mend() -> None:
    config = CONFIG.replace({"optimizer": "sgd", "learning_rate": 1e6, "model": "lenet5"})
    checkpoint = create_checkpoint(config)
    with pytest.raises(
        TrainingError, match=r"the loss is (nan|inf) at step \d+ with learning rate 1e\+06.*--learning-rate 100000"
    ):
        finish(checkpoint)
    assert [record.epoch for record in checkpoint.history.epochs] == [0]


def test_running_figures_weigh_every_image_the_same() -> None:
    tally = Tally()
    tally.add(1.0, torch.eye(10)[:3], torch.tensor([0, 1, 9]))  # 2 of 3 right
    tally.add(4.0, torch.eye(10)[:1], torch.tensor([0]))  # 1 of 1 right
    record = tally.record(1, 2, 4, 0.1, seconds=2.0)
    assert record.running_loss == pytest.approx((3 * 1.0 + 1 * 4.0) / 4)  # not (1 + 4) / 2, not the last batch
    assert record.running_accuracy == 0.75
    assert record.images_per_second == 2


def test_epoch_figures_are_those_of_the_network_at_that_moment() -> None:
    checkpoint = trained(CONFIG.replace({"epochs": 1}))
    record = checkpoint.history.epochs[-1]
    valid_set = small_sets()[1]
    assert record.valid_accuracy == accuracy(checkpoint.classifier.logits(valid_set.images), valid_set.labels)


def test_step_records_come_when_asked() -> None:
    records = list(train(create_checkpoint(CONFIG), *small_sets(), steps_per_record=5))
    steps = [record for record in records if isinstance(record, StepRecord)]
    assert [record.step for record in steps] == [5, 10, 15, 20, 25, 30, 35, 40]
    assert [record.images for record in steps[:4]] == [250, 500, 750, 1000]
    assert all(record.images_per_second > 0 for record in steps)


def test_a_short_last_batch_is_trained_on_too() -> None:
    config = CONFIG.replace({"batch_size": 150, "epochs": 1})
    checkpoint = trained(config)
    assert checkpoint.step == 7  # 6 x 150 + 1 x 100


def test_a_finished_run_does_nothing_more() -> None:
    checkpoint = trained()
    assert finish(checkpoint) == []


def test_the_best_epoch_is_by_accuracy_then_by_loss() -> None:
    checkpoint = trained(CONFIG.replace({"epochs": 3}))
    best = checkpoint.history.best
    assert best is not None
    assert best.best
    assert best.valid_accuracy == max(record.valid_accuracy for record in checkpoint.history.epochs)


def test_augmented_runs_train_too() -> None:
    checkpoint = trained(CONFIG.replace({"augment": AugmentConfig(stroke=0.5), "epochs": 3}))
    assert checkpoint.history.epochs[-1].valid_accuracy > 0.8


def test_records_can_be_asked_one_at_a_time() -> None:
    records = train(create_checkpoint(CONFIG), *small_sets(), steps_per_record=1)
    assert isinstance(next(records), EpochRecord)
    assert isinstance(next(records), StepRecord)


def test_the_average_follows_the_weights_and_is_what_is_kept() -> None:
    config = CONFIG.replace({"model": "quicknet", "average": 0.5, "epochs": 1, "batch_size": 250})  # 4 steps
    checkpoint = create_checkpoint(config)
    assert checkpoint.average is not None
    records, weights_then = list[EpochRecord](), list[dict[str, torch.Tensor]]()
    for record in train(checkpoint, *small_sets(), steps_per_record=1):
        weights_then.append(copy.deepcopy(checkpoint.model.state_dict()))
        records += [record] if isinstance(record, EpochRecord) else []
    third, fourth = weights_then[3], weights_then[4]  # after the untrained network
    for name, slow in checkpoint.average.state_dict().items():
        if slow.is_floating_point():
            torch.testing.assert_close(slow, third[name].lerp(fourth[name], 10 / 11))  # the first of 11
        else:
            assert slow == fourth[name] == 4
    record = records[-1]
    assert checkpoint.network is checkpoint.average
    logits = checkpoint.classifier.logits(small_sets()[1].images)
    assert record.valid_accuracy == accuracy(logits, small_sets()[1].labels)


def test_smoothed_labels_are_made_up_for_by_a_temperature() -> None:
    plain, smoothed = trained(), trained(CONFIG.replace({"label_smoothing": 0.2}))
    assert plain.temperature == 1
    assert smoothed.temperature < 0.9
    _, valid_set = small_sets()
    raw = TorchClassifier(smoothed.network).logits(valid_set.images)
    calibrated = smoothed.classifier.logits(valid_set.images)
    np.testing.assert_allclose(calibrated, raw / smoothed.temperature, rtol=1e-5)
    assert cross_entropy(calibrated, valid_set.labels) < cross_entropy(raw, valid_set.labels) - 0.01
    # The curves show what the network says, not what a temperature makes of it.
    assert smoothed.history.epochs[-1].valid_loss == pytest.approx(cross_entropy(raw, valid_set.labels), rel=1e-5)


def test_the_next_epoch_takes_up_what_was_hardest_in_the_last_one() -> None:
    checkpoint = create_checkpoint(CONFIG.replace({"images_per_epoch": 500, "hard_share": 0.6, "epochs": 4}))
    finish(checkpoint, stop_after=3)
    before = checkpoint.losses
    assert before is not None
    assert before.isfinite().all()  # 500 in the first epoch, then at least 300 of those that nobody has seen
    finish(checkpoint)
    assert checkpoint.losses is not None
    changed = (checkpoint.losses != before).nonzero().flatten().tolist()
    assert set(before.topk(300).indices.tolist()) <= set(changed)
    assert len(changed) == 500
    assert checkpoint.losses.mean() < before.mean()
    assert trained().losses is None


def test_an_epoch_may_be_a_part_of_the_set_and_another_part_each_time() -> None:
    checkpoint = create_checkpoint(CONFIG.replace({"images_per_epoch": 125, "model": "softmax"}))
    records = list(train(checkpoint, *small_sets(), steps_per_record=3))
    assert checkpoint.step == 2 * 3
    steps = [record for record in records if isinstance(record, StepRecord)]
    assert [(record.images, record.images_per_epoch) for record in steps] == [(125, 125)] * 2


def test_sets_of_other_classes_and_empty_ones_are_refused() -> None:
    train_set, valid_set = small_sets()
    letters = tuple("abcdefghijklmnopqrstuvwxyz")
    with pytest.raises(ConfigError, match=r"cnn-dropout answers for 10 classes, and .* to train on has 26"):
        next(train(create_checkpoint(CONFIG), replace(train_set, class_names=letters), valid_set))
    with pytest.raises(ConfigError, match=r"to validate on has 26"):
        next(train(create_checkpoint(CONFIG), train_set, replace(valid_set, class_names=letters)))
    for sets in ((train_set.subset(slice(0)), valid_set), (train_set, valid_set.subset(slice(0)))):
        with pytest.raises(ConfigError, match=r"there are no images to (train|validate) on"):
            next(train(create_checkpoint(CONFIG), *sets))


def test_a_run_left_within_an_epoch_does_not_go_on_from_there() -> None:
    checkpoint = create_checkpoint(CONFIG)
    next(record for record in train(checkpoint, *small_sets(), steps_per_record=3) if isinstance(record, StepRecord))
    with pytest.raises(ConfigError, match=r"3 steps in 0 finished epochs, but an epoch of these images has 20"):
        finish(checkpoint)


def test_a_run_does_not_go_on_with_other_images() -> None:
    checkpoint, (train_set, valid_set) = trained().copy(), small_sets()
    checkpoint.config = CONFIG.replace({"epochs": 3})
    with pytest.raises(ConfigError, match="or began with other images"):
        list(train(checkpoint, train_set.subset(slice(500)), valid_set))


def test_a_batch_too_small_to_be_normalised_is_told() -> None:
    config = CONFIG.replace({"model": "carefulnet", "batch_size": 333})  # 3 x 333 + 1
    with pytest.raises(ConfigError, match=r"carefulnet cannot learn from a batch of one image.*--batch-size"):
        finish(create_checkpoint(config))


def test_threads_are_as_many_as_before_when_a_run_ends() -> None:
    before = torch.get_num_threads()
    records = train(create_checkpoint(CONFIG.replace({"threads": before + 1})), *small_sets())
    next(records)
    assert torch.get_num_threads() == before + 1
    del records  # as a program does that has seen enough
    assert torch.get_num_threads() == before


def test_what_the_caller_does_between_two_records_is_no_time_of_the_loop() -> None:
    checkpoint, waited = create_checkpoint(CONFIG.replace({"model": "softmax", "epochs": 1})), 0.0
    for record in train(checkpoint, *small_sets(), steps_per_record=1):
        if isinstance(record, StepRecord):
            time.sleep(0.05)
            waited += 0.05
    assert waited == pytest.approx(1)
    assert checkpoint.seconds < waited


def test_a_network_learns_within_an_epoch_alone() -> None:
    checkpoint = create_checkpoint(CONFIG)
    modes = [checkpoint.model.training]
    for record in train(checkpoint, *small_sets(), steps_per_record=20):
        modes += [checkpoint.model.training] if isinstance(record, EpochRecord) else []
    assert modes == [False] * 4


def test_a_diverged_run_is_told_a_rate_below_the_one_that_was_set() -> None:
    config = CONFIG.replace({"optimizer": "sgd", "learning_rate": 1e6, "model": "lenet5", "schedule": "one_cycle"})
    with pytest.raises(TrainingError, match=r"Try --learning-rate 100000;"):
        finish(create_checkpoint(config))
