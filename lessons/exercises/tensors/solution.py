"""The matrix product from sums and products, and one layer made of it."""


def matmul(a, b):
    """Return the matrix product (N, M) of a (N, K) and b (K, M)."""
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"the inner lengths of {tuple(a.shape)} and {tuple(b.shape)} differ")
    products = a[:, :, None] * b[None, :, :]  # (N, K, 1) * (1, K, M) -> (N, K, M)
    return products.sum(dim=1)  # (N, M)


def layer(images, weights, bias):
    """Turn uint8 images (N, H, W) into M numbers each, float32 (N, M)."""
    rows = images.flatten(start_dim=1).float() / 255  # (N, H * W), 0 = paper, 1 = ink
    return matmul(rows, weights) + bias
