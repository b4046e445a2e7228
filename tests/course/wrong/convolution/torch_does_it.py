# expects: does the sliding for you
import torch
from torch.nn import functional as F


def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


def count_parameters(in_channels, out_channels, kernel):
    return in_channels * out_channels * kernel**2 + out_channels


def convolve(images, weight, bias, stride=1, padding=0):
    return F.conv2d(images, weight, bias, stride=stride, padding=padding)
