# expects: shuffled in place
import torch


def batches(images, labels, batch_size, generator):
    order = torch.randperm(len(images), generator=generator)
    images[:] = images[order]
    labels[:] = labels[order]
    for start in range(0, len(images), batch_size):
        yield images[start : start + batch_size], labels[start : start + batch_size]
