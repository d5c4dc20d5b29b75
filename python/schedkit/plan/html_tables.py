"""The tables of a page, complete without its scripts: activities, the chain that decides the end, resources, reasons."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from .._text import printable
from . import dates, lengths, links, writing
from .chart_data import Bar, ChartData
from .durations import Units
from .elements import Activity
from .reasons import PlanReason
from .solution import PlanSolution

_DATES = {"due": "Due", "deadline": "Deadline"}
"""Columns of dates that are there if an activity has one."""


def escaped(text: str) -> str:
    """A text of the user in HTML, without characters that control or turn text."""
    return html.escape(printable(text))


def activities(result: PlanSolution, data: ChartData) -> str:
    """The table of all activities in the order of the plan, with the shift against the baseline if there is one."""
    compared = any(bar.baseline is not None for bar in data.bars)
    heads = ['<th scope="col" data-key="name">Activity</th>', '<th scope="col" data-key="start">Start</th>']
    heads += ['<th scope="col" data-key="end">End</th>', '<th scope="col" class="wide">Work</th>']
    heads += ['<th scope="col" class="wide">Resources</th>']
    columns = [name for name in _DATES if any(getattr(bar.activity, name) is not None for bar in data.bars)]
    heads += [f'<th scope="col" class="wide">{_DATES[name]}</th>' for name in columns]
    heads += ['<th scope="col" class="wide" data-key="late">Late</th>', '<th scope="col" class="wide">Moved</th>' * compared]
    heads.append('<th class="track" aria-hidden="true"></th>')
    units = writing.units_of(data.plan)
    rows = "".join(
        f"<tr>{_activity(bar, row['start'], row['end'], row['late'], units, columns, compared=compared)}</tr>\n"
        for bar, row in zip(data.bars, result.table(), strict=True)
    )
    note = f"Work counts working time: 1d is {lengths.work(timedelta(seconds=float(units.seconds('d'))))}. "
    note += "Lateness and moved dates count days of the calendar, and hours that pass."
    if data.removed:
        note += f" In the baseline alone: {escaped(', '.join(data.removed))}."
    return (
        f'<section id="table" aria-labelledby="table-title"><h2 id="table-title">Activities</h2><div class="scroll">'
        f'<table id="activities"><caption>{note}</caption><thead><tr>{"".join(heads)}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div></section>\n"
    )


def _activity(
    bar: Bar,
    start: datetime | None,
    end: datetime,
    late: timedelta,
    units: Units,
    columns: Sequence[str],
    *,
    compared: bool,
) -> str:
    activity = bar.activity
    held = escaped(links.resources_text(activity.resources, activity.resources.keys()))
    tags = ' <span class="tag">decides the end</span>' * bar.critical
    tags += (
        ' <span class="tag done">done</span>'
        if bar.done
        else ' <span class="tag done">under way</span>' * (bar.resumes is not None)
    )
    given = {name: getattr(activity, name) for name in columns}
    due = {name: "" if when is None else dates.until(when) for name, when in given.items()}
    words = _late(bar.activity, end, late)
    moved = _moved(bar, end.tzinfo or UTC) if compared else ""
    small = "".join(
        f'<span class="small">{_DATES[name].lower()} <time>{_breakable(text)}</time></span>'
        for name, text in due.items()
        if text
    )
    small += f'<span class="small late">{words} late</span>' if words else ""
    small += f'<span class="small">{moved}</span>' if moved else ""
    return (
        f'<th scope="row">{escaped(activity.name)}{tags}{f"""<span class="small">{held}</span>""" if held else ""}</th>'
        f'<td class="when">{"" if start is None else _cell(start)}</td><td class="when">{_cell(end)}{small}</td>'
        f'<td class="wide">{units.text(activity.duration)}</td><td class="wide">{held}</td>'
        f'{"".join(f"""<td class="wide when">{text}</td>""" for text in due.values())}'
        f'<td class="wide late">{words}</td>{f"""<td class="wide moved">{moved}</td>""" * compared}'
        f'<td class="track" aria-hidden="true"></td>'
    )


def _cell(when: datetime) -> str:
    return _breakable(dates.with_weekday(when))


def _breakable(text: str) -> str:
    """A date with the day of the week that may be broken before the time of day alone, if it has one."""
    day, clock = text[: len("Wed 2026-03-25")], text[len("Wed 2026-03-25") :]
    return f"<span>{day}</span>{clock}"


def _moved(bar: Bar, zone: tzinfo) -> str:
    """How much later or earlier the end is than in the baseline."""
    if bar.baseline is None or bar.baseline[1] is None:
        return "new"
    shift = bar.end - bar.baseline[1]
    if not shift:
        return ""
    before, after = (datetime.fromtimestamp(second, zone) for second in sorted((bar.baseline[1], bar.end)))
    return f"{lengths.moved(before, after)} {'later' if shift > 0 else 'earlier'}"


def _late(activity: Activity, end: datetime, late: timedelta) -> str:
    """How late an activity is, counted from the date that makes it so."""
    missed = [when for when in (activity.due, activity.deadline) if when is not None]
    return lengths.moved(min(missed, key=datetime.timestamp), end) if late else ""


def chain(data: ChartData) -> str:
    """The activities that decide the end, in order."""
    bars = [data.bars[k] for k in data.chain]
    if not bars:
        return ""
    when = [dates.with_weekday(datetime.fromtimestamp(bar.goes_on, data.zone)) for bar in bars]
    items = "".join(f"<li>{escaped(bar.activity.name)} <span>{date}</span></li>" for bar, date in zip(bars, when, strict=True))
    return (
        f'<section aria-labelledby="chain-title"><h2 id="chain-title">What decides the end</h2>'
        f'<p class="count">The last one ends the plan. Each starts as early as the one before lets it, by a link or a shared '
        f"resource. Of work under way the date is that on which it goes on.</p>"
        f'<ol class="decides">{items}</ol></section>\n'
    )


def resources(data: ChartData) -> str:
    """The sums of all resources, from the start of the plan to its end."""
    if not data.resources:
        return ""
    span = [data.first, max((bar.end for bar in data.bars), default=data.first)]
    rows = ""
    for use in data.resources:
        used, available = (float(steps.sums(span)[0]) / 3600 for steps in (use.used, use.available))
        part = f"{100 * used / available:.0f} %" if available else ""
        rows += (
            f'<tr><th scope="row">{escaped(use.name)}</th><td class="number">{use.capacity}</td>'
            f'<td class="number">{used:,.0f}</td><td class="number">{available:,.0f}</td><td class="number">{part}</td></tr>\n'
        )
    heads = "".join(
        f'<th scope="col" class="number">{name}</th>' for name in ("Units", "Hours of work", "Hours there are", "In use")
    )
    return (
        f'<section aria-labelledby="resources-title"><h2 id="resources-title">Resources</h2><div class="scroll"><table>'
        f"<caption>Hours times units, until the end of the plan; closed time and outages do not count. More "
        f"than 100 % in use is work that was done outside of open time or with more units than there were.</caption>"
        f'<thead><tr><th scope="col">Resource</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>\n'
    )


def notes(result: PlanSolution) -> str:
    """Progress that deserves attention."""
    if not result.warnings:
        return ""
    items = "".join(f"<li>{escaped(warning.detail)}</li>\n" for warning in result.warnings)
    return f'<section aria-labelledby="notes-title"><h2 id="notes-title">Notes</h2><ul>{items}</ul></section>\n'


RESOLVES = {
    "all": "Any of these changes would help:",
    "rest": "With the first help for each other reason any of these would help:",
    "conflict": "Any of these would resolve this; other reasons may be left:",
}
"""What stands above the changes that help, by `Relaxation.resolves`."""


def reasons(found: Sequence[PlanReason]) -> str:
    """Why there is no schedule, the parts of the plan that cannot go together, and what would help."""
    if not found:
        return "<p>More time may find one: nothing is proven.</p>"
    items = "".join(f"<li><p><strong>{escaped(reason.detail)}</strong></p>{_parts(reason)}</li>\n" for reason in found)
    return f'<section class="reasons"><h2>Reasons</h2><ol>{items}</ol></section>'


def _parts(reason: PlanReason) -> str:
    lists = []
    if reason.conflict and reason.code != "exhausted":
        lists.append(("These cannot go together:", [part.text for part in reason.conflict]))
    for resolves, head in RESOLVES.items():
        lists.append((head, [change.text for change in reason.relaxations if change.resolves == resolves]))
    return "".join(
        f"<p>{head}</p><ul>{''.join(f'<li>{escaped(text)}</li>' for text in texts)}</ul>" for head, texts in lists if texts
    )
