"""Make the pictures in this folder: simulated phone photos of real handwriting, from MNIST's test set.

Each is one test digit, or five in the boxes of a form, as a pen would have drawn them on paper: enlarged, turned a
little, unevenly lit, noisy, saved as JPEG. They are not photos; they are here because photos of strangers' handwriting
are theirs.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.catalog import load_dataset

FOLDER = Path(__file__).parent
LESSONS = FOLDER.parent / "lessons/pictures"  # which ship in the package, as the examples do not
PICTURES = {  # file: indices in the test set
    "seven.jpg": (4142,),
    "nine.jpg": (2019,),
    "three.jpg": (30,),
    "number.jpg": (0, 1, 30, 4, 61),
}


def photo(images: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
    """Return a picture uint8 (720, 960, 3), BGR, of digits uint8 (N, 28, 28), 0 = paper, 255 = ink."""
    chance = np.random.default_rng(seed)
    side = 448 if len(images) == 1 else 160
    ink, form = np.zeros((720, 960), np.float32), np.zeros((720, 960), np.float32)
    for number, image in enumerate(images):
        left, top = 524 - len(images) * (side // 2) + number * side - (48 if len(images) > 1 else 0), 374 - side // 2
        strokes = cv2.GaussianBlur(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), (0, 0), side / 90)
        strokes = np.clip((strokes.astype(np.float32) - 96) * 4, 0, 255)  # the sharp edge of a pen
        ink[top : top + side, left : left + side] = strokes / 255
        if len(images) > 1:
            cv2.rectangle(form, (left + 8, top - 14), (left + side - 8, top + side + 14), 1, 5)
    turn = cv2.getRotationMatrix2D((480, 360), float(chance.uniform(-6, 6)) / len(images), 0.8)
    ink = cv2.warpAffine(ink, turn, (960, 720)).astype(np.float32)
    form = cv2.warpAffine(form, turn, (960, 720)).astype(np.float32)
    y, x = np.mgrid[0:720, 0:960] / 960
    light = 0.92 - 0.38 * x - 0.12 * y  # a lamp at the left
    grain = cv2.GaussianBlur(chance.normal(0, 1, (720, 960)).astype(np.float32), (0, 0), 1.2) * 0.03
    paper = np.array([208, 226, 234], np.float32)  # BGR, slightly warm
    print_colour = np.array([90, 150, 235], np.float32)  # orange
    pen = np.array([96, 44, 34], np.float32)  # dark blue
    colour = paper * (1 - form[..., None]) + print_colour * form[..., None]
    colour = colour * (1 - ink[..., None]) + pen * ink[..., None]
    lit: NDArray[np.uint8] = np.clip(colour * (light + grain)[..., None], 0, 255).astype(np.uint8)
    return lit


def main() -> None:
    """Write the pictures."""
    test_set = load_dataset("mnist", "test")
    for name, indices in PICTURES.items():
        images, labels = test_set.images[list(indices)], test_set.labels[list(indices)]
        cv2.imwrite(str(FOLDER / name), photo(images, seed=indices[0]), [cv2.IMWRITE_JPEG_QUALITY, 82])
        if (LESSONS / name).exists():
            (LESSONS / name).write_bytes((FOLDER / name).read_bytes())
        print(f"{name}: mnist:test/{indices}, {''.join(test_set.class_names[label] for label in labels)}")


if __name__ == "__main__":
    main()
