"""Training images moved a little, a whole batch at a time, each image by values of its own.

Sources: Simard et al., "Best practices for convolutional neural networks", 2003 (affine distortion of digits).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from inkdigits.config import AugmentConfig


def augment(images: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Rotate, scale, shear and shift every image by its own random amounts, and vary its pen.

    Args:
        images: uint8 (B, 28, 28), 0 = paper, 255 = ink, on any device.
        config: the largest amounts.
        generator: a CPU generator; the same one gives the same images.

    Returns:
        float32 (B, 28, 28), 0 to 255; what moves in from outside is paper.
    """
    x = images.unsqueeze(1).to(torch.float32)  # (B, 1, 28, 28)
    if config.stroke:
        x = _other_pens(x, config.stroke, generator)
    theta = _affine(len(images), config, generator).to(images.device)  # (B, 2, 3)
    return F.grid_sample(x, affine_grid(theta, x.shape[-1]), align_corners=False).squeeze(1)  # (B, 28, 28)


def affine_grid(theta: Tensor, size: int) -> Tensor:
    """Return where each pixel of the output lies in the input, in the units of `F.grid_sample`.

    The values are those of `F.affine_grid(theta, (B, 1, size, size), align_corners=False)`, to within rounding, and
    come sooner: that one multiplies small matrices, one for each image (`docs/log.md` has the times).

    Args:
        theta: maps from output to input coordinates, float32 (B, 2, 3).
        size: height and width of the images, in pixels.

    Returns:
        float32 (B, size, size, 2), x before y, from -1 to 1 across the image and beyond it.
    """
    centres = torch.linspace(-1, 1, size, device=theta.device) * (size - 1) / size
    along, down, shift = theta[:, :, :, None, None].unbind(dim=2)  # each (B, 2, 1, 1): the terms of x and of y
    return (along * centres + down * centres[:, None] + shift).permute(0, 2, 3, 1)  # (B, size, size, 2)


def _affine(count: int, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Draw `count` maps from output to input coordinates, float32 (count, 2, 3)."""

    def uniform(limit: float) -> Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * limit

    angle = uniform(math.radians(config.rotation_degrees))
    scale_x, scale_y = 1 + uniform(config.scale), 1 + uniform(config.scale)
    shear = uniform(config.shear)
    # grid_sample counts from -1 to 1 across the picture: 28 pixels are 2 units.
    shift_x, shift_y = uniform(config.shift_pixels / 14), uniform(config.shift_pixels / 14)
    cos, sin = torch.cos(angle), torch.sin(angle)
    row_x = torch.stack([cos / scale_x, (shear - sin) / scale_x, shift_x], dim=1)
    row_y = torch.stack([sin / scale_y, cos / scale_y, shift_y], dim=1)
    return torch.stack([row_x, row_y], dim=1)


def _other_pens(x: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Thicken or thin the strokes of some images by up to a pixel, with grey dilation and erosion."""
    kind = torch.rand(len(x), 1, 1, 1, generator=generator).to(x.device)
    strength = torch.rand(len(x), 1, 1, 1, generator=generator).to(x.device)
    thick = F.max_pool2d(x, 3, stride=1, padding=1)
    thin = -F.max_pool2d(-x, 2, stride=1, padding=1)[..., 1:, 1:]
    pen = torch.where(kind < probability / 2, thick, torch.where(kind < probability, thin, x))
    return torch.lerp(x, pen, strength)
