"""What is known of a number beforehand, to choose among the ways it can be read."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from inkdigits.errors import ConfigError

Check = Callable[[str], bool]


@dataclass(frozen=True)
class Expectation:
    """A condition on the digits of a line.

    Attributes:
        text: as it was written.
        checks: all must hold.
    """

    text: str
    checks: tuple[Check, ...]

    def holds(self, digits: str) -> bool:
        """Tell whether a line reads as expected."""
        return all(check(digits) for check in self.checks)


def parse_expectation(text: str) -> Expectation:
    """Read conditions separated by commas.

    Args:
        text: `len=5` or `len=2-4` for the number of digits; `range=0-100` for the number's value; `luhn` for the check
            digit of card and account numbers (H. P. Luhn, 1954).

    Raises:
        ConfigError: it is none of these.
    """
    return Expectation(text, tuple(_check(part.strip()) for part in text.split(",")))


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others by Luhn's rule; a lone digit has none."""
    if not digits.isdecimal():
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return len(digits) > 1 and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _check(part: str) -> Check:
    if part == "luhn":
        return luhn
    found = re.fullmatch(r"(len|range)=([0-9]{1,30})(?:-([0-9]{1,30}))?", part)
    if not found or (found[1] == "range" and found[3] is None):
        raise ConfigError(
            f"what is expected is written len=5, len=2-4, range=0-100 or luhn, joined by commas: got {part!r}"
        )
    low, high = int(found[2]), int(found[3] or found[2])
    if found[1] == "len" and low == 0:
        raise ConfigError(f"{part}: a number has at least one digit")
    if low > high:
        raise ConfigError(f"{part}: the first number must not be larger than the second")
    if found[1] == "len":
        return lambda digits: low <= len(digits) <= high
    return lambda digits: digits.isdecimal() and low <= int(digits) <= high
