"""Reading and writing of shops: the text formats of job shops and flexible job shops, and the choice of the format."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .. import _files, _json, _validation
from ..errors import FormatError, _InputError
from .files_json import from_json, to_json
from .problem import Shop, core_of

FORMATS = ("jsp", "fjs", "json")
"""The formats that can be read and written."""

_Rows = list[tuple[int, list[int]]]
_Route = list[dict[int, int]]


def read(path: str | os.PathLike[str], *, format: str | None = None) -> Shop:  # noqa: A002
    r"""Reads a shop; the format is recognised by content.

    Parameters
    ----------
    path : str or path
        Text in UTF-8; may be compressed with gzip.
    format : {"jsp", "fjs", "json"}, optional
        ``jsp``: the numbers of jobs and machines, then for each job a line with machine (from 0) and duration of each
        operation. ``fjs``: the same two numbers and perhaps the mean number of choices, then for each job a line with the
        number of its operations and for each operation the number of choices and for each choice machine (from 1) and
        duration. Lines that begin with ``#`` are comments. ``json``: our own, see the page on files.

    Returns
    -------
    Shop
        Machines count from 0.

    Raises
    ------
    FormatError
        The file is not a well-formed, valid shop; ``.path`` and ``.line`` name the place.
    InvalidInputError
        An unknown format.
    FileNotFoundError
        No such file.

    Notes
    -----
    A text in which every job visits each machine once is a job shop, even where it could be read as a flexible one.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import schedkit as sk
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.txt"
    >>> _ = path.write_text("2 2\n0 3 1 2\n1 4 0 1\n")
    >>> sk.shop.read(path)
    Shop(jobs=2, machines=2, operations=4)
    """
    name = None if format is None else _known(format)
    where = _validation.path(path)
    text = _files.read_text(where)
    if name == "json" or (name is None and text.lstrip()[:1] in ("{", "[")):
        return from_json(_json.parsed(where, text))
    rows = _rows(where, text)
    line, first = rows[0]
    if name is None:
        name = "jsp" if _is_classic(rows) or _flexible(rows) is None else "fjs"
    jobs = _flexible(rows) if name == "fjs" else _classic(where, rows)
    if jobs is None:
        raise _unreadable(where, rows)
    try:
        return Shop(jobs, num_machines=first[1])
    except _InputError as error:
        index = error.index if isinstance(error.index, tuple) else ()
        raise _files.fail(where, str(error), rows[1 + index[0]][0] if index else line) from None


def _known(name: Any) -> str:
    word = _validation.word(name, "format")
    if word not in FORMATS:
        raise _validation.refuse("format", f"unknown format, expected one of {', '.join(FORMATS)}", value=name)
    return word


def recognised(text: str) -> bool:
    """Whether a text is that of a shop: our JSON, or lines of numbers that fit a job shop or a flexible one."""
    if text.lstrip()[:1] == "{":
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return False
        return isinstance(content, dict) and content.get("schedkit") == "shop"
    try:
        rows = _rows("", text)
    except FormatError:
        return False
    return _is_classic(rows) or _flexible(rows) is not None


def _rows(where: str, text: str) -> _Rows:
    """The numbers of every line that has some, with the number of the line; the first row has two numbers."""
    rows: _Rows = []
    for number, line in enumerate(_files.lines(text), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not rows and len(words) == 3:
            words = words[:2] if _is_number(words[2]) else words  # the mean number of choices says nothing new
        try:
            rows.append((number, [_files.whole(word) for word in words]))
        except ValueError:
            raise _files.fail(where, f"expected whole numbers, found {line.strip()[:40]!r}", number) from None
    if not rows:
        raise _files.fail(where, "is empty")
    number, first = rows[0]
    if len(first) != 2 or min(first) < 0:
        raise _files.fail(where, "expected the numbers of jobs and of machines", number)
    if len(rows) - 1 != first[0]:
        raise _files.fail(where, f"holds {len(rows) - 1} lines of jobs, expected {first[0]}", number)
    return rows


def _is_number(word: str) -> bool:
    try:
        _files.number(word)
    except ValueError:
        return False
    return True


def _is_classic(rows: _Rows) -> bool:
    """Whether every job visits each machine once, machines counted from 0."""
    machines = rows[0][1][1]
    return all(len(row) == 2 * machines and sorted(row[::2]) == list(range(machines)) for _, row in rows[1:])


def _classic(where: str, rows: _Rows) -> list[_Route]:
    count = rows[0][1][1]
    jobs = []
    for number, row in rows[1:]:
        if len(row) % 2:
            raise _files.fail(where, f"expected pairs of machine and duration, found {len(row)} numbers", number)
        for machine in row[::2]:
            if not 0 <= machine < count:
                raise _files.fail(where, f"there is no machine {machine}, expected 0 to {count - 1}", number)
        jobs.append([{machine: duration} for machine, duration in zip(row[::2], row[1::2], strict=True)])
    return jobs


def _flexible(rows: _Rows) -> list[_Route] | None:
    """The jobs of a flexible job shop; None if the numbers of a line do not come out even."""
    jobs = []
    for _, row in rows[1:]:
        operations: _Route = []
        at = 1
        for _ in range(row[0] if row[0] <= len(row) else -1):
            count = row[at] if at < len(row) else 0
            pairs = row[at + 1 : at + 1 + 2 * max(count, 0)]
            choices = dict(zip((m - 1 for m in pairs[::2]), pairs[1::2], strict=False))
            if count < 1 or len(choices) != count or not all(0 <= m < rows[0][1][1] for m in choices):
                return None
            operations.append(choices)
            at += 1 + 2 * count
        if at != len(row) or len(operations) != row[0]:
            return None
        jobs.append(operations)
    return jobs


def _unreadable(where: str, rows: _Rows) -> FormatError:
    """The error for the first line that is not that of a flexible job."""
    for number, row in rows[1:]:
        if _flexible([(1, [1, rows[0][1][1]]), (number, row)]) is None:
            reason = (
                "expected the number of operations, and for each the number of choices and pairs of machine (from 1) and ticks"
            )
            return _files.fail(where, reason, number)
    return _files.fail(where, "is not a flexible job shop")


def write(shop: Shop, path: str | os.PathLike[str], *, format: str | None = None) -> None:  # noqa: A002
    """Writes a shop.

    Parameters
    ----------
    shop : Shop
    path : str or path
    format : {"jsp", "fjs", "json"}, optional
        By default the path's suffix decides: ``.json``, ``.fjs``, or for any other suffix ``jsp``, of a flexible shop
        ``fjs``. The text formats hold routes and durations only.

    Raises
    ------
    InvalidInputError
        The format cannot hold the shop; the message names what it has no place for.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(1, 4)]], due_date=[5, None])
    >>> path = os.path.join(tempfile.mkdtemp(), "two.json")
    >>> sk.shop.write(shop, path)
    >>> sk.shop.read(path) == shop
    True
    """
    core_of(shop)
    target = Path(_validation.path(path))
    if format is None:
        by_suffix = target.suffix.removeprefix(".").lower()
        kind = by_suffix if by_suffix in ("json", "fjs") else "fjs" if shop.is_flexible else "jsp"
    else:
        kind = _known(format)
    target.write_text(to_json(shop) if kind == "json" else _to_text(shop, kind), encoding="utf-8")


def _to_text(shop: Shop, kind: str) -> str:
    held = ("job_start", "choice_start", "machine", "duration", "num_machines")
    for name, value in shop._columns.items():
        if name not in held and value is not None and value is not False and len(value):
            raise _validation.refuse("format", f"has no place for {name}; 'json' has", value=kind)
    if kind == "jsp" and shop.is_flexible:
        raise _validation.refuse("format", "has no place for a choice of machines; 'fjs' has", value=kind)
    lines = [f"{shop.num_jobs} {shop.num_machines}"]
    for job in shop.jobs:
        if kind == "jsp":
            if not job:
                raise _validation.refuse("format", "has no place for a job without operations; 'fjs' has", value=kind)
            words = [f"{machine} {duration}" for ((machine, duration),) in job]
        else:
            words = [str(len(job))]
            words += [
                " ".join([str(len(choices)), *(f"{machine + 1} {duration}" for machine, duration in choices)])
                for choices in job
            ]
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"
