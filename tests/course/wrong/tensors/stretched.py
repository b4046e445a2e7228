# expects: broadcasting stretched a length of 1
import torch


def matmul(a, b):
    return (a[:, :, None] * b[None]).sum(dim=1)


def layer(images, weights, bias):
    return matmul(images.flatten(1) / 255, weights) + bias
