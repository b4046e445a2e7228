# expects: exp(1000) overflows
import torch


def softmax(logits):
    return torch.exp(logits) / torch.exp(logits).sum(dim=1, keepdim=True)


def cross_entropy(logits, labels):
    return -torch.log(softmax(logits))[range(len(labels)), labels].mean()
