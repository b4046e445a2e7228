# expects: epoch 0 counts too
import copy

import torch
from torch.nn import functional as F


def mean_loss(model, images, labels, batch_size):
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            total += F.cross_entropy(model(x), y).item() * len(y)
    model.train(was_training)
    return total / len(labels)


def train_epoch(model, optimizer, images, labels, batch_size, generator):
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
    history, best, lowest = [], None, None
    for epoch in range(epochs + 1):
        if epoch > 0:
            train_epoch(model, optimizer, *train_data, batch_size, generator)
        train_loss = mean_loss(model, *train_data, batch_size)
        valid_loss = mean_loss(model, *valid_data, batch_size)
        history.append({"epoch": epoch, "train_loss": train_loss, "valid_loss": valid_loss})
        if epoch == 1 or (epoch > 1 and valid_loss < lowest):
            lowest, best = valid_loss, copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return history
