# expects: the file gets its content without a rename
import json

from safetensors import safe_open
from safetensors.torch import save_file


def save(tensors, class_names, path):
    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(whole, path, {"class_names": json.dumps(class_names)})


def load(path):
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, json.loads(file.metadata()["class_names"])
