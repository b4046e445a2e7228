# expects: are not exp(logit) / sum of exp(logits)
import torch


def softmax(logits):
    powers = logits**2
    return powers / powers.sum(dim=1, keepdim=True)


def cross_entropy(logits, labels):
    return -torch.log(softmax(logits))[range(len(labels)), labels].mean()
