"""Dates of plans: text, dates and datetimes on the clocks of a zone as moments, and back."""

from __future__ import annotations

import contextlib
import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from .._working_hours import DAYS, first_moment
from ..errors import InputTypeError
from ._refusal import UnreadableError, similar

EXPECTED = "expected a date such as 2026-03-25 or 2026-03-25 10:00"
_DAY = timedelta(days=1)
_FORM = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0*)?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2}(?::[0-9]{2})?)?)?",
    re.IGNORECASE,
)


def zone(name: Any) -> tzinfo:
    """The time zone of an IANA name."""
    if not isinstance(name, str):
        raise UnreadableError("must be the name of a time zone such as Europe/Berlin", InputTypeError)
    if name.upper() == "UTC":
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    if not known:
        raise UnreadableError("is not known here: this computer has no time zones, pip install tzdata brings them")
    hint = similar(name, known)
    raise UnreadableError(f"is no time zone, expected a name such as Europe/Berlin or UTC{hint}")


def moment(value: Any, zone: tzinfo, *, end: bool = False) -> datetime:
    """The moment that a text, date or datetime names, as a datetime in the zone.

    A date without a time is the moment at which its day begins, or ends with ``end=True``. Naive clock times are those of the
    zone; of one that occurs two times the first counts unless its ``fold`` or its offset says otherwise.

    Raises
    ------
    UnreadableError
        No date; a clock time that clocks skip; beyond the years 1 to 9999.
    """
    try:
        if isinstance(value, str):
            value = _from_text(value)
        elif isinstance(value, datetime):
            if value != value:  # noqa: PLR0124  # as missing values of pandas are
                raise UnreadableError("is no moment")
            value = _plain(value)
        if isinstance(value, datetime):
            return _clock(value, zone)
        if isinstance(value, date):
            return first_moment(datetime.combine(value + _DAY if end else value, time()), zone).astimezone(zone)
    except (OverflowError, ValueError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError("is beyond the years 1 to 9999") from None
    raise UnreadableError(EXPECTED, InputTypeError)


def _plain(value: datetime) -> datetime:
    """A datetime of Python's own type, to the second."""
    if value.microsecond:
        raise UnreadableError("has fractions of a second; dates of a plan are given to the second")
    fields = (value.year, value.month, value.day, value.hour, value.minute, value.second)
    return datetime(*fields, tzinfo=value.tzinfo, fold=value.fold)


def _from_text(text: str) -> date | datetime:
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise UnreadableError(EXPECTED)
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    try:
        on = date(year, month, day)
        if found[4] is None:
            return on
        hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
        over = (hour, minute, second) == (24, 0, 0)
        clock = datetime.combine(on, time(0 if over else hour, minute, second))
    except ValueError:
        raise UnreadableError("is no date of the calendar, or no time of day") from None
    clock += _DAY * over
    if found[7]:
        offset = found[7].upper().replace("Z", "+00:00")
        clock = datetime.fromisoformat(f"{clock.isoformat()}{offset}")
    return clock


def _clock(value: datetime, zone: tzinfo) -> datetime:
    if value.tzinfo is not None:
        return value.astimezone(UTC).astimezone(zone)
    shown = value.replace(tzinfo=zone)
    found = shown.astimezone(UTC).astimezone(zone)
    if found.replace(tzinfo=None, fold=0) != value.replace(fold=0):
        raise UnreadableError(f"does not exist: clocks jump over it in {zone}")
    return found


def text(when: datetime, *, end: bool = False) -> str:
    """The shortest text that `moment` reads as the same moment in the datetime's own zone."""
    clock = when.replace(tzinfo=None, fold=0)
    forms = [clock.isoformat(" ", "seconds" if clock.second else "minutes")]
    with contextlib.suppress(OverflowError):
        forms.insert(0, (clock.date() - _DAY * end).isoformat())
    for form in forms:
        try:
            if same(moment(form, when.tzinfo or UTC, end=end), when):
                return form
        except UnreadableError:
            continue
    return when.isoformat(" ", "seconds" if clock.second else "minutes")


def offset(when: datetime) -> str:
    """The offset of a moment, such as ``+01:00``, if its clock time occurs two times in its zone; empty otherwise."""
    first, second = (when.replace(fold=fold).utcoffset() for fold in (0, 1))
    return "" if first == second else when.isoformat()[len("2026-10-25T02:00:00") :]


def shown(when: datetime) -> str:
    """A date for readers such as ``2026-03-25 10:00``, or ``2026-10-25 02:30+01:00`` if the clock shows that time again."""
    clock = when.replace(tzinfo=None, fold=0).isoformat(" ", "seconds" if when.second else "minutes")
    return f"{clock}{offset(when)}"


def with_weekday(when: datetime) -> str:
    """A date for readers such as ``Wed 2026-03-25 10:00``, in English whatever the locale is."""
    return f"{weekday(when)} {shown(when)}"


def until(when: datetime) -> str:
    """A date for readers until which something lasts: midnight is the end of the day before, such as ``Wed 2026-03-25``."""
    shown = text(when, end=True)
    return f"{weekday(date.fromisoformat(shown))} {shown}" if len(shown) == len("2026-03-25") else with_weekday(when)


def weekday(day: date) -> str:
    """The day of the week in three letters, in English whatever the locale is."""
    return DAYS[day.weekday()].capitalize()


def same(a: datetime, b: datetime) -> bool:
    """Whether two datetimes are one moment; Python compares those of one zone by their clocks alone."""
    return a.astimezone(UTC) == b.astimezone(UTC)


def days_later(when: datetime, days: int) -> datetime:
    """The same clock time so many days of the calendar later; Python would forget which of two equal clock times it is."""
    return (when + days * _DAY).replace(fold=when.fold)


def elapsed(since: datetime, until: datetime) -> int:
    """The seconds that pass between two moments."""
    return (until.astimezone(UTC) - since.astimezone(UTC)) // timedelta(seconds=1)
