"""Reading of schedules of plans: the tables in CSV and XLSX, and the results in JSON, that `PlanSolution.write` writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from .. import _files, _json, _validation
from . import dates, files_csv, files_kind, files_xlsx
from ._refusal import Refusal, UnreadableError
from .tables import Table


def read(path: str | os.PathLike[str], zone: tzinfo) -> list[dict[str, Any]]:
    """The rows of a schedule, with ``name``, ``start`` and ``end``.

    Parameters
    ----------
    path : str or path
    zone : tzinfo
        The zone whose clocks dates without an offset mean.

    Raises
    ------
    FormatError
        The file is no schedule of a plan, an activity stands on two rows, a date cannot be read.
    """
    where = _validation.path(path)
    content = files_kind.read(where, "schedule")
    files_kind.require(where, content, "schedule")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _from_json(where, zone)
    if content.startswith(b"PK"):
        source, grids = files_xlsx.read(where, content, "schedule")
    else:
        text = _files.decoded(where, content)
        source, grids = files_csv.source(where, text), files_csv.read(where, text, "schedule")
    table = Table(source, "schedule", grids["schedule"])
    found: dict[str, dict[str, Any]] = {}
    for k, row in enumerate(table.rows):
        name = row.get("name")
        if name is None:
            raise table.fail(k, "the row names no activity")
        if name in found:
            raise table.fail(k, f"the activity {name!r} stands on two rows")
        try:
            found[name] = _row(name, row, zone)
        except Refusal as refusal:
            raise table.fail(k, refusal.detail) from None
    return list(found.values())


def _from_json(where: str, zone: tzinfo) -> list[dict[str, Any]]:
    document = _json.read(where)
    data = document.content
    rows = data.get("activities") if isinstance(data, dict) and data.get("kind") == "plan_solution" else None
    if not isinstance(rows, list):
        raise document.fail(f"is no schedule of a plan, {files_kind.EXPECTED['schedule']}", "activities")
    found: dict[str, dict[str, Any]] = {}
    for k, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise document.fail("every activity has a name, a start and an end", "activities")
        name = row["name"]
        if name in found:
            raise document.fail(f"the activity {name!r} stands there more than once", "activities")
        try:
            found[name] = _row(name, row, zone)
        except Refusal as refusal:
            raise document.fail(refusal.detail, "activities", k, refusal.column) from None
    return list(found.values())


def _row(name: str, row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """The row of a schedule, with its start and end as dates."""
    found: dict[str, Any] = {"name": name}
    for key in ("start", "end"):
        value = row.get(key)
        try:
            found[key] = None if value is None else dates.moment(value, zone)
        except UnreadableError as error:
            raise Refusal(error.reason, table="activities", column=key, value=value, name=name) from None
    return found
