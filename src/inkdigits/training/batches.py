"""The whole data set as one tensor on the device; a batch is a slice of it.

No worker process and no per-image Python: the idea is tuomaso/train_mnist_fast's and airbench's.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from inkdigits.data.dataset import Dataset


class Batches:
    """A data set on a device, cut into batches of a fixed size; the last one may be shorter.

    Args:
        dataset: images uint8 (N, 28, 28) and labels.
        batch_size: images a batch.
        device: where the tensors live.
        images_per_epoch: at most so many; None = all.
    """

    def __init__(
        self, dataset: Dataset, batch_size: int, device: torch.device, *, images_per_epoch: int | None = None
    ) -> None:
        self.images = torch.tensor(dataset.images, device=device)  # uint8 (N, 28, 28)
        self.labels = torch.tensor(dataset.labels, device=device)  # int64 (N,)
        self.batch_size = batch_size
        self.images_per_epoch = min(len(dataset), images_per_epoch or len(dataset))

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return math.ceil(self.images_per_epoch / self.batch_size)

    def shuffled(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield an epoch's images, none twice, in an order of the generator's: uint8 (B, 28, 28) and int64 (B,)."""
        order = torch.randperm(len(self.labels), generator=generator)[: self.images_per_epoch].to(self.labels.device)
        yield from zip(
            self.images[order].split(self.batch_size), self.labels[order].split(self.batch_size), strict=True
        )


def epoch_generator(
    seed: int, epoch: int, purpose: int, rank: int = 0, *, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the source of chance for one purpose in one epoch of one process.

    Each epoch starts from these numbers alone, so a resumed run needs no saved random state to draw the same.
    """
    entropy = [seed, epoch, purpose, rank] if rank else [seed, epoch, purpose]
    state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(state[0] >> np.uint64(1)))
