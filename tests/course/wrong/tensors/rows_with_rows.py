# expects: rows of a with the rows of b
import torch


def matmul(a, b):
    return torch.stack([torch.stack([(row * other).sum() for other in b]) for row in a])


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
