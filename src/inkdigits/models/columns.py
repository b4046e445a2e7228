"""Networks side by side that answer as one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Columns(nn.Module):
    """Networks that each learn from images of their own, and answer together, with the mean of their logits.

    In training every batch is parted among the columns: they see other images, in another order, and come to other
    mistakes. Columns that learn from the same batches come to the same ones (`docs/log.md`).

    Source: D. Ciresan, U. Meier and J. Schmidhuber, "Multi-column deep neural networks for image classification", 2012.

    Args:
        columns: each maps images (N, 28, 28), 0 to 255, to logits (N, K).
    """

    def __init__(self, columns: Sequence[nn.Module]) -> None:
        super().__init__()
        self.columns = nn.ModuleList(columns)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, K): in training, of one column each."""
        if self.training and len(images) >= len(self.columns):  # fewer cannot be parted: all learn from them together
            parts = images.tensor_split(len(self.columns))  # (N / columns, 28, 28) each, rounded up or down
            return torch.cat([column(part) for column, part in zip(self.columns, parts, strict=True)])  # (N, K)
        return torch.stack([column(images) for column in self.columns]).mean(dim=0)  # (N, K)
