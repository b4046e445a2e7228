# expects: ready-made matrix product
import numpy as np
import torch


def matmul(a, b):
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"{a.shape} {b.shape}")
    return torch.from_numpy(np.dot(a.numpy(), b.numpy()))


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
