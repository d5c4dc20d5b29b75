"""Tables of CSV and XLSX files as keys of a plan, with the row on which each entry stands."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from .. import _files
from .._text import printable
from .._working_hours import DAYS
from ..errors import FormatError, InvalidInputError
from . import hours, progress
from ._refusal import Refusal, UnreadableError, listed, similar, unknown
from .reading import ACTIVITY_KEYS, OUTAGE_KEYS, PLAN_KEYS, RESOURCE_KEYS
from .values import plain

Grid = Sequence[tuple[int, Sequence[Any]]]
"""The rows of a table: number of the line or row, and cells; the first one that is not empty is the header."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "plan": ("key", "value"),
    "calendars": ("calendar", "days", "hours"),
    "resources": RESOURCE_KEYS[:-1],
    "outages": ("resource", *OUTAGE_KEYS),
    "activities": ACTIVITY_KEYS,
    "progress": ("name", *progress.KEYS),
    "schedule": ("name", "start", "end", "resources", "critical", "late"),
}
_REQUIRED = {
    "plan": ("key", "value"),
    "calendars": ("calendar", "days"),
    "resources": ("name",),
    "outages": ("resource", "from", "to"),
    "activities": ("name", "duration"),
    "progress": ("name",),
    "schedule": ("name", "start", "end"),
}
_OUTAGE = re.compile(r"^outages\[[0-9]+\](?:\.| )")
_THOUSANDS = re.compile(r"([1-9][0-9]{0,2})\.([0-9]{3})(?![0-9])")
"""A number that a dot cuts before three digits: a decimal point, or thousands where decimals have a comma."""
_TEXTS = {"key", "calendar", "days", "hours", "name", "resource", "predecessors", "resources"}


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The file of tables, for messages.

    Attributes
    ----------
    path : str
    sheets : mapping of str to str, or None
        The sheet that holds each table; None for files of one text.
    has_commas : bool
        Whether its numbers may have decimal commas, because semicolons separate its cells.
    """

    path: str
    sheets: Mapping[str, str] | None = None
    has_commas: bool = False

    def fail(self, reason: str, table: str | None = None, number: int | None = None) -> FormatError:
        """The error of a place in the file."""
        if self.sheets is None or table is None or table not in self.sheets:
            return _files.fail(self.path, reason, number)
        row = "" if number is None else f", row {number}"
        message = printable(f"{self.path}: sheet {self.sheets[table]!r}{row}: {reason}")
        return FormatError(message, path=self.path, line=number)


class Table:
    """The rows of a table by column; cells that are empty are left out."""

    def __init__(self, source: Source, name: str, grid: Grid) -> None:
        self.source, self.name = source, name
        self.numbers: list[int] = []
        self.rows: list[dict[str, Any]] = []
        filled = [(number, cells) for number, cells in grid if any(not _empty(cell) for cell in cells)]
        if not filled and name in ("activities", "progress", "schedule"):
            raise source.fail(f"has no table: expected a header with columns such as {', '.join(COLUMNS[name][:4])}", name)
        if not filled:
            return
        columns = self._header(*filled[0])
        for number, cells in filled[1:]:
            row = {}
            for k, cell in enumerate(cells):
                if _empty(cell):
                    continue
                column = columns[k] if k < len(columns) else None
                if column is None:
                    shown = str(cell).strip()[:40]
                    raise source.fail(f"the cell {shown!r} stands in column {k + 1}, which has no header", name, number)
                if source.has_commas and column not in _TEXTS and (found := _THOUSANDS.match(str(cell).strip())):
                    reason = f"is ambiguous: write {found[1]}{found[2]}, or {found[1]},{found[2].rstrip('0') or '0'}"
                    raise source.fail(f"{column} = {str(cell).strip()!r}: {reason}", name, number)
                row[column] = _value(column, cell)
            self.numbers.append(number)
            self.rows.append(row)

    def _header(self, number: int, cells: Sequence[Any]) -> list[str | None]:
        known = {plain(column): column for column in COLUMNS[self.name]}
        found: list[str | None] = []
        for cell in cells:
            if _empty(cell):
                found.append(None)
                continue
            column = known.get(plain(str(cell)))
            if column is None:
                raise self.source.fail(unknown("column", str(cell).strip()[:40], known.values()), self.name, number)
            if column in found:
                raise self.source.fail(f"the column {column} stands more than once", self.name, number)
            found.append(column)
        for column in _REQUIRED[self.name]:
            if column not in found:
                shown = listed(str(cell).strip()[:40] for cell in cells if not _empty(cell))
                raise self.source.fail(f"no column {column}; found {shown}", self.name, number)
        return found

    def fail(self, k: int, reason: str) -> FormatError:
        """The error of a row, by position."""
        return self.source.fail(reason, self.name, self.numbers[k])


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _value(column: str, cell: Any) -> Any:
    """A cell as the reader of its column wants it; spreadsheets have numbers and dates of their own."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)  # spreadsheets count in fractions of days
        if cell.time() == time():
            cell = cell.date()
    if isinstance(cell, timedelta):
        cell = timedelta(seconds=round(cell.total_seconds()))
    if column in _TEXTS and column != "days":
        return cell_text(cell)
    return cell


