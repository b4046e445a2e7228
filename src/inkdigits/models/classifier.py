"""A torch network as a `Classifier`."""

import numpy as np
import torch
from torch import nn

from inkdigits.models.layers import Calibrated
from inkdigits.models.views import with_four_views
from inkdigits.types import Images, Logits, checked_images

BATCH_SIZE = 500  # images; the activations of the small networks stay in the cache of a CPU


class TorchClassifier:
    """Wraps a network; wherever the network is, there it computes.

    Args:
        model: maps images uint8 (N, 28, 28) to logits (N, K).
        class_names: the K names.
        temperature: what the model's logits are divided by, so that probabilities mean what they say.
        four_views: look at each image four times, see `FourViews`, instead of once.
    """

    def __init__(
        self,
        model: nn.Module,
        class_names: tuple[str, ...] = tuple("0123456789"),
        *,
        temperature: float = 1.0,
        four_views: bool = False,
    ) -> None:
        self.network = model
        self.model = Calibrated(with_four_views(model) if four_views else model, temperature)
        self.class_names = class_names

    @torch.inference_mode()
    def logits(self, images: Images) -> Logits:
        """Map images uint8 (N, 28, 28), 0 = paper, 255 = ink, to logits float32 (N, K), in eval mode.

        Each layer's own mode is put back afterwards, so asking never disturbs a training run.

        Raises:
            InputError: the images are of another type or shape.
        """
        training = [layer for layer in self.model.modules() if layer.training]
        self.model.eval()
        try:
            device = next(self.model.parameters()).device
            batches = torch.tensor(checked_images(images)).split(BATCH_SIZE)
            parts = [self.model(batch.to(device)).cpu().numpy() for batch in batches]
        finally:
            for layer in training:
                layer.training = True
        return np.concatenate(parts) if parts else np.zeros((0, len(self.class_names)), np.float32)

    def __repr__(self) -> str:
        return f"TorchClassifier({type(self.network).__name__}, {len(self.class_names)} classes)"
