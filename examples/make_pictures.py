"""Make the pictures in this folder: simulated phone photos of real handwriting, from MNIST's test set.

Each is one test digit as a pen would have drawn it on paper: enlarged, slanted a little, unevenly lit, noisy, saved as
JPEG. They are not photos; they are here because photos of strangers' handwriting are theirs.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.catalog import load_dataset

FOLDER = Path(__file__).parent
PICTURES = {"seven.jpg": 4142, "nine.jpg": 2019, "three.jpg": 30}  # file: index in the test set


def photo(image: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
    """Return a picture uint8 (720, 960, 3), BGR, of a digit uint8 (28, 28), 0 = paper, 255 = ink."""
    chance = np.random.default_rng(seed)
    strokes = cv2.GaussianBlur(cv2.resize(image, (448, 448), interpolation=cv2.INTER_CUBIC), (0, 0), 5)
    strokes = np.clip((strokes.astype(np.float32) - 96) * 4, 0, 255)  # the sharp edge of a pen
    ink = np.zeros((720, 960), np.float32)
    ink[150:598, 300:748] = strokes / 255
    turn = cv2.getRotationMatrix2D((480, 360), float(chance.uniform(-6, 6)), 0.8)
    ink = cv2.warpAffine(ink, turn, (960, 720)).astype(np.float32)
    y, x = np.mgrid[0:720, 0:960] / 960
    light = 0.92 - 0.38 * x - 0.12 * y  # a lamp at the left
    grain = cv2.GaussianBlur(chance.normal(0, 1, (720, 960)).astype(np.float32), (0, 0), 1.2) * 0.03
    paper = np.array([208, 226, 234], np.float32)  # BGR, slightly warm
    pen = np.array([96, 44, 34], np.float32)  # dark blue
    colour = paper * (1 - ink[..., None]) + pen * ink[..., None]
    lit: NDArray[np.uint8] = np.clip(colour * (light + grain)[..., None], 0, 255).astype(np.uint8)
    return lit


def main() -> None:
    """Write the pictures."""
    test_set = load_dataset("mnist", "test")
    for name, index in PICTURES.items():
        image, label = test_set[index]
        cv2.imwrite(str(FOLDER / name), photo(image, seed=index), [cv2.IMWRITE_JPEG_QUALITY, 82])
        print(f"{name}: mnist:test/{index}, a {test_set.class_names[label]}")


if __name__ == "__main__":
    main()
