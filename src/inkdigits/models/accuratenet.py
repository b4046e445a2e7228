"""The network of the `accurate` recipe: three columns, one of which sees each digit set upright."""

from inkdigits.models.columns import Columns
from inkdigits.models.compactnet import CompactNet
from inkdigits.models.moments import MomentNormalization, Upright

WIDTHS = (16, 32, 48, 64, 64)


def thorough_net(num_classes: int = 10) -> CompactNet:
    """Build a column, which is the network of the recipe `thorough` too."""
    return CompactNet(WIDTHS, num_classes)


def accurate_net(num_classes: int = 10) -> Columns:
    """Build three columns: what a slant or a size hides from two of them, the third may see."""
    first, second, third = (thorough_net(num_classes) for _ in range(3))
    return Columns([first, second, Upright(MomentNormalization(28), third)])
