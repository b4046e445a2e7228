"""Every recipe by name: ours, and those of the tutorials."""

from typing import Final

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError, unknown_name
from inkdigits.recipes.ours import OURS
from inkdigits.recipes.recipe import EnsembleConfig, LineConfig, Recipe
from inkdigits.recipes.tutorials import TUTORIALS

RECIPES: Final[dict[str, Recipe]] = OURS | TUTORIALS


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        ConfigError: there is none of that name; the text has the nearest names.
    """
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    return RECIPES[name]


def recipe_config(name: str) -> TrainConfig:
    """Return the training config of a recipe.

    Raises:
        ConfigError: there is no such recipe, or it trains no network, or several.
    """
    config = find_recipe(name).config
    if isinstance(config, LineConfig):
        raise ConfigError(
            f"recipe {name!r} fits a line, it trains no network: use `fit_line`, or `inkdigits train line`"
        )
    if isinstance(config, EnsembleConfig):
        raise ConfigError(
            f"recipe {name!r} trains {config.members} networks of {config.recipe!r}: name that one, or train all with "
            f"`inkdigits train {name}`"
        )
    return config
