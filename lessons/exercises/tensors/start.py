"""Exercise: the matrix product from sums and products, and one layer made of it.

Write the two functions with element-wise arithmetic and sums, in loops or by broadcasting. Not allowed are the matrix
products of torch and numpy: `@`, matmul, mm, dot, einsum, linear and their like.

- `matmul(a, b)`: a (N, K) and b (K, M), two tensors of the same dtype, to a tensor (N, M) of that dtype. The number in
  row i and column j is the sum over k of a[i, k] * b[k, j]. If the inner lengths differ, raise ValueError, and say both
  shapes in its text. Leave a and b as they are.
- `layer(images, weights, bias)`: images uint8 (N, H, W), 0 = paper, 255 = ink; weights float32 (H * W, M); bias
  float32 (M,). Make the pixels 0 to 1, lay each image out in one row, multiply with your `matmul`, add the bias to
  every row. The answer is float32 (N, M).

Check it with: inkdigits learn check tensors tensors_exercise.py
"""

import torch


def matmul(a, b):
    """Return the matrix product (N, M) of a (N, K) and b (K, M)."""
    return torch.zeros(len(a), b.shape[1])


def layer(images, weights, bias):
    """Turn uint8 images (N, H, W) into M numbers each, float32 (N, M)."""
    return torch.zeros(len(images), len(bias))
