"""Reading and writing of plans."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .. import _files, _text, _validation
from . import files_csv, files_json, files_kind, files_xlsx, mspdi_lost, mspdi_read, mspdi_write, table_rows, tables, values
from ._refusal import Refusal, UnreadableError
from .model import model
from .problem import Plan

FORMATS = ("csv", "xlsx", "json", "xml")
"""The formats of plans."""

_TEXT_SUFFIXES = {"csv": "csv", "tsv": "csv", "txt": "csv", "json": "json", "xml": "xml", "xlsx": "xlsx", "xlsm": "xlsx"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read(
    path: str | os.PathLike[str],
    *,
    start: str | date | None = None,
    timezone: str | None = None,
    format: str | None = None,  # noqa: A002
) -> Plan:
    r"""Reads a plan.

    Parameters
    ----------
    path : str or path
        A CSV table, an XLSX workbook (needs openpyxl), the JSON of schedkit, or the XML of MS Project; may be compressed with
        gzip.
    start : date, optional
        The start of a plan whose file has none.
    timezone : str, optional
        The time zone of a plan whose file has none; UTC without it.
    format : {"csv", "xlsx", "json", "xml"}, optional
        By default the content decides.

    Returns
    -------
    Plan

    Raises
    ------
    FormatError
        The file is no plan; the message has the path, the sheet and the line or row, ``.path`` and ``.line`` too.
    CycleError
        Activities that wait for each other; ``.cycle`` has their positions.
    InvalidInputError
        An unknown format, a start that is no date, an unknown time zone.
    SchedkitError
        openpyxl is missing.
    FileNotFoundError
        No such file.

    Warns
    -----
    UserWarning
        A status date of MS Project that was left out, because something has happened after it; a table of activities without
        rows, or a file of MS Project without tasks.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> path = os.path.join(tempfile.mkdtemp(), "two.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("name,duration,predecessors\ndig,2d,\npour,4h,dig FS+1ed\n")
    >>> sk.plan.read(path, start="2026-03-25", timezone="Europe/Berlin")
    Plan('two', activities=2, resources=0, start='2026-03-25')
    """
    given = {"start": start, "timezone": timezone}
    _require_defaults(given)
    kind = None if format is None else _validation.word(format, "format")
    if kind is not None and kind not in FORMATS:
        raise _validation.refuse("format", f"unknown format, expected one of {', '.join(FORMATS)}", value=kind)
    where = _validation.path(path)
    document = _document(where, kind)
    plan = _from_document(document, {"name": _title(where), **given})
    note = document.note if isinstance(document, mspdi_read.PlanDocument) else None
    if isinstance(document, tables.Tables) and not plan.activities:
        note = "the table of activities has a header and no rows"
    if isinstance(document, mspdi_read.PlanDocument) and not plan.activities:
        note = "; ".join(filter(None, (note, "the file has no tasks, or none that becomes an activity")))
    if note is not None:
        warnings.warn(_text.printable(f"{where}: {note}"), stacklevel=2)
    return plan


_Document = tables.Tables | files_json.PlanDocument | mspdi_read.PlanDocument


def _document(where: str, kind: str | None) -> _Document:
    """The content of a file, before it is a plan."""
    content = files_kind.read(where, "plan")
    if kind is None:
        files_kind.require(where, content, "plan")
    kind = kind or _kind(where, content)
    if kind == "xlsx":
        return tables.read(*files_xlsx.read(where, content))
    text = _files.decoded(where, content) if kind != "xml" else ""
    if kind == "csv":
        return tables.read(files_csv.source(where, text), files_csv.read(where, text))
    return files_json.read(where, text) if kind == "json" else mspdi_read.read(where, content)


def require_schedulable(plan: Plan, path: str, objective: str = "makespan") -> None:
    """Refuses a plan that was read from a file and cannot be scheduled, with the place in the file.

    Raises
    ------
    FormatError
    """
    try:
        model(plan, objective)
    except Refusal as refusal:
        raise _document(path, None).error(refusal) from None


def _title(path: str) -> str | None:
    """The name of a file without its suffixes, if a plan can have it."""
    stem = Path(Path(path).name.removesuffix(".gz")).stem
    try:
        return values.name(stem)
    except UnreadableError:
        return None


def _require_defaults(given: Mapping[str, Any]) -> None:
    """Refuses a start or time zone that cannot be read, before the file is blamed for it."""
    try:
        Plan._of({"start": given["start"] if given["start"] is not None else date(2000, 1, 1), "timezone": given["timezone"]})
    except Refusal as refusal:
        raise refusal.error() from None


def _kind(path: str, content: bytes) -> str:
    """The format of a file: that of its content, which the suffix must not contradict."""
    if content.startswith(_OLD_OFFICE):
        raise _files.fail(
            path, "is in an old or binary format of Microsoft Office: save it as .xlsx, or from MS Project as .xml"
        )
    if content.startswith(b"PK"):
        return "xlsx"
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"<", b"{"):
        return "xml" if start == b"<" else "json"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") and b"<" in content[:8]:
        return "xml"
    suffix = Path(path.lower().removesuffix(".gz")).suffix.removeprefix(".")
    return _TEXT_SUFFIXES.get(suffix, "csv")


def _from_document(found: _Document, defaults: Mapping[str, Any]) -> Plan:
    try:
        return _plan(found.keys, defaults)
    except Refusal as refusal:
        raise found.error(refusal) from None


def _plan(keys: dict[str, Any], defaults: Mapping[str, Any]) -> Plan:
    """The plan of a file's keys, with what the file does not say from the call."""
    merged = {key: value for key, value in defaults.items() if value is not None and keys.get(key) is None} | {
        key: value for key, value in keys.items() if value is not None
    }
    if merged.get("start") is None:
        raise Refusal("the plan has no start; give it in the file, or as read(path, start=)")
    return Plan._of(merged)


def write(plan: Plan, path: str | os.PathLike[str]) -> None:
    """Writes a plan; the method `Plan.write` has the description."""
    target = Path(_validation.path(path))
    kind = target.suffix.removeprefix(".").lower()
    if kind == "csv":
        content = files_csv.write(table_rows.rows(plan)).encode()
    elif kind == "xlsx":
        content = files_xlsx.write(table_rows.rows(plan))
    elif kind == "json":
        content = files_json.write(plan.to_dict()).encode()
    elif kind == "xml":
        content = mspdi_write.write(plan)
        if lost := mspdi_lost.lost(plan):
            warnings.warn(_text.printable(f"{target}: the XML of MS Project does not hold {'; '.join(lost)}"), stacklevel=4)
    else:
        suffixes = ", ".join(f".{name}" for name in FORMATS)
        raise _validation.refuse("path", f"the suffix decides on the format, expected one of {suffixes}", value=str(target))
    target.write_bytes(content)
