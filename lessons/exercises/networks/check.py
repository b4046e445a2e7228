"""What an answer to the exercise must do, and what the common wrong answers are told."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.course.exercise import close, expect

PIXELS = 4  # an image here: so many numbers, and its own number as the last
RATE = 0.5

LAST = "it is the loss of the last batch alone: add up loss * images of every batch, and divide by all images"
EQUAL = (
    "it is the mean of the batches' means, so the 3 images of the short last batch count more than the others: "
    "add up loss * images, and divide by all images"
)
SUM = "it is the sum over the images: divide by their number"
AFTERWARDS = "it is measured after the epoch: return the mean of the losses that the steps saw"
MOVING = "it is what train_epoch returned, of a model that changed on the way: measure it with mean_loss"


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    yield from _check_mean_loss(answer)
    yield from _check_train_epoch(answer)
    yield from _check_train(answer)


def _check_mean_loss(answer):
    model, (images, labels) = Witness(), _data(23, seed=1)
    model.train()
    found = _number(answer.mean_loss(model, images, labels, 10), "mean_loss")
    expect(bool(model.calls), "mean_loss never asks the model: give it the images, batch by batch")
    expect(
        not any(call.training for call in model.calls),
        "mean_loss measures in training mode: dropout and batch norm would falsify it. Call model.eval() first",
    )
    expect(
        not any(call.gradients for call in model.calls),
        "mean_loss keeps gradients while it measures: put it under `with torch.no_grad():`",
    )
    largest = max(len(call.numbers) for call in model.calls)
    expect(largest <= 10, f"with batch_size 10 mean_loss gives the model {largest} images at once")
    seen = sorted(torch.cat([call.numbers for call in model.calls]).tolist())
    expect(
        seen != list(range(20)),
        "mean_loss leaves out the last batch, which is short: with 23 images and batches of 10 it has 3",
    )
    expect(seen == list(range(23)), f"mean_loss must ask for each of the 23 images once, it asks for {len(seen)}")
    losses = _losses(model, images, labels)
    means = torch.stack([part.mean() for part in losses.split(10)])
    mistakes = {LAST: means[-1], EQUAL: means.mean(), SUM: losses.sum()} | _half_weighted(means, 23)
    _compare(found, losses.mean(), mistakes, "mean_loss")
    yield "mean_loss is the mean over all images, in eval mode and without gradients"

    expect(
        model.training, "mean_loss leaves a model in eval mode that was in training mode: note model.training before"
    )
    model.eval()
    answer.mean_loss(model, images, labels, 10)
    expect(
        not model.training,
        "mean_loss leaves a model in training mode that was in eval mode: put back what was, model.train(was_training)",
    )
    for count, batch_size in ((1, 10), (7, 7), (8, 3), (5, 1)):
        images, labels = _data(count, seed=count)
        found = _number(answer.mean_loss(model, images, labels, batch_size), "mean_loss")
        _compare(found, _losses(model, images, labels).mean(), {}, f"mean_loss, {count} images by {batch_size},")
    yield "mean_loss leaves the model in the mode in which it found it"


def _check_train_epoch(answer):
    (images, labels), start = _data(23, seed=2), Witness()
    model, optimizer = _copy(start)
    model.eval()
    found = _number(answer.train_epoch(model, optimizer, images, labels, 10, _generator(0)), "train_epoch")
    expect(bool(model.calls), "train_epoch never asks the model")
    expect(
        all(call.training for call in model.calls),
        "train_epoch trains in eval mode when it gets a model in eval mode: begin with model.train()",
    )
    numbers = torch.cat([call.numbers for call in model.calls])
    sizes = [len(call.numbers) for call in model.calls]
    expect(
        sizes != [10, 10],
        "train_epoch leaves out the last batch, which is short: with 23 images and batches of 10 it has 3",
    )
    expect(sizes == [10, 10, 3], f"23 images in batches of 10 make batches of 10, 10 and 3, yours are {sizes}")
    expect(
        sorted(numbers.tolist()) == list(range(23)),
        f"an epoch has each of the 23 images once, yours has {len(set(numbers.tolist()))} different ones: "
        "draw an order with torch.randperm, not single images",
    )
    expect(
        numbers.tolist() != list(range(23)),
        "train_epoch does not shuffle: take the images in the order torch.randperm(len(images), generator=generator)",
    )
    again, _ = _orders(answer, start, images, labels, _generator(0))
    other, next_epoch = _orders(answer, start, images, labels, _generator(1))
    expect(again == numbers.tolist(), "the same generator gives another order: draw with generator=generator")
    expect(
        other not in (again, next_epoch),
        "every epoch has the same order: draw it anew from the generator that you are given, without seeding it",
    )
    yield "train_epoch gives every image to the model once, in training mode, in an order of the generator's"

    right = _replay(start, model.calls, images, labels)
    expect(
        not close(model.linear.weight, start.linear.weight),
        "train_epoch changes no weights: loss.backward() finds the gradients, optimizer.step() takes the step",
    )
    expect(
        not close(model.linear.weight, _replay(start, model.calls, images, labels, forget=True).weights),
        "the gradients of all steps add up: call optimizer.zero_grad() before each loss.backward()",
    )
    expect(
        close(model.linear.weight, right.weights),
        "the weights after the epoch are not those of one step a batch: zero_grad, backward, step, once for each batch",
    )
    yield "train_epoch takes one step a batch"

    means = torch.stack([part.mean() for part in right.losses])
    mistakes = {LAST: means[-1], EQUAL: means.mean(), AFTERWARDS: right.measure(images, labels)}
    _compare(found, torch.cat(right.losses).mean(), mistakes | _half_weighted(means, 23), "train_epoch")
    yield "train_epoch returns the mean loss over its images"


def _check_train(answer):
    for seed, hostile in ((3, False), (8, False), (11, True)):  # the best epoch is the last, one before, the first
        train_data, valid_data, start = _data(24, seed=seed), _data(17, seed=seed + 10), Witness()
        if hostile:  # what the training images teach is wrong for these: the untrained network is the best
            valid_data = (valid_data[0], (valid_data[1] + 1) % 3)
        model, optimizer = _copy(start)
        history = answer.train(model, optimizer, train_data, valid_data, 5, 4, _generator(seed))
        steps = [call for call in model.calls if call.training and call.gradients]
        epochs = [_replay(start, steps[: 5 * epoch], *train_data) for epoch in range(5)]
        valid_losses = [epoch.measure(*valid_data) for epoch in epochs]
        if seed == 3:
            _check_history(history, [epoch.measure(*train_data) for epoch in epochs], valid_losses, epochs, steps)
            yield "train returns a history with the untrained network first"

        best, kept = min(valid_losses), _losses(model, *valid_data).mean().item()
        expect(
            close(kept, best) or best == valid_losses[-1] or not close(kept, valid_losses[-1]),
            "the model ends with the weights of the last epoch, not of the best one: put the best back with "
            "load_state_dict. And keep a copy, copy.deepcopy(model.state_dict()): without it what you keep moves along",
        )
        expect(
            close(kept, best) or best != valid_losses[0],
            "the untrained network, epoch 0, had the lowest validation loss here, and the model ends with others: "
            "epoch 0 counts too when you choose the best",
        )
        expect(close(kept, best), "the model must end with the weights of the epoch with the lowest validation loss")
    yield "the model ends with the weights of its best epoch, even if that is epoch 0"


def _check_history(history, train_losses, valid_losses, epochs, steps):
    expect(
        isinstance(history, list | tuple) and all(isinstance(record, dict) for record in history),
        f"train must return a list of dicts, got {type(history).__name__}",
    )
    expect(
        len(history) != 4,
        "train(epochs=4) returns 4 records where it should be 5: measure the untrained network first, as epoch 0",
    )
    expect(
        len(history) == 5, f"train(epochs=4) returns {len(history)} records where it should be 5, epoch 0 to epoch 4"
    )
    for key in ("epoch", "train_loss", "valid_loss"):
        expect(
            all(key in record for record in history), f'each record needs the key "{key}", yours: {list(history[0])}'
        )
    numbers = [int(record["epoch"]) for record in history]
    expect(numbers == [0, 1, 2, 3, 4], f"the records must be of epoch 0, 1, 2, 3 and 4, yours are of {numbers}")
    expect(
        len(steps) == 20,
        f"24 images in batches of 5, for 4 epochs, make 20 steps, yours makes {len(steps)}: train_epoch once an epoch",
    )
    for number, record in enumerate(history):
        mistakes = {MOVING: torch.cat(epochs[number].losses[-5:]).mean()} if number > 0 else {}
        for key, right in (("train_loss", train_losses[number]), ("valid_loss", valid_losses[number])):
            case = f'"{key}" of epoch {number}'
            _compare(_number(record[key], case), right, mistakes if key == "train_loss" else {}, case)


@dataclass(frozen=True)
class Call:
    """How a model was asked: its mode, whether gradients were kept, and which images it was given."""

    training: bool
    gradients: bool
    numbers: Tensor


class Witness(nn.Module):
    """A model that notes how it is asked; in training mode it answers otherwise, as dropout would make it."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(PIXELS, 10)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.linear.reset_parameters()
        self.calls = []

    def forward(self, images):
        """Map images (N, 5) to logits (N, 10)."""
        self.calls.append(Call(self.training, torch.is_grad_enabled(), images[:, PIXELS].long()))
        logits = self.linear(images[:, :PIXELS])
        return logits / 2 if self.training else logits


