"""Errors say what, why and the mend."""

import pytest

from inkdigits import errors
from inkdigits.errors import ConfigError, InkdigitsError, MissingExtraError, require, unknown_name


def test_every_error_is_drawn_in_the_tree_with_its_exit_code() -> None:
    assert errors.__doc__ is not None
    for error in InkdigitsError.__subclasses__():
        line = next(line for line in errors.__doc__.splitlines() if f" {error.__name__} " in line)
        assert f" {error.exit_code} " in line


def test_every_error_is_also_a_builtin() -> None:
    for error in InkdigitsError.__subclasses__():
        builtin = error.__mro__[2]
        assert builtin.__module__ == "builtins"
        assert builtin is not Exception


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    error = unknown_name("recipe", "lenet", ["lenet5", "cnn", "softmax"])
    assert isinstance(error, ConfigError)
    assert str(error) == "unknown recipe 'lenet': did you mean lenet5? known: cnn, lenet5, softmax"


def test_a_name_like_no_other_is_answered_with_all() -> None:
    assert str(unknown_name("recipe", "zzz", ["cnn", "mlp"])) == "unknown recipe 'zzz': known: cnn, mlp"


def test_a_missing_extra_is_answered_with_the_command_that_installs_it() -> None:
    with pytest.raises(MissingExtraError, match=r'pip install "inkdigits\[train\]"'):
        require("a_package_that_does_not_exist", extra="train", purpose="training")


def test_an_installed_extra_passes() -> None:
    require("torch", extra="train", purpose="training")
