# expects: nothing is synced
import json

from safetensors import safe_open
from safetensors.torch import save as to_bytes


def content_of(tensors, class_names):
    return to_bytes(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, {"class_names": json.dumps(class_names)}
    )


def save(tensors, class_names, path):
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(content_of(tensors, class_names))
    temporary.replace(path)


def load(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, json.loads(file.metadata()["class_names"])
