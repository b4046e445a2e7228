# expects: divide them by 255 first
import torch


def matmul(a, b):
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"{a.shape} does not fit {b.shape}")
    return (a[:, :, None] * b[None]).sum(dim=1)


def layer(images, weights, bias):
    return matmul(images.flatten(1).float(), weights) + bias
