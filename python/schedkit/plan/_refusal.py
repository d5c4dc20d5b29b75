"""Refused values of a plan, with the place where each stands."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from typing import Any

from .._text import printable
from ..errors import CycleError, FormatError, InputTypeError, InvalidInputError

_Kind = type[InvalidInputError] | type[InputTypeError]
_NOTHING: Any = object()
_NOUNS = {
    "activities": "activity",
    "resources": "resource",
    "calendars": "calendar",
    "outages": "resource",
    "progress": "activity",
}


class UnreadableError(ValueError):
    """A value does not mean what its place asks for; the message says what was expected."""

    def __init__(self, reason: str, kind: _Kind = InvalidInputError) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class Refusal(Exception):  # noqa: N818  # it never leaves the package: callers see the error that `error` makes
    """A value of a plan was refused; the place is known by table, row and column, so that readers of files can name the line.

    Attributes
    ----------
    table : str or None
        ``activities``, ``resources``, ``calendars``, ``outages``, ``progress``, or None for the plan's own keys.
    index : int or None
        The position of the entry in its table.
    column : str or None
        The key that holds the value.
    key : str or None
        An unknown key of the entry, where the fault stands.
    detail : str
        The message without the place.
    """

    def __init__(
        self,
        reason: str,
        *,
        table: str | None = None,
        index: int | None = None,
        column: str | None = None,
        value: Any = _NOTHING,
        name: str | None = None,
        kind: _Kind = InvalidInputError,
        cycle: list[int] | None = None,
        key: str | None = None,
    ) -> None:
        owner = "" if name is None or table is None else f"{_NOUNS[table]} {name!r}"
        start = " = ".join([*([] if column is None else [column]), *([] if value is _NOTHING else [_shown(value)])])
        words = f"{start} ({owner})" if start and owner else start or owner
        self.detail = printable(f"{words}: {reason}" if words else reason)
        self._words, self._reason, self._owner = start, reason, owner
        self.table, self.index, self.column, self.kind, self.cycle, self.key = table, index, column, kind, cycle, key
        self.value = None if value is _NOTHING else value
        super().__init__(self.detail)

    def error(self) -> InvalidInputError | InputTypeError:
        """The error for callers in Python, whose message begins with the place in the arguments."""
        message = self.detail
        if self.table is not None and self.index is not None:
            place = f"{self.table}[{self.index}]"
            place += f".{self._words}" if self.column else f" = {self._words}" if self._words else ""
            message = printable(f"{place}{f' ({self._owner})' if self._owner else ''}: {self._reason}")
        if self.cycle is not None:
            return CycleError(message, cycle=self.cycle, field=self.column)
        return self.kind(message, field=self.column or self.table, index=self.index, value=self.value)

    def in_file(self, error: FormatError) -> InvalidInputError:
        """The error for readers of files: `error`, which knows the place, or a `CycleError` with its message."""
        return error if self.cycle is None else CycleError(str(error), cycle=self.cycle, field=self.column)


def unknown(what: str, name: Any, known: Iterable[str], most: int = 20, owner: str = "") -> str:
    """The message for an unknown key, column or name, with what there is and the one that is most like it."""
    names = list(known)
    return f"unknown {what} {name!r}{owner}, expected some of {listed(names, most)}{similar(str(name), names)}"


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, (dt.date, dt.time, dt.timedelta)) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def similar(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is most like an unknown one, or nothing."""
    names = list(known)
    lower = {k.lower(): k for k in reversed(names)}
    found = (
        difflib.get_close_matches(name.lower(), lower, 1) if len(names) <= 5000 else [n for n in [name.lower()] if n in lower]
    )
    return f"; is it {lower[found[0]]!r}?" if found else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a message, at most so many."""
    known = list(names)
    rest = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + rest
