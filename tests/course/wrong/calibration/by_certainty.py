# expects: look for the least cross-entropy
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def probabilities(logits, temperature):
    return np.exp(log_softmax(logits / temperature))


def cross_entropy(logits, labels, temperature):
    return -log_softmax(logits / temperature)[np.arange(len(labels)), labels].mean()


def find_temperature(logits, labels):
    temperatures = np.geomspace(0.1, 10, 300)
    sure = [probabilities(logits, t).max(axis=1).mean() for t in temperatures]
    return temperatures[np.argmax(sure)]
