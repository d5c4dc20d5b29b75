"""The kind of a file, so that a file of another kind than the one asked for is refused by its name."""

from __future__ import annotations

import errno
import re

from .. import _files
from .values import plain

EXPECTED = {
    "plan": "expected a plan in CSV, XLSX, JSON or the XML of MS Project",
    "progress": "expected a table of progress, CSV or XLSX, with the column name and some of percent, remaining, actual_start,"
    " actual_end",
    "schedule": "expected a schedule: the table.csv that `schedkit plan solve -o` writes, the same table as .xlsx, or the JSON"
    " of `--json`",
}
"""What stands in messages, by the kind of file that is asked for."""

_READ_ELSEWHERE = {"plan": ("json", "xml"), "progress": (), "schedule": ("json",)}
_BEGINNING = 300
_KIND = re.compile(rb'"schedkit"\s*:\s*"(\w+)"')
_OF_PLAN = re.compile(rb'"kind"\s*:\s*"plan_solution"')
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_HTML = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
_WORDS = {
    "plan": "a plan",
    "progress": "a table of progress",
    "schedule": "the schedule of a plan",
    "picture": "a picture",
    "pdf": "a PDF document",
    "html": "a page for browsers",
    "json": "a JSON file of another kind",
    "xml": "an XML document",
}


def read(path: str, kind: str) -> bytes:
    """The content of a file, decompressed if it is compressed with gzip.

    Parameters
    ----------
    path : str
    kind : {"plan", "progress", "schedule"}
        What is asked for.

    Raises
    ------
    FormatError
        As `_files.read_bytes`.
    OSError
        A file that is missing, a folder, or may not be read.
    """
    try:
        return _files.read_bytes(path)
    except IsADirectoryError:
        raise IsADirectoryError(errno.EISDIR, f"is a folder, {EXPECTED[kind]}", path) from None


def require(path: str, content: bytes, kind: str) -> None:
    """Refuses a file that is clearly of another kind; readers of JSON and XML tell what is wrong with theirs.

    Parameters
    ----------
    path : str
    content : bytes
    kind : {"plan", "progress", "schedule"}
        What is asked for.

    Raises
    ------
    FormatError
    """
    found = _kind(content)
    if found is not None and found not in (kind, *_READ_ELSEWHERE[kind]):
        raise _files.fail(path, f"is {_WORDS[found]}, {EXPECTED[kind]}")


def _kind(content: bytes) -> str | None:
    """What a file is, by its beginning; None if that does not tell."""
    if content.startswith(_PICTURES):
        return "picture"
    if content.startswith(b"%PDF"):
        return "pdf"
    if _HTML.match(content):
        return "html"
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"{":
        return _kind_of_json(start[:_BEGINNING])
    return "xml" if start[:1] == b"<" else _kind_of_table(start)


def _kind_of_json(content: bytes) -> str:
    kind = _KIND.search(content)
    if kind is not None and kind[1] == b"schedule":
        return "schedule" if _OF_PLAN.search(content) else "json"
    return "plan" if kind is not None and kind[1] == b"plan" else "json"


def _kind_of_table(content: bytes) -> str | None:
    """The kind of a CSV file by its first line: the title of a block, or a header."""
    line = content.partition(b"\n")[0].decode("utf-8", "replace")
    cells = {plain(cell.strip(' "')) for cell in re.split("[,;\t]", line.strip())}
    block = re.fullmatch(r"\[(\w+)\]", next(iter(cells))) if len(cells - {""}) == 1 and cells else None
    if block is not None and block[1] in ("plan", "calendars", "resources", "outages", "activities"):
        return "plan"
    if block is not None and block[1] in ("progress", "schedule"):
        return block[1]
    if "duration" in cells:
        return "plan"
    if line.startswith("["):
        return "json"
    if {"name", "start", "end"} <= cells:
        return "schedule"
    return "progress" if "name" in cells and cells & {"percent", "remaining", "actualstart", "actualend"} else None
