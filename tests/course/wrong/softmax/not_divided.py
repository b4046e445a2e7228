# expects: divide by its sum
import torch


def softmax(logits):
    return torch.exp(logits)


def cross_entropy(logits, labels):
    return -torch.log(softmax(logits))[range(len(labels)), labels].mean()