@dataclass(frozen=True)
class Replay:
    """What the same batches do to a model when all is done right: the losses of each step, and the weights then."""

    losses: list[Tensor]
    model: nn.Module

    @property
    def weights(self):
        """The weights of the linear layer."""
        return self.model.linear.weight

    def measure(self, images, labels):
        """Return the mean loss in eval mode."""
        return _losses(self.model, images, labels).mean().item()


def _replay(start, calls, images, labels, *, forget=False):
    model, optimizer = _copy(start)
    model.train()
    losses = []
    for call in calls:
        each = F.cross_entropy(model(images[call.numbers]), labels[call.numbers], reduction="none")
        if not forget:
            optimizer.zero_grad()
        each.mean().backward()
        optimizer.step()
        losses.append(each.detach())
    return Replay(losses, model)


def _copy(start):
    model = copy.deepcopy(start)
    model.calls = []
    return model, torch.optim.SGD(model.parameters(), lr=RATE)


def _orders(answer, start, images, labels, generator):
    """Return the orders of two epochs after each other."""
    torch.manual_seed(len(images))
    orders = []
    for _ in range(2):
        model, optimizer = _copy(start)
        answer.train_epoch(model, optimizer, images, labels, 10, generator)
        orders.append(torch.cat([call.numbers for call in model.calls]).tolist())
    return orders


