"""What the checks of the exercises are written with."""

from typing import Any


class Hint(Exception):  # noqa: N818 - it is a hint
    """An answer is not right yet; the text says what is wrong and where to look."""


def expect(holds: bool, hint: str) -> None:
    """Go on if it holds.

    Raises:
        Hint: it does not.
    """
    if not holds:
        raise Hint(hint)


def returned(value: Any, name: str) -> Any:  # Any: whatever a learner's function returns
    """Return what a function returned.

    Raises:
        Hint: it returned nothing.
    """
    expect(value is not None, f"`{name}` gives nothing back: does it end with `return`?")
    return value


def close(found: Any, right: Any, *, tolerance: float = 1e-4) -> bool:  # Any: a number, an array or a tensor
    """Tell whether two numbers, or two arrays or tensors of one shape, are equal within a relative tolerance."""
    import numpy as np

    left, other = (np.asarray(value.detach() if hasattr(value, "detach") else value) for value in (found, right))
    return left.shape == other.shape and bool(np.allclose(left, other, rtol=tolerance, atol=tolerance))
