# %% [markdown]
# # 15 · Save, load, export, serve
#
# A trained network that lives in a notebook is gone tonight. Here you write it to a file that survives a crash, that
# opens on any machine, that cannot run foreign code, and that knows what it is. Then you export it to one file that
# reads pictures without torch. You need lessons 9 and 12; it takes half an hour.

# %%
import contextlib
import io
import json
import pickle
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from inkdigits import (
    RECIPES,
    OnnxClassifier,
    Reader,
    create_model,
    draw_trace,
    evaluate,
    export_onnx,
    fit,
    load_checkpoint,
    load_dataset,
    save_checkpoint,
    softmax,
    split_dataset,
)

place = tempfile.TemporaryDirectory()
folder = Path(place.name)
checkpoint = fit(RECIPES["quick"].config.replace({"device": "cpu"}))  # where there is a GPU too
train_set, valid_set = split_dataset(load_dataset("mnist"), 5_000, seed=0)  # the split of the recipe
checkpoint

# %% [markdown]
# ## One file
#
# What `fit` returns is a **checkpoint**: the weights, and everything that is needed to use them or to go on training.
# Saving and loading must change nothing, not even the last bit of a weight. Settings and history come back as well:

# %%
path = folder / "quick.safetensors"
save_checkpoint(checkpoint, path)
loaded = load_checkpoint(path, device="cpu")
pairs = zip(checkpoint.model.state_dict().values(), loaded.model.state_dict().values(), strict=True)
assert all(torch.equal(ours, theirs) for ours, theirs in pairs)
print(f"{path.stat().st_size:,} bytes: {loaded.config.model}, classes {' '.join(loaded.class_names)}")
print(f"validation accuracy {loaded.history.best.valid_accuracy:.2%}, learning rate {loaded.config.learning_rate}")

# %% [markdown]
# And the logits? There is a catch that is worth knowing. The loop has the weights in memory as channels_last (lesson
# 14), and so has a checkpoint that was loaded: the logits are the same to the last bit. In another order of memory a
# sum of the same numbers is rounded differently:

# %%
trained = checkpoint.classifier.logits(valid_set.images)  # float32 (5000, 10)
logits = loaded.classifier.logits(valid_set.images)
assert np.array_equal(logits, trained)
loaded.model.to(memory_format=torch.contiguous_format)
other = loaded.classifier.logits(valid_set.images)
print("largest difference of a logit in another order of memory:", np.abs(other - trained).max())

# %% [markdown]
# The format is **safetensors**, and it is so plain that you can open it with nothing but Python: eight bytes hold the
# length of a header, the header is JSON, and what follows are raw numbers. There is nothing in it to be run.

# %%
content = path.read_bytes()
length = int.from_bytes(content[:8], "little")
header = json.loads(content[8 : 8 + length])
about = json.loads(header.pop("__metadata__")["inkdigits"])
print("metadata:", ", ".join(about))
print("a tensor:", "model.network.linear.bias", header["model.network.linear.bias"])

begin, end = header["model.network.linear.bias"]["data_offsets"]
bias = np.frombuffer(content[8 + length :][begin:end], "<f4")
assert np.array_equal(bias, checkpoint.model.network.linear.bias.detach().numpy())

# %% [markdown]
# A tensor has a dtype, a shape and a place in the file. It has **no device**. `torch.save`, which a widely read
# tutorial uses, is different: there every tensor remembers where it was.

# %%
torch.save(checkpoint.model.state_dict(), folder / "weights.pth")
with zipfile.ZipFile(folder / "weights.pth") as archive:
    instructions = next(archive.read(name) for name in archive.namelist() if name.endswith("data.pkl"))
print("the word cpu is in the file:", b"cpu" in instructions)
assert b"cuda" not in content[:length]
assert set(header["model.network.linear.bias"]) == {"dtype", "shape", "data_offsets"}

# %% [markdown]
# Written on a GPU, that word is `cuda:0`, and `torch.load` wants to put the tensor back there. On a machine without a
# GPU that ends in an error, unless one knows the argument `map_location`. A widely read tutorial trained on a GPU and
# loads without it. `load_checkpoint` asks where **this** machine computes, unless you say so, as above: `device="cpu"`.
#
# ## Trap: "Saving Best Model"
#
# A widely read tutorial prints this line whenever an epoch was the best so far. Nothing is saved: it makes a copy in
# memory. Often one sees even less, a reference. Break it: keep the best weights and train on, with a learning rate
# that is too large, as it happens:

