"""Writes the page for browsers: a template, style and scripts that ship with the package, filled with the data of a schedule.

The page loads nothing. Its policy (CSP) forbids every other script and style by their hashes, so that a name could not smuggle
one in even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import _validation
from .._version import __version__
from . import dates, explanation, html_data, html_tables, plot
from .chart_data import ChartData
from .feasibility import Inquiry
from .reasons import PlanReason
from .solution import PlanSolution
from .verdict import verdict

_FOLDER = Path(__file__).parent / "html"
_SCRIPTS = ("data.js", "time.js", "draw.js", "chart.js", "load.js", "print.js", "main.js")
_SECONDS = 10.0
"""For the explanation of a plan without schedule."""
_MARKER = re.compile(r"\{\{(\w+)\}\}")


def write(
    result: PlanSolution, path: str | os.PathLike[str], baseline: PlanSolution | Iterable[Mapping[str, Any]] | None = None
) -> None:
    """Writes the page; see `PlanSolution.to_html`."""
    target = Path(_validation.path(path))
    if target.suffix.lower() not in (".html", ".htm"):
        raise _validation.refuse("path", "the page is HTML, expected a name that ends with .html", value=str(target))
    target.write_text(page(result, baseline), encoding="utf-8", newline="\n")


def page(result: PlanSolution, baseline: PlanSolution | Iterable[Mapping[str, Any]] | None = None) -> str:
    """The text of the page."""
    style = (_FOLDER / "style.css").read_text("utf-8")
    script = "".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS)
    data = plot.drawn(result, baseline) if result.end is not None else None
    name = "plan" if result._plan is None else result._plan.name
    values = {
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "version": html.escape(__version__),
        "title": html_tables.escaped(f"{name}: schedule"),
        "name": html_tables.escaped(name),
        "verdict": _verdict(result),
        "facts": "" if data is None else _facts(result, data),
        "legend": "" if data is None else _legend(data),
        "sections": _sections(result, data),
        "footer": f"{_zone(result, data)}Made with schedkit {html.escape(__version__)}.",
        "data": html_data.text(data),
    }
    return _MARKER.sub(lambda found: values[found[1]], (_FOLDER / "page.html").read_text("utf-8"))


def _zone(result: PlanSolution, data: ChartData | None) -> str:
    """Whose clocks show the dates of the page; those of reasons are the plan's."""
    if data is not None:
        name = str(data.zone)
    elif result._plan is not None:
        name = result._plan.timezone
    else:
        return ""
    return f"Dates are on the clocks of {html_tables.escaped(name)}. "


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _verdict(result: PlanSolution) -> str:
    if result.end is None:
        return "No schedule exists." if result.status == "infeasible" else "No schedule was found in the time that was given."
    words = f"Ends <strong>{dates.with_weekday(result.end)}</strong>. "
    known = verdict(result)
    return words + (f"{known[0].upper()}{known[1:]}." if known else "")


def _facts(result: PlanSolution, data: ChartData) -> str:
    plan = data.plan
    late = sum(bar.late > 0 for bar in data.bars)
    done = sum(bar.done for bar in data.bars)
    running = sum(bar.resumes is not None for bar in data.bars)
    facts = [("Start", dates.with_weekday(plan.start))]
    if plan.now is not None:
        facts.append(("Now", dates.with_weekday(plan.now)))
    facts += [("Activities", str(len(data.bars))), ("Resources", str(len(data.resources)))]
    if done or running:
        facts.append(("Progress", f"{done} done, {running} under way"))
    if late or any(bar.activity.due is not None for bar in data.bars):
        facts.append(("Late", f'<span class="late">{late}</span>' if late else "none"))
    if result.critical:
        facts.append(("Decide the end", f"{len(result.critical)} activities" if len(result.critical) > 1 else "1 activity"))
    return "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in facts)


def _legend(data: ChartData) -> str:
    """What the chart may hold: only what is in this plan."""
    found = [
        ("chain", "decides the end", any(bar.critical for bar in data.bars)),
        ("work", "other work", any(not bar.critical for bar in data.bars)),
        ("past", "has happened", any(bar.done or bar.resumes is not None for bar in data.bars)),
        ("baseline", "baseline", any(bar.baseline is not None for bar in data.bars)),
        ("closed", "closed", True),
        ("pause", "pauses or waits", any(bar.start is not None and len(bar.pieces) > 1 for bar in data.bars)),
        ("late-line", "late until the end", any(bar.late for bar in data.bars)),
        ("due", "due", any(bar.activity.due is not None for bar in data.bars)),
        ("deadline", "deadline", any(bar.activity.deadline is not None for bar in data.bars)),
        ("milestone", "milestone", any(bar.milestone for bar in data.bars)),
        ("now", "now", data.now is not None),
    ]
    return "".join(f'<li><i class="{name}"></i>{words}</li>' for name, words, there in found if there)


def _explained(result: PlanSolution) -> Sequence[PlanReason]:
    """The reasons with what would help, or those of the result if the time does not suffice for more."""
    if result._plan is None:
        return result.reasons
    found = explanation.explain(result._plan, Inquiry(time_limit=_SECONDS, max_schedules=None, seed=0, threads=1))
    return found if found and found[0].code != "unknown" else result.reasons or found


def _sections(result: PlanSolution, data: ChartData | None) -> str:
    notes = html_tables.notes(result)
    if data is None:
        return html_tables.reasons(_explained(result)) + notes
    return notes + html_tables.chain(data) + html_tables.resources(data) + html_tables.activities(result, data)
