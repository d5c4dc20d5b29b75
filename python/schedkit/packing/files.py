"""Reading of buffers and clusters; the format is recognised by content."""

from __future__ import annotations

import os
import re

import numpy as np
from numpy.typing import NDArray

from .. import _files, _json, _validation
from ..errors import FormatError
from .inputs import Buffers, Cluster
from .kubernetes import cluster_of

FORMATS = ("minimalloc", "kubernetes")
"""The formats that can be read."""

_HEADINGS = {
    "id": "id",
    "buffer_id": "id",
    "lower": "start",
    "start": "start",
    "upper": "end",
    "end": "end",
    "size": "size",
}


def read(path: str | os.PathLike[str], *, format: str | None = None, ignore_unknown: bool = False) -> Buffers | Cluster:  # noqa: A002
    r"""Reads buffers or a cluster; the format is recognised by content.

    Parameters
    ----------
    path : str or path
        Text in UTF-8; may be compressed with gzip.
    format : {"minimalloc", "kubernetes"}, optional
        ``minimalloc``: CSV with the columns ``id``, ``lower`` (or ``start``), ``upper`` (or ``end``) and ``size``; a buffer is
        alive in ``[lower, upper)``. ``kubernetes``: JSON with the lists ``nodes`` and ``pods``, or a list of ``items``, as
        ``kubectl get nodes,pods -o json`` writes it; see the page on files for what is read.
    ignore_unknown : bool, default False
        Whether to skip columns of other names in CSV instead of refusing them.

    Returns
    -------
    Buffers or Cluster

    Raises
    ------
    FormatError
        The file is not well-formed; ``.path`` and ``.line`` name the place.
    InvalidInputError
        An unknown format.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import schedkit as sk
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.csv"
    >>> _ = path.write_text("id,lower,upper,size\nx,0,3,4\ny,2,5,2\n")
    >>> b = sk.packing.read(path)
    >>> b.names, sk.packing.offsets(b.start, b.end, b.size).peak
    (('x', 'y'), 6)
    """
    where, skips = _validation.path(path), _validation.flag(ignore_unknown, "ignore_unknown")
    if format is None:
        name = "kubernetes" if _files.read_text(where).lstrip()[:1] in ("{", "[") else "minimalloc"
    else:
        name = _validation.word(format, "format")
        if name not in FORMATS:
            raise _validation.refuse("format", f"unknown format, expected one of {', '.join(FORMATS)}", value=format)
    if name == "minimalloc":
        return _buffers(where, skips)
    return cluster_of(_json.parsed(where, _files.read_text(where)))


def kind_of(path: str) -> str:
    """The kind of a file's content: ``"cluster"`` for JSON, ``"memory"`` for a table with starts or ends, else ``"sizes"``."""
    text = _files.read_text(path)
    if text.lstrip()[:1] in ("{", "["):
        return "cluster"
    header = next((line for line in text.splitlines() if line.strip()), "").lower()
    found = {_HEADINGS.get(cell.strip().strip('"')) for cell in re.split("[,;\t]", header)}
    return "memory" if found & {"start", "end"} else "sizes"


def _buffers(where: str, ignore_unknown: bool) -> Buffers:
    """The buffers of a CSV file."""
    columns, lines = _files.read_table(where, _HEADINGS, ignore_unknown=ignore_unknown)
    for name in ("start", "end", "size"):
        if name not in columns:
            raise _files.fail(where, f"has no column for the {name} of buffers, expected id, lower, upper and size", 1)
    arrays = {name: _whole(where, name, columns[name], lines) for name in ("start", "end", "size")}
    for k, (start, end, size) in enumerate(zip(*(arrays[name].tolist() for name in arrays), strict=True)):
        if end <= start or size <= 0:
            reason = f"the buffer ends at {end}, not after {start}" if end <= start else f"the size {size} is not positive"
            raise _files.fail(where, reason, lines[k])
    names = columns.get("id", [str(k) for k in range(len(lines))])
    return Buffers(**arrays, names=tuple(names))


def _whole(where: str, name: str, cells: list[str], lines: list[int]) -> NDArray[np.int64]:
    """A column of whole numbers up to 2**53."""
    numbers = np.zeros(len(cells), dtype=np.int64)
    for k, cell in enumerate(cells):
        try:
            value = _files.whole(cell)
        except ValueError:
            raise _expected(where, name, cell, lines[k]) from None
        if abs(value) > 2**53:
            raise _files.fail(where, f"the {name} {value} is beyond 2**53", lines[k])
        numbers[k] = value
    return _validation.readonly(numbers)


def _expected(where: str, name: str, cell: str, line: int) -> FormatError:
    return _files.fail(where, f"the {name} must be a whole number, not {cell[:40]!r}", line)
