"""Where every made-up value comes from: hashing of integers, a stream of draws, and amounts with the API's float noise.

Not here: what is drawn. Nothing here keeps state between records, so a record is a pure function of its seed and index.
"""

import math
import zlib
from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_T = TypeVar("_T")

# Binary fractions that JSON carries exactly and that lie half-way between two cents; half up, each gives its key.
_HALF_WAY = {13: 0.125, 38: 0.375, 63: 0.625, 88: 0.875}


def mix(*parts: int) -> int:
    """Hash integers into 64 well-spread bits (splitmix64, one round per part)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) + 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state


def mix_text(seed: int, text: str) -> int:
    """Hash a text, the same in every process (unlike `hash`)."""
    raw = text.encode()
    return mix(seed, zlib.crc32(raw), zlib.adler32(raw), len(raw))


class Draws:
    """A stream of draws that depends on nothing but the integers it was made from."""

    __slots__ = ("_state",)

    def __init__(self, *parts: int) -> None:
        self._state = mix(*parts)

    def below(self, bound: int) -> int:
        """Draw an integer in ``[0, bound)``."""
        self._state = state = self._state * 6364136223846793005 + 1442695040888963407 & _MASK
        return (state >> 32) * bound >> 32

    def one_in(self, times: int) -> bool:
        """Draw true once in so many times."""
        return self.below(times) == 0

    def choice(self, options: Sequence[_T]) -> _T:
        """Draw one of the options, all alike."""
        return options[self.below(len(options))]


def amount(cents: int, style: int) -> int | float:
    """Write an amount as the API does: whole numbers as integers or not, with serialisation noise or without.

    Rounding the answer half up to two decimals always gives ``cents`` back.

    Args:
        cents: The amount in hundredths of its currency.
        style: Any draw in ``[0, 16)``; most of them write the plain number.
    """
    value = cents / 100
    if style == 0:
        return math.nextafter(value, math.inf)
    if style == 1:
        return math.nextafter(value, 0.0)
    if style <= 6 and cents % 100 in _HALF_WAY:
        return cents // 100 + _HALF_WAY[cents % 100]
    if style == 7:
        return value
    return cents // 100 if cents % 100 == 0 else value


def percentage(hundredths: int, style: int) -> int | float:
    """Write a percentage given in hundredths of a per cent, now and then with noise past the tenth decimal."""
    value = hundredths / 100
    if style == 0:
        return math.nextafter(value, math.inf)
    return hundredths // 100 if hundredths % 100 == 0 and style != 7 else value


def share(cents: int, hundredths: int) -> int:
    """Take a percentage (in hundredths of a per cent) of an amount in cents, rounded half up to a cent."""
    return (cents * hundredths + 5000) // 10000
