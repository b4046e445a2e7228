"""The probabilities of a batch as a table that one can read."""

from typing import TYPE_CHECKING

from inkdigits.errors import require
from inkdigits.inference.softmax import log_softmax, softmax
from inkdigits.types import Classifier, Images

if TYPE_CHECKING:
    from pandas import DataFrame


def probability_table(classifier: Classifier, images: Images, *, log: bool = False) -> "DataFrame":
    """Return what a classifier thinks of each image: one row an image, one column a class, and the guess.

    Args:
        classifier: anything with `logits`.
        images: uint8 (N, 28, 28), 0 = paper, 255 = ink.
        log: log-softmax instead of softmax; `exp` of it is the same table.

    Returns:
        A pandas table. The class columns of a row sum to 1 (with `log`, their exponentials do), whatever
        else is in the batch.
    """
    require("pandas", extra="train", purpose="a table of probabilities")
    import pandas as pd

    logits = classifier.logits(images)
    table = pd.DataFrame(
        log_softmax(logits) if log else softmax(logits),
        index=[f"sample {number}" for number in range(len(images))],
        columns=list(classifier.class_names),
    )
    table["guess"] = [classifier.class_names[guess] for guess in logits.argmax(axis=1)]
    return table
