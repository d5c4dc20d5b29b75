"""Working hours: ``08:00-12:00 13:00-17:00`` and ``mon-fri`` as seconds of the day and days of the week, and back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from .._working_hours import DAYS
from ..errors import InputTypeError
from ._refusal import UnreadableError

Spans = tuple[tuple[int, int], ...]
"""Open time from and to, in seconds after the midnight with which a day begins; a night shift ends beyond 86400."""

DAY = 86400
ALL_DAY: Spans = ((0, DAY),)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PAIR = re.compile(
    r"([0-9]{1,2})(?::([0-9][0-9])(?::([0-9][0-9]))?)?\s*[-\u2013]\s*([0-9]{1,2})(?::([0-9][0-9])(?::([0-9][0-9]))?)?"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MOST_DAYS = 36_600
_HOURS = "expected hours such as 08:00-12:00 13:00-17:00, 24h or closed"
_DAYS = "expected days such as mon, mon-fri, sat,sun, 2026-04-02 or 2026-04-02..2026-04-06"


def spans(value: Any) -> Spans:
    """The hours that a text gives; hours that touch become one.

    Raises
    ------
    UnreadableError
        No hours, or hours that overlap.
    """
    if value is None:
        return ()
    if not isinstance(value, str):
        raise UnreadableError(_HOURS, InputTypeError)
    words = value.strip().lower()
    if words in ("", "closed"):
        return ()
    if words == "24h":
        return ALL_DAY
    found, at = [], 0
    while at < len(words):
        pair = _PAIR.match(words, at)
        if pair is None:
            raise UnreadableError(_HOURS)
        begin, last = _second(*pair.group(1, 2, 3)), _second(*pair.group(4, 5, 6))
        if begin == DAY:
            raise UnreadableError("hours begin before 24:00")
        found.append((begin, last if begin < last else last + DAY))
        at = len(words) - len(words[pair.end() :].lstrip(" \t,;"))
    for (begin, end), (after, last) in itertools.pairwise(sorted(found)):
        if after < end:
            shown = " and ".join(f"{clock(a)}-{clock(b, last=True)}" for a, b in ((begin, end), (after, last)))
            raise UnreadableError(f"hours overlap: {shown}")
    return joined(found)


def _second(hour: str, minute: str | None, second: str | None) -> int:
    total = 3600 * int(hour) + 60 * int(minute or 0) + int(second or 0)
    if int(hour) > 24 or int(minute or 0) > 59 or int(second or 0) > 59 or total > DAY:
        raise UnreadableError("is no time of day from 00:00 to 24:00")
    return total


def joined(pieces: Iterable[tuple[int, int]]) -> Spans:
    """The union of spans, in order."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(pieces):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def text(hours: Spans) -> str:
    """The text that `spans` reads as these hours."""
    if hours == ALL_DAY:
        return "24h"
    pairs = [pair for begin, end in hours for pair in _pairs(begin, end)]
    return " ".join(f"{clock(begin)}-{clock(end, last=True)}" for begin, end in pairs) or "closed"


def _pairs(begin: int, end: int) -> list[tuple[int, int]]:
    """A span as spans of at most 24 hours, which is the most that a pair of clock times can say."""
    return [(begin, end)] if end - begin <= DAY else [(begin, end - DAY), (end - DAY, end)]


def clock(second: int, *, last: bool = False) -> str:
    """A time of day; the end of a span that ends with the day is 24:00."""
    second = second if second == DAY and last else second % DAY
    minutes, rest = divmod(second, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")


def days(value: Any) -> tuple[list[int], list[date]]:
    """The weekdays (0 is Monday) and the dates that a text, or a date, names."""
    if isinstance(value, datetime) and value.time() != time():
        raise UnreadableError(_DAYS)
    if isinstance(value, date):
        return [], [date(value.year, value.month, value.day)]
    if not isinstance(value, str):
        raise UnreadableError(_DAYS, InputTypeError)
    week: list[int] = []
    exceptions: list[date] = []
    for word in re.split(r"[\s,;]+", re.sub(r"\s*(\.\.|-)\s*", r"\1", value.strip().lower().replace("\u2013", "-"))):
        if word[:1] in "0123456789" and word:
            exceptions += _dates(word)
        else:
            week += _weekdays(word)
    for kind in (week, exceptions):
        if len(set(kind)) < len(kind):
            raise UnreadableError("names a day more than once")
    return week, exceptions


def _weekdays(word: str) -> list[int]:
    ends = [_weekday(part) for part in word.split("-")]
    if len(ends) == 1:
        return ends
    if len(ends) != 2:
        raise UnreadableError(_DAYS)
    return [k % 7 for k in range(ends[0], ends[1] + 1 + 7 * (ends[1] < ends[0]))]


def _weekday(word: str) -> int:
    for k, (short, name) in enumerate(zip(DAYS, _NAMES, strict=True)):
        if word in (short, name):
            return k
    raise UnreadableError(_DAYS)


def _dates(word: str) -> list[date]:
    first, mark, last = word.partition("..")
    try:
        begin = _date(first)
        end = _date(last) if mark else begin
    except UnreadableError:
        raise
    except ValueError:
        raise UnreadableError("is no date of the calendar") from None
    if end < begin:
        raise UnreadableError(f"{word} ends before it begins")
    if (end - begin).days >= _MOST_DAYS:
        raise UnreadableError("a range of exceptions has at most 100 years")
    return [begin + timedelta(days=k) for k in range((end - begin).days + 1)]


def _date(word: str) -> date:
    found = _DATE.fullmatch(word)
    if found is None:
        raise UnreadableError(_DAYS)
    year, month, day = found.groups()
    return date(int(year), int(month), int(day))


def runs(items: Iterable[tuple[date, Spans]]) -> list[tuple[list[date], Spans]]:
    """Exceptions as first and last date of each run of dates with equal hours, in order."""
    found: list[tuple[list[date], Spans]] = []
    for day, hours in sorted(items):
        if found and found[-1][1] == hours and (day - found[-1][0][-1]).days == 1:
            found[-1] = ([found[-1][0][0], day], hours)
        else:
            found.append(([day], hours))
    return found


def ranges(items: Iterable[tuple[date, Spans]]) -> list[tuple[str, Spans]]:
    """Exceptions as few texts of dates, such as ``2026-04-02..2026-04-06``."""
    return [("..".join(day.isoformat() for day in days), hours) for days, hours in runs(items)]


def week_ranges(weekly: tuple[Spans, ...]) -> list[tuple[str, Spans]]:
    """The open days of a week as few texts, such as ``mon-fri``."""
    found: list[tuple[int, int]] = []
    for k, hours in enumerate(weekly):
        if hours and found and found[-1][1] == k - 1 and weekly[k - 1] == hours:
            found[-1] = (found[-1][0], k)
        elif hours:
            found.append((k, k))
    return [(DAYS[a] if a == b else f"{DAYS[a]}-{DAYS[b]}", weekly[a]) for a, b in found]
