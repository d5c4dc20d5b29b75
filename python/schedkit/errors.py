"""The exceptions of schedkit."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import _core
from ._text import short_fields

__all__ = [
    "CycleError",
    "FormatError",
    "InfeasibleError",
    "InputTypeError",
    "InvalidInputError",
    "LostCallError",
    "Reason",
    "SchedkitError",
    "StoppedError",
    "UnknownKeyError",
]


class SchedkitError(Exception):
    """Base of every error raised by schedkit."""


class _InputError(SchedkitError):
    """Base of the errors of refused inputs: place and value as attributes, for callers that handle errors by program."""

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
    """A value cannot be scheduled: it is negative, too large, of the wrong shape, or unknown.

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
    """A bool, string, None or other object was given instead of a number. Attributes as in `InvalidInputError`."""


class CycleError(InvalidInputError):
    """The precedence relation has a cycle.

    Attributes
    ----------
    cycle : list of int
        The indices on a shortest cycle, in order, the first one not repeated; ``[i]`` for a self loop.
    path : str or None
        The file, if the relation was read from one.
    line : int or None
        In a file, the line that lists the first edge of the cycle, counted from 1.
    """

    def __init__(
        self,
        message: str,
        *,
        cycle: list[int] | None = None,
        field: str | None = None,
        path: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self.cycle = [] if cycle is None else cycle
        self.path = path
        self.line = line


class UnknownKeyError(InvalidInputError, KeyError):
    """A key does not exist. Attributes as in `InvalidInputError`."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


class FormatError(InvalidInputError):
    """A file does not follow its format.

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


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """A reason why there is no schedule.

    Attributes
    ----------
    code : str
        ``window_too_short`` (a duration does not fit between release and deadline), ``demand_above_calendar`` (a calendar never
        has what an activity demands), ``no_common_time`` (the calendars of its resources never leave it enough together or at
        a stretch), ``deadline_missed`` (along the chain in `activities`, first to last), ``fixed_clash`` (the fixed activities
        in `activities` contradict each other), ``too_much_work`` (before deadlines and closing calendars there is not enough of
        the resource, or of the time of a group, for all of them), ``storage_level`` (activities together take or give more
        than a store can bear), ``stock_exceeded`` (modes use up more than a stock holds), ``alternatives`` (what has started
        leaves no single activity of a group to run), ``exhausted`` (every order was tried); ``pass_failed`` from
        methods that make one pass: this order misses a deadline, but another one may meet it.
    activities, resources : tuple of int
        Those involved.
    amount : int or None
        Ticks that are missing, by which a deadline is missed, that overlap; for an overload units; for too much work units
        times ticks. None where nothing would be enough.
    detail : str
        A description in words.
    """

    code: str
    activities: tuple[int, ...]
    resources: tuple[int, ...]
    amount: int | None
    detail: str

    __repr__ = short_fields


def reasons_from_rows(rows: list[tuple[str, list[int], list[int], int | None, str]]) -> list[Reason]:
    """Converts the core's rows to reasons."""
    return [Reason(code, tuple(who), tuple(what), amount, detail) for code, who, what, amount, detail in rows]


class InfeasibleError(SchedkitError):
    """No schedule exists, or a method that makes a single pass did not find one.

    Attributes
    ----------
    reasons : list of Reason
        Each certificate of infeasibility, or where the pass failed (code ``pass_failed``).
    """

    def __init__(self, message: str, *, reasons: list[Any] | None = None) -> None:
        super().__init__(message)
        self.reasons = [] if reasons is None else reasons


class StoppedError(SchedkitError):
    """A call whose answer is of no use before its end was stopped by its ``time_limit`` or by a `CancelToken`."""


class LostCallError(SchedkitError):
    """A call of `solve_many` or `solve_portfolio` ended without a result and without an exception that could be passed on.

    Its process was killed or ended, it called ``sys.exit``, or its arguments, its result or its exception cannot be sent from
    one process to another.

    Attributes
    ----------
    index : int
        The problem's, or the variant's.
    results : list or None
        With ``on_error="raise"`` the results of the calls that have finished, in the order of the problems, None for others.
    """

    def __init__(self, message: str, *, index: int | None = None, results: list[Any] | None = None) -> None:
        super().__init__(message)
        self.index = index
        self.results = results


_core.register_exceptions(
    {made.__name__: made for made in (InvalidInputError, CycleError, FormatError, InfeasibleError, reasons_from_rows)}
)
