"""Pictures of results: each function returns a matplotlib Figure; no display is needed, no global style touched."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inkdigits.config import OPTIMIZERS
from inkdigits.errors import ConfigError, require
from inkdigits.evaluation.confusion import ConfusionMatrix
from inkdigits.storage import write_file
from inkdigits.types import Images

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAIN_COLOUR, VALID_COLOUR = (
    "#4477aa",
    "#ee6677",
)  # Paul Tol's bright scheme: told apart by colour-blind readers
OPTIMIZER_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44")
FORMATS = (".png", ".svg")


def _figure(width: float, height: float) -> "Figure":
    require("matplotlib", extra="train", purpose="drawing a plot")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    # A notebook draws figures by itself only after pyplot has drawn one; this is how it asks any object for a picture.
    figure._repr_png_ = lambda: figure_bytes(figure)  # type: ignore[attr-defined]  # a protocol of IPython
    return figure


def plot_curves(epochs: Sequence[Mapping[str, Any]], *, title: str = "", kept: int | None = None) -> "Figure":
    """Draw loss and accuracy over the epochs, training against validation.

    Args:
        epochs: `History.to_dict()["epochs"]`.
        title: above both panels.
        kept: the epoch to be marked; None = the best by validation.
    """
    figure = _figure(9, 3.6)
    loss, accuracy = figure.subplots(1, 2)
    numbers = [record["epoch"] for record in epochs]
    for name, colour, marker in (("train", TRAIN_COLOUR, "o"), ("valid", VALID_COLOUR, "x")):
        label = {"train": "training", "valid": "validation"}[name]
        style: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4, "label": label}
        loss.plot(numbers, [record[f"{name}_loss"] for record in epochs], **style)
        accuracy.plot(numbers, [100 * record[f"{name}_accuracy"] for record in epochs], **style)
    loss.set(title="Loss", xlabel="epoch", ylabel="cross-entropy (nats)", yscale="log")
    trained = [100 * min(record["train_accuracy"], record["valid_accuracy"]) for record in epochs[1:]]
    accuracy.set(title="Accuracy", xlabel="epoch", ylabel="accuracy (%)")
    if len(trained) > 1:  # the untrained network's 10 % would press all that matters into the top edge
        accuracy.set_ylim(min(trained) - 0.5, 100.1)
    best = max(epochs, key=lambda record: (record["valid_accuracy"], -record["valid_loss"]))
    marked, word = (best["epoch"], "best") if kept is None else (kept, "kept")
    for axes in (loss, accuracy):
        axes.axvline(marked, color="0.6", linewidth=1, linestyle=":", label=f"{word}: epoch {marked}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        _clean(axes)
    accuracy.legend(frameon=False)
    if title:
        figure.suptitle(title)
    return figure


def plot_confusion(confusion: ConfusionMatrix) -> "Figure":
    """Draw the confusion matrix with every count; colour marks the confusions, not the diagonal."""
    figure = _figure(5.6, 5.2)
    axes = figure.subplots()
    wrong = confusion.counts.astype(float)
    np.fill_diagonal(wrong, 0)
    axes.imshow(wrong, cmap="Reds", vmin=0, vmax=max(1.0, wrong.max() * 1.3))
    for (label, guess), count in np.ndenumerate(confusion.counts):
        if count:
            weight, colour = ("bold", "0.25") if label == guess else ("normal", "black")
            axes.text(guess, label, str(count), ha="center", va="center", fontsize=8, weight=weight, color=colour)
    names = confusion.class_names
    axes.set(xlabel="guess", ylabel="label", xticks=range(len(names)), yticks=range(len(names)))
    axes.set_xticklabels(names)
    axes.set_yticklabels(names)
    axes.tick_params(length=0)
    return figure


def plot_images(images: Images, titles: Sequence[str], *, columns: int = 12) -> "Figure":
    """Draw a contact sheet: images in rows, a title above each.

    Args:
        images: uint8 (N, 28, 28), 0 = paper, 255 = ink; ink is drawn dark, as on paper.
        titles: N short texts.
        columns: images a row.
    """
    columns = min(columns, max(1, len(images)))
    rows = max(1, -(-len(images) // columns))
    lines = max((title.count("\n") + 1 for title in titles), default=1)
    wide, high = 34, 28 + 8 * lines  # pixels of a cell: the image, room beside it, and its title above it
    sheet = np.zeros((rows * high, columns * wide), np.uint8)
    figure = _figure(columns * 0.85, rows * 0.025 * high)
    axes = figure.subplots()  # one for all: a hundred take ten seconds to draw
    for number, (image, title) in enumerate(zip(images, titles, strict=True)):
        top, left = (number // columns) * high + 8 * lines, (number % columns) * wide + 3
        sheet[top : top + 28, left : left + 28] = image
        axes.text(left + 13.5, top - 1, title, fontsize=8, ha="center", va="bottom", linespacing=1.1)
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
    axes.axis("off")
    return figure


def plot_line(x: Sequence[float], y: Sequence[float], line: tuple[float, float], losses: Sequence[float]) -> "Figure":
    """Draw points with the line (slope, intercept) that was fitted to them, and the loss on the way there."""
    figure = _figure(9, 3.6)
    points, descent = figure.subplots(1, 2)
    points.plot(x, y, "o", markersize=3, color=TRAIN_COLOUR, label="points")
    ends = (min(x), max(x))
    points.plot(ends, [line[0] * end + line[1] for end in ends], color=VALID_COLOUR, label="fitted line")
    points.set(xlabel="x", ylabel="y", title=f"y = {line[0]:.3f} x + {line[1]:.3f}")
    points.legend(frameon=False)
    descent.plot(losses, color=TRAIN_COLOUR)
    descent.set(xlabel="step", ylabel="sum of squared errors", yscale="log", title="Loss")
    for axes in (points, descent):
        _clean(axes)
    return figure


def plot_trials(trials: Sequence[Mapping[str, Any]]) -> "Figure":
    """Draw a sweep: validation accuracy over the trials, and over the learning rate by optimiser.

    Args:
        trials: `Trial.to_dict()` of each; those without an accuracy are left out.
    """
    figure = _figure(9, 3.6)
    course, rates = figure.subplots(1, 2, sharey=True)
    measured = sorted((trial for trial in trials if trial["valid_accuracy"]), key=lambda trial: trial["number"])
    accuracies = [100 * trial["valid_accuracy"] for trial in measured]
    numbers = [trial["number"] + 1 for trial in measured]
    course.step(
        numbers,
        np.maximum.accumulate(np.array(accuracies)),
        where="post",
        color="0.5",
        linewidth=1,
        label="best so far",
    )
    for state, marker in (("finished", "o"), ("pruned", "x"), ("diverged", "^")):
        chosen = [place for place, trial in enumerate(measured) if trial["state"] == state]
        if chosen:
            places = [numbers[place] for place in chosen], [accuracies[place] for place in chosen]
            course.plot(*places, marker, markersize=5, color=TRAIN_COLOUR, label=state)
    course.set(xlabel="trial", ylabel="best validation accuracy (%)", title="Course of the sweep")
    course.xaxis.get_major_locator().set_params(integer=True)
    for optimizer, colour in zip(OPTIMIZERS, OPTIMIZER_COLOURS, strict=True):
        chosen = [place for place, trial in enumerate(measured) if trial["settings"]["optimizer"] == optimizer]
        if chosen:
            x = [measured[place]["settings"]["learning_rate"] for place in chosen]
            rates.plot(x, [accuracies[place] for place in chosen], "o", markersize=5, color=colour, label=optimizer)
    rates.set(xlabel="learning rate", xscale="log", title="Learning rate and optimiser")
    for axes in (course, rates):
        _clean(axes)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
    return figure


def figure_bytes(figure: "Figure", kind: str = "png") -> bytes:
    """Render a figure as a PNG or SVG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=110)
    return buffer.getvalue()


def check_suffix(path: Path) -> None:
    """Check that a figure can be written under this name, before the work of drawing it.

    Raises:
        ConfigError: the suffix is neither .png nor .svg.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"a plot is written as {' or '.join(FORMATS)}, got {path.name!r}")


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a figure; the suffix says whether as PNG or SVG.

    Raises:
        ConfigError: the suffix is neither.
        StorageError: the file cannot be written.
    """
    check_suffix(path)
    write_file(path, figure_bytes(figure, path.suffix.lower().removeprefix(".")))


def _clean(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
