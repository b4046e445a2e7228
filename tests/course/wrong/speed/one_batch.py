# expects: inside the loop over the batches
import torch


def batches(images, labels, batch_size, generator):
    places = torch.randperm(len(images), generator=generator)[:batch_size]
    return images[places], labels[places]
