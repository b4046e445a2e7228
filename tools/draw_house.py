"""Draw the floors of the house, docs/architecture.svg, from the contracts that `make check` holds it to."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TORCH = ("models", "training", "export")
PURPOSE = {
    "__main__": "the command inkdigits",
    "cli": "parse, one library call, print",
    "course": "lessons, exercises, the game",
    "export": "checkpoint to ONNX, with proof",
    "reading": "picture to Reading",
    "training": "recipe to checkpoint",
    "evaluation": "figures of any Classifier",
    "models": "the networks",
    "inference": "ONNX Runtime",
    "data": "images and labels",
    "imaging": "pixels in, pixels out",
    "recipes": "named settings, one table",
    "config": "the settings, checked",
    "types": "the arrays, the Classifier",
    "storage": "files, whole or not there",
    "machine": "cores",
    "parallel": "work in several processes",
    "errors": "the error tree",
    "version": "one number",
}
WIDTH, HEIGHT, GAP = 760, 44, 8  # of a floor, in pixels


def house_picture() -> str:
    """Return the picture as SVG: a row a floor, the highest first; what needs torch is coloured."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    below = len(floors) * (HEIGHT + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {below + 28}" font-family="sans-serif">',
        "<title>The floors of inkdigits: imports point down only</title>",
        f'<rect width="{WIDTH}" height="{below + 28}" fill="#ffffff"/>',
    ]
    for number, floor in enumerate(floors):
        rooms = [name.strip().removeprefix("inkdigits.") for name in floor.split("|")]
        width = (WIDTH - GAP * (len(rooms) + 1)) / len(rooms)
        for place, room in enumerate(rooms):
            left, top = GAP + place * (width + GAP), GAP + number * (HEIGHT + GAP)
            parts += _room(room, left, top, width)
    parts += [
        f'<text x="{GAP}" y="{below + 16}" font-size="12" fill="#555555">'
        "An import points to a floor below. Rooms of one floor do not know each other. Orange: needs torch.</text>",
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _room(name: str, left: float, top: float, width: float) -> list[str]:
    fill, line = ("#fde3d3", "#d9772b") if name in TORCH else ("#e8eef5", "#4477aa")
    frame = (
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{HEIGHT}" rx="4" fill="{fill}" stroke="{line}"/>'
    )
    centred = f'text-anchor="middle" x="{left + width / 2:.1f}"'
    label = f'<text {centred} y="{top + 19}" font-size="14" font-weight="bold">{name}</text>'
    purpose = f'<text {centred} y="{top + 35}" font-size="11" fill="#444444">{PURPOSE[name]}</text>'
    return [frame, label, purpose]
