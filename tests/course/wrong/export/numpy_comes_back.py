# expects: torch.from_numpy
import os

import numpy as np


def save(tensors, class_names, path):
    temporary = path.with_suffix(".tmp")
    arrays = {f"t.{name}": tensor.numpy() for name, tensor in tensors.items()}
    with temporary.open("wb") as file:
        np.savez(file, class_names=np.array(class_names), **arrays)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path):
    with np.load(path) as file:
        tensors = {name[2:]: file[name] for name in file.files if name.startswith("t.")}
        return tensors, [str(name) for name in file["class_names"]]
