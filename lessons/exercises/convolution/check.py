"""What an answer to the exercise must do, and what the common wrong answers are told."""

import math
import operator

import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from inkdigits.course.exercise import Hint, close, expect


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    for size, kernel in [(28, 3), (28, 5), (7, 7), (32, 1)]:
        _compare_sizes(answer, size, kernel)
    yield "the size of the output is right without padding and stride"
    for size, kernel, stride, padding in [(28, 3, 1, 1), (28, 5, 1, 2), (28, 2, 2, 0), (28, 3, 2, 0), (11, 2, 2, 0)]:
        _compare_sizes(answer, size, kernel, stride, padding)
    for size, kernel, stride, padding in [(28, 4, 2, 1), (30, 5, 3, 1), (9, 4, 1, 3), (17, 3, 4, 2)]:
        _compare_sizes(answer, size, kernel, stride, padding)
    yield "the size of the output is right with padding and stride"

    for inputs, outputs, kernel in [(1, 6, 3), (6, 16, 3), (3, 32, 1), (16, 4, 7)]:
        _compare_parameters(answer, inputs, outputs, kernel)
    yield "the number of parameters is right"

    yield from _check_maps(answer)


def _compare_sizes(answer, size, kernel, stride=1, padding=0):
    case = f"output_size({size}, {kernel}, stride={stride}, padding={padding})"
    found = _whole(answer.output_size(size, kernel, stride=stride, padding=padding), case)
    moves = size + 2 * padding - kernel
    right = moves // stride + 1
    mistakes = {
        moves // stride: "the place where the kernel starts counts too: + 1 after its moves",
        (moves + 1) // stride: "divide the moves by the stride first, then add the 1 for the place where it starts",
        math.ceil(moves / stride) + 1: "the last move does not fit and is not made: round down",
        (moves - padding) // stride + 1: "padding is added at both ends, so it counts twice",
        (size - kernel) // stride + 1: "the padding makes the side longer, at both ends",
        moves + 1: "the kernel moves by the stride, so there are fewer places",
    }
    mistakes.pop(right, None)
    hint = mistakes.get(found, "the kernel can move size + 2 padding - kernel pixels, in steps of the stride")
    expect(found == right, f"{case} is {right}, yours gives {found}: {hint}")


def _compare_parameters(answer, inputs, outputs, kernel):
    case = f"count_parameters({inputs}, {outputs}, {kernel})"
    found = _whole(answer.count_parameters(inputs, outputs, kernel), case)
    weights = kernel * kernel * inputs * outputs
    right = sum(parameter.numel() for parameter in nn.Conv2d(inputs, outputs, kernel).parameters())
    mistakes = {
        weights: "the biases are missing, one for each output channel",
        weights + 1: "there is one bias for each output channel",
        weights + inputs: "there is a bias for each output channel, not for each input channel",
        weights + inputs * outputs: "there is one bias for each output channel, not for each pair of channels",
        kernel * kernel * outputs + outputs: "each output channel has a kernel for every input channel",
        kernel * inputs * outputs + outputs: "a kernel has kernel * kernel weights",
    }
    mistakes.pop(right, None)
    hint = mistakes.get(found, "count the weights of all kernels and one bias for each output channel")
    expect(found == right, f"{case} is {right}, yours gives {found}: {hint}")


