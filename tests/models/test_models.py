"""Every network keeps the contract: raw pixels in, one row of logits an image out, whatever else is in the batch."""

import inspect

import numpy as np
import pytest
import torch

from inkdigits.errors import ConfigError
from inkdigits.inference.softmax import softmax
from inkdigits.models.classifier import TorchClassifier
from inkdigits.models.columns import Columns
from inkdigits.models.layers import CosineConv, Dropout, ScalePixels, TurnedConv
from inkdigits.models.moments import Upright
from inkdigits.models.registry import MODELS, create_model, list_models
from inkdigits.models.summary import summarize
from inkdigits.models.views import FourViews
from tests.drawing import mnist_test

PARAMETERS = {
    "lenet5": 61_706,
    "cnn": 60_074,
    "mlp": 105_214,
    "softmax": 7_850,
    "linear-stack": 89_610,
    "cnn-dropout": 225_034,
}


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items())
def test_a_published_network_has_the_published_number_of_parameters(name: str, parameters: int) -> None:
    assert sum(tensor.numel() for tensor in create_model(name).parameters()) == parameters


@pytest.mark.parametrize("name", MODELS)
def test_images_become_logits(name: str) -> None:
    logits = TorchClassifier(create_model(name)).logits(mnist_test().images[:7])
    assert logits.shape == (7, 100 if name == "pairnet" else 10)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", MODELS)
def test_an_image_alone_gets_the_answer_that_it_gets_in_any_batch(name: str) -> None:
    classifier = TorchClassifier(create_model(name, seed=1))
    images = mnist_test().images[:64]
    together = softmax(classifier.logits(images))
    alone = np.concatenate([softmax(classifier.logits(image[None])) for image in images])
    assert np.abs(together - alone).max() <= 1e-6
    assert (together.argmax(1) == alone.argmax(1)).all()


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_decides_the_weights_and_torch_keeps_its_own_chance(name: str) -> None:
    before = torch.get_rng_state()
    one, same, other = create_model(name, seed=1), create_model(name, seed=1), create_model(name, seed=2)
    assert torch.equal(before, torch.get_rng_state())
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


@pytest.mark.parametrize("name", MODELS)
def test_the_number_of_classes_is_free(name: str) -> None:
    assert create_model(name, num_classes=49)(torch.zeros(2, 28, 28, dtype=torch.uint8)).shape == (2, 49)


def test_pairs_of_some_classes_are_a_square_number() -> None:
    with pytest.raises(ConfigError, match="a square number, got 26"):
        create_model("pairnet", num_classes=26)


def test_logit_of_a_pair_is_the_sum_of_those_of_its_digits() -> None:
    logits = create_model("pairnet").eval()(torch.zeros(1, 28, 28, dtype=torch.uint8)).reshape(10, 10)
    torch.testing.assert_close(logits[3, 7] - logits[3, 5], logits[8, 7] - logits[8, 5])


@pytest.mark.parametrize("name", MODELS)
def test_every_network_says_its_shapes_after_the_lines_that_change_them(name: str) -> None:
    model = create_model(name)
    columns = model.columns if isinstance(model, Columns) else [model]
    inner = [each.network for each in columns if isinstance(each, Upright)]
    for network in [model, *columns, *inner]:
        source = inspect.getsource(type(network).forward)
        changing = [line for line in source.splitlines() if " = " in line and "self." in line]
        assert changing
        assert all("# (N" in line for line in changing)


