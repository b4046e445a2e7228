"""The recipes carry the numbers of their sources."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import ladder
from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError
from inkdigits.models.registry import create_model
from inkdigits.recipes.catalog import RECIPES, find_recipe, recipe_config
from inkdigits.recipes.recipe import EnsembleConfig, LineConfig

RESULTS = Path(__file__).parents[1] / "benchmarks/results/recipes.json"
TIMES, LADDER = RESULTS.with_name("time_to_accuracy.json"), RESULTS.with_name("ladder.json")
RUNGS = [name for name in RECIPES if name.startswith("params-")]
WEIGHTS = Path(__file__).parents[1] / "src/inkdigits/inference/weights"
CARDS = {"robust": "digits", "pairs": "pairs"}  # of the models that they made

# recipe: model, optimiser, learning rate, batch size, epochs, seed; None = the source gives none
PUBLISHED = {
    "lenet5": ("lenet5", "adam", 1e-3, 64, 40, None),
    "cnn": ("cnn", "adam", 1e-3, 10, 5, 42),
    "mlp": ("mlp", None, None, None, 10, None),
    "softmax": ("softmax", "sgd", None, 128, None, None),
    "cnn-long": ("cnn", "adam", 1e-3, 10, 10, 41),
    "linear-stack": ("linear-stack", "sgd", 0.01, 32, 10, 123),
    "cnn-dropout": ("cnn-dropout", "sgd", 0.1, 32, 10, 123),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_recipe_has_the_published_numbers(name: str) -> None:
    config = recipe_config(name)
    ours = (config.model, config.optimizer, config.learning_rate, config.batch_size, config.epochs, config.seed)
    for published, own in zip(PUBLISHED[name], ours, strict=True):
        assert published is None or published == own


def test_the_line_recipe_has_the_published_numbers() -> None:
    assert RECIPES["line"].config == LineConfig(2.0, 1.0, 0.1, 100, 500, 1e-3, 123)


def test_softmax_regression_keeps_the_published_split() -> None:
    assert recipe_config("softmax").validation_size == 10_000


def test_no_recipe_trains_on_all_images_and_none_chooses_on_the_test_set() -> None:
    for recipe in RECIPES.values():
        if isinstance(recipe.config, TrainConfig):
            assert recipe.config.validation_size >= 5_000


def test_every_recipe_names_a_network_that_exists() -> None:
    for recipe in RECIPES.values():
        if isinstance(recipe.config, TrainConfig):
            create_model(recipe.config.model)


def test_an_ensemble_is_made_of_a_recipe_that_trains_one_network() -> None:
    ensembles = [recipe.config for recipe in RECIPES.values() if isinstance(recipe.config, EnsembleConfig)]
    assert ensembles
    for ensemble in ensembles:
        assert recipe_config(ensemble.recipe)
        assert ensemble.members > 1


@pytest.mark.parametrize("name", RUNGS)
def test_a_rung_of_the_ladder_has_as_few_parameters_as_it_says(name: str) -> None:
    parameters = sum(tensor.numel() for tensor in create_model(recipe_config(name).model).parameters())
    limit = int(name.removeprefix("params-"))
    assert 0.8 * limit < parameters <= limit
    runs = _runs_of_rung(name)
    assert {run["parameters"] for run in runs} == {parameters}
    on_file = ladder.on_file()
    assert all(run in on_file for run in runs)  # made with the settings that the recipe has today
    assert len(runs) >= 5


def test_every_mended_recipe_says_what_was_mended() -> None:
    for name in (*PUBLISHED, "line"):
        assert RECIPES[name].mended


def test_measured_figures_are_those_of_the_benchmark() -> None:
    measured = {
        **{name: row["mean_accuracy"] for name, row in json.loads(RESULTS.read_text())["recipes"].items()},
        **{name: row["accuracy"] for name, row in json.loads(TIMES.read_text())["rows"].items()},
        **{name: _mean_of_rung(name) for name in RUNGS},
    }
    for name, recipe in RECIPES.items():
        if name in CARDS:
            card = json.loads((WEIGHTS / f"{CARDS[name]}.json").read_text())
            assert recipe.measured == pytest.approx(card["test_accuracy"], abs=5e-5), name
        elif isinstance(recipe.config, LineConfig):
            assert recipe.measured is None
        else:
            assert recipe.measured == pytest.approx(measured[name], abs=5e-5), name


def _runs_of_rung(name: str) -> list[dict[str, Any]]:
    """Return the runs on file that learnt from labels, as the recipe says."""
    return [run for run in json.loads(LADDER.read_text())["runs"] if (run["recipe"], run["taught_by"]) == (name, None)]


def _mean_of_rung(name: str) -> float:
    accuracies = [float(run["accuracy"]) for run in _runs_of_rung(name)]
    return sum(accuracies) / len(accuracies)


def test_the_mended_recipes_reach_what_they_must() -> None:
    measured = json.loads(RESULTS.read_text())["recipes"]
    for name, least in (("lenet5", 0.989), ("cnn", 0.986)):
        assert measured[name]["mean_accuracy"] >= least
        assert len(measured[name]["runs"]) >= 3


def test_our_own_recipes_reach_what_they_claim() -> None:
    measured = json.loads(TIMES.read_text())["rows"]
    goals = (("quick", 0.99, 10), ("careful", 0.995, 10), ("thorough", 0.997, 5), ("accurate", 0.9975, 5))
    for name, least, runs in goals:
        assert measured[name]["accuracy"] >= least, name
        assert len(measured[name]["runs"]) >= runs, name
    assert measured["quick"]["times_as_fast"] >= 40  # the goal; chance decides how many epochs the tutorial needs
    for name, least in (("params-700", 0.99), ("params-3000", 0.994), ("params-10000", 0.996)):
        assert _mean_of_rung(name) >= least, name
    for name, times in (("careful", 8), ("thorough", 100)):
        assert measured[name]["loop_seconds"] <= times * measured[name]["quick_seconds"], name


def test_a_hundred_thousand_predictions_a_second_cost_no_accuracy() -> None:
    light = json.loads(RESULTS.read_text())["recipes"]["light"]
    assert light["mean_accuracy"] >= 0.99
    assert len(light["runs"]) >= 10
    inference = json.loads(RESULTS.with_name("inference.json").read_text())
    network = next(name for name, model in inference["networks"].items() if model == recipe_config("light").model)
    assert inference["models"][network]["ONNX Runtime"]["1000"]["images_per_second"] >= 100_000


def test_an_unknown_recipe_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean lenet5"):
        find_recipe("lenet")


def test_the_line_recipe_trains_no_network() -> None:
    with pytest.raises(ConfigError, match="fits a line"):
        recipe_config("line")


def test_an_ensemble_is_no_single_training() -> None:
    with pytest.raises(ConfigError, match="trains 5 networks of 'accurate'"):
        recipe_config("ensemble")