def _check_maps(answer):
    torch.manual_seed(0)
    images, weight, bias = torch.randn(2, 1, 6, 6), torch.randn(1, 1, 3, 3), torch.tensor([2.0])
    plain = F.conv2d(images, weight)
    turned = "the kernel is turned by 180 degrees: mathematics turns it, torch and this exercise do not"
    mistakes = {
        turned: F.conv2d(images, weight.flip(2, 3)),
        "rows and columns of the kernel are exchanged": F.conv2d(images, weight.transpose(2, 3)),
    }
    _compare_maps(answer, images, weight, torch.zeros(1), mistakes=mistakes)
    yield "one kernel over one channel is right"

    mistakes = {
        "the bias is missing: add bias[channel] to the sum of products": plain,
        "the bias is added for each of the nine weights: add it once to their sum": plain + 9 * 2,
    }
    _compare_maps(answer, images, weight, bias, mistakes=mistakes)
    images, weight, bias = torch.randn(3, 2, 5, 8), torch.randn(4, 2, 3, 3), torch.randn(4)
    twice = "the bias is added for each input channel: add it once for each output channel"
    mistakes = {
        "only the first input channel counts: add up over all": F.conv2d(images[:, :1], weight[:, :1], bias),
        "only the last input channel counts: add to the sum instead of writing over it": F.conv2d(
            images[:, 1:], weight[:, 1:], bias
        ),
        "the mean over the input channels is taken where it is their sum": F.conv2d(images, weight / 2, bias),
        twice: F.conv2d(images, weight, 2 * bias),
    }
    _compare_maps(answer, images, weight, bias, mistakes=mistakes)
    yield "input channels are added up, and each output channel has its bias"

    for padding in (1, 2):
        at_the_end = F.conv2d(F.pad(images, (0, 2 * padding) * 2), weight, bias)
        repeated = F.conv2d(F.pad(images, (padding,) * 4, mode="replicate"), weight, bias)
        mistakes = {
            "all the zeros are at the bottom and the right: half of them belong to the top and the left": at_the_end,
            "the padding repeats the border: it is zeros": repeated,
        }
        _compare_maps(answer, images, weight, bias, padding=padding, mistakes=mistakes)
    yield "padding adds zeros on all four sides"

    images = torch.randn(2, 2, 9, 12)
    for stride, padding in [(2, 0), (3, 0), (2, 1), (3, 2)]:
        rows, columns = F.conv2d(images, weight, bias, stride, padding).shape[2:]
        too_near = F.conv2d(images, weight, bias, padding=padding)[:, :, :rows, :columns]
        mistakes = {f"place number i must begin at pixel i * stride: yours lie one pixel apart, not {stride}": too_near}
        _compare_maps(answer, images, weight, bias, stride=stride, padding=padding, mistakes=mistakes)
    yield "the stride moves the kernel by more than one pixel"

    images, weight, bias = torch.randn(1, 3, 7, 4), torch.randn(5, 3, 4, 4), torch.randn(5)
    before = images.clone()
    _compare_maps(answer, images, weight, bias, mistakes={turned: F.conv2d(images, weight.flip(2, 3), bias)})
    expect(torch.equal(images, before), "your function changes the images that it is given: work on a copy")
    yield "one image and another kernel are right too, and the images stay as they were"


class _Watch(TorchFunctionMode):
    """Refuses the functions that the exercise is about."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if "conv" in name or "unfold" in name:
            raise Hint(f"`{name}` does the sliding for you: write it with slices, products and sums")
        return function(*args, **(kwargs or {}))


def _compare_maps(answer, images, weight, bias, *, stride=1, padding=0, mistakes):
    right = F.conv2d(images, weight, bias, stride=stride, padding=padding)
    case = f"images {tuple(images.shape)}, weight {tuple(weight.shape)}, stride {stride}, padding {padding}"
    with _Watch():
        found = answer.convolve(images, weight, bias, stride=stride, padding=padding)
    expect(found is not None, "convolve returns nothing: is there a `return`?")
    found = torch.as_tensor(found).detach().float()
    expect(
        found.shape == right.shape,
        f"{case}: the maps must be {tuple(right.shape)}, as (images, output channels, rows, columns), "
        f"yours are {tuple(found.shape)}",
    )
    for hint, wrong in mistakes.items():
        expect(not close(found, wrong), f"{case}: {hint}")
    for place in torch.nonzero(~torch.isclose(found, right, rtol=1e-4, atol=1e-4))[:1].tolist():
        raise Hint(
            f"{case}: at image, channel, row, column {place} stands {found[tuple(place)]:.4f}, "
            f"it should be {right[tuple(place)]:.4f}"
        )


def _whole(value, case):
    """Return a whole number as int, be it Python's, numpy's or torch's."""
    expect(value is not None, f"{case} returns nothing: is there a `return`?")
    try:
        return operator.index(value)
    except TypeError:
        raise Hint(
            f"{case} gives {value!r}: it must be a whole number. // divides and rounds down, / does not"
        ) from None
