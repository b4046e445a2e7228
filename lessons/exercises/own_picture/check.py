"""What an answer to the exercise must do, and what the common wrong answers are told."""

import numpy as np
from PIL import Image, ImageDraw

from inkdigits import load_dataset
from inkdigits.course.exercise import Hint, expect

LOWEST, HIGHEST = 12.95, 14.55  # of the centre of mass: on 14, or on the frame's own middle, 13.5, by whole pixels


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    bar = _rectangle((500, 700), (100, 400, 50, 140))  # 300 rows, 90 columns of ink
    found = _called(answer, bar)
    expect(hasattr(found, "shape"), f"mnist_image must return an array, got {type(found).__name__}")
    expect(tuple(found.shape) == (28, 28), f"mnist_image must return (28, 28), got {tuple(found.shape)}")
    image = np.asarray(found)
    expect(
        float(image.max()) != 0,
        "the image is all paper: crop the ink, scale it, then lay it into np.zeros((28, 28), np.uint8)",
    )
    expect(float(image.max()) > 1, "the ink must be 255, not 1: the image is uint8 from 0 to 255")
    expect(image.dtype == np.uint8, f"the image must be uint8, got {image.dtype}")
    expect(image[0, 0] < 128, "the image is the wrong way round: paper must be 0 and ink 255")
    yield "the image is uint8 (28, 28), 0 = paper, 255 = ink"

    _check_size(image, (20, 6), "300 rows and 90 columns of ink")
    turned = _image(answer, bar.T)
    _check_size(turned, (6, 20), "90 rows and 300 columns of ink")
    _check_size(
        _image(answer, np.full((6, 6), 255, np.uint8)),
        (20, 20),
        "6 rows and 6 columns of ink, without any paper around,",
    )
    yield "the ink is cropped, and scaled so that its longer side is 20 and its proportions stay"

    for shape in (_corner(), _corner()[::-1], _corner()[:, ::-1]):
        image = _image(answer, np.pad(shape, ((10, 60), (90, 20))))
        centre = [float((image.sum(axis=axis) * np.arange(28)).sum() / image.sum()) for axis in (1, 0)]
        middle = [float(np.flatnonzero(image.any(axis=axis))[[0, -1]].mean()) for axis in (1, 0)]
        is_placed = all(LOWEST < place < HIGHEST for place in centre)
        is_boxed = all(13 <= place <= 14.5 for place in middle)
        where = f"row {centre[0]:.1f} and column {centre[1]:.1f}"
        expect(
            is_placed or not is_boxed,
            f"you centre the rectangle around the ink; its centre of mass lies on {where}. Weigh rows and columns by "
            "their ink, and bring the mean to 14",
        )
        expect(is_placed, f"the centre of mass lies on {where}, and should on row 14 and column 14")
    yield "the centre of mass lies in the middle"

    _check_frame(answer)
    yield "ink that lies to one side stays whole, inside the image"

    _check_average(answer)
    yield "thin strokes are averaged, not lost"

    for needle in (_rectangle((500, 60), (20, 480, 30, 34)), _rectangle((60, 500), (30, 34, 20, 480))):
        image = _attempt(
            answer, needle, "a stroke of 460 x 4 pixels", "its shorter side has 1 pixel at least: max(1, ...)"
        )
        expect(bool(image.any()), "a stroke of 460 x 4 pixels vanishes: its shorter side has 1 pixel at least")
        expect(sorted(_extent(image)) == [1, 20], f"a stroke of 460 x 4 becomes {_extent(image)}, not 20 x 1")
    yield "a stroke much longer than wide keeps a pixel of width"

    image = _attempt(answer, np.zeros((40, 30), np.uint8), "a picture without ink", "ask for `ink.any()` first")
    expect(not image.any(), "a picture without ink must give an image of zeros")
    yield "a blank picture gives a blank image"

    _check_mnist(answer)
    yield "MNIST's own digits, made large and moved, come back as they were"


def _check_size(image, right, of):
    found = _extent(image)
    expect(found != (28, 28), f"{of} fill all of 28 x 28: keep the proportions, and leave the frame of paper")
    expect(
        found != (20, 20) or right == (20, 20),
        f"{of} become 20 x 20: that stretches the digit. Multiply both sides by the same number, 20 / longer side",
    )
    expect(
        found != right[::-1] or right[0] == right[1],
        f"{of} become {found[0]} rows and {found[1]} columns: height and width have changed places. PIL's sizes are "
        "(width, height), arrays' are (rows, columns)",
    )
    expect(
        max(found) != 28,
        f"{of} become {found[0]} x {found[1]}: the longer side must be 20, so that there is paper around",
    )
    expect(
        max(found) >= 19,
        f"{of} become {found[0]} x {found[1]}, less than 20: crop to the ink before you scale, and enlarge small ink",
    )
    expect(found == right, f"{of} must become {right[0]} x {right[1]}, got {found[0]} x {found[1]}")


