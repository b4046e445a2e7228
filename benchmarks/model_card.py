"""docs/model-card.md: what the models in the package are, from their cards and from benchmarks/results."""

import json
from typing import Any

from benchmarks import records
from benchmarks.page_reading import share
from inkdigits.inference.weights import FOLDER

INTRODUCTION = """\
# Model card

Written by `make docs` from the cards in `src/inkdigits/inference/weights` and from `benchmarks/results`;
`make weights` trains both models again, from nothing.

| | `digits` | `pairs` |
|---|---|---|"""

USE = """
## Made for

Reading handwritten digits 0 to 9 in photos, scans and drawings, alone or in numbers, on a CPU. `digits` looks at one
mark at a time and tells ten digits and "none" apart; `pairs` looks at marks that may be two digits that touch. Both
take uint8 (N, 28, 28), 0 = paper, 255 = ink, as `inkdigits.imaging.normalize` makes them; inside is all else.

## Data

Both learnt from MNIST's training images, 5,000 of which were held out for choosing the epoch, the temperature and
the threshold of rejection, and on images drawn by our own code: MNIST's digits with other pens, digits drawn by strokes
in many habits, digits and letters of free handwriting fonts (Debian packages, named in `inkdigits.data.fonts`),
scribbles, shapes, pieces and pairs. No picture of the development sets below was trained on; they were looked at while
strokes and pipeline were made. MNIST was written by American pupils and clerks around 1990.

## Results
"""

LIMITS = """
## Limits

- A long flat flag makes a one a seven: hands differ, and nobody can tell from one digit. The probability says so.
- Letters that look like digits (O, I, l, S, Z, B, b, g, q) are read as digits, and of the letters of other scripts
  more than half hold a digit or two for this reader. Say what you expect (`--expect`), or look at `is_digit`.
- Three and more digits that touch are read where one cut is clean; overlapping digits are not.
- Printed digits, seven-segment displays and digits of other scripts were not trained on.
- It must not decide alone where an error harms somebody. Probabilities are calibrated on MNIST, not on your pictures:
  measure on some of yours, and let a person read what is below your limit.
"""


def model_card_page() -> str:
    """Return the page."""
    cards = [json.loads((FOLDER / f"{name}.json").read_text()) for name in ("digits", "pairs")]
    rows = {
        "recipe": [f"`{card['recipe']}`" for card in cards],
        "parameters, batch norm folded in": [f"{card['parameters']:,}" for card in cards],
        "file": [f"{card['bytes'] / 1000:,.0f} kB" for card in cards],
        "made with": [card["made_with"] for card in cards],
        "drawn images": [card["also_trained_on"].split(" images")[0] for card in cards],
        "accuracy, validation": [f"{card['validation_accuracy']:.2%}" for card in cards],
        "accuracy, test; nothing was chosen by it": [_interval(card) for card in cards],
        "test images": ["MNIST's 10,000", "10,000 touching pairs made of them"],
        "temperature": [f"{card['temperature']:.3f}" for card in cards],
        "rejects below": [f"{cards[0]['reject_below']:.3f}", "the same"],
        "SHA-256": [f"`{card['sha256'][:16]}…`" for card in cards],
    }
    table = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    lost = f"The threshold of `digits` rejects {cards[0]['validation_digits_rejected']:.1%} of the validation digits."
    return "\n".join([INTRODUCTION, *table, "", lost, USE, *_results(), LIMITS.rstrip(), ""])


def _interval(card: dict[str, Any]) -> str:
    low, high = card["test_interval_95"]
    return f"{card['test_accuracy']:.2%} ({low:.2%} to {high:.2%})"


def _results() -> list[str]:
    lines = ["| pictures | whole text right | 95 % interval |", "|---|---|---|"]
    for name, found in records.read("reading_accuracy")["sets"].items():
        right, total = (sum(column) for column in zip(*found["groups"].values(), strict=True))
        title = "no digits, rejected" if name == "nondigits" else f"`{name}`"
        count, part, interval = share(right, total)
        lines.append(f"| {title} | {count} = {part} | {interval} |")
    return [*lines, "", "By source and kind, with more: [benchmarks](benchmarks.md)."]
