"""The package's face: what the documents and lessons use, loaded only when asked for."""

import importlib
import subprocess
import sys

import pytest

import inkdigits

PUBLIC = {
    "augment", "AugmentConfig", "best_temperature", "Checkpoint", "create_checkpoint", "create_model", "Dataset",
    "draw_trace", "evaluate", "EpochRecord", "Evaluation", "export_onnx", "find_ink", "fit", "list_models",
    "load_checkpoint",
    "load_dataset", "load_picture", "normalize_digit", "OnnxClassifier", "plot_confusion", "plot_curves",
    "plot_images", "probability_table", "Reader", "Reading", "RECIPES", "save_checkpoint", "shipped_classifier",
    "softmax", "split_dataset", "summarize", "TorchClassifier", "train", "TrainConfig", "wilson_interval",
}  # fmt: skip


def modules_after(code: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_the_public_names_are_these() -> None:
    assert set(inkdigits.__all__) == PUBLIC | {"__version__"}
    assert set(dir(inkdigits)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_what_its_module_defines(name: str) -> None:
    value = getattr(inkdigits, name)
    home = importlib.import_module(inkdigits._PUBLIC[name])
    assert value is getattr(home, name)
    if callable(value):
        assert value.__module__ == home.__name__
        assert value.__doc__


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Trainer'; public names: AugmentConfig"):
        inkdigits.Trainer  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert modules_after("import inkdigits").isdisjoint(
        {"torch", "numpy", "cv2", "onnxruntime", "pandas", "PIL", "rich"}
    )


def test_reading_loads_no_torch() -> None:
    code = "import inkdigits; inkdigits.Reader().read('examples/seven.jpg')"
    loaded = modules_after(code)
    assert "onnxruntime" in loaded
    assert loaded.isdisjoint({"torch", "pandas", "matplotlib", "jinja2", "typer", "rich"})


def test_evaluating_an_exported_model_loads_no_torch() -> None:
    code = (
        "import inkdigits; from inkdigits.inference.weights import shipped_classifier; "
        "inkdigits.evaluate(shipped_classifier(), inkdigits.load_dataset('mnist', 'test').subset(slice(50)))"
    )
    assert modules_after(code).isdisjoint({"torch", "pandas", "matplotlib"})


@pytest.mark.slow
def test_training_and_resuming_load_no_compiler() -> None:
    code = """
import inkdigits
for optimizer in ("sgd", "adam", "adamw", "adagrad"):
    config = inkdigits.TrainConfig(model="softmax", optimizer=optimizer, images_per_epoch=50, epochs=1)
    run = inkdigits.fit(config)
    run.config = config.replace({"epochs": 2})
    few = inkdigits.load_dataset("mnist").subset(slice(100))
    assert len(list(inkdigits.train(run, few, few))) == 1
"""
    assert "torch._dynamo" not in modules_after(code)


def test_the_version_is_answered_before_anything_is_imported() -> None:
    code = "import sys; sys.argv = ['inkdigits', '--version']; from inkdigits.__main__ import main; main()"
    assert modules_after(code).isdisjoint({"typer", "rich", "numpy", "torch"})
