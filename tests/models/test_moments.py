"""Digits set upright by their moments: what is moved, sheared or stretched comes out the same; nothing breaks it."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from inkdigits.data.catalog import load_dataset
from inkdigits.models.moments import MomentNormalization


@pytest.fixture(scope="module")
def digits() -> Tensor:
    """Return the last 200 training images, float32 (200, 28, 28)."""
    return torch.tensor(load_dataset("mnist", "train").images[-200:]).to(torch.float32)


def moved(images: Tensor, row_x: list[float], row_y: list[float]) -> Tensor:
    """Sample images by an affine map from output to input, in the units of `F.grid_sample`."""
    theta = torch.tensor([row_x, row_y]).expand(len(images), 2, 3)
    grid = F.affine_grid(theta, [len(images), 1, 28, 28], align_corners=False)
    return F.grid_sample(images.unsqueeze(1), grid, align_corners=False).squeeze(1)


def moments(images: Tensor) -> dict[str, Tensor]:
    """Return the centre of mass, in pixels from the middle, the spread and the slant of each image, each (N,)."""
    place = torch.arange(images.shape[1]) - (images.shape[1] - 1) / 2
    mass = images.sum(dim=(1, 2))
    x, y = (images * place).sum(dim=(1, 2)) / mass, (images * place[:, None]).sum(dim=(1, 2)) / mass
    dx, dy = place[None, None, :] - x[:, None, None], place[None, :, None] - y[:, None, None]
    var_y = (images * dy**2).sum(dim=(1, 2)) / mass
    spread_x = ((images * dx**2).sum(dim=(1, 2)) / mass).sqrt()
    slant = (images * dx * dy).sum(dim=(1, 2)) / mass / var_y
    return {"x": x, "y": y, "spread_x": spread_x, "spread_y": var_y.sqrt(), "slant": slant}


def test_digits_come_out_centred_upright_and_of_one_size(digits: Tensor) -> None:
    found = moments(MomentNormalization(28, spread=(4.0, 5.5))(digits))
    assert found["x"].abs().max() < 0.2
    assert found["y"].abs().max() < 0.2
    assert found["slant"].abs().median() < 0.02  # a slant of more than 45 degrees is left in part
    assert (found["spread_x"] - 4).abs().median() < 0.1  # ones stay narrower: 1.8 times their width at most
    assert (found["spread_y"] - 5.5).abs().median() < 0.1
    before = moments(digits)
    assert before["slant"].abs().median() > 0.1  # or there was nothing to do
    assert (before["spread_x"] - 4).abs().median() > 0.4


@pytest.mark.parametrize(
    "theta",
    [
        ([1, 0, 2 / 14], [0, 1, -1 / 14]),  # moved by two pixels and one
        ([1, 0.3, 0], [0, 1, 0]),  # sheared
        ([1.2, 0, 0], [0, 1, 0]),  # narrower
        ([1.1, 0, 0], [0, 1.1, 0]),  # smaller
    ],
)
def test_what_is_moved_sheared_or_stretched_comes_out_the_same(
    digits: Tensor, theta: tuple[list[float], list[float]]
) -> None:
    layer, changed = MomentNormalization(28), moved(digits, *theta)
    before = (changed - digits).abs().mean(dim=(1, 2))
    after = (layer(changed) - layer(digits)).abs().mean(dim=(1, 2))
    assert (after / before).median() < 0.5


def test_only_so_much_is_stretched_and_straightened() -> None:
    layer = MomentNormalization(28, spread=(1.0, 1.0))  # every digit is too large
    digit = torch.zeros(1, 28, 28)
    digit[:, 4:24, 8:20] = 255
    found, before = moments(layer(digit)), moments(digit)
    torch.testing.assert_close(found["spread_x"], 0.6 * before["spread_x"], atol=0.15, rtol=0)
    torch.testing.assert_close(found["spread_y"], 0.7 * before["spread_y"], atol=0.15, rtol=0)
    lying = torch.zeros(1, 28, 28)  # two pixels to the side for each pixel down
    for row in range(10, 18):
        lying[:, row, 2 * row - 16 : 2 * row - 10] = 255
    natural = (float(moments(lying)["spread_x"]), float(moments(lying)["spread_y"]))
    assert moments(MomentNormalization(28, spread=natural)(lying))["slant"] > 0.7  # 2 less 1, where 0 would be upright


def test_a_picture_need_not_be_square_or_of_whole_numbers(digits: Tensor) -> None:
    layer = MomentNormalization(24)
    wide = F.pad(digits, (6, 2, 1, 1))  # 30 x 36
    assert torch.allclose(layer(wide), layer(digits), atol=0.05)
    assert torch.equal(layer(digits.to(torch.uint8)), layer(digits))


def test_a_narrow_one_does_not_become_a_block() -> None:
    one = torch.zeros(1, 28, 28)
    one[:, 6:22, 13:15] = 255
    assert moments(MomentNormalization(28)(one))["spread_x"] < 1.8 * moments(one)["spread_x"] + 0.3
    assert MomentNormalization(28, spread=(9.0, 9.0))(one).sum(dim=(1, 2)) <= one.sum(dim=(1, 2)) * 1.8 * 1.6 * 1.05


@pytest.mark.parametrize("size", [20, 24, 28])
def test_the_picture_has_the_size_that_is_asked_for(digits: Tensor, size: int) -> None:
    out = MomentNormalization(size)(digits)
    assert out.shape == (200, size, size)
    assert out.dtype == torch.float32
    assert out.min() >= 0
    assert 200 < out.max() < 255.01
    middle = (28 - size) // 2
    whole = MomentNormalization(28)(digits)[:, middle : 28 - middle, middle : 28 - middle]
    assert torch.allclose(out, whole, atol=0.01)  # cut from the middle, not made smaller


def test_blank_full_and_nearly_blank_pictures_stay_numbers() -> None:
    odd = torch.zeros(4, 28, 28, dtype=torch.uint8)
    odd[1] = 255
    odd[2, 0, 0] = 1  # one dark corner
    odd[3, 5] = 255  # a line
    out = MomentNormalization(24)(odd)
    assert out.isfinite().all()
    assert out[0].sum() == 0
    assert out[2, 11:13, 11:13].sum() > 0.7 * out[2].sum() > 0  # it comes to the middle


def test_an_image_alone_comes_out_as_among_others(digits: Tensor) -> None:
    layer = MomentNormalization(24)
    together = layer(digits)
    assert torch.allclose(torch.cat([layer(each[None]) for each in digits[:20]]), together[:20], atol=1e-3)


def test_half_precision_around_it_changes_nothing(digits: Tensor) -> None:
    layer = MomentNormalization(24)
    with torch.autocast("cpu", torch.bfloat16):
        inside = layer(digits)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, layer(digits))


def test_weights_that_were_trained_without_it_do_not_fit() -> None:
    assert list(MomentNormalization(24).state_dict()) == ["spread"]


def test_it_says_what_it_does() -> None:
    assert repr(MomentNormalization(24)) == "MomentNormalization(size=24, spread=(4.0, 5.5))"
    assert not [*MomentNormalization(24).parameters()]
