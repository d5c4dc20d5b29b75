"""Gantt charts of plans, with a date axis and, on new figures, the load of the resources below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _drawing, _validation
from .._text import printable
from ..errors import SchedkitError
from . import comparison, dates, links, plot_dates, plot_load
from .chart_data import Bar, ChartData, chart_data
from .open_time import second
from .solution import PlanSolution
from .verdict import verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 50
"""Activities on a page; more could not be read on a sheet of paper."""
_MOST_LETTERS = 56
_MOST_LETTERS_OF_RESOURCES = 34
_LETTER = 3.7
"""Points for a letter of the names of resources."""
_SHORTEST = 40
"""Closed time and pauses that are shorter than one in so many parts of the axis are not drawn, so that bars stay whole."""
_NEAR = 0.004
"""A part of the axis within which two dates count as one when links are drawn."""

WORK, CHAIN, PAST, BASELINE, LATE, INK = "#4f81bd", "#c0504d", "#8c8c8c", "#b8a05a", "#d97706", "#404040"
CLOSED = "#ececec"


def plan_gantt(
    result: PlanSolution,
    ax: Axes | None = None,
    *,
    baseline: PlanSolution | Iterable[Mapping[str, Any]] | None = None,
    page: int = 1,
) -> Axes:
    """A Gantt chart with dates; see `PlanSolution.plot`."""
    data = drawn(result, baseline)
    count = pages(len(data.bars))
    page = _validation.int_scalar(page, "page", minimum=1, maximum=count)
    rows = sorted(data.bars, key=lambda bar: (bar.begin, bar.end))[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    span = _span(data, rows, whole=count == 1)
    alone = ax is not None
    if ax is not None:
        ax = _drawing.axes(ax)
    shown = [] if alone else plot_load.busiest(data, span)
    if ax is None:
        heights = [max(1.6, 0.21 * len(rows)), *[0.8] * len(shown)]
        figure, places = _drawing.pyplot().subplots(
            len(heights),
            1,
            sharex=True,
            squeeze=False,
            figsize=(14, sum(heights) + 1.4),
            height_ratios=heights,
            layout="constrained",
        )
        ax = places[0, 0]
        plot_load.panels(places[1:, 0], data, shown, span, (span[0], min(data.edge, _axis(span)[1])))
        figure.suptitle(_title(result, data, page, count), parse_math=False)
    assert ax is not None
    _chart(ax, data, rows, span)
    bottom = ax if alone or not shown else places[-1, 0]
    plot_dates.label(bottom, span, data.zone)
    if not alone and shown:
        ax.tick_params(axis="x", labelbottom=False)
    return ax


def drawn(result: PlanSolution, baseline: PlanSolution | Iterable[Mapping[str, Any]] | None) -> ChartData:
    """What is drawn of a result.

    Raises
    ------
    SchedkitError
        There is no schedule.
    """
    before: Sequence[Mapping[str, Any]] = ()
    if baseline is not None:
        before = baseline.table() if isinstance(baseline, PlanSolution) else comparison.rows_of(baseline)
        comparison.require_common([row["name"] for row in result._rows], before)
    if result._schedule is None or result._plan is None:
        raise SchedkitError(f"there is no schedule to draw: the status is {result.status!r}")
    return chart_data(result._plan, result._rows, result._schedule, result.critical, before)


def pages(count: int) -> int:
    """The number of pages on which so many activities are drawn."""
    return max(1, -(-count // MOST_ROWS))


def _title(result: PlanSolution, data: ChartData, page: int, count: int) -> str:
    end = "" if result.end is None else f"ends {dates.with_weekday(result.end)}"
    parts = [f"{printable(data.plan.name)}: {end}"]
    if known := verdict(result):
        parts.append(known)
    if count > 1:
        parts.append(f"page {page} of {count}")
    return " · ".join(parts)


def _span(data: ChartData, rows: Sequence[Bar], *, whole: bool) -> tuple[int, int]:
    """The moments from and to which a page reaches."""
    if whole or not rows:
        first, last = data.first, data.last
    else:
        first, last = min(bar.begin for bar in rows), max(bar.end for bar in rows)
        given = (when for bar in rows for when in (bar.activity.due, bar.activity.deadline) if when is not None)
        last = max([last, *(at for at in map(second, given) if at <= min(data.last, last + (last - first)))])
    return first, max(last, first + 3600)


def _axis(span: tuple[int, int]) -> tuple[int, int]:
    """The moments at the ends of the axis of a page, which has space for the names of resources."""
    width = span[1] - span[0]
    return span[0] - width // 100, span[1] + 3 * width // 20


def _chart(ax: Axes, data: ChartData, rows: Sequence[Bar], span: tuple[int, int]) -> None:
    width = span[1] - span[0]
    ax.set_xlim(*map(plot_dates.days, _axis(span)))
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    place = {bar.activity.name: y for y, bar in enumerate(rows)}
    chain = {(data.bars[a].activity.name, data.bars[b].activity.name) for a, b in zip(data.chain, data.chain[1:], strict=False)}
    for y, bar in enumerate(rows):
        _closed(ax, data.hours[bar.hours], y, span)
        _bar(ax, bar, y, width)
        _marks(ax, bar, y, span)
        _resources(ax, bar, y, width)
        for link in bar.activity.predecessors:
            if link.name in place and (link.name, bar.activity.name) not in chain:
                before = rows[place[link.name]]
                _link(ax, _event(before, link.type[0]), place[link.name], _event(bar, link.type[1]), y)
    for a, b in sorted(chain):
        if a in place and b in place:
            _link(ax, rows[place[a]].end, place[a], rows[place[b]].goes_on, place[b], colour=CHAIN, line=1.4)
    if data.now is not None and span[0] <= data.now <= span[1]:
        ax.axvline(plot_dates.days(data.now), color="#2e7d32", linewidth=1.2, linestyle="--", zorder=5)
        ax.annotate(
            "now", (plot_dates.days(data.now), 1), xycoords=("data", "axes fraction"), va="bottom", ha="center", fontsize=7,
            color="#2e7d32",
        )  # fmt: skip
    names = [_short(bar.activity.name) for bar in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=7.5, parse_math=False)  # a name may hold dollars
    for label, bar in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(CHAIN if bar.critical else "black")
    ax.tick_params(axis="y", length=0)
    _legend(ax, data, rows, span)


def _event(bar: Bar, which: str) -> int:
    return bar.begin if which == "S" else bar.end


def _closed(ax: Axes, opens: Any, y: int, span: tuple[int, int]) -> None:
    """Shades the closed time of a row, up to the end of the axis."""
    last = int(ax.get_xlim()[1] * 86400)
    edges = np.concatenate(([span[0]], opens.ravel(), [last])).reshape(-1, 2)
    edges = np.clip(edges, span[0], last)
    gaps = edges[edges[:, 1] - edges[:, 0] > (span[1] - span[0]) / _SHORTEST]
    if len(gaps):
        spans = [(plot_dates.days(a), plot_dates.days(b) - plot_dates.days(a)) for a, b in gaps.tolist()]
        ax.broken_barh(spans, (y - 0.5, 1), facecolors=CLOSED, zorder=0)


def _bar(ax: Axes, bar: Bar, y: int, width: int) -> None:
    """The work of an activity over a thin line through its pauses; its baseline below."""
    colour = CHAIN if bar.critical else WORK
    if bar.baseline is not None and bar.baseline[1] is not None:
        begin = bar.baseline[1] if bar.baseline[0] is None else bar.baseline[0]
        _rectangles(ax, [(begin, max(bar.baseline[1], begin + width // 500))], y + 0.3, 0.16, BASELINE)
    if bar.milestone or bar.start is None:
        ax.plot([plot_dates.days(bar.end)], [y], "D", color=PAST if bar.done else colour, markersize=4.5, zorder=4)
        return
    pieces = _joined(bar.pieces.tolist(), width / _SHORTEST)
    least = width / 600  # what is shorter could not be seen
    until = bar.happened
    past = [(a, min(b, until)) for a, b in pieces if a < until]
    ahead = [(max(a, until), b) for a, b in pieces if b > until]
    for a, b, shade in ((bar.begin, until, PAST), (until, bar.end, colour)):
        if a < b:
            ax.plot(
                [plot_dates.days(a), plot_dates.days(b)], [y, y], color=shade, linewidth=1.2, solid_capstyle="butt", zorder=2
            )
    _rectangles(ax, [(a, max(b, a + least)) for a, b in past], y, 0.5, PAST)
    _rectangles(ax, [(a, max(b, a + least)) for a, b in ahead], y, 0.5, colour)


def _has_pause(bar: Bar, width: int) -> bool:
    """Whether the thin line of a bar is seen."""
    pieces = [] if bar.milestone or bar.start is None else _joined(bar.pieces.tolist(), width / _SHORTEST)
    return bool(pieces) and (len(pieces) > 1 or pieces[0][0] > bar.begin)


def _rectangles(ax: Axes, spans: Sequence[tuple[float, float]], y: float, height: float, colour: str) -> None:
    for a, b in spans:
        ax.barh(y, plot_dates.days(b) - plot_dates.days(a), left=plot_dates.days(a), height=height, color=colour, zorder=3)


def _joined(pieces: Sequence[Sequence[int]], least: float) -> list[tuple[int, int]]:
    """Pieces without the gaps that are too short to be drawn."""
    found: list[tuple[int, int]] = []
    for begin, end in pieces:
        if found and begin - found[-1][1] <= least:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _marks(ax: Axes, bar: Bar, y: int, span: tuple[int, int]) -> None:
    """Due date and deadline, and a line from the due date to an end that is late."""
    if bar.missed is not None:
        ends = [plot_dates.days(max(bar.missed, span[0])), plot_dates.days(bar.end)]
        ax.plot(ends, [y - 0.36, y - 0.36], color=LATE, linewidth=2, zorder=4)
    if bar.activity.due is not None and _within(bar.activity.due, span):
        ax.plot([plot_dates.days(second(bar.activity.due))], [y - 0.36], "v", color=LATE, markersize=5, zorder=4)
    if bar.activity.deadline is not None and _within(bar.activity.deadline, span):
        ax.plot(
            [plot_dates.days(second(bar.activity.deadline))] * 2, [y - 0.45, y + 0.45], color="black", linewidth=2, zorder=4
        )
    _beyond(ax, bar, y, span)


def _beyond(ax: Axes, bar: Bar, y: int, span: tuple[int, int]) -> None:
    """Names the due date and the deadline that lie behind the time of the picture, at its right edge."""
    given = (("due", bar.activity.due), ("deadline", bar.activity.deadline))
    words = [f"{word} {dates.until(when)}" for word, when in given if when is not None and second(when) > span[1]]
    if words:
        text = f"{', '.join(words)} \N{RIGHTWARDS ARROW}"
        ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), fontsize=6, ha="right", va="bottom", color=INK, zorder=4)


def _within(when: datetime | None, span: tuple[int, int]) -> bool:
    return when is not None and span[0] <= second(when) <= span[1]


def _resources(ax: Axes, bar: Bar, y: int, width: int) -> None:
    """Writes the resources of an activity behind its bar, or in front of it where the edge of the chart is too near."""
    from matplotlib import patheffects  # noqa: PLC0415

    text = links.resources_text(bar.activity.resources, set(bar.activity.resources))
    if text:
        words = _short(text, _MOST_LETTERS_OF_RESOURCES)
        first, last = ax.get_xlim()
        left, right = plot_dates.days(bar.begin - 0.006 * width), plot_dates.days(bar.end + 0.006 * width)
        points = 72 * ax.get_window_extent().width / ax.figure.dpi
        needed = len(words) * _LETTER / points * (last - first)
        place, side = (left, "right") if last - right < needed <= left - first else (right, "left")
        written = ax.text(
            place, y, words, fontsize=6, ha=side, va="center", color=INK, clip_on=True, parse_math=False, zorder=4
        )  # fmt: skip
        written.set_path_effects([patheffects.withStroke(linewidth=1.5, foreground="white")])


def _link(ax: Axes, a: int, ya: int, b: int, yb: int, *, colour: str = "#9a9a9a", line: float = 0.7) -> None:
    """An elbow from the event of one activity to that of another: first to the row, then to the date."""
    order = 1 if line < 1 else 2.5
    if abs(b - a) < _NEAR * (ax.get_xlim()[1] - ax.get_xlim()[0]) * 86400:  # straight into the row, from above or below
        tip = yb - (0.28 if yb > ya else -0.28)
        x, y, head = [a, b], [ya, tip], "v" if yb > ya else "^"
    else:
        x, y, head = [a, a, b], [ya, yb, yb], ">" if b > a else "<"
    ax.plot([plot_dates.days(when) for when in x], y, color=colour, linewidth=line, zorder=order)
    ax.plot([plot_dates.days(x[-1])], [y[-1]], head, color=colour, markersize=3, zorder=order)


def _short(name: str, most: int = _MOST_LETTERS) -> str:
    text = printable(name)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _legend(ax: Axes, data: ChartData, rows: Sequence[Bar], span: tuple[int, int]) -> None:
    """Explains what is in the picture, and nothing else."""
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    found: list[Any] = []
    for colour, words, there in (
        (CHAIN, "decides the end", any(bar.critical for bar in rows)),
        (WORK, "other work", any(not bar.critical for bar in rows)),
        (PAST, "has happened", any(bar.done or bar.resumes is not None for bar in rows)),
        (BASELINE, "baseline", any(bar.baseline is not None for bar in rows)),
        (CLOSED, "closed", any(len(opens) > 1 for opens in data.hours)),
    ):
        if there:
            found.append(Patch(color=colour, label=words))
    if any(_has_pause(bar, span[1] - span[0]) for bar in rows):
        found.append(Line2D([], [], color=INK, linewidth=1.2, label="pauses or waits"))
    if any(bar.late or _within(bar.activity.due, span) for bar in rows):
        found.append(Line2D([], [], color=LATE, marker="v", label="due, and late until the end"))
    if any(_within(bar.activity.deadline, span) for bar in rows):
        found.append(Line2D([], [], color="black", marker="|", linestyle="", markersize=9, markeredgewidth=2, label="deadline"))
    if any(bar.milestone for bar in rows):
        found.append(Line2D([], [], color=INK, marker="D", linestyle="", markersize=5, label="milestone"))
    if found:
        ax.legend(handles=found, fontsize=7, ncols=len(found), loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
