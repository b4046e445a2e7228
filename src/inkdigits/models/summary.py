"""A network layer by layer: what goes out, how many parameters, how much arithmetic."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from inkdigits.models.layers import CosineConv, TurnedConv


@dataclass(frozen=True)
class LayerSummary:
    """One layer: its name, its kind, the shape of its output without the batch, its parameters and MACs an image."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class TensorSummary:
    """One parameter tensor: its name, its shape and how many numbers it holds."""

    name: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """What `summarize` found; totals are sums of the rows."""

    layers: tuple[LayerSummary, ...]
    tensors: tuple[TensorSummary, ...]

    @property
    def parameters(self) -> int:
        """How many numbers training adjusts."""
        return sum(tensor.parameters for tensor in self.tensors)

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations for one image."""
        return sum(layer.macs for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON accepts it."""
        return asdict(self) | {"parameters": self.parameters, "macs": self.macs}


def summarize(model: nn.Module) -> ModelSummary:
    """Send one blank image through a network and note what every layer does.

    A layer that is used again is listed again; its parameters count where it is used first.
    Only layers are listed; what `forward` does between them (ReLU, pooling) shows in the next layer's shape
    and in the network's file.
    """
    layers: list[LayerSummary] = []

    def note(name: str, layer: nn.Module) -> Any:  # Any: torch does not export the type of a hook's handle
        def hook(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            used = any(each.name == name for each in layers)
            parameters = 0 if used else sum(tensor.numel() for tensor in layer.parameters())
            layers.append(
                LayerSummary(name, type(layer).__name__, tuple(output.shape[1:]), parameters, _macs(layer, output))
            )

        return layer.register_forward_hook(hook)

    handles = [note(name, layer) for name, layer in model.named_modules() if name and not list(layer.children())]
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            model(torch.zeros(1, 28, 28, dtype=torch.uint8, device=next(model.parameters()).device))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    tensors = [TensorSummary(name, tuple(t.shape), t.numel()) for name, t in model.named_parameters()]
    return ModelSummary(tuple(layers), tuple(tensors))


def _macs(layer: nn.Module, output: Tensor) -> int:
    """One MAC is one weight times one value: each output value of a layer takes as many as it has weights an output."""
    if isinstance(layer, nn.Conv2d | nn.Linear | CosineConv | TurnedConv):
        return output[0].numel() * layer.weight[0].numel()
    return 0
