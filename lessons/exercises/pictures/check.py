"""What an answer to the exercise must do, and what the common wrong answers are told."""

import torch
from torch.nn import functional as F

from inkdigits.course.exercise import Hint, close, expect


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    check_shape(answer)
    yield "a picture of any shape becomes a square"
    check_proportions(answer)
    yield "all of it is there, in its proportions"
    check_place(answer)
    yield "it lies in the middle, and the rest is the fill"
    check_size(answer)
    yield "sizes are rounded, and never 0"
    check_pixels(answer)
    yield "no old pixel is passed over"
    check_normalise(answer)
    yield "each channel is normalised by its own two numbers"


def fitted(answer, image, side, fill):
    """Return what the answer makes of an image, and insist on its type and shape."""
    before = image.clone()
    found = answer.fit_square(image, side, fill)
    expect(isinstance(found, torch.Tensor), f"fit_square must return a tensor, got {type(found).__name__}")
    right = (len(image), side, side)
    expect(
        tuple(found.shape) != (1, *right),
        "fit_square returns a batch of one: F.interpolate wants one, take the image out of it again with [0]",
    )
    expect(tuple(found.shape) == right, f"an image {tuple(image.shape)} must become {right}, got {tuple(found.shape)}")
    expect(torch.equal(image, before), "fit_square changes the image that it is given: return a new tensor")
    return found


def extent(picture):
    """Return the first row and column with something bright in an image (C, H, W), and how many rows and columns."""
    bright = (picture > 0.5).any(dim=0)
    rows, columns = (torch.nonzero(bright.any(dim=dim)).flatten() for dim in (1, 0))
    if not len(rows):
        return 0, 0, 0, 0
    return tuple(int(number) for number in (rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1))


def check_shape(answer):
    for shape in ((3, 20, 40), (1, 40, 20), (3, 12, 12)):
        fitted(answer, torch.ones(shape), 20, 0.0)


