"""A trained network, or several, that teach another one: it learns their probabilities instead of the labels.

Source: G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015. As L. Beyer et al.
found best ("Knowledge distillation: a good teacher is patient and consistent", 2022), the teacher answers for the very
images that the pupil sees, moved as they are.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError, ModelError
from inkdigits.training.checkpoint import Checkpoint, load_checkpoint
from inkdigits.training.device import multiplying
from inkdigits.training.ensemble import is_ensemble, open_ensemble


class Teacher:
    """Networks that answer with the mean of their probabilities.

    Args:
        networks: each maps images (B, 28, 28), 0 to 255, to logits (B, K).
        precision: in which they compute, float32 or bfloat16.
        same_split: whether all learnt from the pupil's own training images and their labels alone, so that its
            validation images are new to them too.
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

        They are those of the networks' own logits for the images as they are, without the temperature that makes up for
        smoothed labels: what a teacher says of the wrong digits is what a pupil learns from it beyond the label.
        """
        with multiplying(self.precision, images.device):
            answers = [F.softmax(network(images).float(), dim=1) for network in self.networks]
        return torch.stack(answers).mean(dim=0)

    @property
    def digest(self) -> str:
        """SHA-256 of all weights, in hexadecimal: it tells one teacher from another."""
        found = hashlib.sha256()
        for network in self.networks:
            for name, tensor in network.state_dict().items():
                found.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        return found.hexdigest()


def find_teacher(checkpoint: Checkpoint, device: torch.device) -> Teacher | None:
    """Open the run or the ensemble that teaches a run; None where the labels do.

    Args:
        checkpoint: the pupil's; it notes which teacher it has, so that a resumed run has the same.
        device: where both compute.

    Raises:
        ModelError: the teacher is missing or damaged, or an ensemble that is not finished.
        ConfigError: it answers for other classes, or is not the one that the run was started with.
    """
    config = checkpoint.config
    if config.teacher is None:
        return None
    path = Path(config.teacher)
    if not (path.is_dir() or path.suffix == ".safetensors"):
        raise ModelError(
            f"the teacher {path} is no trained run: give --teacher the folder of a run or an ensemble, "
            "or a .safetensors file"
        )
    runs = open_ensemble(path).finished() if is_ensemble(path) else [path]
    teachers = [load_checkpoint(run, device=device.type) for run in runs]
    for classes in (teacher.class_names for teacher in teachers):
        if classes != checkpoint.class_names:
            raise ConfigError(
                f"{path} cannot teach {config.model}: it answers for {len(classes)} classes, "
                f"and {len(checkpoint.class_names)} are to be learnt"
            )
    teacher = Teacher(
        [teacher.network for teacher in teachers],
        precision=teachers[0].config.precision,  # members of an ensemble differ in their seeds alone
        same_split=all(_holds_out_the_same(teacher.config, config) for teacher in teachers),
    )
    if checkpoint.taught_by not in (None, teacher.digest):
        raise ConfigError(
            f"{path} is not the teacher that this run was started with, or was trained on since: "
            "name its former one with --teacher, or start a new run"
        )
    checkpoint.taught_by = teacher.digest
    return teacher


def _holds_out_the_same(teacher: TrainConfig, pupil: TrainConfig) -> bool:
    """Tell whether a teacher has seen none of a pupil's validation images, nor had a teacher that may have."""
    splits = {(config.dataset, config.validation_size, config.seed) for config in (teacher, pupil)}
    return len(splits) == 1 and teacher.teacher is None
