"""From a recipe's name to a trained network, in one call."""

from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.data.synthesis import synthesize
from inkdigits.recipes import recipe_config
from inkdigits.training.checkpoint import Checkpoint, create_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train


def fit(config: TrainConfig | str = "quick") -> Checkpoint:
    """Train a network and return its best epoch by validation.

    Args:
        config: a config, or the name of a recipe.

    Returns:
        The checkpoint of the best epoch; its history reaches to that epoch.

    Raises:
        ConfigError: the recipe is unknown, or is not one that trains a network.
        TrainingError: the run diverged.

    Example:
        >>> checkpoint = fit("softmax")  # doctest: +SKIP
    """
    config = recipe_config(config) if isinstance(config, str) else config
    train_set, valid_set = training_sets(config)
    best = checkpoint = create_checkpoint(config)
    for record in train(checkpoint, train_set, valid_set):
        if isinstance(record, EpochRecord) and record.best:
            best = checkpoint.copy()
    return best


def training_sets(config: TrainConfig) -> tuple[Dataset, Dataset]:
    """Return what a config trains on and what it chooses by: its data set, split, and with drawn images added.

    Raises:
        ConfigError: the data set is unknown, too small for the split, or a font to draw with is missing.
        DataError: the data set is damaged.
    """
    train_set, valid_set = split_dataset(load_dataset(config.dataset), config.validation_size, seed=config.seed)
    if config.synthetic:
        train_set = synthesize(train_set, config.synthetic, seed=config.seed)
    return train_set, valid_set
