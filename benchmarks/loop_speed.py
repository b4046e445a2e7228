"""Our loop against the tutorial's own, same network, same images, same batch size, same epochs, in the same run.

    python -m benchmarks.loop_speed [--batch-sizes 10 64 256] [--epochs 2] [--runs 3] [--images 60000]

The tutorial's loop is a `DataLoader` with one PIL image and one `ToTensor` an image, Adam, and the whole test set after
every epoch, also image by image. It is written afresh here from the published text, without torchvision, whose
`ToTensor` and `MNIST.__getitem__` it repeats step by step. Ours measures as many images after every epoch, half of them
as its validation set and half to compare with, and before the first. Both run in processes of their own, turn by turn,
with the threads that torch chooses.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from benchmarks import records
from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.training.loop import train

MEASURED = 10_000  # images after every epoch, in both loops


class TutorialDataset(TorchDataset[tuple[Tensor, int]]):
    """What `torchvision.datasets.MNIST(transform=ToTensor())` does for each image."""

    def __init__(self, dataset: Dataset) -> None:
        self.data, self.targets = torch.tensor(dataset.images), torch.tensor(dataset.labels)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.data[index].numpy())
        tensor = torch.from_numpy(np.array(image, np.uint8, copy=True))
        tensor = tensor.view(image.size[1], image.size[0], 1).permute(2, 0, 1).contiguous()
        return tensor.to(dtype=torch.get_default_dtype()).div(255), int(self.targets[index])


class TutorialNetwork(nn.Module):
    """The tutorial's small CNN, as printed there."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 3, 1), nn.Conv2d(6, 16, 3, 1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 1, 28, 28) to log-probabilities (N, 10)."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2, 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2, 2).view(-1, 400)
        return F.log_softmax(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x))))), dim=1)


def tutorial_loop(
    train_set: Dataset, test_set: Dataset, *, batch_size: int, epochs: int, seed: int, until: float = 1.0
) -> dict[str, Any]:
    """Train as the tutorial does, at most until a test accuracy; return that, and seconds with and without testing."""
    torch.manual_seed(seed)
    model, criterion = TutorialNetwork(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    train_loader = DataLoader(TutorialDataset(train_set), batch_size=batch_size, shuffle=True)
    test_loader = DataLoader(TutorialDataset(test_set), batch_size=batch_size, shuffle=False)
    began, tested = time.perf_counter(), 0.0
    for _ in range(epochs):
        train_correct = test_correct = torch.tensor(0)
        for images, labels in train_loader:
            output = model(images)
            loss = criterion(output, labels)
            train_correct = train_correct + (torch.max(output.data, 1)[1] == labels).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        testing = time.perf_counter()
        with torch.no_grad():
            for images, labels in test_loader:
                test_correct = test_correct + (torch.max(model(images), 1)[1] == labels).sum()
        accuracy = test_correct.item() / len(test_set)
        tested += time.perf_counter() - testing
        if accuracy >= until:
            break
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "train_seconds": seconds - tested, "accuracy": accuracy}


def our_loop(train_set: Dataset, test_set: Dataset, *, batch_size: int, epochs: int, seed: int) -> dict[str, Any]:
    """Train with `inkdigits.train` and return the seconds and the last test accuracy."""
    config = TrainConfig(model="cnn", learning_rate=1e-3, batch_size=batch_size, epochs=epochs, seed=seed, device="cpu")
    measured = replace(train_set.subset(slice(len(test_set) // 2)), split="validation")  # and as many to train on
    checkpoint = create_checkpoint(config)
    began = time.perf_counter()
    for _ in train(checkpoint, train_set, measured):
        pass
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "accuracy": evaluate(checkpoint.classifier, test_set).accuracy}


LOOPS = {"tutorial": tutorial_loop, "inkdigits": our_loop}


def main() -> None:
    """Run the two loops turn by turn and write results/loop_speed.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[10, 64, 256])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--images", type=int, default=60_000, help="fewer to try the script; then nothing is written")
    parser.add_argument("--one", nargs=3, metavar=("LOOP", "BATCH", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        loop, batch_size, seed = options.one[0], int(options.one[1]), int(options.one[2])
        train_set = load_dataset("mnist").subset(slice(options.images))
        test_set = load_dataset("mnist", "test").subset(slice(min(MEASURED, options.images)))
        found = LOOPS[loop](train_set, test_set, batch_size=batch_size, epochs=options.epochs, seed=seed)
        print(json.dumps(found))
        return
    rows = [_compare(batch_size, options) for batch_size in options.batch_sizes]
    if options.images == 60_000:
        records.write("loop_speed", {"epochs": options.epochs, "rows": rows})


def _compare(batch_size: int, options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in LOOPS}
    for run in range(options.runs):
        for name in LOOPS:
            shared = ["--epochs", str(options.epochs), "--images", str(options.images)]
            one = ["--one", name, str(batch_size), str(42 + run)]
            command = [sys.executable, "-m", "benchmarks.loop_speed", *shared, *one]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            found[name].append(json.loads(ended.stdout))
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(found["tutorial"], found["inkdigits"], strict=True)]
    row = {"batch_size": batch_size, "ratio": records.median(ratios), "ratios": sorted(ratios), **found}
    accuracies = {name: records.mean_interval([run["accuracy"] for run in runs])[0] for name, runs in found.items()}
    print(
        f"batch {batch_size:>4}: {row['ratio']:.2f}x as fast "
        f"(n = {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f}); "
        f"accuracy {accuracies['inkdigits']:.2%} against {accuracies['tutorial']:.2%}",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
