"""`inkdigits data`: what is in a data set, and whether it is intact."""

from pathlib import Path
from typing import Any

import typer

from inkdigits.cli.console import print_json, print_table, say
from inkdigits.data.catalog import CATALOG, SPLITS, dataset_file, load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, unknown_name
from inkdigits.evaluation.plots import check_suffix, plot_images, save_figure
from inkdigits.imaging.terminal import letters
from inkdigits.types import Ink


def data(
    name: str = typer.Argument("mnist", help="A data set's name."),
    root: Path | None = typer.Option(
        None, help="A folder that holds the files.", show_default="the copy in the package"
    ),
    split: str = typer.Option("train", help="Whose images --show and --sheet take: train or test."),
    show: int | None = typer.Option(None, metavar="INDEX", help="Print one raw image and its label."),
    sheet: Path | None = typer.Option(None, help="Draw the first images with their labels into this PNG or SVG."),
    first: int = typer.Option(12, min=1, max=1000, help="How many images --sheet draws."),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Verify a data set byte for byte, count its images, show some."""
    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    if sheet is not None:
        check_suffix(sheet)
    datasets = {name_: load_dataset(name, name_, root=root) for name_ in SPLITS}
    chosen = datasets[split]
    shown = None if show is None else _image(chosen, show)
    if json:
        found: dict[str, Any] = {"name": name, "splits": {key: each.to_dict() for key, each in datasets.items()}}
        if shown is not None:
            found["image"] = {"split": split, "index": show, "label": shown[1], "pixels": shown[0].tolist()}
        print_json(found)
    else:
        _print_summary(name, root, datasets)
        if shown is not None:
            print(f"\n{name}:{split}/{show} is labelled {shown[1]}")
            print(letters(shown[0]))
    if sheet is not None:
        _draw_sheet(chosen, first, sheet)


def _print_summary(name: str, root: Path | None, datasets: dict[str, Dataset]) -> None:
    entry = CATALOG[name]
    print(f"{entry.title}. {entry.source} ({entry.licence})\n")
    classes = datasets["train"].class_names
    print_table(
        ("split", "images", "shape", "dtype", *(f"'{label}'" for label in classes)),
        [
            (
                key,
                f"{len(ds):,}",
                "28 x 28",
                str(ds.images.dtype),
                *(f"{count:,}" for count in ds.counts().values()),
            )
            for key, ds in datasets.items()
        ],
    )
    print("\nverified: SHA-256 of all four files as published")
    for files in entry.files.values():
        for file in files:
            print(f"  {dataset_file(name, file, root)}")


def _image(dataset: Dataset, index: int) -> tuple[Ink, str]:
    """Return an image uint8 (28, 28) and the name of its class."""
    if index < 0:  # which Python counts from the end
        raise ConfigError(
            f"index {index} is outside {dataset.name}:{dataset.split}, which holds 0 to {len(dataset) - 1}"
        )
    try:
        image, label = dataset[index]
    except IndexError as error:
        raise ConfigError(str(error)) from None
    return image, dataset.class_names[label]


def _draw_sheet(dataset: Dataset, first: int, path: Path) -> None:
    part = dataset.subset(slice(first))
    titles = [part.class_names[label] for label in part.labels]
    save_figure(plot_images(part.images, titles, columns=4 if first <= 12 else 12), path)
    say(f"the first {len(part)} images drawn in {path}")
