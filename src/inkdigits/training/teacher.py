"""A trained network, or several, that teach another one: it learns their probabilities instead of the labels.

Source: G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015. As there, the teacher
answers for the very images that the pupil sees, moved ones too (L. Beyer et al., "Knowledge distillation: a good
teacher is patient and consistent", 2022).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError
from inkdigits.training.checkpoint import load_checkpoint
from inkdigits.training.device import multiplying
from inkdigits.training.ensemble import is_ensemble, open_ensemble


class Teacher:
    """Networks that answer with the mean of their probabilities.

    Args:
        networks: each maps images (B, 28, 28), 0 to 255, to logits (B, K).
        precision: in which they compute, float32 or bfloat16.
        same_split: whether all learnt from the pupil's own training images, so that its validation images are new to
            them too.
    """

    def __init__(self, networks: Sequence[nn.Module], *, precision: str, same_split: bool) -> None:
        self.networks = [network.eval() for network in networks]
        self.precision, self.same_split = precision, same_split

    def loss(self, images: Tensor, logits: Tensor) -> Tensor:
        """Return the mean cross entropy of a pupil's logits (B, K) for images (B, 28, 28), with gradients.

        Nothing is smoothed besides: a teacher is never quite sure.
        """
        return F.cross_entropy(logits, self.probabilities(images))

    @torch.no_grad()
    def probabilities(self, images: Tensor) -> Tensor:
        """Map images (B, 28, 28), 0 to 255, to float32 (B, K).

        They are those of the networks as they were trained, without the temperature that makes up for smoothed labels:
        what a teacher says of the wrong digits is what a pupil learns from it beyond the label.
        """
        with multiplying(self.precision, images.device):
            answers = [F.softmax(network(images).float(), dim=1) for network in self.networks]
        return torch.stack(answers).mean(dim=0)


def open_teacher(config: TrainConfig, class_names: tuple[str, ...], device: torch.device) -> Teacher:
    """Open the run or the ensemble that a config names as its teacher.

    Args:
        config: of the pupil; its `teacher` is set.
        class_names: the pupil's.
        device: where both compute.

    Raises:
        ModelError: the teacher is missing, damaged or not finished.
        ConfigError: it answers for other classes.
    """
    assert config.teacher is not None
    folder = Path(config.teacher)
    runs = open_ensemble(folder).finished() if is_ensemble(folder) else [folder]
    teachers = [load_checkpoint(run, device=device.type) for run in runs]
    for teacher in teachers:
        if teacher.class_names != class_names:
            raise ConfigError(
                f"{folder} cannot teach {config.model}: it answers for {len(teacher.class_names)} classes, "
                f"and {len(class_names)} are to be learnt"
            )
    return Teacher(
        [teacher.network for teacher in teachers],
        precision=teachers[0].config.precision,  # members of an ensemble differ in their seeds alone
        same_split=all(_split(teacher.config) == _split(config) for teacher in teachers),
    )


def _split(config: TrainConfig) -> tuple[str, int, int]:
    return config.dataset, config.validation_size, config.seed
