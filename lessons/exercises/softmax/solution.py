"""Softmax and cross-entropy by hand."""

import torch


def softmax(logits):
    """Turn logits (N, K) into probabilities (N, K)."""
    return torch.exp(log_softmax(logits))


def cross_entropy(logits, labels):
    """Return the mean of -log(probability of the right class); labels are int64 (N,)."""
    return -log_softmax(logits)[torch.arange(len(labels)), labels].mean()


def log_softmax(logits):
    """Return the logarithms of the probabilities (N, K), without ever taking the logarithm of a 0."""
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))
