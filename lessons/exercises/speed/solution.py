"""Batches without a data loader."""

import torch


def batches(images, labels, batch_size, generator):
    """Yield shuffled batches (images, labels), each image once, the short last batch kept."""
    for places in torch.randperm(len(labels), generator=generator).split(batch_size):
        yield images[places], labels[places]
