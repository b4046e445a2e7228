"""How a run does while an epoch is under way."""

from torch import Tensor

from inkdigits.training.distributed import Team
from inkdigits.training.history import StepRecord


class Tally:
    """Running loss and accuracy, weighted by images: a short last batch counts for what it is."""

    def __init__(self) -> None:
        self.images, self.loss, self.correct = 0, 0.0, 0

    def add(self, mean_loss: float, logits: Tensor, labels: Tensor) -> None:
        """Count one batch: its mean loss, its logits (B, K) and its labels (B,)."""
        self.images += len(labels)
        self.loss += mean_loss * len(labels)
        self.correct += int((logits.detach().argmax(dim=1) == labels).sum())

    def summed(self, team: Team) -> "Tally":
        """Return the figures of all processes together."""
        total = Tally()
        images, total.loss, correct = team.sum([self.images, self.loss, self.correct])
        total.images, total.correct = int(images), int(correct)
        return total

    def record(self, epoch: int, step: int, images_per_epoch: int, rate: float, seconds: float) -> StepRecord:
        """Return the figures so far."""
        return StepRecord(
            epoch=epoch,
            step=step,
            images=self.images,
            images_per_epoch=images_per_epoch,
            learning_rate=rate,
            running_loss=self.loss / self.images,
            running_accuracy=self.correct / self.images,
            images_per_second=self.images / seconds,
        )
