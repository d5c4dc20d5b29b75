"""Streams of jobs in files: Standard Workload Format, CSV and JSON."""

from __future__ import annotations

import io
import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import _core, _files, _text, _validation
from ..errors import InputTypeError, InvalidInputError
from ..schedule import SCHEMA_VERSION
from .problem import Jobs

_COLUMNS = ("release_time", "processing_time", "weight", "estimate", "deadline")


def read_swf(path: str | os.PathLike[str]) -> Jobs:
    r"""A recorded trace in Standard Workload Format as a stream of sequential jobs.

    Parameters
    ----------
    path : str or path
        May be compressed with gzip.

    Returns
    -------
    Jobs
        Release: submit time (field 2). Size: run time (field 4). Estimate: requested time (field 9) where it is known, else
        the run time; no estimates if no line has one. Names: the job numbers, if they are unique.

    Raises
    ------
    FormatError
        A line that is not numbers, or holds a number that would be rounded; ``.path`` and ``.line`` tell where.
    FileNotFoundError
        No such file.

    Warns
    -----
    UserWarning
        Lines do not become jobs; the message counts them, by reason: jobs whose submit or run time is unknown (-1), and
        partial executions beside the line of their job.

    Notes
    -----
    A job that was interrupted has several lines with one job number. If one of them is for the whole job, that line is the job,
    and the lines of its partial executions (status 2, 3 or 4 in field 11) do not count. A job that has partial executions alone
    was submitted at the first submit time that they name, and its size is the sum of their run times. Processor counts are
    ignored: one machine serves one job at a time.

    References
    ----------
    Chapin, S. J., et al. (1999). Benchmarks and standards for the evaluation of parallel job schedulers. JSSPP.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> path = os.path.join(tempfile.mkdtemp(), "two.swf")
    >>> with open(path, "w") as file:
    ...     _ = file.write("; two jobs\n1 0 -1 5 1 -1 -1 1 9\n2 3 -1 1 1 -1 -1 1 -1\n")
    >>> sk.online.read_swf(path).estimate.tolist()
    [9.0, 1.0]
    """
    name = _validation.path(path)
    content = _files.read_bytes(name)
    _files.refuse_binary(name, content)  # comments may be in any encoding of text
    trace = _core.read_swf(content, _text.printable(name))
    skipped = [
        f"{count} {singular if count == 1 else plural}"
        for count, singular, plural in (
            (trace["unknown"], "job whose submit or run time is unknown", "jobs whose submit or run time is unknown"),
            (
                trace["repeated"],
                "line of a partial execution beside that of its job",
                "lines of partial executions beside those of their jobs",
            ),
        )
        if count
    ]
    if skipped:
        warnings.warn(f"{_text.printable(name)}: left out {' and '.join(skipped)}", stacklevel=2)
    names = [str(k) for k in trace["job_number"].tolist()]
    columns = {"release_time": trace["submit_time"], "processing_time": trace["run_time"]}
    requested = trace["requested_time"]
    if (requested >= 0).any():
        columns["estimate"] = np.where(requested >= 0, requested, trace["run_time"])
    return _judged(name, columns, names if len(set(names)) == len(names) else None, lambda error: _of_job(error, trace["line"]))


def read_csv(path: str | os.PathLike[str]) -> Jobs:
    r"""A table with a header: ``release_time`` and ``processing_time`` or ``operations``; perhaps ``weight estimate deadline
    name``.

    Parameters
    ----------
    path : str or path
        Cells are separated by commas, semicolons or tabs, operations by spaces. Headings may be in capitals. May be compressed
        with gzip.

    Returns
    -------
    Jobs

    Raises
    ------
    FormatError
        No header, an unknown column, a cell that is not a number or would be rounded, jobs that cannot be; ``.path`` and
        ``.line`` tell where.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> path = os.path.join(tempfile.mkdtemp(), "two.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("name,release_time,operations\na,0,4 2 8\nb,1,1 1\n")
    >>> sk.online.read_csv(path).processing_time.tolist()
    [14.0, 2.0]
    """
    import csv  # noqa: PLC0415  # readers are loaded when something is read: the import of the package stays quick

    name = _validation.path(path)
    text = _files.read_text(name)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))  # quoted cells may hold line ends
    lines: list[int] = []
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        _judge_header(name, header)
        columns: dict[str, list[Any]] = {column: [] for column in header}
        end = rows.line_num
        for row in rows:
            begun, end = end + 1, rows.line_num
            if not row:
                continue
            if len(row) != len(header):
                raise _files.fail(name, f"has {len(row)} cells, expected {len(header)}", begun)
            lines.append(begun)
            for column, cell in zip(header, row, strict=True):
                columns[column].append(_cell(column, cell, name, begun))
    except csv.Error as error:  # a cell beyond the reader's limit
        raise _files.fail(name, str(error), max(rows.line_num, 1)) from None
    return _judged(name, columns, columns.pop("name", None), lambda error: _of_job(error, lines))


