"""Settings are checked once, all at once, and survive the way to a file and back."""

import math
from pathlib import Path

import pytest

from inkdigits.config import AugmentConfig, TrainConfig, read_config_file
from inkdigits.errors import ConfigError


def test_a_config_comes_back_from_its_dictionary() -> None:
    for config in (TrainConfig(model="cnn"), TrainConfig(model="cnn", augment=AugmentConfig(scale=0.2), threads=2)):
        assert TrainConfig.from_dict(config.to_dict()) == config


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        TrainConfig(model="cnn", epochs=0, batch_size=0, optimizer="sdg")
    assert str(caught.value) == (
        "optimizer must be one of sgd, adam, adamw, adagrad, got 'sdg'; "
        "batch_size must be at least 1 image, got 0; epochs must be at least 1, got 0"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.0),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("momentum", 0.9),  # belongs to sgd, the default is adam
        ("weight_decay", -1.0),
        ("weight_decay", math.nan),
        ("label_smoothing", 1.0),
        ("beta1", 1.0),
        ("beta2", -0.1),
        ("warm_up", 1.0),
        ("average", 1.0),
        ("images_per_epoch", 0),
        ("hard_share", 0.5),  # of an epoch of all images
        ("hard_share", 1.1),
        ("validation_size", 0),
        ("views", 2),
        ("seed", -1),
        ("threads", 0),
        ("threads", 1_025),
        ("seed", 2**63),
        ("batch_size", 2**63),
        ("schedule", "cosine"),
        ("keep", "first"),
        ("device", "gpu"),
        ("precision", "float16"),
    ],
)
def test_a_value_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        TrainConfig(model="cnn").replace({name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", "3"), ("epochs", 2.5), ("epochs", True), ("model", 3), ("augment", 1)]
)
def test_a_value_of_the_wrong_type_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be .*got"):
        TrainConfig(model="cnn").replace({name: value})


def test_a_whole_number_is_a_learning_rate_too() -> None:
    assert TrainConfig(model="cnn").replace({"learning_rate": 1}).learning_rate == 1


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown setting 'epoch': did you mean epochs"):
        TrainConfig(model="cnn").replace({"epoch": 3})
    with pytest.raises(ConfigError, match=r"unknown setting of \[augment\] 'rotation': did you mean rotation_degrees"):
        TrainConfig(model="cnn").replace({"augment": {"rotation": 3}})


@pytest.mark.parametrize("name", ["rotation_degrees", "scale", "shear", "shift_pixels", "stroke"])
def test_an_augmentation_out_of_range_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        TrainConfig(model="cnn").replace({"augment": {name: -0.1}})
    with pytest.raises(ConfigError, match=name):
        TrainConfig(model="cnn").replace({"augment": {name: math.inf}})


def test_a_toml_file_changes_a_config(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('epochs = 3\noptimizer = "sgd"\nmomentum = 0.9\n[augment]\nscale = 0.3\n')
    config = TrainConfig(model="cnn").replace(read_config_file(file))
    assert (config.epochs, config.optimizer, config.momentum) == (3, "sgd", 0.9)
    assert config.augment == AugmentConfig(scale=0.3)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("epochs: 3")
    with pytest.raises(ConfigError, match="is not a TOML file"):
        read_config_file(file)
    with pytest.raises(ConfigError, match="cannot open the config file"):
        read_config_file(tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match="cannot open the config file"):
        read_config_file(tmp_path)


def test_neither_shuffling_nor_the_test_set_is_an_option() -> None:
    for name in TrainConfig(model="cnn").to_dict():
        assert "shuffle" not in name
        assert "test" not in name
