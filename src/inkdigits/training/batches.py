"""The whole data set as one tensor on the device; a batch is a slice of it.

No worker process and no per-image Python: the idea is tuomaso/train_mnist_fast's and airbench's.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inkdigits.config import TrainConfig
from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError


class Batches:
    """A data set on a device, cut into batches of a fixed size; the last one may be shorter.

    Args:
        dataset: images uint8 (N, 28, 28) and labels.
        config: how many images a batch and an epoch have, and how many of those are hard ones: images whose loss was
            the greatest when they were last seen, the unseen before all; the others are drawn by chance. Source: I.
            Loshchilov and F. Hutter, "Online batch selection for faster training of neural networks", 2015.
        device: where the tensors live.
        losses: float32 (N,), of earlier epochs; None = no image was seen.

    Raises:
        ConfigError: the losses are those of another number of images.
    """

    def __init__(
        self, dataset: Dataset, config: TrainConfig, device: torch.device, losses: Tensor | None = None
    ) -> None:
        self.images = torch.tensor(dataset.images, device=device)  # uint8 (N, 28, 28)
        self.labels = torch.tensor(dataset.labels, device=device)  # int64 (N,)
        self.batch_size = config.batch_size
        self.images_per_epoch = min(len(dataset), config.images_per_epoch or len(dataset))
        self.hard_images = int(config.hard_share * self.images_per_epoch)
        self.losses = torch.full((len(dataset),), torch.inf, device=device)
        if losses is not None:
            if losses.shape != self.losses.shape:
                raise ConfigError(
                    f"the run knows the losses of {losses.numel():,} training images, but there are {len(dataset):,}: "
                    "go on with the images that it began with"
                )
            self.losses.copy_(losses)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return math.ceil(self.images_per_epoch / self.batch_size)

    def shuffled(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield an epoch's images, none twice, in an order of the generator's.

        Yields:
            Images uint8 (B, 28, 28), labels int64 (B,), and which of all images they are, int64 (B,).
        """
        order = torch.randperm(len(self.labels), generator=generator)
        if self.hard_images:
            hardest_first = order[self.losses.cpu()[order].argsort(descending=True, stable=True)]
            hard, others = hardest_first[: self.hard_images], hardest_first[self.hard_images :]
            others = others[torch.randperm(len(others), generator=generator)]
            drawn = torch.cat([hard, others])[: self.images_per_epoch]
            order = drawn[torch.randperm(len(drawn), generator=generator)]
        order = order[: self.images_per_epoch].to(self.labels.device)
        self.losses[order] = -1.0  # below all: of several processes, the one that learns from an image knows better
        parts = (each.split(self.batch_size) for each in (self.images[order], self.labels[order], order))
        yield from zip(*parts, strict=True)

    def note(self, which: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Keep the losses of some images, int64 (B,), where hard ones are asked for: from logits (B, K) and labels."""
        if self.hard_images:
            self.losses[which] = F.cross_entropy(logits.detach(), labels, reduction="none")


def epoch_generator(
    seed: int, epoch: int, purpose: int, rank: int = 0, *, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the source of chance for one purpose in one epoch of one process.

    Each epoch starts from these numbers alone, so a resumed run needs no saved random state to draw the same.
    """
    entropy = [seed, epoch, purpose, rank] if rank else [seed, epoch, purpose]
    state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(state[0] >> np.uint64(1)))
