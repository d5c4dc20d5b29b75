"""Streams of jobs in files: Standard Workload Format, CSV, our JSON."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from .. import _core, _validation
from ..errors import FormatError, InputTypeError, InvalidInputError
from ..schedule import SCHEMA_VERSION
from .jobs import Jobs

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
        the run time; no estimates if no line has one. Jobs whose submit or run time is unknown (-1) are left out. Names: the
        job numbers, if they are unique.

    Raises
    ------
    FormatError
        A line that is not numbers; ``.path`` and ``.line`` tell where.
    FileNotFoundError
        No such file.

    Notes
    -----
    Processor counts are ignored: one machine serves one job at a time.

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
    number, submit, _, run, _, requested, _ = _core.read_swf(_bytes(name), name)
    known = (submit >= 0) & (run >= 0)
    asked = requested[known]
    names = [str(k) for k in number[known].tolist()]
    columns = {"release_time": submit[known], "processing_time": run[known]}
    if (asked >= 0).any():
        columns["estimate"] = np.where(asked >= 0, asked, run[known])
    return _judged(name, columns, names if len(set(names)) == len(names) else None)


def read_csv(path: str | os.PathLike[str]) -> Jobs:
    r"""A table with a header: ``release_time`` and ``processing_time`` or ``operations``; perhaps ``weight estimate deadline
    name``.

    Parameters
    ----------
    path : str or path
        Operations are separated by spaces. May be compressed with gzip.

    Returns
    -------
    Jobs

    Raises
    ------
    FormatError
        No header, an unknown column, a cell that is not a number, jobs that cannot be; ``.path`` and ``.line`` tell where.
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
    try:
        text = _bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{name}: is not text in UTF-8", path=name) from None
    rows = csv.reader(io.StringIO(text, newline=""))  # quoted cells may hold line ends
    try:
        header = [cell.strip() for cell in next(rows, [])]
    except csv.Error as error:
        raise FormatError(f"{name}: line 1: {error}", path=name, line=1) from None
    known = (*_COLUMNS, "operations", "name")
    for column in header:
        if column not in known:
            reason = f"{name}: line 1: unknown column {column!r}, expected some of {', '.join(known)}"
            raise FormatError(reason, path=name, line=1)
    if (
        len(set(header)) != len(header)
        or "release_time" not in header
        or ("processing_time" in header) == ("operations" in header)
    ):
        reason = "expected release_time and either processing_time or operations, each once"
        raise FormatError(f"{name}: line 1: {reason}", path=name, line=1)
    columns: dict[str, list[Any]] = {column: [] for column in header}
    try:
        for row in filter(None, rows):
            if len(row) != len(header):
                reason = f"has {len(row)} cells, expected {len(header)}"
                raise FormatError(f"{name}: line {rows.line_num}: {reason}", path=name, line=rows.line_num)
            for column, cell in zip(header, row, strict=True):
                columns[column].append(_cell(column, cell, name, rows.line_num))
    except csv.Error as error:  # a cell beyond the reader's limit
        raise FormatError(f"{name}: line {rows.line_num}: {error}", path=name, line=rows.line_num) from None
    return _judged(name, columns, columns.pop("name", None))


def _judged(path: str, columns: dict[str, Any], names: Any) -> Jobs:
    """The jobs of a file; what the file says is judged by the file."""
    try:
        return _jobs(columns, names)
    except (InvalidInputError, InputTypeError) as error:
        raise FormatError(f"{path}: {error}", path=path) from error


def _cell(column: str, cell: str, path: str, line: int) -> Any:
    if column == "name":
        return cell.strip()
    try:
        return [float(word) for word in cell.split()] if column == "operations" else float(cell)
    except ValueError:
        reason = f"{column} {cell.strip()[:40]!r} is not a number"
        raise FormatError(f"{path}: line {line}: {reason}", path=path, line=line) from None


def _jobs(columns: dict[str, Any], names: list[str] | None) -> Jobs:
    release = columns.pop("release_time")
    return Jobs(release, columns.pop("processing_time", None), names=names, **columns)


def read_json(path: str | os.PathLike[str]) -> Jobs:
    """Our own format: ``{"schedkit": "jobs", "schema_version": 1, "release_time": [...], ...}``, columns named as in `Jobs`.

    Parameters
    ----------
    path : str or path-like
        The file to read.

    Raises
    ------
    FormatError
        Not JSON, or not jobs.
    InvalidInputError
        Jobs that cannot be.
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
    import json  # noqa: PLC0415

    name = _validation.path(path)
    try:
        content = json.loads(_bytes(name))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise FormatError(f"{name}: is not JSON ({error})", path=name, line=line) from None
    if not isinstance(content, dict) or content.get("schedkit") != "jobs":
        raise FormatError(f'{name}: expected an object with "schedkit": "jobs"', path=name)
    if content.get("schema_version") != SCHEMA_VERSION:
        raise FormatError(f"{name}: expected schema_version {SCHEMA_VERSION}", path=name)
    allowed = (*_COLUMNS, "operations", "names")
    columns = {key: value for key, value in content.items() if key not in ("schedkit", "schema_version")}
    unknown = [key for key in columns if key not in allowed]
    if unknown or "release_time" not in columns:
        reason = f"unknown field {unknown[0]!r}" if unknown else "no field 'release_time'"
        raise FormatError(f"{name}: {reason}", path=name)
    deadline = columns.get("deadline")
    if isinstance(deadline, list):
        columns["deadline"] = [float("inf") if d is None else d for d in deadline]
    return _judged(name, columns, columns.pop("names", None))


def write_json(jobs: Jobs, path: str | os.PathLike[str]) -> None:
    """Writes the format that `read_json` reads; infinite deadlines become null.

    Parameters
    ----------
    jobs : Jobs
    path : str or path-like
        The file to write; a file that is there is replaced.
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse("jobs", f"must be a Jobs, not {type(jobs).__name__}", kind=InputTypeError)
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


def _bytes(path: str) -> bytes:
    content = Path(path).read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    import gzip  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    try:
        return gzip.decompress(content)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise FormatError(f"{path}: a broken gzip file ({error})", path=path) from None