def _losses(model, images, labels):
    """Return the loss of each image in eval mode; nothing about the model changes."""
    model = copy.deepcopy(model).eval()
    with torch.no_grad():
        return F.cross_entropy(model(images), labels, reduction="none")


def _half_weighted(means, count):
    """Return what comes of adding up the means of batches and dividing by something else than their number."""
    hint = "it adds up the batches' means without their images: multiply each by its images, and divide by all images"
    return {hint: means.sum() / count, hint + ". The sum of means is no mean": means.sum()}


def _data(count, *, seed):
    """Return images float32 (count, 5) of three kinds, the last number of each its own, and labels int64 (count,)."""
    chance = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (count,), generator=chance)
    pixels = torch.randn(count, PIXELS, generator=chance) + 2 * F.one_hot(labels, PIXELS)
    return torch.cat([pixels, torch.arange(float(count))[:, None]], dim=1), labels


def _generator(seed):
    return torch.Generator().manual_seed(seed)


def _number(value, name):
    expect(value is not None, f"{name} returns nothing: is there a `return`?")
    expect(
        not (isinstance(value, Tensor) and value.requires_grad),
        f"{name} gives a tensor that holds on to its whole graph: take the number out with .item()",
    )
    return float(value)


def _compare(found, right, mistakes, case):
    right = float(right)
    for hint, wrong in mistakes.items():
        expect(close(found, right) or not close(found, float(wrong)), f"{case} is {found:.4f}, not {right:.4f}: {hint}")
    expect(close(found, right), f"{case} is {found:.4f} where it should be {right:.4f}")
