"""Exercise: a checkpoint that survives.

Write the two functions that keep a network's weights in a file.

- `save(tensors, class_names, path)`: `tensors` is a dict from names, such as "conv1.weight", to torch tensors of any
  shape and dtype float32, int64 or uint8; some are views that are not contiguous. `class_names` is a list of any
  strings. `path` is a `pathlib.Path`, and the file has exactly this name.
- `load(path)`: returns the pair (tensors, class_names): a dict of torch tensors on the CPU, equal to the last bit, with
  the same shapes and dtypes, and a list.
- A crash at any moment of `save` leaves the old file whole, or the new one: write everything to a temporary name in the
  same folder, flush, let the system write it to the disk (`os.fsync`), and only then rename it with `os.replace`.
  After a `save` that went well, no temporary file is left.
- No pickle, neither written nor opened: `load` of a pickle raises an error and runs nothing. That leaves out
  `torch.save`, and numpy with `allow_pickle=True`. Use `safetensors.torch` or `numpy.savez`.

Check it with: inkdigits learn check export export_exercise.py
"""


def save(tensors, class_names, path):
    """Write tensors and class names to one file, so that a crash leaves the old file or the new one."""


def load(path):
    """Return the tensors and the class names of a file."""
    return {}, []