def check_proportions(answer):
    for height, width in ((20, 40), (40, 20), (10, 40)):
        image = torch.full((3, height, width), 0.7)
        ends = image if height > width else image.transpose(1, 2)  # a view whose rows run along the shorter side
        ends[:, : max(height, width) // 8] = ends[:, -max(height, width) // 8 :] = 1.0  # brighter at both ends
        found = fitted(answer, image, 20, 0.0)
        size, right = extent(found)[2:], (20 * height // max(height, width), 20 * width // max(height, width))
        stripes = bool((found > 0.95).any())
        expect(
            size != (20, 20) or stripes,
            f"of a picture {height} high and {width} wide the ends are gone: you crop it. Nothing may be lost: pad it",
        )
        expect(
            size != (20, 20),
            f"a picture {height} high and {width} wide fills the whole square: it is squashed. "
            "Multiply both sides by the same number, side / (the longer side), then pad with F.pad",
        )
        expect(
            size != right[::-1],
            f"a picture {height} high and {width} wide becomes {size[0]} high and {size[1]} wide: "
            "height and width are exchanged. The shape is (C, height, width)",
        )
        expect(
            abs(size[0] - right[0]) <= 1 and abs(size[1] - right[1]) <= 1,
            f"in a square of 20, a picture {height} high and {width} wide must be {right[0]} high and {right[1]} wide, "
            f"found {size[0]} and {size[1]}",
        )
        expect(stripes, f"of a picture {height} high and {width} wide, the ends are gone")


def check_place(answer):
    for height, width in ((20, 40), (40, 20), (14, 28)):
        top, left, rows, columns = extent(fitted(answer, torch.ones(1, height, width), 20, 0.0))
        expect(
            abs(2 * top + rows - 20) <= 1 and abs(2 * left + columns - 20) <= 1,
            f"a picture {height} high and {width} wide begins in row {top} and column {left}: it is not in the middle. "
            "Give half of what is left over to each side; F.pad takes (left, right, top, bottom)",
        )
        for fill in (0.25, 1.0):
            found = fitted(answer, torch.zeros(3, height, width), 20, fill)
            corner = float(found[0, 0, 0])
            expect(
                close(found[:, 0, 0], torch.full((3,), fill)) and close(found[:, -1, -1], torch.full((3,), fill)),
                f"the pixels beside the picture must be the fill, {fill}, found {corner:g}: F.pad takes it as value=",
            )


def check_size(answer):
    size = extent(fitted(answer, torch.ones(1, 30, 47), 28, 0.0))[2:]
    expect(
        size != (17, 28),
        "30 of 47, in a square of 28, is 17.87: you cut off to 17. Rounded it is 18: use round, not int or //",
    )
    expect(size == (18, 28), f"30 high and 47 wide, in a square of 28, must be 18 high and 28 wide, found {size}")
    expect(
        extent(fitted(answer, torch.ones(1, 5, 10), 20, 0.0))[2:] == (10, 20),
        "a picture 5 high and 10 wide must grow to 10 high and 20 wide in a square of 20",
    )
    image = torch.full((1, 14, 14), 0.8)
    expect(close(fitted(answer, image, 14, 0.0), image), "a square picture of the right size must stay as it is")
    for shape in ((1, 100, 1), (1, 1, 100)):
        try:
            found = fitted(answer, torch.ones(shape), 28, 0.0)
        except (RuntimeError, ZeroDivisionError, ValueError) as error:
            raise Hint(
                f"a picture {shape[1]} high and {shape[2]} wide fails: {str(error)[:90]}. "
                "Its shorter side is 0 after rounding: no side may be less than 1, max(1, ...)"
            ) from error
        expect(
            float(found.max()) > 0.9,
            f"a picture {shape[1]} high and {shape[2]} wide vanishes: no side may be less than 1. "
            "Resize first, and pad what comes out",
        )


def check_pixels(answer):
    generator = torch.Generator().manual_seed(0)
    for step in (4, 8):
        lines = torch.zeros(1, 8 * step, 16 * step)
        lines[:, :, int(torch.randint(step, (), generator=generator)) :: step] = 1
        found = fitted(answer, lines, 16, 0.0)[:, 5:11, 2:14]
        expect(
            bool((found - 1 / step).abs().max() < 0.1),
            f"of a picture with one white column in {step}, shrunk {step} times, each pixel must be 1/{step} white, "
            f"found {float(found.min()):.2f} to {float(found.max()):.2f}: you pass over pixels. "
            'mode="bilinear" with antialias=True takes all',
        )
    for height, width in ((24, 48), (48, 24), (20, 15)):
        row, column = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
        image = torch.stack([row, column, torch.rand((), generator=generator) * torch.ones(height, width)])
        high, wide = (round(24 * length / max(height, width)) for length in (height, width))
        right = F.interpolate(image[None], size=(high, wide), mode="bilinear", antialias=True)[0]
        found = fitted(answer, image, 24, 0.0)
        top, left = (24 - high) // 2, (24 - wide) // 2
        inside = found[:, top + 1 : top + high - 1, left + 1 : left + wide - 1]
        expect(
            close(inside, right[:, 1:-1, 1:-1], tolerance=0.05),
            f"the size is right, but the picture inside is not: a smooth (3, {height}, {width}) comes out scrambled. "
            "Change the size with F.interpolate; reshape and view mix up the pixels",
        )


def check_normalise(answer):
    generator = torch.Generator().manual_seed(1)
    for shape in ((3, 3, 3), (3, 4, 5), (1, 6, 2)):
        image = torch.rand(shape, generator=generator) * 0.8
        mean = (0.3 + 0.4 * torch.rand(shape[0], generator=generator)).tolist()
        std = (0.2 + 0.4 * torch.rand(shape[0], generator=generator)).tolist()
        m, s = torch.tensor(mean), torch.tensor(std)
        columns = (m[:, None, None], s[:, None, None])
        before = image.clone()
        try:
            found = answer.normalise(image, mean, std)
        except (RuntimeError, TypeError) as error:
            raise Hint(
                f"normalise fails with an image {shape} and {shape[0]} means: {str(error)[:90]}. "
                "Make tensors (C, 1, 1) of the lists: torch.tensor(mean)[:, None, None]"
            ) from error
        expect(torch.equal(image, before), "normalise changes the image that it is given: return a new tensor")
        expect(isinstance(found, torch.Tensor), f"normalise must return a tensor, got {type(found).__name__}")
        expect(
            tuple(found.shape) == shape, f"normalise of an image {shape} must have its shape, got {tuple(found.shape)}"
        )
        expect(
            shape != (3, 3, 3) or not close(found, (image - m) / s),
            "your means run along the width, not over the channels: a row of C numbers is aligned at the right. "
            "Make (C, 1, 1) of it: torch.tensor(mean)[:, None, None]",
        )
        wrong = {
            "normalise multiplies by std and adds the mean: that undoes it": image * columns[1] + columns[0],
            "the division comes before the subtraction, image - mean / std: set brackets, (image - mean) / std": (
                image - columns[0] / columns[1]
            ),
            "you divide by the square of std": (image - columns[0]) / columns[1] ** 2,
            "you subtract the mean and do not divide by std": image - columns[0],
        }
        for hint, value in wrong.items():
            expect(not close(found, value), hint)
        expect(
            not close(found.mean(dim=(1, 2)), torch.zeros(shape[0]), tolerance=1e-3),
            "you use the picture's own mean: use the numbers that are given. They come from the training images",
        )
        expect(
            shape[0] == 1 or not close(found, (image - m.mean()) / s.mean()),
            "you use one mean for all channels: each channel has its own",
        )
        expect(
            close(found, (image - columns[0]) / columns[1]),
            f"normalise of an image {shape} is not (image - mean) / std, channel by channel",
        )
