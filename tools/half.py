"""A network in half the bits: weights rounded to float16 after training, and stored so in an ONNX file.

The arithmetic stays that of float32. Batch norm is folded into the convolutions first, as an export would: what is
rounded is what is stored, so the file answers as the rounded network does, to the last bit.
"""

from dataclasses import replace

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inkdigits.errors import ModelError
from inkdigits.training.checkpoint import Checkpoint


def rounded(checkpoint: Checkpoint) -> Checkpoint:
    """Return a copy whose network has no batch norm left and weights that float16 can hold.

    Convolutions and the batch norms behind them are known by their names, `conv1` and `norm1`.

    Raises:
        ModelError: a batch norm goes by another name.
    """
    copy = checkpoint.copy()
    network = copy.network.eval()
    for module in [*network.modules()]:
        for name, layer in [*module.named_children()]:
            norm = getattr(module, name.replace("conv", "norm"), None)
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(layer, norm))
                setattr(module, name.replace("conv", "norm"), nn.Identity())
    if any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules()):
        raise ModelError(f"{checkpoint.config.model}: a batch norm is left, and its weights need more than 16 bits")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half())
    return replace(copy, model=network, average=None)


def stored_in_half(content: bytes) -> bytes:
    """Return an ONNX file with each tensor that float16 can hold stored as such, and cast when the file is loaded."""
    model = onnx.load_from_string(content)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16) if tensor.data_type == TensorProto.FLOAT else values
        if tensor.data_type == TensorProto.FLOAT and np.array_equal(half.astype(np.float32), values):
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    stored: bytes = model.SerializeToString()
    return stored
