# expects: moved away before the new one
import json
import os

from safetensors import safe_open
from safetensors.torch import save as to_bytes


def content_of(tensors, class_names):
    return to_bytes(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, {"class_names": json.dumps(class_names)}
    )


def save(tensors, class_names, path):
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content_of(tensors, class_names))
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        path.rename(path.with_suffix(".old"))
    temporary.rename(path)
    path.with_suffix(".old").unlink(missing_ok=True)


def load(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, json.loads(file.metadata()["class_names"])
