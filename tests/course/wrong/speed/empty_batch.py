# expects: there is an empty batch
import torch


def batches(images, labels, batch_size, generator):
    order = torch.randperm(len(images), generator=generator)
    for number in range(len(images) // batch_size + 2):
        places = order[number * batch_size : (number + 1) * batch_size]
        yield images[places], labels[places]
