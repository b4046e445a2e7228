# expects: torch.save has written a pickle
import os

import torch


def save(tensors, class_names, path):
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save({"tensors": tensors, "class_names": class_names}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path):
    found = torch.load(path, weights_only=True)
    return found["tensors"], found["class_names"]
