"""Everything schedkit raises."""

from __future__ import annotations

from typing import Any

__all__ = [
    "CycleError",
    "FormatError",
    "InfeasibleError",
    "InputTypeError",
    "InvalidInputError",
    "SchedkitError",
    "UnknownKeyError",
]


class SchedkitError(Exception):
    """Base of every error raised by schedkit."""


class _InputError(SchedkitError):
    """What refused inputs have in common: the place and the value to blame, for callers that match on data."""

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        index: int | tuple[int, ...] | None = None,
        value: Any = None,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.index = index
        self.value = value


class InvalidInputError(_InputError, ValueError):
    """A value that cannot be scheduled: negative, too large, of the wrong shape, unknown.

    Attributes
    ----------
    field : str
        The argument's name.
    index : int or tuple of int or None
        Position inside the argument; None for the argument as a whole.
    value : object
        The refused value, if one value is to blame.
    """


class InputTypeError(_InputError, TypeError):
    """A bool, string, None, complex number or other object where a number belongs. Attributes as in `InvalidInputError`."""


class CycleError(InvalidInputError):
    """Precedence that bites its own tail.

    Attributes
    ----------
    cycle : list of int
        The indices on a shortest cycle, in order, the first one not repeated; ``[i]`` for a self loop.
    """

    def __init__(self, message: str, *, cycle: list[int] | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.cycle = [] if cycle is None else cycle


class UnknownKeyError(InvalidInputError, KeyError):
    """A key that is not there. Attributes as in `InvalidInputError`."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


class FormatError(InvalidInputError):
    """A file that cannot be read as what it claims to be.

    Attributes
    ----------
    path : str or None
        The file.
    line : int or None
        Line number, counted from 1, if one line is to blame.
    """

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class InfeasibleError(SchedkitError):
    """No schedule exists.

    Attributes
    ----------
    reasons : list
        Each certificate of infeasibility.
    """

    def __init__(self, message: str, *, reasons: list[Any] | None = None) -> None:
        super().__init__(message)
        self.reasons = [] if reasons is None else reasons
