"""Optimisers by name, what they keep between steps, and the learning rate of every step."""

import inspect
import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from inkdigits.config import TrainConfig

# torch wraps these so that its compiler keeps out, and loads the compiler to say so: 1.4 of the 5.4 s of a short run.
COMPILER_FREE = ("add_param_group", "zero_grad", "step", "state_dict", "load_state_dict")

# What each keeps of a parameter, of the same shape, but for the number of steps.
STATE = {
    "sgd": ("momentum_buffer",),
    "adam": ("step", "exp_avg", "exp_avg_sq"),
    "adamw": ("step", "exp_avg", "exp_avg_sq"),
    "adagrad": ("step", "sum"),
}


def create_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Build the optimiser that the config names, over all parameters of the network."""
    parameters, rate, decay = list(model.parameters()), config.learning_rate, config.weight_decay
    betas = (config.beta1, config.beta2)
    # `fused` updates all tensors in one call; on a CPU that halves the cost of a step of a small network.
    match config.optimizer:
        case "sgd":
            return _uncompiled(torch.optim.SGD)(
                parameters, rate, momentum=config.momentum, weight_decay=decay, fused=True
            )
        case "adam":
            return _uncompiled(torch.optim.Adam)(parameters, rate, betas, weight_decay=decay, fused=True)
        case "adamw":
            return _uncompiled(torch.optim.AdamW)(parameters, rate, betas, weight_decay=decay, fused=True)
        case _:
            return _uncompiled(torch.optim.Adagrad)(parameters, rate, weight_decay=decay)


def state_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return what an optimiser keeps, flat, so that it fits a file: "3.exp_avg" is of parameter 3."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": tensor.clone()
        for index, tensors in state.items()
        for name, tensor in tensors.items()
        if tensor is not None
    }


def restore_state(optimizer: torch.optim.Optimizer, flat: dict[str, Tensor]) -> None:
    """Give an optimiser what `state_tensors` returned; of no tensors, it begins anew."""
    parameters, state = optimizer.param_groups[0]["params"], dict[int, dict[str, Tensor]]()
    for key, tensor in flat.items():
        index, name = key.split(".")
        parameter = parameters[int(index)].detach()
        # A fused optimiser walks through memory: the state must lie there in the order of its parameter.
        same_order = torch.empty_like(parameter).copy_(tensor) if tensor.shape == parameter.shape else tensor
        state.setdefault(int(index), {})[name] = same_order
    if state:
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def fitting_state(model: nn.Module, optimizer: str, flat: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors of the names, shapes and types that a state of these parameters must have."""
    told = {key.partition(".")[0] for key in flat}
    return {
        f"{index}.{name}": torch.zeros(()) if name == "step" else parameter
        for index, parameter in enumerate(model.parameters())
        for name in STATE[optimizer]
        if str(index) in told
    }


@cache
def _uncompiled(kind: type[torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    """Return a kind of optimiser that does without torch's compiler: nothing here is compiled."""
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in COMPILER_FREE}
    return type(kind.__name__, (kind,), methods | {"step": torch.no_grad()(methods["step"])})


def learning_rate(config: TrainConfig, step: int, total_steps: int) -> float:
    """Return the learning rate of a step, counted from 1 to `total_steps`.

    `one_cycle` rises in a straight line to the config's rate and falls along a cosine to zero
    (L. N. Smith, "A disciplined approach to neural network hyper-parameters", 2018, with a cosine for the fall).
    """
    if config.schedule == "constant":
        return config.learning_rate
    done = step / total_steps
    if done < config.warm_up:
        return config.learning_rate * done / config.warm_up
    return config.learning_rate * (1 + math.cos(math.pi * (done - config.warm_up) / (1 - config.warm_up))) / 2
