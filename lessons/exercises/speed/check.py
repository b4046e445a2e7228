"""What an answer to the exercise must do, and what the common wrong answers are told."""

from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader

from inkdigits.course.exercise import Hint, expect

COUNT = 1_003  # 10 batches of 100, and one of 3
IMAGES = torch.arange(COUNT, dtype=torch.int32).view(-1, 1, 1).repeat(1, 2, 3)  # an image's pixels are its place
LABELS = torch.arange(COUNT) + 5_000


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    found = _epoch(answer, IMAGES, LABELS, 100, 0)
    for x, y in found:
        expect(
            x.dtype == IMAGES.dtype and y.dtype == LABELS.dtype,
            f"images int32 and labels int64 came back as {x.dtype} and {y.dtype}: index, and leave the numbers alone",
        )
        expect(
            x.shape == (len(y), 2, 3) and y.dim() == 1,
            f"of images (N, 2, 3), a batch is images (B, 2, 3) and labels (B,), not {_shape(x)} and {_shape(y)}",
        )
    yield "every batch is a pair of tensors of the right shapes and dtypes"

    sizes, order = [len(y) for _, y in found], torch.cat([x[:, 0, 0].long() for x, _ in found])
    _expect_all_images_once(sizes, order)
    expect(
        torch.equal(order, torch.cat([y for _, y in found]) - 5_000),
        "images and labels do not belong together any more: draw ONE order and index both tensors with it",
    )
    yield "every image comes exactly once, with its own label"

    _expect_sizes(sizes)
    for count, size in ((6, 3), (2, 5), (1, 1)):
        few = [len(y) for _, y in _epoch(answer, IMAGES[:count], LABELS[:count], size, 0)]
        right = [size] * (count // size) + [count % size] * bool(count % size)
        expect(few == right, f"{count} images in batches of {size} must make batches of {right}, got {few}")
    yield "all batches are full but the last"

    _expect_shuffled(order)
    yield "the order is one of chance, over the whole data set"

    _expect_chance_of_the_generator(answer, order)
    yield "all chance comes from the generator, and each epoch has its own order"

    with _Takes() as takes:
        _epoch(answer, IMAGES, LABELS, 100, 3)
    expect(
        takes.count < COUNT // 2,
        f"the tensors were indexed {takes.count:,} times for {COUNT:,} images: index with a whole batch of places at "
        "once, images[places], not image by image",
    )
    yield "a batch is taken by one index"


class _Takes(TorchFunctionMode):
    """Counts how often tensors are indexed."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.count += getattr(func, "__name__", "") in ("__getitem__", "index_select", "select", "stack")
        return func(*args, **(kwargs or {}))


def _shape(tensor):
    return tuple(tensor.shape)


def _seeded(seed):
    return torch.Generator().manual_seed(seed)


def _refuse(*_, **__):
    raise Hint("this uses torch's DataLoader: the point is to do without. torch.randperm gives an order, split cuts it")


def _epoch(answer, images, labels, batch_size, seed):
    """Return an epoch's batches as a list of pairs; `seed` is a number or a generator."""
    chance = seed if isinstance(seed, torch.Generator) else _seeded(seed)
    x, y = images.clone(), labels.clone()
    with patch.object(DataLoader, "__iter__", _refuse):
        made = answer.batches(x, y, batch_size, chance)
        expect(hasattr(made, "__iter__"), f"batches must yield pairs, it returned {type(made).__name__}: use `yield`")
        expect(
            not (isinstance(made, tuple) and any(isinstance(part, torch.Tensor) for part in made)),
            "batches returned one pair and ended: `yield` each pair, inside the loop over the batches",
        )
        found = list(made)
    expect(
        torch.equal(x, images) and torch.equal(y, labels),
        "the tensors that were passed in are shuffled in place: they belong to the caller. Index them, do not assign",
    )
    for pair in found:
        expect(
            isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(part, torch.Tensor) for part in pair),
            "each batch must be a pair of tensors: yield images[places], labels[places]",
        )
    return [tuple(pair) for pair in found]


def _expect_all_images_once(sizes, order):
    once = len(order.unique())
    expect(sum(sizes) > 0, "no image came: draw an order with torch.randperm, cut it with split, yield the rows")
    expect(
        not (len(order) == once == COUNT - COUNT % 100),
        f"of {COUNT:,} images in batches of 100 the last {COUNT % 100} never come: keep the short last batch",
    )
    expect(
        not (len(order) >= COUNT - COUNT % 100 and once < 0.8 * COUNT),
        f"only {once} of {COUNT:,} images came, some of them several times: that is drawing with replacement "
        "(randint). torch.randperm draws each place once",
    )
    expect(
        len(order) == once == COUNT,
        f"{len(order):,} images came of {COUNT:,}, {once:,} of them different: each must come exactly once",
    )


def _expect_sizes(sizes):
    expect(0 not in sizes, "there is an empty batch among them: stop when no image is left")
    expect(
        sizes[:-1] == [100] * (len(sizes) - 1),
        f"{COUNT:,} images in batches of 100 came as {sizes}: ten full ones first, then the 3 that are left",
    )


def _expect_shuffled(order):
    places = torch.arange(COUNT)
    expect(not torch.equal(order, places), "the images come in their own order: shuffle them, by torch.randperm")
    within = [
        torch.equal(part.sort().values, right) for part, right in zip(order.split(100), places.split(100), strict=True)
    ]
    expect(
        not all(within),
        "a batch holds the neighbours of the data set in another order: shuffle the whole set, then cut it",
    )
    neighbours = float((order[1:] - order[:-1] == 1).float().mean())
    expect(
        neighbours < 0.5,
        "the batches come in an order by chance, but each holds neighbours of the data set: shuffle the images first, "
        "then cut the order into batches",
    )
    alike = float(torch.corrcoef(torch.stack([places, order]).float())[0, 1])
    expect(abs(alike) < 0.25, f"the order is hardly one of chance: place and image correlate by {alike:.2f}")


def _expect_chance_of_the_generator(answer, order):
    def drawn(seed):
        return torch.cat([y for _, y in _epoch(answer, IMAGES, LABELS, 100, seed)]) - 5_000

    before = torch.get_rng_state()
    again = drawn(0)
    touched = not torch.equal(before, torch.get_rng_state())
    expect(
        not touched,
        "torch's global random state was moved: pass the generator on, torch.randperm(n, generator=generator), and do "
        "not call torch.manual_seed",
    )
    chance = _seeded(0)
    first, second = drawn(chance), drawn(chance)
    expect(
        not torch.equal(first, second),
        "two epochs with the same generator have the same order: do not seed inside, and do not make a generator of "
        "your own; let the one that is passed in go on",
    )
    expect(torch.equal(again, order), "the same seed gave another order: all chance must come from the generator")
    expect(not torch.equal(drawn(1), order), "another seed gave the same order: the generator is not used")
