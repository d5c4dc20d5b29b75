"""Date axes of charts, in the time zone of a plan."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from . import periods

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMS = {"hour": "%H:%M", "day": "%a\n%d %b", "week": "%d %b", "month": "%b\n%Y", "year": "%Y"}


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
    texts, before = [], None
    for moment in moments:
        clock = datetime.fromtimestamp(moment, UTC).astimezone(zone)
        if period.name == "hour":
            text = f"{clock:%H:%M}" if before == clock.date() else f"{clock:%H:%M\n%a %d %b}"
            before = clock.date()
        elif period.name == "week":
            text = f"{clock:%a %d %b}\nweek {clock.isocalendar().week}"
        else:
            text = f"{clock:{_FORMS[period.name]}}"
        texts.append(text)
    ax.set_xticks([days(moment) for moment in moments], texts, fontsize=7)
    first, last = (datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in span)
    years = f"{first:%Y}" if first.year == last.year else f"{first:%Y} to {last:%Y}"
    ax.set_xlabel(f"{years}, {zone}", fontsize=8)
    for axes in ax.get_shared_x_axes().get_siblings(ax):
        axes.grid(axis="x", color="#c8c8c8", linewidth=0.6, zorder=0.5)
        axes.set_axisbelow(True)
