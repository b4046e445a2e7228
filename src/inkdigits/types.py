"""The arrays that travel through the house, and the one thing that turns pictures into answers."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import InputError

Images: TypeAlias = NDArray[np.uint8]
"""uint8 (N, 28, 28), 0 = paper, 255 = ink."""

Gray: TypeAlias = NDArray[np.uint8]
"""uint8 (height, width), 0 = black, 255 = white: a picture as the camera saw it."""

Ink: TypeAlias = NDArray[np.uint8]
"""uint8 (height, width), 0 = paper, 255 = ink: the same picture after its polarity is known."""

Labels: TypeAlias = NDArray[np.int64]
"""int64 (N,), 0 to K - 1."""

Logits: TypeAlias = NDArray[np.float32]
"""float32 (N, K), any real number; softmax over axis 1 makes them probabilities."""

Probabilities: TypeAlias = NDArray[np.float64]
"""float64 (N, K), each row sums to 1."""


class Classifier(Protocol):
    """Anything that maps raw pictures to logits: a torch network or an ONNX file, nobody above needs to know.

    Normalisation is the classifier's own affair: raw pixels go in.
    """

    @property
    def class_names(self) -> tuple[str, ...]:
        """The K names of the classes, in the order of the logits."""
        ...

    def logits(self, images: Images) -> Logits:
        """Map images uint8 (N, 28, 28), 0 = paper, 255 = ink, to logits float32 (N, K)."""
        ...


def checked_images(images: object) -> Images:
    """Return images as they are when they are what every classifier takes.

    Pixels from 0 to 1 would be seen as blank paper, without a word; so they are refused.

    Raises:
        InputError: they are no array of uint8 (N, 28, 28).
    """
    if (
        isinstance(images, np.ndarray)
        and images.dtype == np.uint8
        and images.shape[1:] == (28, 28)
        and images.ndim == 3
    ):
        return images
    got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
    raise InputError(
        f"images must be an array of uint8 (N, 28, 28), 0 = paper, 255 = ink, got {got}: of a torch tensor take "
        ".numpy(), of one image image[None], and leave pixels as they are in the data set"
    )
