"""Streams of jobs in files: Standard Workload Format, CSV and JSON."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import _core, _files, _json, _text, _validation
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


def read_csv(path: str | os.PathLike[str], *, ignore_unknown: bool = False) -> Jobs:
    r"""A table with a header: ``release_time`` and ``processing_time`` or ``operations``; perhaps ``weight estimate deadline
    name``.

    Parameters
    ----------
    path : str or path
        Cells are separated by commas, semicolons or tabs, operations by spaces. Headings may be in capitals. May be compressed
        with gzip.
    ignore_unknown : bool, default False
        Whether to skip columns of other names instead of refusing them.

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
    name = _validation.path(path)
    known = (*_COLUMNS, "operations", "name")
    flag = _validation.flag(ignore_unknown, "ignore_unknown")
    cells, lines = _files.read_table(name, dict(zip(known, known, strict=True)), ignore_unknown=flag)
    if "release_time" not in cells or ("processing_time" in cells) == ("operations" in cells):
        found = f"found {', '.join(cells)}" if cells else "found no header"
        raise _files.fail(name, f"expected release_time and either processing_time or operations, each once; {found}", 1)
    columns: dict[str, Any] = {
        column: [_cell(column, cell, name, line) for cell, line in zip(values, lines, strict=True)]
        for column, values in cells.items()
    }
    return _judged(name, columns, columns.pop("name", None), lambda error: _of_job(error, lines))


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
        return cell
    words = cell.split() if column == "operations" else [cell]
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
    document = _json.read(_validation.path(path))
    content = document.content
    if not isinstance(content, dict) or content.get("schedkit") != "jobs":
        raise document.fail('expected an object with "schedkit": "jobs"', "schedkit")
    version = content.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise document.fail(f"expected schema_version {SCHEMA_VERSION}", "schema_version")
    allowed = (*_COLUMNS, "operations", "names")
    columns = {key: value for key, value in content.items() if key not in ("schedkit", "schema_version")}
    unknown = [key for key in columns if key not in allowed]
    if unknown:
        raise document.fail(f"unknown field {unknown[0]!r}, expected some of {', '.join(allowed)}", unknown[0])
    if "release_time" not in columns:
        raise document.fail("no field 'release_time'")
    deadline = columns.get("deadline")
    if isinstance(deadline, list):
        columns["deadline"] = [math.inf if d is None else d for d in deadline]
    try:
        return _jobs(columns, columns.pop("names", None))
    except (InvalidInputError, InputTypeError) as error:
        raise document.blame(error, error.field, *_place(error)) from error


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
