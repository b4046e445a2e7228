# expects: draw ONE order
import torch


def batches(images, labels, batch_size, generator):
    images = images[torch.randperm(len(images), generator=generator)]
    labels = labels[torch.randperm(len(labels), generator=generator)]
    yield from zip(images.split(batch_size), labels.split(batch_size))
