"""A convolution by hand."""

import torch


def output_size(size, kernel, stride=1, padding=0):
    """Return at how many places the kernel stops along one side."""
    return (size + 2 * padding - kernel) // stride + 1


def count_parameters(in_channels, out_channels, kernel):
    """Return how many weights and biases the layer has."""
    return kernel * kernel * in_channels * out_channels + out_channels


def convolve(images, weight, bias, stride=1, padding=0):
    """Slide every kernel over every image: (N, C_in, H, W) to (N, C_out, rows, columns)."""
    count, channels, height, width = images.shape
    kernel = weight.shape[-1]
    rows, columns = (output_size(side, kernel, stride, padding) for side in (height, width))
    padded = torch.zeros(count, channels, height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : padding + height, padding : padding + width] = images
    maps = torch.empty(count, len(weight), rows, columns)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            window = padded[:, None, :, top : top + kernel, left : left + kernel]  # (N, 1, C_in, k, k)
            maps[:, :, row, column] = (window * weight).sum(dim=(2, 3, 4)) + bias  # (N, C_out)
    return maps
