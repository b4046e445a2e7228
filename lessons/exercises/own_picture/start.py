"""Exercise: a picture made as MNIST made its digits.

Write `mnist_image(ink)` with numpy and PIL, or with torch; not with inkdigits.

- `ink`: uint8 (height, width) of any size, 0 = paper, 255 = ink, one digit somewhere on it.
- The result: uint8 (28, 28), 0 = paper, 255 = ink.
  1. Crop to the smallest rectangle that holds every pixel above 0.
  2. Scale the crop so that its longer side has 20 pixels. Keep its proportions: the shorter side is scaled alike and
     rounded, and has 1 pixel at least. Average what falls together, as PIL's `resize` does with `Image.Resampling.BOX`,
     so that no stroke is lost.
  3. Lay it into 28 x 28 so that its centre of mass, the mean place of its ink, lies on row 14 and column 14, counted
     from 0, as nearly as whole pixels allow. It must not leave the image: where it would, move it only as far as it
     fits.
- A picture without ink gives an image of zeros.

Check it with: inkdigits learn check own_picture own_picture_exercise.py
"""

import numpy as np


def mnist_image(ink):
    """Return one digit's ink, uint8 (height, width), as MNIST would have it: uint8 (28, 28)."""
    return np.zeros((28, 28), np.uint8)
