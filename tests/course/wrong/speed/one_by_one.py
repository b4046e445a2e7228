# expects: not image by image
import torch


def batches(images, labels, batch_size, generator):
    for places in torch.randperm(len(images), generator=generator).split(batch_size):
        yield torch.stack([images[place] for place in places]), torch.stack([labels[place] for place in places])