# %%
training = checkpoint.copy()
best = training.model.state_dict()  # "the best so far"
kept = {name: tensor.clone() for name, tensor in best.items()}
optimizer = torch.optim.SGD(training.model.parameters(), lr=3)
training.model.train()  # outside our own loop the network of a checkpoint is in eval mode
for start in range(0, 1_280, 128):
    batch = train_set.subset(slice(start, start + 128))
    optimizer.zero_grad()
    F.cross_entropy(training.model(torch.tensor(batch.images)), torch.tensor(batch.labels)).backward()
    optimizer.step()

changed = sum(not torch.equal(best[name], kept[name]) for name in kept)
print(f"{changed} of {len(kept)} tensors of `best` are no longer what they were")
assert changed > 10

# %%
for name, weights in (("kept by reference", best), ("kept as a copy", kept)):
    training.model.load_state_dict({name: tensor.clone() for name, tensor in weights.items()})
    print(f"{name}: {evaluate(training.classifier, valid_set).accuracy:.2%}")

# %% [markdown]
# `state_dict()` and `best = model` copy nothing: they are another name for tensors that the optimiser goes on changing.
# A copy (`copy.deepcopy`, `checkpoint.copy()`) mends that, and stays in memory. Memory ends with the process. The next
# cell starts a process that keeps its best network in both ways, by a copy and by `save_checkpoint`, over and over
# again, and kills it at some moment.

# %%
program = """
import sys
from pathlib import Path
from inkdigits import load_checkpoint, save_checkpoint

checkpoint = load_checkpoint(Path(sys.argv[1]))
while True:
    best = checkpoint.copy()
    save_checkpoint(checkpoint, Path(sys.argv[2]))
"""
survivor = folder / "survivor.safetensors"
process = subprocess.Popen([sys.executable, "-c", program, path, survivor])
while not survivor.exists() and process.poll() is None:
    time.sleep(0.05)
time.sleep(0.3)
process.kill()
process.wait()
assert np.array_equal(load_checkpoint(survivor, device="cpu").classifier.logits(valid_set.images), logits)
print("left:", sorted(file.name for file in folder.iterdir()))

# %% [markdown]
# The copy in memory is gone, the file is whole, whenever the kill came. That is no luck. Writing straight to
# the name would first make the old file empty, and a crash then leaves half of a file and nothing else:

