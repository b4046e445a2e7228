# expects: the file is a pickle
import os
import pickle


def save(tensors, class_names, path):
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        pickle.dump((tensors, class_names), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path):
    return pickle.loads(path.read_bytes())
