# expects: pass the generator on
import torch


def batches(images, labels, batch_size, generator):
    for places in torch.randperm(len(images)).split(batch_size):
        yield images[places], labels[places]
