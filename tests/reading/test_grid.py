"""The cells of a grid are read where they are, and empty ones stay empty."""

import json

import cv2
import numpy as np
import pytest

from inkdigits.reading.grid import read_grid
from inkdigits.reading.reader import Reader
from inkdigits.types import Gray
from tests.drawing import INDICES, PAPER, PEN, mnist_test

CELL = 50


def sudoku(*, rows: int = 9, columns: int = 9, margin: int = 20) -> tuple[Gray, str]:
    """Draw a grid with test digits in a third of its cells; return it with the text it holds."""
    chance = np.random.default_rng(0)
    page = np.full((rows * CELL + 2 * margin, columns * CELL + 2 * margin), PAPER, np.uint8)
    text = []
    for row in range(rows):
        line = ""
        for column in range(columns):
            if chance.random() < 0.66:
                line += "."
                continue
            index = INDICES[int(chance.integers(len(INDICES)))]
            ink = cv2.resize(mnist_test().images[index], (40, 40), interpolation=cv2.INTER_CUBIC).astype(int)
            y, x = margin + row * CELL + 5, margin + column * CELL + 5
            page[y : y + 40, x : x + 40] = PAPER + (PEN - PAPER) * ink // 255
            line += str(mnist_test().labels[index])
        text.append(line)
    for number in range(rows + 1):
        y = margin + number * CELL
        cv2.line(page, (margin, y), (margin + columns * CELL, y), 60, 3 if number % 3 == 0 else 1)
    for number in range(columns + 1):
        x = margin + number * CELL
        cv2.line(page, (x, margin), (x, margin + rows * CELL), 60, 3 if number % 3 == 0 else 1)
    return page, "\n".join(text)


def differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("rows", "columns"), [(9, 9), (4, 4), (3, 7)])
def test_cells_are_read_and_empty_ones_are_points(rows: int, columns: int) -> None:
    page, text = sudoku(rows=rows, columns=columns)
    found = read_grid(Reader(), page, rows=rows, columns=columns)
    assert differences(found.text, text) <= rows * columns // 40


def test_photo_from_one_side_is_straightened() -> None:
    page, text = sudoku(margin=60)
    height, width = page.shape
    seen = np.array([(30, 10), (width - 5, 40), (width - 40, height - 20), (5, height - 60)], np.float32)
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    photo = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(flat, seen), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    assert differences(read_grid(Reader(), photo.astype(np.uint8)).text, text) <= 2


def test_empty_grid_and_blank_paper_hold_nothing() -> None:
    empty = "\n".join(["........."] * 9)
    page = np.full((500, 500), PAPER, np.uint8)
    assert read_grid(Reader(), page).text == empty
    for number in range(10):
        page[25 + 50 * number : 27 + 50 * number, 25:477] = 60
        page[25:477, 25 + 50 * number : 27 + 50 * number] = 60
    assert read_grid(Reader(), page).text == empty


def test_grid_survives_json() -> None:
    page, text = sudoku(rows=4, columns=4)
    about = json.loads(json.dumps(read_grid(Reader(), page, rows=4, columns=4, name="grid").to_dict()))
    assert about["source"] == "grid"
    assert about["rows"] == text.splitlines()
    labels = [[cell["label"] if cell else "." for cell in row] for row in about["cells"]]
    assert ["".join(row) for row in labels] == about["rows"]
