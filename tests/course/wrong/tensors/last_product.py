# expects: only the last of its products
import torch


def matmul(a, b):
    result = torch.zeros(a.shape[0], b.shape[1], dtype=a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                result[i, j] = a[i, k] * b[k, j]
    return result


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
