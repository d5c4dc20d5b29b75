"""Readers of sizes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _files, _validation

_COLUMNS = {"size": "size", "length": "size", "weight": "size", "name": "name"}
"""The columns of CSV files by their headings."""


def read_sizes(path: str | os.PathLike[str], *, ignore_unknown: bool = False) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    r"""Reads the sizes of items from a CSV file with a header line.

    Column ``size`` (or ``length``, ``weight``), optional ``name``, in capitals or not. Cells are separated by commas, or by
    semicolons or tabs if the header holds no comma. The text is UTF-8, with or without a byte order mark.

    Parameters
    ----------
    path : str or path
    ignore_unknown : bool, default False
        Whether to skip columns of other names instead of refusing them.

    Returns
    -------
    sizes : ndarray, shape (n,)
        Integers if all are written as whole numbers, else floats.
    names : tuple of str, or None

    Raises
    ------
    FormatError
        A missing or unknown column, a value that is not a finite number; names the line.
    FileNotFoundError

    Examples
    --------
    >>> import schedkit as sk
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "items.csv"
    >>> _ = path.write_text("name,size\nsofa,8\nlamp,1\n")
    >>> sk.packing.read_sizes(path)
    (array([8, 1]), ('sofa', 'lamp'))
    """
    sizes, names, _ = sizes_with_lines(_validation.path(path), _validation.flag(ignore_unknown, "ignore_unknown"))
    return sizes, names


def sizes_with_lines(where: str, ignore_unknown: bool) -> tuple[NDArray[Any], tuple[str, ...] | None, list[int]]:
    """The sizes and names of a file, and the line of each item."""
    columns, lines = _files.read_table(where, _COLUMNS, ignore_unknown=ignore_unknown)
    if "size" not in columns:
        found = f"found {', '.join(columns)}" if columns else "found no header"
        raise _files.fail(where, f"expected a column 'size'; {found}", 1)
    numbers: list[float] = []
    for line, cell in zip(lines, columns["size"], strict=True):
        try:
            numbers.append(_files.as_number(cell))
        except ValueError:
            raise _files.fail(where, f"size = {cell[:40]!r} is not a finite number", line) from None
        if isinstance(numbers[-1], int) and not -(2**63) <= numbers[-1] < 2**63:
            raise _files.fail(where, f"size = {cell[:40]} is beyond 64 bits", line)
    whole = all(isinstance(number, int) for number in numbers)
    sizes: NDArray[Any] = np.array(numbers, np.int64 if whole else np.float64)
    return sizes, tuple(columns["name"]) if "name" in columns else None, lines
