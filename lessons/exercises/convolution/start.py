"""Exercise: a convolution by hand.

Write the three functions in plain tensor arithmetic: slices, products, sums, loops. Not allowed are torch's own
convolutions (`F.conv2d`, `nn.Conv2d` and the like), `unfold`, and the other ready-made ways to slide a window.

- `output_size(size, kernel, stride=1, padding=0)`: at how many places a kernel of `kernel` pixels stops along a side
  of `size` pixels, with `padding` zeros added at both ends. A whole number.
- `count_parameters(in_channels, out_channels, kernel)`: how many numbers a layer learns whose kernels are `kernel` by
  `kernel`, with a bias for each output channel. A whole number.
- `convolve(images, weight, bias, stride=1, padding=0)`: what `F.conv2d` gives. All are float32 tensors:
  images (N, C_in, H, W), weight (C_out, C_in, k, k), bias (C_out,); the result is (N, C_out, rows, columns), with rows
  and columns as `output_size` says. H and W may differ. The kernel is not turned. The images are left as they are.

Check it with: inkdigits learn check convolution convolution_exercise.py
"""

import torch


def output_size(size, kernel, stride=1, padding=0):
    """Return at how many places the kernel stops along one side."""
    return size


def count_parameters(in_channels, out_channels, kernel):
    """Return how many weights and biases the layer has."""
    return 0


def convolve(images, weight, bias, stride=1, padding=0):
    """Slide every kernel over every image: (N, C_in, H, W) to (N, C_out, rows, columns)."""
    return torch.zeros_like(images)
