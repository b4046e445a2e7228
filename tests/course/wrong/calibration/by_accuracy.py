# expects: Accuracy is the same at every temperature
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
    scores = [(probabilities(logits, t).argmax(axis=1) == labels).mean() for t in temperatures]
    return temperatures[np.argmax(scores)]
