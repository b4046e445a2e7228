# expects: shuffle the whole set, then cut it
import torch


def batches(images, labels, batch_size, generator):
    for x, y in zip(images.split(batch_size), labels.split(batch_size)):
        order = torch.randperm(len(x), generator=generator)
        yield x[order], y[order]
