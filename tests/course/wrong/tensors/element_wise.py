# expects: you multiply element-wise
import torch


def matmul(a, b):
    return a * b


def layer(images, weights, bias):
    rows = images.view(len(images), -1) / 255
    return matmul(rows, weights) + bias
