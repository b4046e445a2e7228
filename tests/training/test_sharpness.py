"""Sharpness-aware minimisation: gradients from up the hill, and nothing else of it stays."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from inkdigits.models.registry import create_model
from inkdigits.training.sharpness import moved_uphill
from tests.small import CONFIG, small_sets, trained

RADIUS = 0.5


def test_the_gradient_is_that_of_the_point_up_the_hill() -> None:
    network = nn.Linear(3, 1)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[1.0, -2.0, 0.0]]))
        network.bias.fill_(4.0)

    def loss() -> torch.Tensor:
        return network.weight.square().sum() + network.bias.square().sum()  # of gradients twice the weights

    loss().backward()
    # Each weight times its gradient, 1 * 2, 2 * -4, 0 * 0, and the bias's gradient as it is, 8: of length sqrt(132).
    steps = torch.tensor([[1.0 * 2, 2.0 * -8, 0.0]]) * RADIUS / 132**0.5
    with moved_uphill(network, RADIUS):
        torch.testing.assert_close(network.weight.data, torch.tensor([[1.0, -2.0, 0.0]]) + steps)
        torch.testing.assert_close(network.bias.data, torch.tensor([4.0 + 8 * RADIUS / 132**0.5]))
        assert network.weight.grad is None
        loss().backward()
    assert network.weight.tolist() == [[1.0, -2.0, 0.0]]
    torch.testing.assert_close(network.weight.grad, 2 * (torch.tensor([[1.0, -2.0, 0.0]]) + steps))


def test_nothing_but_the_gradients_is_changed() -> None:
    network, twin = create_model("quicknet").train(), create_model("quicknet").train()
    images, labels = (torch.tensor(part[:100]) for part in (small_sets()[0].images, small_sets()[0].labels))
    for each in (network, twin):
        F.cross_entropy(each(images), labels).backward()
    before = copy.deepcopy(network.state_dict())
    with moved_uphill(network, RADIUS):
        uphill = F.cross_entropy(network(images), labels)
        uphill.backward()
    assert uphill > F.cross_entropy(twin(images), labels)
    for name, tensor in network.state_dict().items():  # batch norm's statistics and count among them
        assert torch.equal(tensor, before[name]), name
    assert all(layer.track_running_stats for layer in network.modules() if isinstance(layer, nn.BatchNorm2d))
    for ours, theirs in zip(network.parameters(), twin.parameters(), strict=True):
        assert ours.grad is not None
        assert theirs.grad is not None
        assert not torch.equal(ours.grad, theirs.grad)


def test_the_weights_come_back_when_something_fails_there() -> None:
    network = create_model("cnn")
    F.cross_entropy(network(torch.tensor(small_sets()[0].images[:20])), torch.zeros(20, dtype=torch.int64)).backward()
    before = copy.deepcopy(network.state_dict())
    with pytest.raises(KeyboardInterrupt), moved_uphill(network, RADIUS):
        raise KeyboardInterrupt
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_without_a_gradient_nothing_moves() -> None:
    network = nn.Linear(3, 1)
    network(torch.zeros(1, 3)).mul(0).sum().backward()
    before = network.weight.clone()
    with moved_uphill(network, RADIUS):
        assert torch.equal(network.weight, before)


def test_a_run_learns_so_too() -> None:
    sharp, plain = trained(CONFIG.replace({"sam_radius": RADIUS})), trained()
    assert sharp.history.epochs[-1].valid_accuracy > 0.7
    assert not torch.equal(sharp.model.state_dict()["linear1.weight"], plain.model.state_dict()["linear1.weight"])