def _delimiter(text: str) -> str:
    """The separator of the header: a comma, unless only another one occurs."""
    header = text[: text.find("\n")] if "\n" in text else text
    return "," if "," in header else next((mark for mark in ";\t" if mark in header), ",")


def _judge_header(path: str, header: list[str]) -> None:
    known = (*_COLUMNS, "operations", "name")
    for column in header:
        if column not in known:
            raise _files.fail(path, f"unknown column {column!r}, expected some of {', '.join(known)}", 1)
    if (
        len(set(header)) != len(header)
        or "release_time" not in header
        or ("processing_time" in header) == ("operations" in header)
    ):
        found = f"found {', '.join(header)}" if header else "found no header"
        raise _files.fail(path, f"expected release_time and either processing_time or operations, each once; {found}", 1)


def _judged(path: str, columns: dict[str, Any], names: Any, line_of: Callable[[Any], int | None]) -> Jobs:
    """The jobs of a file; errors name the file and the line, which `line_of` finds for an error."""
    try:
        return _jobs(columns, names)
    except (InvalidInputError, InputTypeError) as error:
        raise _files.fail(path, str(error), line_of(error)) from error


def _place(error: InvalidInputError | InputTypeError) -> tuple[int, ...]:
    index = error.index
    return () if index is None else index if isinstance(index, tuple) else (index,)


def _of_job(error: InvalidInputError | InputTypeError, lines: Any) -> int | None:
    """The line of the job that an error blames, in a file of one job a line."""
    place = _place(error)
    return int(lines[place[0]]) if place else None


def _cell(column: str, cell: str, path: str, line: int) -> Any:
    if column == "name":
        return cell.strip()
    words = cell.split() if column == "operations" else [cell.strip()]
    if column == "deadline" and words[0].lower() in ("inf", "infinity"):
        return math.inf
    numbers = []
    for word in words:
        try:
            numbers.append(_files.as_number(word))
        except ValueError:
            raise _files.fail(path, f"{column} {word[:40]!r} is not a finite number", line) from None
    return numbers if column == "operations" else numbers[0]


def _jobs(columns: dict[str, Any], names: list[str] | None) -> Jobs:
    release = columns.pop("release_time")
    return Jobs(release, columns.pop("processing_time", None), names=names, **columns)


def read_json(path: str | os.PathLike[str]) -> Jobs:
    """Reads the JSON format of this package, whose columns have the names of `Jobs`.

    A file is ``{"schedkit": "jobs", "schema_version": 1, "release_time": [...], ...}``.

    Parameters
    ----------
    path : str or path-like
        The file to read.

    Raises
    ------
    FormatError
        Not JSON, a member that stands twice, or not jobs; ``.path`` and, where there is one, ``.line`` tell where.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> path, jobs = os.path.join(tempfile.mkdtemp(), "jobs.json"), sk.online.Jobs([0, 1], operations=[[1, 2], [3]])
    >>> sk.online.write_json(jobs, path)
    >>> sk.online.read_json(path) == jobs
    True
    """
    name = _validation.path(path)
    text = _files.read_text(name)
    content = _files.parsed_json(name, text)
    if not isinstance(content, dict) or content.get("schedkit") != "jobs":
        raise _files.fail(name, 'expected an object with "schedkit": "jobs"')
    version = content.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise _files.fail(name, f"expected schema_version {SCHEMA_VERSION}")
    allowed = (*_COLUMNS, "operations", "names")
    columns = {key: value for key, value in content.items() if key not in ("schedkit", "schema_version")}
    unknown = [key for key in columns if key not in allowed]
    if unknown or "release_time" not in columns:
        raise _files.fail(name, f"unknown field {unknown[0]!r}" if unknown else "no field 'release_time'")
    deadline = columns.get("deadline")
    if isinstance(deadline, list):
        columns["deadline"] = [math.inf if d is None else d for d in deadline]
    return _judged(name, columns, columns.pop("names", None), lambda error: _files.json_line(text, error.field, *_place(error)))


def write_json(jobs: Jobs, path: str | os.PathLike[str]) -> None:
    """Writes the format that `read_json` reads; infinite deadlines become null.

    Parameters
    ----------
    jobs : Jobs
    path : str or path-like
        The file to write; a file that is there is replaced.
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse_type("jobs", "must be a Jobs", jobs)
    import json  # noqa: PLC0415

    content: dict[str, Any] = {"schedkit": "jobs", "schema_version": SCHEMA_VERSION, "release_time": jobs.release_time.tolist()}
    if jobs.operations is None:
        content["processing_time"] = jobs.processing_time.tolist()
    else:
        content["operations"] = [row.tolist() for row in jobs.operations]
    for name in ("weight", "estimate"):
        column = getattr(jobs, name)
        if column is not None:
            content[name] = column.tolist()
    if jobs.deadline is not None:
        content["deadline"] = [None if np.isinf(d) else d for d in jobs.deadline.tolist()]
    if jobs.names is not None:
        content["names"] = list(jobs.names)
    Path(_validation.path(path)).write_text(json.dumps(content), encoding="utf-8")
