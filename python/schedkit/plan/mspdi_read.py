"""Projects of MS Project (MSPDI) as plans."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from ..errors import InvalidInputError
from . import mspdi_calendars, mspdi_outline, mspdi_resources
from ._refusal import Refusal
from .mspdi_names import cleaned
from .mspdi_outline import Task
from .mspdi_xml import Document, Element, text

ELAPSED = frozenset({4, 6, 8, 10, 12, 36, 38, 40, 42, 44})
"""Formats of durations and lags that count elapsed time; those above 30 are estimates."""

_PERCENT = frozenset({19, 20, 51, 52})
_TYPES = ("FF", "FS", "SF", "SS")
_CONSTRAINTS = (
    "As Soon As Possible",
    "As Late As Possible",
    "Must Start On",
    "Must Finish On",
    "Start No Earlier Than",
    "Start No Later Than",
    "Finish No Earlier Than",
    "Finish No Later Than",
)
DATE_FIELD, DATE_ALIAS = "188743945", "schedkit deadline"
"""The custom field of a deadline beside a release; MS Project has one constraint for each task."""

_MOST_LINKS = 1_000_000


class PlanDocument:
    """The keys of a plan in a document of MS Project.

    Attributes
    ----------
    keys : dict
    note : str or None
        What was left out of the document, if that deserves attention.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        root = document.root
        self._places: dict[tuple[str, int], Element] = {}
        calendars = mspdi_calendars.read(document)
        self._calendars = calendars.names
        self.keys: dict[str, Any] = {"calendars": calendars.keys}
        title = cleaned(text(root, "Name")) or cleaned(text(root, "Title"))
        if title:
            self.keys["name"] = title
        self.keys["start"] = text(root, "StartDate")
        project_calendar = document.integer(root, "CalendarUID", -1)
        if project_calendar >= 0 and calendars.names:
            self.keys["calendar"] = self._calendar(root, project_calendar)
        day, week = document.integer(root, "MinutesPerDay", 480), document.integer(root, "MinutesPerWeek", 2400)
        if day <= 0 or week <= 0:
            raise document.fail(root, "<MinutesPerDay> and <MinutesPerWeek> must be positive")
        self.keys |= {"hours_per_day": _plain(Fraction(day, 60)), "days_per_week": _plain(Fraction(week, day))}
        outline = mspdi_outline.read(document)
        tasks, self._uids = outline.tasks, outline.uids
        plan_calendar = self.keys.get("calendar", "standard")
        resources = mspdi_resources.read(document, outline, calendars, plan_calendar)
        self.keys["resources"] = resources.keys
        for k, element in enumerate(resources.elements):
            self._places["resources", k] = element
        self._leaves = mspdi_outline.leaves_below(tasks)
        self._has_date_field = any(
            text(field, "FieldID") == DATE_FIELD and text(field, "Alias") == DATE_ALIAS
            for field in root.iterfind("ExtendedAttributes/ExtendedAttribute")
        )
        links = self._links(tasks)
        activities: list[dict[str, Any]] = []
        for task in tasks.values():
            if not task.summary:
                self._places["activities", len(activities)] = task.element
                activities.append(self._activity(task, resources.held.get(task.uid, {}), links[task.uid]))
        self.keys["activities"] = activities
        users = (*resources.keys, *activities)
        calendars.leave_out_unused({plan_calendar, *(keys["calendar"] for keys in users if "calendar" in keys)})
        for k, element in enumerate(calendars.elements):
            self._places["calendars", k] = element
        self.note = self._read_status_date(root, activities)

    def _read_status_date(self, root: Element, activities: list[dict[str, Any]]) -> str | None:
        """The status date is the present, unless it is older than the progress."""
        when = text(root, "StatusDate")
        facts = [(a[key], a["name"], key) for a in activities for key in ("actual_start", "actual_end") if key in a]
        fact, name, key = max(facts, default=("", "", ""))
        if when is None or fact <= when:
            self.keys["now"] = when
            return None
        return f"left out the status date {when}, because {key} of {name!r} is later: {fact}"

    def error(self, refusal: Refusal) -> InvalidInputError:
        """The error for a refused value, with its line."""
        element = self._document.root if refusal.table is None else self._places.get((refusal.table, refusal.index or 0))
        return refusal.in_file(self._document.fail(element, refusal.detail))

    def _calendar(self, element: Element, uid: int) -> str:
        if uid not in self._calendars:
            raise self._document.fail(element, f"there is no calendar UID {uid}")
        return self._calendars[uid]

    def _links(self, tasks: dict[int, Task]) -> dict[int, list[dict[str, Any]]]:
        """The predecessors of each activity; a link of a summary holds for all activities below it."""
        found: dict[int, dict[tuple[str, str, timedelta, bool], None]] = {uid: {} for uid in tasks}
        count = 0
        for task in tasks.values():
            for element in task.element.findall("PredecessorLink"):
                before, kind, lag, elapsed = self._link(task, element)
                count += len(self._leaves[task.uid]) * len(self._leaves.get(before, ()))
                if count > _MOST_LINKS:
                    raise self._document.fail(
                        element, f"the links of summary tasks are more than {_MOST_LINKS} links of activities"
                    )
                for after in self._leaves[task.uid]:
                    for earlier in self._leaves.get(before, ()):  # none: the predecessor is inactive
                        found[after.uid][earlier.name, kind, lag, elapsed] = None
        return {
            uid: [{"name": name, "type": kind, "lag": _lag(lag, elapsed)} for name, kind, lag, elapsed in rows]
            for uid, rows in found.items()
        }

    def _link(self, task: Task, element: Element) -> tuple[int, str, timedelta, bool]:
        document = self._document
        if document.flag(element, "CrossProject"):
            raise document.fail(element, f"task {task.title!r}: links to other projects are not supported")
        kind, lag = document.integer(element, "Type", 1), document.integer(element, "LinkLag", 0)
        if not 0 <= kind < len(_TYPES):
            raise document.fail(element, f"task {task.title!r}: the type of a link is {kind}, expected 0 to 3")
        form = document.integer(element, "LagFormat", 7)
        if lag and form in _PERCENT:
            raise document.fail(element, f"task {task.title!r}: lags in percent of a duration are not supported")
        before = document.integer(element, "PredecessorUID")
        if before not in self._uids:
            raise document.fail(element, f"task {task.title!r}: there is no task UID {before}")
        return before, _TYPES[kind], timedelta(seconds=6 * lag), bool(lag) and form in ELAPSED

    def _activity(self, task: Task, held: dict[str, int], predecessors: list[dict[str, Any]]) -> dict[str, Any]:
        document, element = self._document, task.element
        duration = document.duration(element, "Duration")
        if duration is None:
            raise document.fail(element, f"task {task.title!r} has no <Duration>")
        keys: dict[str, Any] = {"name": task.name, "duration": timedelta(seconds=duration), "resources": held}
        if predecessors:
            keys["predecessors"] = predecessors
        calendar = document.integer(element, "CalendarUID", -1)
        if calendar >= 0:
            keys["calendar"] = self._calendar(element, calendar)
            if held and document.flag(element, "IgnoreResourceCalendar"):
                raise document.fail(
                    element, f"task {task.title!r} ignores the calendars of its resources, which is not supported"
                )
        if duration and document.integer(element, "DurationFormat", 7) in ELAPSED:
            if held:
                raise document.fail(
                    element, f"task {task.title!r} has resources and a duration in elapsed time, which is not supported"
                )
            keys["calendar"] = "always"
        self._read_dates(task, keys)
        self._read_progress(element, keys, duration)
        return keys

    def _read_dates(self, task: Task, keys: dict[str, Any]) -> None:
        """Release, deadline and due date: the strictest of the task and of the summaries above it."""
        document = self._document
        for owner in (*task.parents, task):
            kind = document.integer(owner.element, "ConstraintType", 0)
            when = text(owner.element, "ConstraintDate")
            if kind not in (0, 4, 7):
                name = _CONSTRAINTS[kind] if 0 <= kind < len(_CONSTRAINTS) else f"type {kind}"
                raise document.fail(owner.element, f"task {owner.title!r}: the constraint {name} is not supported")
            if kind and when is None:
                raise document.fail(owner.element, f"task {owner.title!r}: its constraint has no date")
            if kind == 4 and when is not None:
                keys["release"] = max(when, keys.get("release", when))
            if kind == 7 and when is not None:
                keys["deadline"] = min(when, keys.get("deadline", when))
            due = text(owner.element, "Deadline")
            if due is not None:
                keys["due"] = min(due, keys.get("due", due))
        if self._has_date_field:
            for field in task.element.findall("ExtendedAttribute"):
                if text(field, "FieldID") == DATE_FIELD and (hard := text(field, "Value")) is not None:
                    keys["deadline"] = min(hard, keys.get("deadline", hard))

    def _read_progress(self, element: Element, keys: dict[str, Any], duration: int) -> None:
        start, end = text(element, "ActualStart"), text(element, "ActualFinish")
        percent = self._document.number(element, "PercentComplete", 0)
        if start is not None:
            keys["actual_start"] = start
        if end is not None:
            keys["actual_end"] = end
        elif start is not None:
            left = self._document.duration(element, "RemainingDuration")
            if percent:
                keys["percent"] = _plain(percent)
            if left is not None and left != duration * (100 - percent) / 100:
                keys["remaining"] = timedelta(seconds=left)
        elif percent:
            keys["percent"] = _plain(percent)  # refused: work without a start


def _lag(lag: timedelta, elapsed: bool) -> str:
    minutes, seconds = divmod(abs(lag) // timedelta(seconds=1), 60)
    mark = "e" if elapsed else ""
    return f"{'-' if lag < timedelta(0) else '+'}{minutes}{mark}m" + (f" {seconds}{mark}s" if seconds else "")


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


def read(path: str, content: bytes) -> PlanDocument:
    """The plan of a document.

    Raises
    ------
    FormatError
        No such document, a constraint, link or exception that plans do not have.
    """
    return PlanDocument(Document(path, content))
