"""Several models that answer as one."""

from collections.abc import Sequence

import numpy as np

from inkdigits.errors import ConfigError
from inkdigits.inference.softmax import softmax
from inkdigits.types import Classifier, Images, Logits


class Ensemble:
    """The mean of the probabilities of several classifiers.

    Args:
        members: at least one; all of the same classes.

    Raises:
        ConfigError: there is none, or their classes differ.
    """

    def __init__(self, members: Sequence[Classifier]) -> None:
        classes = {member.class_names for member in members}
        if len(classes) != 1:
            kinds = sorted(f"{len(names)} ({names[0]} to {names[-1]})" for names in classes)
            found = " and ".join(kinds) or "no model at all"
            raise ConfigError(f"models that answer together must have the same classes, got {found}")
        self.members = tuple(members)
        self.class_names = self.members[0].class_names

    def logits(self, images: Images) -> Logits:
        """Map images uint8 (N, 28, 28), 0 = paper, 255 = ink, to the logarithms of mean probabilities, (N, K)."""
        mean = sum(softmax(member.logits(images)) for member in self.members) / len(self.members)
        logits: Logits = np.log(np.maximum(mean, np.finfo(np.float32).tiny)).astype(np.float32)
        return logits

    def __repr__(self) -> str:
        return f"Ensemble({', '.join(map(repr, self.members))})"
