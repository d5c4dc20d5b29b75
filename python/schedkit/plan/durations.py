"""Durations and lags: what planners write, such as ``1d 4h`` or ``+1ed``, as lengths of time and back."""

from __future__ import annotations

import dataclasses
import math
import numbers
import re
from datetime import time, timedelta
from fractions import Fraction
from typing import Any

from ..errors import InputTypeError
from ._refusal import UnreadableError

EXPECTED = "expected a duration such as 90m, 4h, 2d, 1w or 1d 4h, or a number of hours"
_UNITS = {
    "s": "s sec secs second seconds",
    "m": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "w": "w wk wks week weeks",
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_PART = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(e?)([a-z]+)\s*")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_MOST = 10_000 * 366 * 86400


@dataclasses.dataclass(frozen=True, slots=True)
class Units:
    """What the units of durations mean in a plan.

    Attributes
    ----------
    hours_per_day, days_per_week : int or float
        Working time of a day and of a week.
    """

    hours_per_day: float = 8
    days_per_week: float = 5

    def seconds(self, unit: str, *, elapsed: bool = False) -> Fraction:
        """The length of a unit."""
        day = Fraction(24) if elapsed else _ratio(self.hours_per_day)
        week = 7 * day if elapsed else day * _ratio(self.days_per_week)
        return {"s": Fraction(1), "m": Fraction(60), "h": Fraction(3600), "d": day * 3600, "w": week * 3600}[unit]

    def duration(self, value: Any) -> timedelta:
        """A working time; a number means hours.

        Raises
        ------
        UnreadableError
        """
        length, elapsed = self._parsed(value)
        if elapsed:
            raise UnreadableError("is elapsed time; durations are working time, an activity that never pauses has a calendar")
        return length

    def lag(self, value: Any) -> tuple[timedelta, bool]:
        """A lag, which may be negative, and whether it is elapsed time."""
        if isinstance(value, str):
            text = value.strip().replace("\u2212", "-")
            sign = -1 if text.startswith("-") else 1
            length, elapsed = self._parsed(text[1:].strip() if text[:1] in "+-" and text else text)
            return sign * length, elapsed
        if isinstance(value, timedelta):
            return (-self._parsed(-value)[0] if value < timedelta(0) else self._parsed(value)[0]), False
        if is_number(value) and value < 0:
            return -self._parsed(-value)[0], False
        return self._parsed(value)

    def _parsed(self, value: Any) -> tuple[timedelta, bool]:
        if isinstance(value, str):
            return self._from_text(value)
        if isinstance(value, timedelta):
            if value < timedelta(0):
                raise UnreadableError("must not be negative")
            return _exact(Fraction(value // timedelta(microseconds=1), 10**6)), False
        if isinstance(value, time):  # Excel has them for 4:00
            return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second), False
        number = hours(value)
        return _exact(number * 3600), False

    def _from_text(self, text: str) -> tuple[timedelta, bool]:
        words = text.strip().lower()
        if len(words) > _LONGEST:
            raise UnreadableError(EXPECTED)
        if _NUMBER.fullmatch(words):
            return _exact(decimal(words) * 3600), False
        total, kinds, at = Fraction(0), set(), 0
        while at < len(words):
            part = _PART.match(words, at)
            if part is None or (unit := _UNIT.get(part[3])) is None:
                break
            kinds.add(bool(part[2]))
            total += decimal(part[1]) * self.seconds(unit, elapsed=bool(part[2]))
            at = part.end()
        if not words or at < len(words):
            raise UnreadableError(EXPECTED)
        if len(kinds) > 1:
            raise UnreadableError("mixes working time and elapsed time")
        return _exact(total), kinds == {True}

    def text(self, length: timedelta, *, elapsed: bool = False) -> str:
        """The shortest usual form of a length that is not negative, in days, hours, minutes and seconds."""
        rest, mark, parts = Fraction(length // timedelta(seconds=1)), "e" if elapsed else "", []
        for unit in "dhms":
            number, rest = divmod(rest, self.seconds(unit, elapsed=elapsed))
            if number:
                parts.append(f"{number}{mark}{unit}")
        return " ".join(parts) or f"0{mark}h"

    def lag_text(self, length: timedelta, *, elapsed: bool = False) -> str:
        """A lag with its sign."""
        return f"{'-' if length < timedelta(0) else '+'}{self.text(abs(length), elapsed=elapsed)}"


_LONGEST = 200
"""Characters of a duration at most."""


def _ratio(number: float) -> Fraction:
    """The simple fraction that a number stands for, such as 16/3 for 5.333333333333333."""
    return Fraction(str(number)).limit_denominator(100_000)


def is_number(value: Any) -> bool:
    """Whether a value is a real number; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def hours(value: Any) -> Fraction:
    """A number of hours, exactly as it is written in decimal digits."""
    if not is_number(value):
        raise UnreadableError(EXPECTED, InputTypeError)
    try:
        finite = math.isfinite(value)
    except OverflowError:
        raise UnreadableError("is too large") from None
    if not finite:
        raise UnreadableError("must be finite")
    if value < 0:
        raise UnreadableError("must not be negative")
    return Fraction(int(value)) if isinstance(value, numbers.Integral) else Fraction(str(float(value)))


def decimal(text: str) -> Fraction:
    """A number with a decimal point or comma; a comma before three digits could also separate thousands, so it is refused."""
    whole, mark, rest = text.partition(",")
    if mark and len(rest) == 3:
        raise UnreadableError(f"is ambiguous: write {whole}.{rest} or {whole}{rest}")
    return Fraction(text.replace(",", "."))


def _exact(seconds: Fraction) -> timedelta:
    if seconds > _MOST:
        raise UnreadableError("is longer than 10000 years")
    if seconds.denominator != 1:
        raise UnreadableError("is no whole number of seconds")
    return timedelta(seconds=int(seconds))
