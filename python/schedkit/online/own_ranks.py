"""Ranks of the caller's own: the answers of a key function, as numbers for the compiled queue and dispatcher."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable, Iterable
from typing import Any

from .. import _text, _validation
from ..errors import InputTypeError

_LARGEST = 1e100
"""The queue takes numbers up to this one."""

_SPARE = 64
"""Answers without a key that are kept at least, so that they are not sought after every removal."""


class OwnRanks:
    """A number for each answer of a key function, in the same order.

    As long as all answers are numbers that a float64 holds exactly, they are their own numbers. With the first other answer a
    sorted list of answers begins, each with a number between those of its neighbours. Where no float64 lies between two of
    them, all answers get new numbers, and the queue is told.

    Parameters
    ----------
    key : callable
        Called with the key of a job alone; lower answers first.
    """

    __slots__ = ("_answers", "_compares", "_key", "_numbers", "lock")

    def __init__(self, key: Callable[[Any], Any]) -> None:
        self._key = key
        self._answers: list[Any] | None = None
        self._numbers: list[float] = []
        self._compares = False
        self.lock = threading.RLock()

    def __getstate__(self) -> tuple[Any, ...]:
        return self._key, self._answers, self._numbers

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._key, self._answers, self._numbers = state
        self._compares = False
        self.lock = threading.RLock()

    @property
    def key(self) -> Callable[[Any], Any]:
        """The key function."""
        return self._key

    @property
    def are_compared(self) -> bool:
        """Whether there was an answer that is not its own number."""
        return self._answers is not None

    def answer(self, key: Any) -> Any:
        """The answer of the key function, which must compare."""
        return self.checked(self._key(key), key)

    def checked(self, answer: Any, key: Any) -> Any:
        """An answer that the key function gave, which must compare."""
        try:
            compares = not answer < answer and bool(answer == answer)  # noqa: PLR0124 - NaN does not equal itself
        except (TypeError, ValueError):  # arrays have no truth value
            compares = False
        if not compares:
            reason = f"gave {_shown(answer)} for {_shown(key)}, which does not compare with itself"
            raise _validation.refuse("key", reason, kind=InputTypeError)
        return answer

    def number(
        self, answer: Any, in_use: Callable[[], Iterable[float]], renumbered: Callable[[dict[float, float]], None]
    ) -> float:
        """The number of an answer; the lock must be held.

        Parameters
        ----------
        answer : object
        in_use : callable
            Gives the numbers of all keys that wait or run.
        renumbered : callable
            Called with a dict from old to new numbers if those of other answers change.
        """
        if self._compares:
            raise RuntimeError("answers of the key function must not use the queue or the dispatcher when they are compared")
        self._compares = True
        try:
            return self._number(answer, in_use, renumbered)
        finally:
            self._compares = False

    def _number(
        self, answer: Any, in_use: Callable[[], Iterable[float]], renumbered: Callable[[dict[float, float]], None]
    ) -> float:
        if self._answers is None:
            exact = _exact(answer)
            if exact is not None:
                return exact
            self._numbers = sorted(set(in_use()))
            self._answers = list(self._numbers)
        place = self._place(answer)
        if place < len(self._answers) and not answer < self._answers[place]:
            return self._numbers[place]
        number = self._between(place)
        if number is None:
            self._drop_unused(in_use())
            self._renumber(renumbered)
            place = self._place(answer)
            number = self._between(place)
        assert number is not None  # the numbers are whole now
        self._answers.insert(place, answer)
        self._numbers.insert(place, number)
        return number

    def tidy(self, num_keys: int, in_use: Callable[[], Iterable[float]]) -> None:
        """Forgets answers that no key has any more, where they are many; the lock must be held."""
        if len(self._numbers) > 2 * num_keys + _SPARE:
            self._drop_unused(in_use())

    def _place(self, answer: Any) -> int:
        answers = self._answers
        assert answers is not None
        try:
            return bisect.bisect_left(answers, answer)
        except TypeError as error:
            reason = f"gave {_shown(answer)}, which does not compare with other answers: {error}"
            raise _validation.refuse("key", reason, kind=InputTypeError) from error

    def _between(self, place: int) -> float | None:
        """A number for a new answer in this place; None where there is none."""
        numbers = self._numbers
        if not numbers:
            return 0.0
        if place == len(numbers):
            number = numbers[-1] + max(1.0, abs(numbers[-1]) * 2**-40)
            return number if number <= _LARGEST else None
        if place == 0:
            number = numbers[0] - max(1.0, abs(numbers[0]) * 2**-40)
            return number if number >= -_LARGEST else None
        before, after = numbers[place - 1], numbers[place]
        number = before + (after - before) / 2
        return number if before < number < after else None

    def _renumber(self, renumbered: Callable[[dict[float, float]], None]) -> None:
        """Whole numbers for all answers."""
        new = [float(place) for place in range(len(self._numbers))]
        renumbered(dict(zip(self._numbers, new, strict=True)))
        self._numbers = new

    def _drop_unused(self, in_use: Iterable[float]) -> None:
        used = set(in_use)
        kept = [place for place, number in enumerate(self._numbers) if number in used]
        self._answers = [self._answers[place] for place in kept] if self._answers is not None else None
        self._numbers = [self._numbers[place] for place in kept]


def _exact(answer: Any) -> float | None:
    """The float64 that equals an answer, if the answer is a number and there is one."""
    if type(answer) not in (int, float) or abs(answer) > _LARGEST:
        return None
    number = float(answer)
    return number if number == answer else None


def _shown(value: Any) -> str:
    return _text.printable(_text.short(value))