def _check_frame(answer):
    flag = np.zeros((100, 200), np.uint8)  # ink at the left, and a thin line far to the right
    flag[:, :100] = 255
    flag[:10, 100:] = 255
    for ink, columns in ((flag, (8, 27)), (flag[:, ::-1], (0, 19))):
        image = _attempt(
            answer, ink, "ink that lies to one side", "move it only as far as it fits: clip to 0 and 28 - side"
        )
        inked = np.flatnonzero(image.any(axis=0))
        expect(
            len(inked) == 20 and (inked[-1] - inked[0] == 19 or {0, 27} < set(inked.tolist())),
            "ink that lies to one side is cut off at the edge: move it only as far as it fits",
        )
        expect(
            inked[-1] - inked[0] == 19,
            "ink that lies to one side leaves the image and comes in again on the other: np.roll does that. Move it "
            "only as far as it fits",
        )
        expect(
            (inked[0], inked[-1]) == columns,
            f"ink that lies to one side should fill columns {columns[0]} to {columns[1]}, it fills {inked[0]} to "
            f"{inked[-1]}: move its centre of mass as near to 14 as it fits",
        )


def _check_average(answer):
    picture = Image.new("L", (600, 600))
    ImageDraw.Draw(picture).line([(100, 100), (499, 120), (250, 499)], fill=255, width=12)
    picture = np.asarray(picture)
    image = _image(answer, picture)
    values = np.unique(image)
    expect(
        set(values.tolist()) - {0, 255} != set(),
        "a thin stroke keeps only black and white: your scaling keeps one pixel of twenty and drops the others. "
        "Average them: Image.Resampling.BOX, or antialias=True in torch",
    )
    best = min(_distance(image, rows, columns, _averaged(picture)) for rows in (-1, 0, 1) for columns in (-1, 0, 1))
    expect(
        best < 4,
        "a thin stroke becomes unlike the mean of its pixels: average all pixels that fall together "
        "(Image.Resampling.BOX, or antialias=True in torch), and leave their values as they are",
    )


def _check_mnist(answer):
    dataset, chance = load_dataset("mnist"), np.random.default_rng(0)
    for index in chance.integers(0, len(dataset), 20):
        original, label = dataset[int(index)]
        large = np.kron(original, np.ones((5, 5), np.uint8))
        moved = np.pad(large, [tuple(chance.integers(0, 80, 2)) for _ in range(2)])
        image = _image(answer, moved)
        distance = min(_distance(image, rows, columns, original) for rows in (-1, 0, 1) for columns in (-1, 0, 1))
        expect(
            distance < 8, f"training image {index}, a {label}, made five times as large, does not come back as it was"
        )


def _averaged(picture):
    """Return the ink cropped and averaged to 20 pixels, at the place where its centre of mass puts it."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    crop = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (round(side * 20 / max(crop.shape)) for side in crop.shape)
    small = np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX)).astype(float)
    image = np.zeros((28, 28))
    top = round(14 - (small.sum(axis=1) @ np.arange(height)) / small.sum())
    left = round(14 - (small.sum(axis=0) @ np.arange(width)) / small.sum())
    image[top : top + height, left : left + width] = small
    return image


def _distance(image, rows, columns, other):
    return float(np.abs(np.roll(image, (rows, columns), (0, 1)).astype(float) - other).mean())


def _attempt(answer, ink, what, mend):
    try:
        return _image(answer, ink)
    except Hint:
        raise
    except Exception as error:
        raise Hint(f"{what} raises {type(error).__name__}: {error}; {mend}") from error


def _image(answer, ink):
    image = np.asarray(_called(answer, ink))
    expect(image.shape == (28, 28), f"ink of {ink.shape} gives {image.shape}: the image must always be (28, 28)")
    expect(image.dtype == np.uint8, f"ink of {ink.shape} gives {image.dtype}: the image must always be uint8")
    return image


def _called(answer, ink):
    try:
        return answer.mnist_image(np.array(ink))
    except ValueError as error:
        if "broadcast" not in str(error) or max(ink.shape) < 300:
            raise
        raise Hint(
            f"{error}: have height and width changed places? PIL's sizes are (width, height), arrays' are "
            "(rows, columns)"
        ) from error


def _extent(image):
    """Return how many rows and columns the ink spans."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1) if len(rows) else (0, 0)


def _rectangle(size, box):
    ink = np.zeros(size, np.uint8)
    ink[box[0] : box[1], box[2] : box[3]] = 255
    return ink


def _corner():
    """Return an L of 200 x 200 whose centre of mass lies below its middle and to the left."""
    ink = np.zeros((200, 200), np.uint8)
    ink[:, :70] = 255
    ink[140:] = 255
    return ink
