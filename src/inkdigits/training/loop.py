"""The training loop, whole and in plain sight: `train()` moves a checkpoint forward and tells what happens."""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.config import TrainConfig
from inkdigits.data.dataset import Dataset
from inkdigits.data.synthesis import NONE
from inkdigits.errors import ConfigError, TrainingError
from inkdigits.evaluation.calibration import best_temperature
from inkdigits.evaluation.metrics import accuracy, cross_entropy
from inkdigits.models.classifier import TorchClassifier
from inkdigits.models.layers import Dropout
from inkdigits.training.augmentation import augment
from inkdigits.training.batches import Batches, epoch_generator
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.device import keep_memory, multiplying, using_threads
from inkdigits.training.distributed import Team
from inkdigits.training.history import EpochRecord, StepRecord
from inkdigits.training.optim import create_optimizer, learning_rate, restore_state, state_tensors
from inkdigits.training.tally import Tally
from inkdigits.training.teacher import find_teacher

SHUFFLE, AUGMENT, DROPOUT = 0, 1, 2  # each purpose draws its own chance
AVERAGE_EVERY = 4  # steps between two updates of the moving average of the weights


def train(
    checkpoint: Checkpoint, train_set: Dataset, valid_set: Dataset, *, steps_per_record: int = 50
) -> Iterator[StepRecord | EpochRecord]:
    """Train from where the checkpoint is to the last epoch of its config.

    The checkpoint is the state: after every `EpochRecord` it holds that epoch and may be saved or copied; a loaded one
    goes on exactly as if it had never stopped. The untrained network is measured first, as epoch 0.

    Args:
        checkpoint: moved forward in place.
        train_set: shuffled anew in every epoch.
        valid_set: measured after every epoch, never trained on.
        steps_per_record: how often a `StepRecord` comes.

    Yields:
        `StepRecord` now and then, `EpochRecord` after each epoch.

    Raises:
        ConfigError: one of the sets is the test set, which only `evaluate` may see, is empty or has other classes than
            the network; the checkpoint was left within an epoch, or began with more or fewer images; a batch is too
            small for the network; or the teacher is another one than before or answers for other classes.
        ModelError: the teacher is missing, damaged or not finished.
        TrainingError: the loss is no longer a finite number.
    """
    _refuse_sets(checkpoint, train_set, valid_set)
    with using_threads(checkpoint.config.threads or Team().threads):
        yield from _epochs(checkpoint, train_set, valid_set, steps_per_record)


def _epochs(
    checkpoint: Checkpoint, train_set: Dataset, valid_set: Dataset, steps_per_record: int
) -> Iterator[StepRecord | EpochRecord]:
    """Train, all that `train` has to check being as it should be."""
    config, model, team = checkpoint.config, checkpoint.model, Team()
    keep_memory()
    device = next(model.parameters()).device
    teacher = find_teacher(checkpoint, device)  # all processes are refused, or none: wrapping waits for all
    network, checkpoint.processes = team.wrap(model), team.size
    batches = Batches(train_set, config, device, checkpoint.losses)
    _refuse_other_epochs(checkpoint, len(batches))
    known = np.flatnonzero(train_set.labels < len(checkpoint.class_names))  # of no class, no accuracy
    train_sample = train_set.subset(known[: len(valid_set)])
    total_steps = config.epochs * len(batches)
    optimizer = create_optimizer(model, config)
    restore_state(optimizer, checkpoint.optimizer)
    if not checkpoint.history.epochs:
        yield _finish_epoch(checkpoint, team, train_sample, valid_set, images_per_second=0.0)

    for epoch in range(checkpoint.epoch + 1, config.epochs + 1):
        model.train()
        order = epoch_generator(config.seed, epoch, SHUFFLE)  # one for all processes: they share each batch
        moves = epoch_generator(config.seed, epoch, AUGMENT, team.rank)
        # Dropout draws a number for every value: where they are.
        _use_generator(model, epoch_generator(config.seed, epoch, DROPOUT, team.rank, device=device))
        tally, began = Tally(), time.perf_counter()
        for batch in batches.shuffled(order):
            checkpoint.step += 1
            rate = learning_rate(config, checkpoint.step, total_steps)
            optimizer.param_groups[0]["lr"] = rate
            images, labels, which = (team.share(part) for part in batch)
            images = augment(images, config.augment, moves) if config.augment else images
            logits = _answer(network, images, config)
            loss = teacher.loss(images, logits) if teacher else _loss(logits, labels, config)
            whole_loss = team.sum([loss.item()])[0]  # one process's is every process's: they stop together
            if not math.isfinite(whole_loss):
                raise _not_finite(whole_loss, checkpoint.step, rate, config.learning_rate)
            optimizer.zero_grad()
            (loss * team.weight(len(images), len(batch[0]))).backward()
            optimizer.step()
            if checkpoint.average is not None:
                _follow(checkpoint.average, model, config.average, step=checkpoint.step)
            tally.add(loss.item(), logits, labels)
            batches.note(which, logits, labels)
            if checkpoint.step % steps_per_record == 0:
                seconds = time.perf_counter() - began
                yield tally.summed(team).record(epoch, checkpoint.step, batches.images_per_epoch, rate, seconds)
                began = time.perf_counter() - seconds  # what the caller does meanwhile is no training

        seconds = time.perf_counter() - began
        model.eval()
        checkpoint.epoch = epoch
        checkpoint.seconds += seconds
        checkpoint.optimizer = state_tensors(optimizer)
        checkpoint.losses = team.greatest(batches.losses).to("cpu", copy=True) if config.hard_share else None
        team.agree(model, checkpoint.average)
        speed = batches.images_per_epoch / seconds
        yield _finish_epoch(checkpoint, team, train_sample, valid_set, images_per_second=speed, rate=rate)


