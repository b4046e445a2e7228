# expects: each output channel has a kernel for every input channel
import torch


def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


def count_parameters(in_channels, out_channels, kernel):
    return out_channels * kernel * kernel + out_channels


def convolve(images, weight, bias, stride=1, padding=0):
    n, c_in, h, w = images.shape
    c_out, _, k, _ = weight.shape
    padded = torch.zeros(n, c_in, h + 2 * padding, w + 2 * padding)
    padded[:, :, padding : padding + h, padding : padding + w] = images
    rows, columns = output_size(h, k, stride, padding), output_size(w, k, stride, padding)
    out = torch.zeros(n, c_out, rows, columns)
    for r in range(rows):
        for c in range(columns):
            y, x = r * stride, c * stride
            for o in range(c_out):
                out[:, o, r, c] = (padded[:, :, y : y + k, x : x + k] * weight[o]).sum(dim=(1, 2, 3)) + bias[o]
    return out
