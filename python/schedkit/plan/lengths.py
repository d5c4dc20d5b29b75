"""Lengths of time in words: all texts count work in working hours, and moved dates in days of the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import dates

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def work(length: timedelta) -> str:
    """Working time, such as ``26 working hours`` or ``1 working hour 30 minutes``.

    Examples
    --------
    >>> from datetime import timedelta
    >>> work(timedelta(hours=26)), work(timedelta(minutes=90)), work(timedelta(minutes=30))
    ('26 working hours', '1 working hour 30 minutes', '30 working minutes')
    """
    number, _, rest = passed(length).partition(" ")
    return f"{number} working {rest}"


def be(length: timedelta) -> str:
    """The verb behind a length of working time, or behind ``there``: ``is`` for one hour, minute or second, else ``are``.

    Examples
    --------
    >>> from datetime import timedelta
    >>> be(timedelta(hours=1)), be(timedelta(minutes=90))
    ('is', 'are')
    """
    return "is" if passed(length) in ("1 hour", "1 minute", "1 second") else "are"


def passed(length: timedelta) -> str:
    """Time that passes, or working time where the text says so, such as ``33 hours`` or ``1 hour 30 minutes``."""
    hours, rest = divmod(length, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    parts = [(hours, "hour"), (minutes, "minute"), (rest // timedelta(seconds=1), "second")]
    words = " ".join(f"{number} {unit}{'s' * (number != 1)}" for number, unit in parts if number)
    return words or "0 hours"


def moved(since: datetime, until: datetime) -> str:
    """How far apart two dates are: days of the calendar, then the time that passes, such as ``1 calendar day 9 hours``.

    Parameters
    ----------
    since, until : datetime
        Aware, in one zone, the later one second.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> moved(datetime(2026, 3, 25, tzinfo=UTC), datetime(2026, 3, 26, 9, tzinfo=UTC))
    '1 calendar day 9 hours'
    """
    days = max(0, (until.replace(tzinfo=None) - since.replace(tzinfo=None)).days)
    rest = dates.elapsed(dates.days_later(since, days), until)
    if rest < 0:  # clocks were changed in between
        days -= 1
        rest = dates.elapsed(dates.days_later(since, days), until)
    words = [f"{days} calendar day{'s' * (days != 1)}"] if days else []
    if rest or not days:
        words.append(passed(timedelta(seconds=rest)))
    return " ".join(words)


def in_hours(length: timedelta) -> str:
    """Time that passes, for the cells of tables: hours, such as ``33h`` or ``1h 30m``; ``0h`` for none."""
    hours, rest = divmod(length, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds = rest // timedelta(seconds=1)
    found = [f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if number]
    return " ".join(found) or "0h"
