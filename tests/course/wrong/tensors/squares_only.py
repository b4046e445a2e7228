# expects: i runs over a.shape[0], j over b.shape[1], k over a.shape[1]
import torch


def matmul(a, b):
    n = len(a)
    result = torch.zeros(n, n, dtype=a.dtype)
    for i in range(n):
        for j in range(n):
            for k in range(n):
                result[i, j] += a[i, k] * b[k, j]
    return result


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
