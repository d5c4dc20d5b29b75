"""Conversion between datetimes and ticks, the unit of time of all problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _validation, _working_hours
from ._working_hours import WEEKDAYS, first_moment, in_words
from .calendar import Calendar
from .errors import InputTypeError, InvalidInputError

_ROUNDINGS = ("exact", "down", "up")


@dataclasses.dataclass(frozen=True, slots=True)
class TimeAxis:
    """Converts datetimes and working hours to ticks, and ticks to datetimes.

    Ticks of less than a day count time that has passed, so a day on which clocks are put forward has 23 hours of them. Ticks of
    one day, or of several, count days of the calendar in the origin's time zone, as planners do: each begins at the origin's
    time of day, however many hours the day has. No other part of schedkit uses datetimes.

    Parameters
    ----------
    origin : aware datetime
        The moment of tick 0. Answers come in its time zone.
    tick : timedelta
        > 0. ``timedelta(days=1)`` is a day of the calendar, ``timedelta(days=7)`` a week.

    Raises
    ------
    InputTypeError
        Not a datetime, not a timedelta.
    InvalidInputError
        A naive datetime, a tick that is not positive, a time that clocks skip.

    Notes
    -----
    If a clock time occurs two times, ``fold`` selects one, as everywhere in Python: 0 is the first. A clock time that never
    occurs, because clocks jump over it, is refused. All conversions are exact: O(1) for a moment. A tick of days whose
    beginning is skipped by the clocks begins when they jump; one whose beginning occurs two times begins at the first.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> from zoneinfo import ZoneInfo
    >>> import schedkit as sk
    >>> axis = sk.TimeAxis(datetime(2026, 3, 28, 8, tzinfo=ZoneInfo("Europe/Berlin")), timedelta(minutes=15))
    >>> axis.to_ticks(datetime(2026, 3, 29, 8, tzinfo=ZoneInfo("Europe/Berlin")))  # 23 hours later
    92
    >>> axis.to_datetime(92).isoformat()
    '2026-03-29T08:00:00+02:00'
    >>> axis.duration(timedelta(hours=2))
    8

    A day is a day, also when clocks change:

    >>> days = sk.TimeAxis(datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Berlin")), timedelta(days=1))
    >>> [f"{when:%d %B %H:%M %Z}" for when in days.to_datetime([0, 1, 2])]
    ['28 March 00:00 CET', '29 March 00:00 CET', '30 March 00:00 CEST']
    """

    origin: datetime
    tick: timedelta

    def __post_init__(self) -> None:
        _instant(self.origin, "origin")
        _validation.expect(self.tick, timedelta, "tick", "a timedelta")
        if not self.tick > timedelta(0):
            raise _validation.refuse("tick", "must be > 0", value=self.tick)

    @overload
    def to_ticks(self, when: datetime, *, rounding: str = "exact") -> int: ...
    @overload
    def to_ticks(self, when: Sequence[datetime], *, rounding: str = "exact") -> NDArray[np.int64]: ...
    def to_ticks(self, when: datetime | Sequence[datetime], *, rounding: str = "exact") -> int | NDArray[np.int64]:
        """The tick of a moment, or of each of many.

        Parameters
        ----------
        when : aware datetime or sequence of them
            In any time zone; moments before the origin have negative ticks.
        rounding : {"exact", "down", "up"}, default "exact"
            The result for a moment between two ticks: an error, the earlier tick, or the later one.

        Returns
        -------
        int, or ndarray of int64 for a sequence

        Raises
        ------
        InvalidInputError, InputTypeError
            Naive, skipped by the clocks, or not on a tick with ``rounding="exact"``; names the position.

        Examples
        --------
        >>> from datetime import datetime, timedelta, timezone
        >>> import schedkit as sk
        >>> axis = sk.TimeAxis(datetime(2026, 1, 5, tzinfo=timezone.utc), timedelta(hours=1))
        >>> axis.to_ticks([datetime(2026, 1, 5, 7, 30, tzinfo=timezone.utc)], rounding="up").tolist()
        [8]
        """
        if rounding not in _ROUNDINGS:
            raise _validation.refuse("rounding", f"expected one of {', '.join(_ROUNDINGS)}", value=rounding)
        if isinstance(when, datetime):
            return self._tick(when, "when", None, rounding)
        if isinstance(when, date):
            raise _validation.refuse("when", "is a day without a time of day: pass a datetime", value=when, kind=InputTypeError)
        moments = _validation.rows(when, "when", "a datetime or a list of them")
        return np.array([self._tick(moment, "when", (k,), rounding) for k, moment in enumerate(moments)], dtype=np.int64)

    def _tick(self, when: Any, field: str, index: tuple[int, ...] | None, rounding: str) -> int:
        whole, between = self._place(_instant(when, field, index))
        if between and rounding == "exact":
            raise _refuse_moment(field, f'{self._off_tick(when)}; rounding="down" or "up" takes one of them', when, index)
        return whole + (between and rounding == "up")

    def _place(self, instant: datetime) -> tuple[int, bool]:
        """The last tick that has begun by an instant, and whether the instant lies after its beginning."""
        if not self._counts_days():
            whole, rest = divmod(instant - _instant(self.origin, "origin"), self.tick)
            return int(whole), bool(rest)
        days = (instant.astimezone(self.origin.tzinfo).date() - self.origin.date()).days
        tick = days // self.tick.days
        while self._begin(tick) > instant:
            tick -= 1
        while self._begin(tick + 1) <= instant:
            tick += 1
        return tick, self._begin(tick) != instant

    def _counts_days(self) -> bool:
        """Whether ticks are calendar days that may differ in length; if they do not, elapsed time gives equal results."""
        return not self.tick % timedelta(days=1) and not _never_changes(self.origin)

    def _begin(self, tick: int) -> datetime:
        """The instant at which a tick begins; OverflowError beyond the years that datetimes know."""
        if self._counts_days():
            day = self.origin.replace(tzinfo=None) + tick * self.tick
            return first_moment(day, self.origin.tzinfo, self.origin.fold if tick == 0 else 0)
        return _instant(self.origin, "origin") + tick * self.tick

    def _off_tick(self, when: datetime) -> str:
        """Why a moment has no tick, with the ticks around it."""
        tick, _ = self._place(when.astimezone(UTC))
        here = when.astimezone(self.origin.tzinfo)
        around = [self._moment(t, None) for t in (tick, tick + 1)]
        shown = " and ".join(f"{m:%H:%M}" if m.date() == here.date() and not m.second else m.isoformat() for m in around)
        return f"is not on a tick: it lies between two ticks of {in_words(self.tick)}, {shown}"

    @overload
    def to_datetime(self, tick: int) -> datetime: ...
    @overload
    def to_datetime(self, tick: Sequence[int] | NDArray[np.int64]) -> list[datetime]: ...
    def to_datetime(self, tick: ArrayLike) -> datetime | list[datetime]:
        """The moment of a tick, or of each of many, in the origin's time zone.

        Parameters
        ----------
        tick : int or array_like of int, shape (n,)

        Returns
        -------
        aware datetime, or list of them for an array

        Raises
        ------
        InvalidInputError
            A moment beyond the years 1 to 9999.

        Examples
        --------
        >>> from datetime import datetime, timedelta, timezone
        >>> import schedkit as sk
        >>> axis = sk.TimeAxis(datetime(2026, 1, 5, 8, tzinfo=timezone.utc), timedelta(hours=1))
        >>> project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
        >>> [f"{when:%H:%M}" for when in axis.to_datetime(sk.rcpsp.serial_sgs(project).start_time)]
        ['08:00', '10:00']
        """
        if np.ndim(tick) == 0:
            return self._moment(_validation.int_scalar(tick, "tick"), None)
        return [self._moment(t, (k,)) for k, t in enumerate(_validation.int_array(tick, "tick").tolist())]

    def _moment(self, tick: int, index: tuple[int, ...] | None) -> datetime:
        try:
            return self._begin(tick).astimezone(self.origin.tzinfo)
        except (OverflowError, ValueError):
            raise _validation.refuse("tick", "is beyond the years 1 to 9999", index=index, value=tick) from None

    def duration(self, length: timedelta) -> int:
        """A length of time in ticks; one that is no whole number of ticks is refused.

        Parameters
        ----------
        length : timedelta

        Returns
        -------
        int
        """
        _validation.expect(length, timedelta, "length", "a timedelta")
        whole, rest = divmod(length, self.tick)
        if rest:
            reason = f"is no whole number of ticks of {in_words(self.tick)}"
            raise InvalidInputError(f"length = {in_words(length)}: {reason}", field="length", value=length)
        return int(whole)

    def to_timedelta(self, ticks: int) -> timedelta:
        """A number of ticks as a length of time.

        Parameters
        ----------
        ticks : int
            May be negative.
        """
        number = _validation.int_scalar(ticks, "ticks")
        try:
            return number * self.tick
        except OverflowError:
            raise _validation.refuse("ticks", "is beyond what a timedelta holds", value=number) from None

    def working_hours(
        self,
        weekly: Mapping[str, Sequence[_working_hours.Hours]],
        *,
        until: datetime | None = None,
        holidays: Sequence[date] = (),
        exceptions: Mapping[date, Sequence[_working_hours.Hours]] | None = None,
        capacity: int = 1,
    ) -> Calendar:
        """A calendar that is open in working hours and closed otherwise.

        Parameters
        ----------
        weekly : mapping of "mon", "tue", ..., "sun" to hours
            Hours are pairs such as ``("08:00", "16:30")``, of text or of `datetime.time`, on the clocks of the origin's time
            zone. A pair that does not rise lasts until the next day; hours that overlap count once.
        until : aware datetime, optional
            The calendar is written out from the origin until this tick, and closed afterwards. Without it the week repeats for
            ever, which needs a time zone without daylight saving, and neither holidays nor exceptions.
        holidays : list of date, optional
            Days on which no hours begin.
        exceptions : mapping of date to hours, optional
            Days with hours of their own; they go before holidays.
        capacity : int, default 1
            Units in working hours.

        Returns
        -------
        Calendar

        Raises
        ------
        InvalidInputError, InputTypeError
            Unknown days, times that are none, no `until` where one is needed; an opening or closing time between two ticks,
            with the day and the hours that were given.

        Notes
        -----
        A moment is open if the clocks show working hours at that moment: hours that clocks skip in spring are lost, hours that
        they repeat in autumn are worked twice. In a zone with daylight saving a week is therefore no period of the calendar,
        which is why it is written out, with O(1) steps for each day.

        Examples
        --------
        >>> from datetime import date, datetime, timedelta, timezone
        >>> import schedkit as sk
        >>> axis = sk.TimeAxis(datetime(2026, 1, 5, tzinfo=timezone.utc), timedelta(hours=1))  # a Monday
        >>> c = axis.working_hours({"mon": [("08:00", "12:00")], "tue": [("22:00", "06:00")]})
        >>> c.time.tolist(), c.capacity.tolist(), c.period
        ([0, 8, 12, 46, 54], [0, 1, 0, 1, 0], 168)
        """
        units = _validation.int_scalar(capacity, "capacity", minimum=0)
        plan = _working_hours.Plan.of(weekly, holidays, exceptions)
        start = _instant(self.origin, "origin")
        if until is None:
            offset = self.origin.utcoffset() if _never_changes(self.origin) else None
            if offset is None:
                raise _validation.refuse("until", "is needed where clocks change: then a week is no period of the calendar")
            if plan.exceptions:
                raise _validation.refuse("until", "is needed with holidays and exceptions: they do not repeat")
        week = timedelta(days=7)
        period = self.duration(week) if until is None else None
        try:
            end = start + week if until is None else _instant(until, "until")
            if until is not None and end < start:
                raise _refuse_moment("until", f"is before the origin, {self.origin.isoformat()}", until)
            if until is not None and self._place(end)[1]:
                raise _refuse_moment("until", self._off_tick(until), until)
            intervals = list(plan.intervals(start, end, self.origin.tzinfo))
        except OverflowError:
            raise InvalidInputError("until: is beyond the years 1 to 9999 in the origin's time zone", field="until") from None
        time, level = [0], [0]
        for opening, closing in intervals:
            for moment, open_now in ((opening, units), (closing, 0)):
                tick, between = self._place(moment)
                if between:
                    local = moment.astimezone(self.origin.tzinfo)
                    field, hours = plan.source(local)
                    clock = local.time().isoformat("auto" if local.second or local.microsecond else "minutes")
                    reason = f"{WEEKDAYS[local.weekday()]}, {local.date()}, {clock} {self._off_tick(local)}"
                    raise InvalidInputError(f"{hours}: {reason}", field=field)
                if time[-1] == tick:
                    level[-1] = open_now
                elif tick != period:
                    time.append(tick)
                    level.append(open_now)
        return Calendar(time, level, period)


def _instant(when: Any, field: str, index: tuple[int, ...] | None = None) -> datetime:
    """A moment in universal time, in which differences are elapsed time."""
    _validation.expect(when, datetime, field, "a datetime", index=index)
    if when != when:  # noqa: PLR0124  # as missing values of pandas are
        raise _validation.refuse(field, "is no moment", index=index, value=when)
    if when.utcoffset() is None:
        raise _refuse_moment(field, "must be aware: give it a time zone (tzinfo)", when, index)
    try:
        instant: datetime = when.astimezone(UTC)
        shown = instant.astimezone(when.tzinfo)
    except (OverflowError, ValueError):
        raise _refuse_moment(field, "is beyond the years 1 to 9999 in universal time", when, index) from None
    if shown.replace(tzinfo=None, fold=0) != when.replace(tzinfo=None, fold=0):
        raise _refuse_moment(field, f"does not exist: clocks jump over it in {when.tzinfo}", when, index)
    return instant


def _refuse_moment(field: str, reason: str, when: datetime, index: tuple[int, ...] | None = None) -> InvalidInputError:
    """The error for a moment, which the message shows in ISO format."""
    place = field if index is None else f"{field}[{index[0]}]"
    return InvalidInputError(
        f"{place} = {when.isoformat()}: {reason}", field=field, index=None if index is None else index[0], value=when
    )


def _never_changes(when: datetime) -> bool:
    """Whether the time zone has one offset at all times; such zones return it for None instead of a moment."""
    return when.tzinfo is not None and when.tzinfo.utcoffset(None) is not None
