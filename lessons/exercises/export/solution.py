"""A checkpoint that survives."""

import json
import os

import safetensors.torch
from safetensors import safe_open


def save(tensors, class_names, path):
    """Write tensors and class names to one file, so that a crash leaves the old file or the new one."""
    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    content = safetensors.torch.save(whole, {"class_names": json.dumps(class_names)})
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()  # from Python to the system
        os.fsync(file.fileno())  # from the system to the disk
    temporary.replace(path)  # os.replace: at once, or not at all


def load(path):
    """Return the tensors and the class names of a file."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        return tensors, json.loads(file.metadata()["class_names"])
