"""From a recipe's name to a trained network, in one call."""

from inkdigits.config import TrainConfig
from inkdigits.recipes.catalog import recipe_config
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.sets import training_sets


def fit(config: TrainConfig | str = "quick") -> Checkpoint:
    """Train a network and return the epoch that its config keeps: the best by validation, or the last.

    Args:
        config: a config, or the name of a recipe.

    Returns:
        The checkpoint of that epoch; its history reaches to that epoch.

    Raises:
        ConfigError: the recipe is unknown, or is not one that trains a network.
        TrainingError: the run diverged.

    Example:
        >>> checkpoint = fit("softmax")  # doctest: +SKIP
    """
    config = recipe_config(config) if isinstance(config, str) else config
    train_set, valid_set = training_sets(config)
    kept = checkpoint = create_checkpoint(config)
    for record in train(checkpoint, train_set, valid_set):
        if isinstance(record, EpochRecord) and checkpoint.keeps(record):
            kept = checkpoint.copy()
    return kept
