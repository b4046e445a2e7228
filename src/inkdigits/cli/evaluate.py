"""`inkdigits evaluate`: how good is a model, and where does it fail."""

from pathlib import Path

import typer

from inkdigits.cli.console import percent, print_json, print_table, say
from inkdigits.cli.models import OpenedModel, dataset_split, open_model
from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, InkdigitsError
from inkdigits.evaluation.evaluate import Evaluation
from inkdigits.evaluation.evaluate import evaluate as evaluate_classifier
from inkdigits.evaluation.misses import Miss
from inkdigits.storage import write_file

ROW = 12  # misses a row
CONFUSION, MISSES = "confusion.png", "misses.png"


def evaluate(
    run: str = typer.Argument(
        "shipped",
        help="The folder of a run or an ensemble, a .safetensors or .onnx file, `shipped`, or several with + between.",
    ),
    split: str = typer.Option("test", help="train, validation or test."),
    root: Path | None = typer.Option(
        None, help="A folder that holds the data set.", show_default="the copy in the package"
    ),
    report: Path | None = typer.Option(None, help="The HTML report.", show_default="report.html in the run's folder"),
    plots: Path | None = typer.Option(None, help="A folder for confusion.png and misses.png."),
    misses: int = typer.Option(ROW, min=0, help="How many wrong guesses to list."),
    json: bool = typer.Option(False, "--json", help="Print JSON: every figure and every miss."),
) -> None:
    """Measure a model: accuracy with its interval, each class, the confusions, the misses, one HTML report."""
    if report is not None and report.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"the report is an HTML file, got {report.name!r}: call it {report.stem}.html")
    opened = open_model(run)
    dataset = dataset_split(opened, split, root)
    evaluation = evaluate_classifier(opened.classifier, dataset)
    if report is None and opened.folder is not None:
        report = opened.folder / ("report.html" if split == "test" else f"report-{split}.html")
    written, failure = list[str](), None
    try:  # before anything is printed: the reader of our output may have seen enough after a line
        if report is not None:
            _write_report(opened, evaluation, dataset, report)
            written.append(f"report: {report}")
        if plots is not None:
            _draw(evaluation, dataset, plots)
            written.append(f"plots: {plots}/{CONFUSION} and {MISSES}")
    except InkdigitsError as error:  # a full disk or a missing extra takes no results away
        failure = error
    try:
        if json:
            print_json({"model": run} | evaluation.to_dict())
        else:
            _print(evaluation, misses)
        print(end="", flush=True)  # so that the messages come after it in a file, too
        for line in written:
            say(line)
    finally:
        if failure:
            raise failure


def _print(evaluation: Evaluation, misses: int) -> None:
    low, high = evaluation.interval
    print(
        f"{evaluation.dataset}: accuracy {evaluation.correct:,}/{evaluation.total:,} = {percent(evaluation.accuracy)}  "
        f"(95 % interval {percent(low)} to {percent(high)}), loss {evaluation.loss:.4f}\n"
    )
    print_table(
        ("class", "images", "precision", "recall", "F1"),
        [(r.name, r.support, percent(r.precision), percent(r.recall), percent(r.f1)) for r in evaluation.classes],
    )
    print(f"\n{evaluation.confusion}")
    pairs = [f"{label} read as {guess}: {count}" for label, guess, count in evaluation.confusion.most_confused(5)]
    print(f"\nmost confused: {'; '.join(pairs) or 'none'}")
    print(f"misses: {len(evaluation.misses)}")
    for start in range(0, min(misses, len(evaluation.misses)), ROW):
        _print_misses(evaluation.misses[start : min(start + ROW, misses)])


def _print_misses(row: tuple[Miss, ...]) -> None:
    """Print wrong guesses in columns: index, label, guess, probability."""
    print("  index " + "".join(f"{miss.index:>7}" for miss in row))
    print("  label " + "".join(f"{miss.label:>7}" for miss in row))
    print("  guess " + "".join(f"{miss.guess:>7}" for miss in row))
    print("  prob. " + "".join(f"{miss.probability:>7.0%}" for miss in row))


def _write_report(opened: OpenedModel, evaluation: Evaluation, dataset: Dataset, path: Path) -> None:
    from inkdigits.evaluation.report import ReportSubject, render_report

    subject = ReportSubject(f"inkdigits: {opened.name}", opened.facts(), opened.epochs)
    write_file(path, render_report(evaluation, dataset, subject).encode())


def _draw(evaluation: Evaluation, dataset: Dataset, folder: Path) -> None:
    from inkdigits.evaluation.plots import plot_confusion, plot_images, save_figure

    save_figure(plot_confusion(evaluation.confusion), folder / CONFUSION)
    shown = evaluation.misses[: 20 * ROW]
    titles = [f"#{miss.index}\n{miss.label} read {miss.guess}\n{miss.probability:.0%}" for miss in shown]
    save_figure(plot_images(dataset.images[[miss.index for miss in shown]], titles), folder / MISSES)