@pytest.mark.parametrize("four_views", [False, True])
@pytest.mark.parametrize("name", ["softmax", "quicknet"])
def test_no_images_give_no_logits(name: str, four_views: bool) -> None:
    classifier = TorchClassifier(create_model(name), four_views=four_views)
    assert classifier.logits(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_asking_leaves_the_network_in_its_mode() -> None:
    model = create_model("cnn-dropout")
    classifier = TorchClassifier(model)
    for mode in (True, False):
        model.train(mode)
        first = classifier.logits(mnist_test().images[:5])
        assert np.array_equal(first, classifier.logits(mnist_test().images[:5]))  # eval mode: no dropout
        assert model.training is mode


def test_unknown_networks_are_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown model 'lenet': did you mean lenet5"):
        create_model("lenet")


def test_networks_are_listed_by_pattern() -> None:
    assert list_models("cnn*") == ["cnn", "cnn-dropout"]
    assert list_models() == sorted(MODELS)


def test_pixels_are_scaled_as_published() -> None:
    image = torch.tensor([[[0, 255]]], dtype=torch.uint8)
    assert ScalePixels()(image).flatten().tolist() == [0, 1]
    normalised = ScalePixels(0.1307, 0.3081)(image).flatten().tolist()
    assert normalised == pytest.approx([-0.1307 / 0.3081, (1 - 0.1307) / 0.3081])


def test_dropout_draws_from_its_own_generator_and_keeps_the_mean() -> None:
    layer, ones = Dropout(0.25), torch.ones(100_000)
    layer.generator = torch.Generator().manual_seed(5)
    first = layer(ones)
    layer.generator = torch.Generator().manual_seed(5)
    assert torch.equal(first, layer(ones))
    assert (first == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert first.mean().item() == pytest.approx(1, abs=0.01)
    assert torch.equal(layer.eval()(ones), ones)


def test_four_views_are_the_mean_over_the_image_moved_by_half_a_pixel_each_way() -> None:
    network = create_model("cnn", seed=2).eval()
    images = np.random.default_rng(0).integers(0, 256, (9, 28, 28), np.uint8)  # ink at the margins too
    framed = np.pad(images.astype(np.float32), ((0, 0), (1, 1), (1, 1)))  # what moves in is paper
    moved = [(framed + np.roll(framed, step, axis))[:, 1:-1, 1:-1] / 2 for step in (1, -1) for axis in (1, 2)]
    expected = np.mean([network(torch.tensor(each)).detach().numpy() for each in moved], axis=0)
    classifier = TorchClassifier(network, four_views=True)
    np.testing.assert_allclose(classifier.logits(images), expected, atol=1e-6)
    np.testing.assert_allclose(classifier.logits(images[4:5]), expected[4:5], atol=1e-6)
    assert np.abs(expected - TorchClassifier(network).logits(images)).max() > 1e-3


@pytest.mark.parametrize("name", ["quicknet", "turnednet"])
def test_where_digits_are_set_upright_the_upright_ones_are_moved(name: str) -> None:
    network, images = create_model(name).eval(), mnist_test().images[:9]
    classifier = TorchClassifier(network, four_views=True)
    upright = network.get_submodule("moments")(torch.tensor(images))
    with torch.inference_mode():
        expected = FourViews(network.get_submodule("network"))(upright).numpy()
    np.testing.assert_allclose(classifier.logits(images), expected, atol=1e-6)
    np.testing.assert_allclose(classifier.logits(np.roll(images, 1, axis=2)), expected, atol=1e-5)
    assert np.abs(expected - TorchClassifier(network).logits(images)).max() > 1e-3


def test_the_fixed_filters_are_different_patterns_and_their_negatives() -> None:
    layer = CosineConv()
    patterns = layer.weight.flatten(1)  # (16, 25)
    assert torch.allclose(patterns[:8] @ patterns[:8].T, torch.eye(8), atol=1e-6)
    assert torch.equal(patterns[8:], -patterns[:8])
    assert torch.allclose(patterns[0], torch.full((25,), 0.2))  # the first one is flat
    assert not [*layer.parameters()]


def test_what_is_fixed_stays_as_it_is_in_training() -> None:
    model = create_model("quicknet")
    before = model.get_buffer("network.conv1.weight").clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.tensor(mnist_test().images[:20])).square().sum().backward()
    optimizer.step()
    assert torch.equal(model.get_buffer("network.conv1.weight"), before)
    assert all(tensor.grad is not None for tensor in model.parameters())
    layers = {layer.name: layer for layer in summarize(model).layers}
    conv1, norm1 = layers["network.conv1"], layers["network.norm1"]
    assert conv1.parameters == norm1.parameters == 0  # or gradients would come as far as the whole picture
    assert conv1.macs == 20 * 20 * 16 * 25


def test_three_filters_of_four_are_the_trained_one_turned() -> None:
    layer, image = TurnedConv(1, 8), torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    answers = layer(image)  # (1, 8, 9, 9): the trained two, those two in one quarter turn, in two, in three
    for turns in range(4):
        turned = layer(image.rot90(-turns, (2, 3)))[:, :2].rot90(turns, (2, 3))  # turn the picture instead
        torch.testing.assert_close(answers[:, 2 * turns : 2 * turns + 2], turned)
    assert layer.weight.shape == (2, 1, 3, 3)
    assert layer(image).flatten(2).norm(dim=2).unique().numel() == 8  # and no two are the same


def test_a_network_that_uses_its_weights_again_has_at_most_700() -> None:
    model = create_model("turnednet")
    assert sum(tensor.numel() for tensor in model.parameters()) == 679
    model(torch.tensor(mnist_test().images[:20])).square().sum().backward()
    assert all(tensor.grad is not None for tensor in model.parameters())
    layers = summarize(model).layers
    uses = [(layer.macs, layer.parameters) for layer in layers if layer.name == "network.coarse.0"]
    assert uses == [(6 * 6 * 12 * 9, 27), (6 * 6 * 12 * 9, 0), (6 * 6 * 12 * 9, 0)]
    assert sum(layer.parameters for layer in layers) == 679


@pytest.mark.parametrize("name", MODELS)
def test_a_digit_that_is_moved_gets_the_same_answer_where_digits_are_set_upright(name: str) -> None:
    images = torch.tensor(mnist_test().images[:50])
    moved = images.roll((-1, 1), dims=(1, 2))  # up and right; the margin is empty
    model = create_model(name).eval()
    with torch.inference_mode():
        same = torch.allclose(model(moved), model(images), atol=1e-5)
    assert same is (name in {"quicknet", "turnednet"})


def test_the_trace_of_the_small_cnn_is_the_published_one() -> None:
    shapes = {layer.name: layer.output_shape for layer in summarize(create_model("cnn")).layers}
    assert shapes == {
        "scale": (1, 28, 28),
        "conv1": (6, 26, 26),
        "conv2": (16, 11, 11),
        "linear1": (120,),
        "linear2": (84,),
        "linear3": (10,),
    }


def test_the_parameter_table_of_the_small_cnn_is_the_published_one() -> None:
    summary = summarize(create_model("cnn"))
    assert [tensor.parameters for tensor in summary.tensors] == [54, 6, 864, 16, 48_000, 120, 10_080, 84, 840, 10]
    assert summary.parameters == 60_074
    assert summary.to_dict()["parameters"] == 60_074


def test_multiply_accumulates_are_counted_by_hand() -> None:
    macs = {layer.name: layer.macs for layer in summarize(create_model("cnn")).layers}
    assert macs["conv1"] == 26 * 26 * 6 * 9
    assert macs["conv2"] == 11 * 11 * 16 * 6 * 9
    assert macs["linear1"] == 400 * 120
    assert summarize(create_model("softmax")).macs == 7_840


def test_three_linear_layers_make_one_affine_map() -> None:
    model = create_model("linear-stack")
    one, two, three = (getattr(model, f"linear{number}") for number in (1, 2, 3))
    weight = three.weight @ two.weight @ one.weight
    bias = three.weight @ (two.weight @ one.bias + two.bias) + three.bias
    images = torch.tensor(mnist_test().images[:20])
    pixels = model.get_submodule("scale")(images).flatten(1)
    assert torch.allclose(model(images), pixels @ weight.T + bias, atol=1e-4)


def test_a_network_without_classes_is_refused() -> None:
    for count in (0, -4):
        with pytest.raises(ConfigError, match=f"num_classes must be 1 or more, got {count}"):
            create_model("pairnet", num_classes=count)


def test_columns_learn_from_a_part_of_each_batch_and_answer_together() -> None:
    model = create_model("accuratenet", seed=1)
    assert isinstance(model, Columns)
    images = torch.tensor(mnist_test().images[:8])
    for column, part in zip(model.columns, images.split(3), strict=True):
        images_seen: list[torch.Tensor] = []
        column.register_forward_pre_hook(lambda _, inputs, seen=images_seen: seen.append(inputs[0]))
        model.train()(images)
        assert torch.equal(images_seen[0], part)
    with torch.inference_mode():
        together = model.eval()(images)
        torch.testing.assert_close(together, torch.stack([column(images) for column in model.columns]).mean(dim=0))
    assert model.train()(images[:2]).shape == (2, 10)  # too few to be parted


def test_each_column_has_views_of_its_own_kind() -> None:
    network, images = create_model("accuratenet").eval(), mnist_test().images[:9]
    assert isinstance(network, Columns)
    alone = [TorchClassifier(column, four_views=True).logits(images) for column in network.columns]
    together = TorchClassifier(network, four_views=True).logits(images)
    np.testing.assert_allclose(together, np.mean(alone, axis=0), atol=1e-6)


def test_layers_that_were_frozen_stay_so_when_the_network_is_asked() -> None:
    model = create_model("quicknet").train()
    frozen = model.get_submodule("network.norm1").eval()
    TorchClassifier(model).logits(mnist_test().images[:5])
    assert model.training
    assert not frozen.training