def cell_text(cell: Any) -> str:
    """A cell as the text that a spreadsheet shows."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


@dataclasses.dataclass(slots=True)
class Tables:
    """The keys of a plan that tables hold, and where they stand.

    Attributes
    ----------
    keys : dict
    places : dict
        The table and row of an entry, by its table, position and perhaps column.
    """

    source: Source
    keys: dict[str, Any]
    places: dict[tuple[Any, ...], tuple[str, int]]

    def error(self, refusal: Refusal) -> InvalidInputError:
        """The error for a refused value, with its place in the file."""
        column = (refusal.column or "").partition(".")[0]
        place = self.places.get((refusal.table, refusal.index, column)) or self.places.get((refusal.table, refusal.index))
        detail = _OUTAGE.sub("", refusal.detail)  # a table of outages has its own rows
        return refusal.in_file(self.source.fail(detail, *(place or (refusal.table,))))


def read(source: Source, grids: Mapping[str, Grid]) -> Tables:
    """The keys that the tables of a file hold.

    Raises
    ------
    FormatError
        An unknown or missing column, a calendar or outage that cannot be read.
    """
    if "activities" not in grids:
        raise source.fail("has no block [activities]")
    tables = {name: Table(source, name, grid) for name, grid in grids.items()}
    found = Tables(source, {}, {})
    for name, table in tables.items():
        if name in ("resources", "activities"):
            found.keys[name] = table.rows
            found.places |= {(name, k): (name, number) for k, number in enumerate(table.numbers)}
    if "plan" in tables:
        _read_plan(tables["plan"], found)
    if "calendars" in tables:
        _read_calendars(tables["calendars"], found)
    if "outages" in tables:
        _read_outages(tables["outages"], found)
    return found


def _read_plan(table: Table, found: Tables) -> None:
    known = {plain(key): key for key in PLAN_KEYS}
    for k, row in enumerate(table.rows):
        key = known.get(plain(row.get("key", "")))
        if key is None:
            raise table.fail(k, unknown("key", row.get("key", ""), PLAN_KEYS))
        if key in found.keys:
            raise table.fail(k, f"the key {key} stands more than once")
        if "value" in row:
            text = key in ("name", "timezone", "calendar")
            found.keys[key] = cell_text(row["value"]) if text else row["value"]
        found.places[None, None, key] = ("plan", table.numbers[k])


def _read_calendars(table: Table, found: Tables) -> None:
    calendars: dict[str, dict[str, Any]] = {}
    given: dict[tuple[str, Any], int] = {}
    for k, row in enumerate(table.rows):
        if "calendar" not in row or "days" not in row:
            raise table.fail(k, "a row has a calendar and days")
        name = row["calendar"]
        if name not in calendars:
            found.places["calendars", len(calendars)] = ("calendars", table.numbers[k])
        calendar = calendars.setdefault(name, {"name": name, "weekly": {}, "exceptions": {}})
        try:
            column = "days"
            week, exceptions = hours.days(row["days"])
            column = "hours"
            spans = hours.text(hours.spans(row.get("hours")))
        except UnreadableError as error:
            raise table.fail(k, f"{column} = {str(row.get(column))!r} (calendar {name!r}): {error.reason}") from None
        for target, days in (("weekly", [DAYS[day] for day in week]), ("exceptions", [str(day) for day in exceptions])):
            for day in days:
                if (name, day) in given:
                    raise table.fail(k, f"calendar {name!r}: {day} has hours on {_of(table, given[name, day])} already")
                given[name, day] = table.numbers[k]
                calendar[target][day] = spans
    found.keys["calendars"] = list(calendars.values())


def _of(table: Table, number: int) -> str:
    return f"{'line' if table.source.sheets is None else 'row'} {number}"


def _read_outages(table: Table, found: Tables) -> None:
    resources = {str(row.get("name", "")): k for k, row in enumerate(found.keys.get("resources", ()))}
    for k, row in enumerate(table.rows):
        name = row.pop("resource", "")
        if name not in resources:
            raise table.fail(k, f"there is no resource {name!r}{similar(name, resources)}")
        index = resources[name]
        outages = found.keys["resources"][index].setdefault("outages", [])
        found.places["resources", index, f"outages[{len(outages)}]"] = ("outages", table.numbers[k])
        outages.append(row)
