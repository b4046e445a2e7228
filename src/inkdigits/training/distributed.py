"""Several processes that train one network: each takes its share of every batch, all take the same step.

`torchrun --standalone --nproc-per-node 2 -m inkdigits train` starts them. Alone, a process is a team of one, and every
method here does nothing; the loop is the same for both.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from inkdigits.errors import ConfigError
from inkdigits.machine import usable_cores
from inkdigits.models.classifier import BATCH_SIZE
from inkdigits.types import Classifier, Images, Logits


class Team:
    """The processes that train together: those of torch's default process group, or this one alone."""

    def __init__(self) -> None:
        joined = dist.is_available() and dist.is_initialized()
        self.rank, self.size = (dist.get_rank(), dist.get_world_size()) if joined else (0, 1)

    @property
    def threads(self) -> int | None:
        """CPU threads for each process of one machine; None alone, where torch knows best."""
        # torchrun allows a process one thread, which leaves cores idle that nobody else uses.
        here = int(os.environ.get("LOCAL_WORLD_SIZE", self.size))
        return max(1, usable_cores() // here) if self.size > 1 else None

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the network whose gradients are the means over all processes; its weights are the model's own."""
        if self.size == 1:
            return model
        wrapped = DistributedDataParallel(model)
        # Otherwise the first process's batch statistics would overwrite the others' in every step, see `agree`.
        wrapped.broadcast_buffers = False
        return wrapped

    def share(self, batch: Tensor) -> Tensor:
        """Return this process's part (b, ...) of a batch (B, ...); with fewer images than processes, all of it.

        torch's own `DistributedSampler` repeats images until all parts are equal, which makes measured figures wrong
        (pytorch issue 25162); here every image is in exactly one part.
        """
        return batch.tensor_split(self.size)[self.rank] if len(batch) >= self.size else batch

    def weight(self, part: int, batch: int) -> float:
        """Return what the mean loss of a part counts, so that the mean over processes is that over all images."""
        return part * self.size / batch if batch >= self.size else 1.0

    def sum(self, numbers: Sequence[float]) -> list[float]:
        """Add numbers up over all processes."""
        if self.size == 1:
            return list(numbers)
        total = torch.tensor(numbers, dtype=torch.float64)
        dist.all_reduce(total)
        return total.tolist()

    def greatest(self, tensor: Tensor) -> Tensor:
        """Replace each value of a tensor by the greatest that any process has there, and return the tensor."""
        if self.size > 1:
            dist.all_reduce(tensor, op=dist.ReduceOp.MAX)
        return tensor

    def agree(self, *models: nn.Module | None) -> None:
        """Replace what each process has measured of its own images, such as batch norm's statistics, by the means."""
        if self.size > 1:
            for buffer in chain.from_iterable(model.buffers() for model in models if model is not None):
                if buffer.is_floating_point():
                    dist.all_reduce(buffer)
                    buffer.div_(self.size)

    def logits(self, classifier: Classifier, images: Images) -> Logits:
        """Return a classifier's logits, float32 (N, K), of images uint8 (N, 28, 28); every process does its share.

        The bits are those of one process with as many threads.
        """
        if self.size == 1:
            return classifier.logits(images)
        starts = range(0, len(images), BATCH_SIZE)  # cut as one process would cut them: another size, other last bits
        parts: list[dict[int, Logits]] = [{} for _ in range(self.size)]
        mine = {at: classifier.logits(images[at : at + BATCH_SIZE]) for at in starts[self.rank :: self.size]}
        dist.all_gather_object(parts, mine)
        found = {at: logits for part in parts for at, logits in part.items()}
        return np.concatenate([found[at] for at in starts])


@contextmanager
def joined(device: str = "auto") -> Iterator[Team]:
    """Join the processes that torchrun has started; without torchrun, be a team of one.

    Args:
        device: where they will train, as in `TrainConfig`.

    Raises:
        ConfigError: torchrun has started more processes than there are GPUs.
    """
    if not dist.is_torchelastic_launched() or dist.is_initialized():
        yield Team()
        return
    if device != "cpu" and torch.cuda.is_available():
        processes, devices = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if processes > devices:  # told by all, since only the first one speaks
            raise ConfigError(
                f"{processes} processes need a GPU each, and this machine has {devices}. Use "
                f"--nproc-per-node {devices}, or CUDA_VISIBLE_DEVICES= to train on the CPU"
            )
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group()  # gloo for tensors on the CPU, nccl for those on GPUs
    try:
        yield Team()
    finally:
        dist.destroy_process_group()
