# expects: digits are lost
import torch


def matmul(a, b):
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"{a.shape} {b.shape}")
    result = torch.zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[i, j] = (a[i] * b[:, j]).sum()
    return result


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
