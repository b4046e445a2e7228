"""What a config trains on and what it chooses by."""

from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.data.split import split_dataset
from inkdigits.data.synthesis import synthesize, synthesize_pairs, touching_pairs
from inkdigits.errors import ConfigError
from inkdigits.training.distributed import Team


def training_sets(config: TrainConfig) -> tuple[Dataset, Dataset]:
    """Return what a config trains on and what it chooses by: its data set, split, and with drawn images added.

    Raises:
        ConfigError: the data set is unknown or too small for the split, a font to draw with is missing, or a network of
            pairs has none to learn from.
        DataError: the data set is damaged.
        TrainingError: a process that draws died.
    """
    train_set, valid_set = _split(config)
    processes = config.threads or Team().threads  # of a team each member draws all, with its share of the cores
    if config.pairs:
        if not config.synthetic:
            raise ConfigError(
                f"{config.model} learns from drawn pairs alone, and `synthetic` is 0: train the recipe `pairs`, "
                "or set `synthetic` in a config file"
            )
        train_set = synthesize_pairs(train_set, config.synthetic, seed=config.seed, processes=processes)
    elif config.synthetic:
        train_set = synthesize(train_set, config.synthetic, seed=config.seed, processes=processes)
    return train_set, _chosen_by(config, valid_set)


def validation_set(config: TrainConfig) -> Dataset:
    """Return what a config chooses by: images that were held out, or pairs of touching digits made of them.

    Raises:
        ConfigError: the data set is unknown or too small for the split.
        DataError: the data set is damaged.
    """
    _, valid_set = _split(config)
    return _chosen_by(config, valid_set)


def _chosen_by(config: TrainConfig, held_out: Dataset) -> Dataset:
    return touching_pairs(held_out, len(held_out), seed=config.seed) if config.pairs else held_out


def _split(config: TrainConfig) -> tuple[Dataset, Dataset]:
    return split_dataset(load_dataset(config.dataset), config.validation_size, seed=config.seed)
