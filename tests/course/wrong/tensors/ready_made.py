# expects: ready-made matrix product
import torch


def matmul(a, b):
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"{a.shape} {b.shape}")
    return a @ b


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
