"""Date axes of charts, in the time zone of a plan."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from . import dates, periods

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def days(second: float) -> float:
    """The number that stands for a moment on an axis: days since 1970, as matplotlib counts dates."""
    return second / 86400


def label(ax: Axes, span: tuple[int, int], zone: tzinfo) -> None:
    """Writes dates under an axis that spans two moments, and lines where the periods begin.

    Parameters
    ----------
    ax : matplotlib Axes
    span : (int, int)
        Seconds since 1970.
    zone : tzinfo
    """
    period = periods.finest(*span, most=22)
    moments = [moment for moment in periods.starts(period, *span, zone) if span[0] <= moment <= span[1]]
    texts: list[str] = []
    before = None
    for moment in moments:
        clock = datetime.fromtimestamp(moment, UTC).astimezone(zone)
        texts.append(_text(period.name, clock, new_day=before != clock.date()))
        before = clock.date()
    ax.set_xticks([days(moment) for moment in moments], texts, fontsize=7)
    first, last = (datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in span)
    years = f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    ax.set_xlabel(f"{years}, {zone}", fontsize=8)
    for axes in ax.get_shared_x_axes().get_siblings(ax):
        axes.grid(axis="x", color="#c8c8c8", linewidth=0.6, zorder=0.5)
        axes.set_axisbelow(True)


def _text(kind: str, clock: datetime, *, new_day: bool) -> str:
    """What stands below the begin of a period; English whatever the locale is."""
    month = _MONTHS[clock.month - 1]
    day = f"{dates.weekday(clock)} {clock.day:02} {month}"
    if kind == "hour":
        below = [day] if new_day else []
        return "\n".join([f"{clock:%H:%M}", *filter(None, [dates.offset(clock)]), *below])
    if kind == "day":
        return f"{dates.weekday(clock)}\n{clock.day:02} {month}"
    if kind == "week":
        return f"{day}\nweek {clock.isocalendar().week}"
    return f"{month}\n{clock.year}" if kind == "month" else f"{clock.year}"