# %%
(folder / "half.safetensors").write_bytes(content[: len(content) // 2])
try:
    load_checkpoint(folder / "half.safetensors")
except ValueError as error:
    print(str(error).replace(str(folder), "..."))

# %% [markdown]
# `save_checkpoint` writes to a temporary name in the same folder, waits until the bytes have reached the disk
# (`fsync`), and then renames. Renaming within a folder is **atomic**: whoever looks sees the old file or the new one,
# never a mixture. Where a name such as `.survivor.safetensors.x.tmp` was left above, the kill came before a rename. The
# exercise is to write this yourself.
#
# ## Trap: a file that runs code
#
# `torch.save` writes a **pickle**: not data, but instructions for building Python objects. One of them is "call this
# function with these arguments". Which function is up to whoever wrote the file. Here it is a harmless one, `print`:


# %%
class Harmless:
    def __reduce__(self):
        return print, ("this line was printed by opening a file",)


torch.save({"weights": torch.zeros(3), "extra": Harmless()}, folder / "model.pth")
with contextlib.redirect_stdout(io.StringIO()) as printed:
    torch.load(folder / "model.pth", weights_only=False)
print("while it was opened:", printed.getvalue().strip())
assert "opening a file" in printed.getvalue()

# %% [markdown]
# It could as well have been `os.system`. So a pickle from somebody else is a program from somebody else. There are two
# mends. `weights_only=True`, the default since torch 2.6, allows only what tensors need. A format without instructions
# has nothing to forbid, and `load_checkpoint` never opens anything else:

# %%
for load in (lambda file: torch.load(file, weights_only=True), load_checkpoint):
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            load(folder / "model.pth")
        raise AssertionError("it was opened")
    except (pickle.UnpicklingError, ValueError) as error:
        refusal = str(error).replace(str(folder), "...").split(". ")[0]
        print(f"{type(error).__name__}: {refusal}")
    assert printed.getvalue() == ""

# %% [markdown]
# `torch.save(model)`, the whole network, has one more weakness. The pickle holds no network but the **name** of its
# class. Where the class was renamed, moved or never known, the file is worth nothing:


# %%
class TinyNet(nn.Sequential):
    """Any network of your own."""


torch.save(TinyNet(nn.Linear(2, 2)), folder / "whole.pth")
del TinyNet
try:
    torch.load(folder / "whole.pth", weights_only=False)
    raise AssertionError("it was opened")
except AttributeError as error:
    print(str(error).split(" on ")[0])

# %% [markdown]
# ## Trap: weights without metadata
#
# The other habit is to save the weights alone, as that tutorial does. Then somebody has to know the rest. If the
# network does not fit at all, that is luck, for there is an error:

# %%
weights = torch.load(folder / "weights.pth", weights_only=True)
try:
    create_model("lenet5").load_state_dict(weights)
    raise AssertionError("they fitted")
except RuntimeError as error:
    print(str(error).splitlines()[0])
print("tensors in the file:", ", ".join(list(weights)[:6]), "...")

# %% [markdown]
# Bad luck is when it fits. What has no parameters leaves no trace in the weights: the kind of pooling, the activation,
# the order of the classes, and how pixels were scaled. Here the same layers get pixels in other ranges, all of them in
# use in some tutorial:


# %%
class Scale(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, images):
        return (images.unsqueeze(1).float() / 255 - self.mean) / self.std  # (N, 1, H, W)


accuracies = {}
scales = {"as trained": (0.1307, 0.3081), "0 to 1": (0, 1), "-1 to 1": (0.5, 0.5), "Fashion-MNIST's": (0.286, 0.353)}
for title, (mean, std) in scales.items():
    training.model.network.scale = Scale(mean, std)
    answer = training.model.load_state_dict(weights)
    accuracies[title] = evaluate(training.classifier, valid_set).accuracy
    print(f"{title:>15}: {answer}, accuracy {accuracies[title]:.2%}")
assert accuracies["0 to 1"] < accuracies["-1 to 1"] < accuracies["Fashion-MNIST's"] < accuracies["as trained"]
assert accuracies["0 to 1"] < 0.8

# %% [markdown]
# The same weights, the same message of success, and four accuracies. The second would be noticed, the third perhaps.
# The last one is worse: it works well enough to be shipped.
#
# The mend has two parts. The scaling belongs **into the network**, so that everybody may feed raw pixels; every network
# of `create_model` has it inside. And the file says which network it is: `load_checkpoint(path)` has no argument for
# the architecture.
#
# ## Export
#
# A checkpoint is right for going on with training. For reading pictures, torch is a large tool. **ONNX** is a file
# format for finished networks: the operations, their order and their weights. A small runtime executes it.

# %%
proof = export_onnx(checkpoint, folder / "quick.onnx")
print(proof)
assert proof.label_differences == 0

# %% [markdown]
# `export_onnx` does not believe itself. It runs the written file on 10,000 images, compares every probability with the
# network's, and writes nothing if a label differs, or a probability by more than 0.00001. You can repeat that on the
# validation images. The file takes raw pixels, uint8, any number of images; an image alone gets the answer that it gets
# among others.

# %%
exported = OnnxClassifier(folder / "quick.onnx")
others = exported.logits(valid_set.images)
assert np.array_equal(others.argmax(axis=1), logits.argmax(axis=1))
assert np.allclose(exported.logits(valid_set.images[:1]), others[:1], atol=1e-4)
print("largest difference of a probability:", np.abs(softmax(others) - softmax(logits)).max())
print({name: exported.about[name] for name in ("model", "dataset", "input", "parameters")})

# %% [markdown]
# `Reader` takes the file and reads pictures, with everything of lesson 12 before the network. This process imports no
# torch at all:

# %%
program = """
import sys
from inkdigits import Reader

reading = Reader(sys.argv[1]).read("pictures/seven.jpg")
print(reading.text, f"{reading.digits[0].probability:.2%}", "torch" in sys.modules)
"""
command = [sys.executable, "-c", program, folder / "quick.onnx"]
answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
print(answer.strip())
assert answer.startswith("7")
assert answer.endswith("False\n")

# %% [markdown]
# The same reading here, drawn: the picture, its ink, what the exported network saw, and its probabilities.

# %%
draw_trace(Reader(folder / "quick.onnx").read("pictures/seven.jpg"))

# %%
size = sum(file.stat().st_size for file in Path(torch.__file__).parent.rglob("*") if file.is_file())
print(f"torch: {size / 2**20:,.0f} MiB   the model: {(folder / 'quick.onnx').stat().st_size / 2**10:,.0f} KiB")

# %% [markdown]
# ## Serve
#
# To **serve** a model is to let other programs ask it. There is no server in the package yet. What there is: the ONNX
# file, `Reader`, and a command that a script can call. It prints one JSON object a picture, and its exit code tells how
# it went: 0 all read, 1 some not, 3 none.

# %%
Image.new("L", (200, 200), 255).save(folder / "blank.png")
for pictures in (["pictures/seven.jpg"], ["pictures/seven.jpg", folder / "blank.png"], [folder / "blank.png"]):
    command = [sys.executable, "-m", "inkdigits", "read", "--json", *pictures]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    objects = [json.loads(line) for line in ended.stdout.splitlines()]
    print("exit code", ended.returncode, [(each["digit"], each["warnings"]) for each in objects])

# %% [markdown]
# A process a picture loads the model anew each time. A program that stays loads it once. The whole of what a server
# would call is a function from the bytes of a picture to something that JSON can carry, and it answers to every input:

# %%
reader = Reader(folder / "quick.onnx")


def respond(content):
    """Return an HTTP status and a JSON object for the bytes of an uploaded picture."""
    if not isinstance(content, bytes):
        return 400, {"error": "send the bytes of a picture"}
    try:
        return 200, reader.read(content).to_dict()
    except ValueError as error:  # whatever cannot be read
        return 422, {"error": str(error)}


status, found = respond(Path("pictures/seven.jpg").read_bytes())
print(status, found["digit"], found["digits"][0]["probability"])
print(*respond(b"no picture at all"))
print(*respond("http://example.com/8.png"))

# %% [markdown]
# Why does it refuse an address, when `inkdigits read` takes one? Because of who asks. On your own machine you choose
# the address. A server would fetch, with **its** rights and from **its** place in the network, what a stranger chooses:
# the pages of the machines beside it, or the address where a cloud keeps its passwords. A widely read tutorial fetches
# any address, without limit of time or size. `inkdigits` fetches from public addresses alone:

# %%
for address in ("http://169.254.169.254/latest/meta-data", "http://127.0.0.1:8080/private.png"):
    try:
        reader.read(address)
        raise AssertionError("it was fetched")
    except ValueError as error:
        print(error)
place.cleanup()

# %% [markdown]
# That is a second line of defence. The first is a server that never fetches at all. The same holds for paths: `read`
# opens a string as a file, so a stranger's text must never reach it. Take bytes, limit their number, answer errors.
#
# ## To remember
#
# - Save to disk, to a temporary name, and rename. A copy in memory is not saved, and a reference is not even a copy.
# - A pickle is a program. Open only your own, or use a format that holds only data.
# - Weights are not a model. Architecture, scaling, class names and settings belong into the same file.
# - Export, and prove on images that the exported file says the same.
# - A server takes bytes, never addresses or paths.
#
# **Exercise.** Write a checkpoint that survives: a crash at any moment leaves the old file or the new one:
# `inkdigits learn open export` puts the start beside this notebook, and
# `inkdigits learn check export export_exercise.py` marks it.
#
# This was the last lesson. Where to go on: [reading pictures](../docs/reading.md), [training](../docs/training.md) and
# [evaluation](../docs/evaluation.md) in full; [what the shipped model can do and cannot](../docs/model-card.md);
# [every figure](../docs/benchmarks.md), and [what was tried and did not pay](../docs/log.md). And write a digit on
# paper, photograph it, and let your own network read it.
