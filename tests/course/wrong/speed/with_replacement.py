# expects: drawing with replacement
import torch


def batches(images, labels, batch_size, generator):
    left = len(images)
    while left > 0:
        places = torch.randint(0, len(images), (min(batch_size, left),), generator=generator)
        yield images[places], labels[places]
        left -= batch_size
