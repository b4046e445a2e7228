# expects: each holds neighbours of the data set
import torch


def batches(images, labels, batch_size, generator):
    pairs = list(zip(images.split(batch_size), labels.split(batch_size)))
    last = pairs.pop() if len(pairs[-1][0]) < batch_size else None
    for number in torch.randperm(len(pairs), generator=generator):
        yield pairs[number]
    if last is not None:
        yield last
