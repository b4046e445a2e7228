"""`inkdigits data`: what is in a data set, and whether it is intact."""

from pathlib import Path

import typer

from inkdigits.cli.console import print_json, print_table, say
from inkdigits.data.catalog import CATALOG, SPLITS, dataset_file, load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, unknown_name
from inkdigits.evaluation.plots import check_suffix, plot_images, save_figure
from inkdigits.imaging.terminal import letters


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
    if json:
        print_json({"name": name, "splits": {key: dataset.to_dict() for key, dataset in datasets.items()}})
    else:
        _print_summary(name, root, datasets)
    if show is not None or sheet is not None:
        chosen = datasets[split]
        if show is not None:
            _print_image(chosen, show)
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


def _print_image(dataset: Dataset, index: int) -> None:
    if index < 0:  # which Python counts from the end
        raise ConfigError(
            f"index {index} is outside {dataset.name}:{dataset.split}, which holds 0 to {len(dataset) - 1}"
        )
    try:
        image, label = dataset[index]
    except IndexError as error:
        raise ConfigError(str(error)) from None
    print(f"\n{dataset.name}:{dataset.split}/{index} is labelled {dataset.class_names[label]}")
    print(letters(image))


def _draw_sheet(dataset: Dataset, first: int, path: Path) -> None:
    part = dataset.subset(slice(first))
    titles = [part.class_names[label] for label in part.labels]
    save_figure(plot_images(part.images, titles, columns=4 if first <= 12 else 12), path)
    say(f"the first {len(part)} images drawn in {path}")
