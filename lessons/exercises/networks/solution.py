"""A training loop that measures honestly."""

import copy

import torch
from torch.nn import functional as F


def mean_loss(model, images, labels, batch_size):
    """Return the mean loss over all images."""
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size), strict=True):
            total += F.cross_entropy(model(x), y, reduction="sum").item()
    model.train(was_training)
    return total / len(labels)


def train_epoch(model, optimizer, images, labels, batch_size, generator):
    """Train for one epoch; return the mean loss that it saw on the way."""
    model.train()
    total = 0.0
    for batch in torch.randperm(len(images), generator=generator).split(batch_size):
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(images)


def train(model, optimizer, train_data, valid_data, batch_size, epochs, generator):
    """Train, keep the best weights; return the history."""
    history, lowest = [], float("inf")
    for epoch in range(epochs + 1):
        if epoch > 0:
            train_epoch(model, optimizer, *train_data, batch_size, generator)
        train_loss, valid_loss = (mean_loss(model, *data, batch_size) for data in (train_data, valid_data))
        history.append({"epoch": epoch, "train_loss": train_loss, "valid_loss": valid_loss})
        if valid_loss < lowest:
            lowest, best = valid_loss, copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return history
