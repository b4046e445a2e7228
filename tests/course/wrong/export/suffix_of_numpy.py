# expects: numpy adds .npz
import numpy as np
import torch


def save(tensors, class_names, path):
    arrays = {f"t.{name}": tensor.numpy() for name, tensor in tensors.items()}
    np.savez(path, class_names=np.array(class_names), **arrays)


def load(path):
    with np.load(path) as file:
        tensors = {name[2:]: torch.from_numpy(file[name]) for name in file.files if name.startswith("t.")}
        return tensors, [str(name) for name in file["class_names"]]