def _answer(network: nn.Module, images: Tensor, config: TrainConfig) -> Tensor:
    """Return the logits of a batch, float32 (B, K), with gradients."""
    try:
        with multiplying(config.precision, images.device):
            logits: Tensor = network(images)
    except ValueError as error:
        if len(images) > 1:
            raise
        raise ConfigError(
            f"{config.model} cannot learn from a batch of one image, which has no variance to normalise by, and with "
            f"batch_size {config.batch_size} there is one: choose another, with --batch-size"
        ) from error
    # Of "none", where it is learnt, the logit is always 0: the digits are measured against it.
    return F.pad(logits.float(), (0, 1)) if config.synthetic else logits.float()


def _loss(logits: Tensor, labels: Tensor, config: TrainConfig) -> Tensor:
    return F.cross_entropy(logits, labels, label_smoothing=config.label_smoothing)


def _refuse_sets(checkpoint: Checkpoint, train_set: Dataset, valid_set: Dataset) -> None:
    known = checkpoint.class_names
    learnt = {known, (*known, NONE)} if checkpoint.config.synthetic else {known}
    for purpose, dataset, allowed in (("train", train_set, learnt), ("validate", valid_set, {known})):
        if dataset.split == "test":
            raise ConfigError("the test set is only for `evaluate`: train and choose on splits of the training set")
        if not len(dataset):
            raise ConfigError(f"there are no images to {purpose} on: {dataset!r} is empty")
        if tuple(dataset.class_names) not in allowed:
            raise ConfigError(
                f"{checkpoint.config.model} answers for {len(known)} classes, and {dataset!r} to "
                f"{purpose} on has {len(dataset.class_names)}: they must be the same"
            )


def _refuse_other_epochs(checkpoint: Checkpoint, steps_per_epoch: int) -> None:
    if checkpoint.step != checkpoint.epoch * steps_per_epoch:
        raise ConfigError(
            f"the run has taken {checkpoint.step} steps in {checkpoint.epoch} finished epochs, but an epoch of these "
            f"images has {steps_per_epoch}: it was left within an epoch, or began with other images. Go on from a copy "
            "of its last finished epoch, with the images that it began with"
        )


def _finish_epoch(
    checkpoint: Checkpoint,
    team: Team,
    train_sample: Dataset,
    valid_set: Dataset,
    *,
    images_per_second: float,
    rate: float = 0.0,
) -> EpochRecord:
    """Measure both sets the same way and add the epoch to the history."""
    classifier, history = TorchClassifier(checkpoint.network, checkpoint.class_names), checkpoint.history
    train_logits, valid_logits = (team.logits(classifier, each.images) for each in (train_sample, valid_set))
    valid_accuracy = accuracy(valid_logits, valid_set.labels)
    valid_loss = cross_entropy(valid_logits, valid_set.labels)
    if not np.isfinite(valid_loss):
        raise _not_finite(valid_loss, checkpoint.step, rate, checkpoint.config.learning_rate)
    if checkpoint.config.label_smoothing or checkpoint.taught_by:  # then probabilities do not mean what they say
        checkpoint.temperature = best_temperature(valid_logits, valid_set.labels)
    record = EpochRecord(
        epoch=checkpoint.epoch,
        step=checkpoint.step,
        train_loss=cross_entropy(train_logits, train_sample.labels),
        train_accuracy=accuracy(train_logits, train_sample.labels),
        valid_loss=valid_loss,
        valid_accuracy=valid_accuracy,
        learning_rate=rate,
        seconds=checkpoint.seconds,
        images_per_second=images_per_second,
        best=history.is_best(valid_accuracy, valid_loss),
    )
    history.epochs.append(record)
    return record


def _not_finite(loss: float, step: int, rate: float, peak: float) -> TrainingError:
    return TrainingError(
        f"the loss is {loss} at step {step} with learning rate {rate:g}: training has diverged. "
        f"Try --learning-rate {peak / 10:g}; the epochs kept so far are intact"
    )


def _use_generator(model: nn.Module, generator: torch.Generator) -> None:
    for layer in model.modules():
        if isinstance(layer, Dropout):
            layer.generator = generator


def _follow(average: nn.Module, model: nn.Module, decay: float, *, step: int) -> None:
    """Move the average towards the weights as they are now, batch norm's statistics among them."""
    updates = step // AVERAGE_EVERY
    if updates and step % AVERAGE_EVERY:
        return
    decay = min(decay, updates / (10 + updates))  # so that the first weights are soon forgotten
    with torch.no_grad():
        for slow, fast in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if slow.is_floating_point():
                slow.lerp_(fast, 1 - decay)
            else:  # the number of batches seen
                slow.copy_(fast)
