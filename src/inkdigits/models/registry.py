"""Every network by name."""

from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from typing import Final

import torch
from torch import nn

from inkdigits.errors import ConfigError, unknown_name
from inkdigits.models.accuratenet import accurate_net, thorough_net
from inkdigits.models.carefulnet import CarefulNet
from inkdigits.models.cnn import CNN
from inkdigits.models.cnn_dropout import CNNDropout
from inkdigits.models.compactnet import CompactNet
from inkdigits.models.inknet import InkNet
from inkdigits.models.lenet5 import LeNet5
from inkdigits.models.linear_stack import LinearStack
from inkdigits.models.mlp import MLP
from inkdigits.models.moments import upright
from inkdigits.models.pairnet import PairNet
from inkdigits.models.quicknet import QuickNet
from inkdigits.models.separable import SeparableNet
from inkdigits.models.softmax import SoftmaxRegression
from inkdigits.models.turnednet import TurnedNet

MODELS: Final[dict[str, Callable[..., nn.Module]]] = {
    "accuratenet": accurate_net,
    "carefulnet": CarefulNet,
    "cnn": CNN,
    "cnn-dropout": CNNDropout,
    "compactnet": partial(CompactNet, (16, 32, 32, 48, 60)),  # at most 60,000 parameters
    "inknet": InkNet,
    "lenet5": LeNet5,
    "linear-stack": LinearStack,
    "mlp": MLP,
    "pairnet": PairNet,
    "quicknet": partial(upright, QuickNet),
    "separable-10000": partial(SeparableNet, (16, 32, 48, 48, 52), 5),  # at most so many parameters
    "separable-3000": partial(SeparableNet, (10, 16, 20, 24, 24), 3),
    "softmax": SoftmaxRegression,
    "thoroughnet": thorough_net,
    "turnednet": partial(upright, TurnedNet),  # at most 700 parameters
}


def list_models(pattern: str = "*") -> list[str]:
    """Return the names of the networks that match a shell pattern.

    Example:
        >>> list_models("cnn*")
        ['cnn', 'cnn-dropout']
    """
    return [name for name in MODELS if fnmatch(name, pattern)]


def create_model(name: str, *, num_classes: int | None = None, seed: int = 0) -> nn.Module:
    """Build a network with fresh weights.

    Args:
        name: a name of `list_models()`.
        num_classes: how many logits it gives; None = 10, and 100 for pairnet.
        seed: of the initial weights; torch's global random state is left as it was.

    Returns:
        A module that maps images uint8 (N, 28, 28), 0 = paper, 255 = ink, to logits float32 (N, num_classes).

    Raises:
        ConfigError: the name is unknown; the text has the nearest names. Or it cannot have so many classes.
    """
    if name not in MODELS:
        raise unknown_name("model", name, MODELS)
    if num_classes is not None and num_classes < 1:
        raise ConfigError(f"num_classes must be 1 or more, got {num_classes}")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # `torch.manual_seed` would set those of all GPUs too
        return MODELS[name]() if num_classes is None else MODELS[name](num_classes)
