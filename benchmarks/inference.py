"""How many images a second each network takes, and how long one image: ONNX Runtime, torch, and the tutorial's way.

    python -m benchmarks.inference [--images 10000] [--runs 5]

The 10,000 test images of MNIST, in batches of 1 (the first 1,000), 64 and 1,000. "tutorial" is the prediction loop of
the tutorials: a `DataLoader` of one PIL image and one `ToTensor` an image, then the network, without gradients. The
networks have fresh weights, since arithmetic takes as long with any; what they reach when trained, other tables tell.
Those of recipes with four views look at each image four times, in all three ways.
The ways take turns; the median of the runs is given.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from benchmarks import records
from benchmarks.loop_speed import TutorialDataset
from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.export import export_onnx
from inkdigits.inference.onnx_classifier import OnnxClassifier
from inkdigits.recipes.catalog import recipe_config
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.types import Images

RECIPE_OF = {
    "quick": "quick",
    "careful": "careful",
    "thorough": "thorough",
    "accurate": "accurate",
    "R1": "lenet5",
    "R2": "cnn",
}
BATCHES = (1, 64, 1000)
MOST_ALONE = 1000  # images that are predicted one by one

Predict = Callable[[int], None]
"""Predicts all images in batches of this size."""


def ways(name: str, dataset: Dataset) -> dict[str, Predict]:
    """Return the three ways to predict a data set with a network."""
    config = recipe_config(RECIPE_OF[name])
    checkpoint = create_checkpoint(TrainConfig(model=config.model, views=config.views, device="cpu"))
    model = checkpoint.classifier.model.eval()
    with tempfile.TemporaryDirectory() as folder:
        export_onnx(checkpoint, Path(folder) / "m.onnx", images=dataset.images[:10])
        session = OnnxClassifier((Path(folder) / "m.onnx").read_bytes())
    tensor = torch.tensor(dataset.images)

    def batches(images: Images, size: int) -> list[Images]:
        return [images[start : start + size] for start in range(0, len(images), size)]

    def with_onnx(size: int) -> None:
        for batch in batches(dataset.images, size):
            session.logits(batch).argmax(axis=1)

    @torch.inference_mode()
    def with_torch(size: int) -> None:
        for batch in tensor.split(size):
            model(batch).argmax(dim=1)

    @torch.no_grad()
    def as_tutorial(size: int) -> None:
        for images, _ in DataLoader(TutorialDataset(dataset), batch_size=size, shuffle=False):
            model(images[:, 0] * 255).argmax(dim=1)

    return {"ONNX Runtime": with_onnx, "torch": with_torch, "tutorial": as_tutorial}


def main() -> None:
    """Time all ways and write results/inference.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000, help="fewer to try the script; then nothing is written")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    dataset = load_dataset("mnist", "test").subset(slice(options.images))
    found: dict[str, dict[str, dict[str, Any]]] = {}  # by network, way and batch size
    for name in RECIPE_OF:
        found[name] = defaultdict(dict)
        alone = dataset.subset(slice(MOST_ALONE))
        predictors = {count: ways(name, dataset.subset(slice(count))) for count in {len(alone), len(dataset)}}
        for size in BATCHES:
            count = len(alone if size == 1 else dataset)
            for way, seconds in _times(predictors[count], size, options.runs).items():
                speed = count / records.median(seconds)
                found[name][way][str(size)] = {
                    "images_per_second": speed,
                    "seconds": seconds,
                    "images": count,
                }
                print(f"{name:<10} {way:<14} batches of {size:>5}: {speed:>10,.0f} images/s", flush=True)
    if options.images == 10_000:
        networks = {name: recipe_config(recipe).model for name, recipe in RECIPE_OF.items()}
        views = {name: recipe_config(recipe).views for name, recipe in RECIPE_OF.items()}
        records.write("inference", {"models": found, "networks": networks, "views": views})


def _times(predictors: dict[str, Predict], size: int, runs: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {way: [] for way in predictors}
    for run in range(runs + 1):
        for way, predict in predictors.items():
            began = time.perf_counter()
            predict(size)
            if run:  # the first warms up
                seconds[way].append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
