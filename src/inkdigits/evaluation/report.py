"""One HTML file with everything about a classifier: opens anywhere, needs no network, no script, no second file."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from inkdigits.data.dataset import Dataset
from inkdigits.errors import require
from inkdigits.evaluation.evaluate import Evaluation
from inkdigits.evaluation.plots import figure_bytes, plot_confusion, plot_curves, plot_images
from inkdigits.version import __version__

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REMARKS = {
    "test": " that took no part in training or in choosing the epoch",
    "validation": " by which epochs or settings are chosen: an optimistic figure; the test set gives the honest one",
    "train": " that the network was trained on: not a measure of how well it reads others",
}
MISSES_SHOWN = 120  # ten rows of twelve; the full list is in the JSON


@dataclass(frozen=True)
class ReportSubject:
    """What the report is about, beyond the figures.

    Attributes:
        title: its heading.
        facts: rows (name, value) about the model and the run.
        epochs: `History.to_dict()["epochs"]`; empty when there is no history.
    """

    title: str
    facts: Sequence[tuple[str, str]] = ()
    epochs: Sequence[Mapping[str, Any]] = ()


def render_report(evaluation: Evaluation, dataset: Dataset, subject: ReportSubject) -> str:
    """Return the report as one HTML page, pictures included.

    Args:
        evaluation: of `dataset`.
        dataset: whose images the misses are shown from.
        subject: what was evaluated.

    Raises:
        MissingExtraError: jinja2 or matplotlib is not installed.
    """
    require("jinja2", extra="train", purpose="a report")
    from jinja2 import Environment

    shown = sorted(evaluation.misses, key=lambda miss: -miss.probability)[:MISSES_SHOWN]
    misses = plot_images(
        dataset.images[[miss.index for miss in shown]],
        [f"#{miss.index}\n{miss.label} read {miss.guess}\n{miss.probability:.0%}" for miss in shown],
    )
    template = files("inkdigits.evaluation").joinpath("report.html.jinja").read_text(encoding="utf-8")
    page: str = (
        Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        .from_string(template)
        .render(
            version=__version__,
            subject=subject,
            evaluation=evaluation,
            remark=REMARKS.get(dataset.split, ""),
            most_confused=evaluation.confusion.most_confused(),
            shown=len(shown),
            curves=_embedded(plot_curves(subject.epochs, kept=subject.epochs[-1]["epoch"]))
            if len(subject.epochs) > 1
            else None,
            confusion=_embedded(plot_confusion(evaluation.confusion)),
            misses=_embedded(misses) if shown else None,
        )
    )
    return page


def _embedded(figure: "Figure") -> str:
    """Return a figure as a data: address, so that the page carries its own pictures."""
    return "data:image/png;base64," + b64encode(figure_bytes(figure)).decode()
