"""`inkdigits compare`: several models on the same images."""

from pathlib import Path

import typer

from inkdigits.cli.console import percent, print_json, print_table
from inkdigits.cli.models import dataset_split, open_model
from inkdigits.errors import ConfigError
from inkdigits.evaluation.compare import ComparisonRow, Contender
from inkdigits.evaluation.compare import compare as compare_contenders
from inkdigits.evaluation.evaluate import evaluate


def compare(
    runs: list[str] = typer.Argument(
        ...,
        help="Runs' folders, .safetensors or .onnx files, `shipped`; with + between, several as one.",
        show_default=False,
    ),
    root: Path | None = typer.Option(
        None, help="A folder that holds the data set.", show_default="the copy in the package"
    ),
    json: bool = typer.Option(False, "--json", help="One JSON object a model, one a line."),
) -> None:
    """Compare models on the test set: accuracy, parameters, time, and whether the difference could be chance."""
    opened = [open_model(run) for run in runs]
    names = {model.dataset for model in opened}
    if len(names) > 1:
        raise ConfigError(f"these models were trained on different data sets ({', '.join(sorted(names))})")
    dataset = dataset_split(opened[0], "test", root)
    contenders = [
        Contender(model.name, evaluate(model.classifier, dataset), model.parameters, model.train_seconds)
        for model in opened
    ]
    rows = compare_contenders(contenders, dataset)
    if json:
        for row in rows:
            print_json(row.to_dict())
        return
    print_table(
        ("model", "accuracy", "95 % interval", "correct", "behind", "p", "parameters", "train s", "images/s"),
        [_cells(row) for row in rows],
    )


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    low, high = row.interval_95
    return (
        row.name,
        percent(row.accuracy),
        f"{100 * low:.2f} - {100 * high:.2f}",
        f"{row.correct:,}",
        "-" if row.p_value is None else f"{row.points_behind:.2f}",
        "-" if row.p_value is None else f"{row.p_value:.2g}",
        "-" if row.parameters is None else f"{row.parameters:,}",
        "-" if row.train_seconds is None else f"{row.train_seconds:.1f}",
        f"{row.images_per_second:,.0f}",
    )
