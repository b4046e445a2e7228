# expects: is left in the folder
import json
import os

from safetensors import safe_open
from safetensors.torch import save as to_bytes


def content_of(tensors, class_names):
    return to_bytes(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, {"class_names": json.dumps(class_names)}
    )


def save(tensors, class_names, path):
    content = content_of(tensors, class_names)
    path.with_suffix(".backup").write_bytes(content)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, json.loads(file.metadata()["class_names"])
