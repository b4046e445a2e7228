"""Plots and the report are whole, say what they show, and need nothing from outside."""

import io
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkdigits.errors import ConfigError
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.evaluation.plots import figure_bytes, plot_confusion, plot_curves, plot_images, save_figure
from inkdigits.evaluation.report import ReportSubject, render_report
from tests.drawing import mnist_test
from tests.small import trained


def test_curves_show_both_sets_and_mark_the_best_epoch() -> None:
    figure = plot_curves(trained().history.to_dict()["epochs"], title="cnn")
    loss, accuracy = figure.axes
    assert (loss.get_xlabel(), loss.get_ylabel()) == ("epoch", "cross-entropy (nats)")
    assert accuracy.get_ylabel() == "accuracy (%)"
    legend = accuracy.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels[:2] == ["training", "validation"]
    assert labels[2].startswith("best: epoch ")
    assert np.asarray(loss.lines[0].get_xydata()).shape == (3, 2)


def test_curves_mark_the_epoch_that_is_kept() -> None:
    legend = plot_curves(trained().history.to_dict()["epochs"], kept=1).axes[1].get_legend()
    assert legend is not None
    assert legend.get_texts()[2].get_text() == "kept: epoch 1"


def test_confusion_labels_its_axes() -> None:
    evaluation = evaluate(trained().classifier, mnist_test())
    axes = plot_confusion(evaluation.confusion).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("guess", "label")
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list("0123456789")
    counts = {(text.get_position()): text.get_text() for text in axes.texts}
    assert counts[(0, 0)] == str(evaluation.confusion.counts[0, 0])


def test_a_contact_sheet_has_a_title_for_every_image() -> None:
    figure = plot_images(mnist_test().images[:14], [str(label) for label in mnist_test().labels[:14]])
    axes, sheet = figure.axes[0], np.asarray(figure.axes[0].images[0].get_array())
    assert [text.get_text() for text in axes.texts][:3] == ["7", "2", "1"]
    assert len(axes.texts) == 14
    assert sheet.shape == (2 * 36, 12 * 34)  # two rows of twelve
    assert np.array_equal(sheet[8:36, 3:31], mnist_test().images[0])
    assert np.array_equal(sheet[44:72, 37:65], mnist_test().images[13])


def test_no_images_make_an_empty_sheet() -> None:
    assert figure_bytes(plot_images(np.zeros((0, 28, 28), np.uint8), []))


@pytest.mark.parametrize("suffix", [".png", ".svg", ".PNG"])
def test_a_figure_is_written_as_its_suffix_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"plot{suffix}"
    save_figure(plot_images(mnist_test().images[:1], ["7"]), path)
    content = path.read_bytes()
    if suffix == ".svg":
        assert b"<svg" in content
    else:
        assert Image.open(io.BytesIO(content)).format == "PNG"


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"written as .png or .svg, got 'plot.gif'"):
        save_figure(plot_images(mnist_test().images[:1], ["7"]), tmp_path / "plot.gif")


def report() -> str:
    checkpoint = trained()
    subject = ReportSubject("<b>runs/a & b</b>", [("network", "<script>")], checkpoint.history.to_dict()["epochs"])
    return render_report(evaluate(checkpoint.classifier, mnist_test()), mnist_test(), subject)


def test_the_report_carries_everything_inside() -> None:
    page = report()
    assert "Confusion matrix" in page
    assert page.count("data:image/png;base64,") == 3
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert address.startswith("data:")
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page)


def test_the_report_escapes_what_users_named() -> None:
    page = report()
    assert "&lt;b&gt;runs/a &amp; b&lt;/b&gt;" in page
    assert "<script" not in page


@pytest.mark.slow
def test_the_report_opens_in_a_browser_without_a_network(tmp_path: Path) -> None:
    page, shot = tmp_path / "report.html", tmp_path / "shot.png"
    page.write_text(report())
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    quiet = ["--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}"]
    show = ["--window-size=1000,3000", f"--screenshot={shot}", page.as_uri()]
    subprocess.run([*browser, *quiet, *show], check=True, capture_output=True, timeout=120)
    pixels = np.asarray(Image.open(shot).convert("L"))
    assert pixels.shape == (3000, 1000)
    assert (pixels < 128).mean() > 0.01  # text and pictures, not an empty page


def test_a_notebook_is_given_the_picture() -> None:
    figure = plot_images(np.zeros((2, 28, 28), np.uint8), ["0", "1"])
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]  # a protocol of IPython
