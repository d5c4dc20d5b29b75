"""Readers of OR-Library files and CSV tables."""

from __future__ import annotations

import os
import re
from decimal import Decimal

import numpy as np

from .. import _files, _validation
from ..errors import _InputError
from .problem import Instance

_INSTANCES = 125
_ROWS = ("processing_time", "weight", "due_date")
_INTEGER = re.compile("[+-]?[0-9]{1,4000}")  # int() would also take 1_0 and digits of other scripts
_DECIMAL = re.compile("[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?")
_COLUMNS = {
    **{name: name for name in ("processing_time", "due_date", "weight", "name")},
    **{"p": "processing_time", "d": "due_date", "w": "weight"},
}
"""The columns of CSV files by their headings."""


def read_orlib(path: str | os.PathLike[str], num_jobs: int | None = None) -> list[Instance]:
    r"""Reads the instances of an OR-Library file such as ``wt40.txt``.

    Parameters
    ----------
    path : str or path
        Whole numbers: for each instance n processing times, n weights, n due dates.
    num_jobs : int, optional
        n; by default what makes 125 instances of the file, as the library's own files hold.

    Returns
    -------
    list of Instance

    Raises
    ------
    FormatError
        Anything that is not a whole number, or a count that does not divide; names the line.
    FileNotFoundError

    References
    ----------
    Beasley, J. E. (1990). OR-Library: distributing test problems by electronic mail. Journal of the Operational Research
    Society 41.

    Examples
    --------
    >>> import schedkit as sk
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "wt2.txt"
    >>> _ = path.write_text("3 2\n1 5\n2 3\n")
    >>> sk.tardiness.read_orlib(path, 2)
    [Instance(jobs=2, weighted)]
    """
    where = _validation.path(path)
    numbers: list[int] = []
    lines: list[int] = []
    for line, text in enumerate(_files.lines(_files.read_text(where)), 1):
        for word in text.split():
            try:
                numbers.append(_files.whole(word))
            except ValueError:
                raise _files.fail(where, f"expected a whole number, found {word[:40]!r}", line) from None
            if not -(2**63) <= numbers[-1] < 2**63:
                raise _files.fail(where, f"{word[:40]} is beyond 64 bits", line)
            lines.append(line)
    if num_jobs is None:
        n, rest = divmod(len(numbers), 3 * _INSTANCES)
        if rest:
            raise _files.fail(where, f"holds {len(numbers)} numbers, not a multiple of 3 * {_INSTANCES}; pass num_jobs")
    else:
        n = _validation.int_scalar(num_jobs, "num_jobs", minimum=1)
        if len(numbers) % (3 * n):
            raise _files.fail(where, f"holds {len(numbers)} numbers, not a multiple of 3 * {n}")
    if n == 0:
        return []
    instances = []
    for k, (p, w, d) in enumerate(np.array(numbers, dtype=np.int64).reshape(-1, 3, n)):
        try:
            instances.append(Instance(p, d, w))
        except _InputError as error:
            row = _ROWS.index(error.field) if error.field in _ROWS else None
            index = error.index if isinstance(error.index, int) else None
            blamed = None if row is None or index is None else lines[(3 * k + row) * n + index]
            raise _files.fail(where, f"instance {k + 1} of the file: {error}", blamed) from error
    return instances


def read_csv(path: str | os.PathLike[str], *, ignore_unknown: bool = False) -> Instance:
    r"""Reads one instance from a CSV file with a header line.

    Columns ``processing_time`` and ``due_date`` (or ``p`` and ``d``), optional ``weight`` (``w``) and ``name``, in capitals or
    not. Cells are separated by commas, or by semicolons or tabs if the header holds no comma. The text is UTF-8, with or
    without a byte order mark.

    Parameters
    ----------
    path : str or path
    ignore_unknown : bool, default False
        Whether to skip columns of other names instead of refusing them.

    Returns
    -------
    Instance
        Weights that are all whole numbers are integers.

    Raises
    ------
    FormatError
        A missing or unknown column, a value that is not a number or out of range, bytes that are not UTF-8; names the line.
    FileNotFoundError

    Examples
    --------
    >>> import schedkit as sk
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "jobs.csv"
    >>> _ = path.write_text("name,p,d\ncut,4,6\nbend,7,9\n")
    >>> sk.tardiness.read_csv(path).names
    ('cut', 'bend')
    """
    where = _validation.path(path)
    columns, lines = _files.read_table(where, _COLUMNS, ignore_unknown=_validation.flag(ignore_unknown, "ignore_unknown"))
    for name in ("processing_time", "due_date"):
        if name not in columns:
            found = f"found {', '.join(columns)}" if columns else "found no header"
            raise _files.fail(where, f"expected a column {name!r}; {found}", 1)
    p, d = (_numbers(where, lines, name, columns[name]) for name in ("processing_time", "due_date"))
    weight = _numbers(where, lines, "weight", columns["weight"]) if "weight" in columns else None
    try:
        return Instance(p, d, weight, names=columns.get("name"))
    except _InputError as error:
        line = lines[error.index] if isinstance(error.index, int) else None
        raise _files.fail(where, str(error), line) from error


def _numbers(path: str, lines: list[int], name: str, values: list[str]) -> list[int] | list[float]:
    numbers: list[float] = []
    for line, value in zip(lines, values, strict=True):
        if _INTEGER.fullmatch(value):
            numbers.append(int(value))
        elif _DECIMAL.fullmatch(value):
            number = float(value)
            if number.is_integer() and Decimal(value) != Decimal(number):  # the fraction is lost beyond 2**52
                raise _files.fail(path, f"{name} = {value[:40]!r} has more digits than can be kept; write a whole number", line)
            numbers.append(number)
        else:
            raise _files.fail(path, f"{name} = {value[:40]!r} is not a number", line)
    return numbers
