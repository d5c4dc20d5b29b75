"""Traces of requests to model servers in files."""

from __future__ import annotations

import csv
import os
from typing import Any

from .. import _files, _json, _validation
from ..errors import InputTypeError, InvalidInputError
from .problem import Trace

_COLUMNS = ("arrived_at", "num_prefill_tokens", "num_decode_tokens")
_KEYS = ("timestamp", "input_length", "output_length")
_BLOCKS = "hash_ids"
_FIELDS = ("arrival", "prompt_tokens", "output_tokens")


def read_trace(path: str | os.PathLike[str]) -> Trace:
    """Reads a trace: CSV as prepared from the Azure traces (Splitwise), or lines of JSON as published by Mooncake.

    Parameters
    ----------
    path : path-like
        Plain or compressed with gzip. CSV has a header with the columns ``arrived_at`` (seconds), ``num_prefill_tokens`` and
        ``num_decode_tokens``; others are ignored. Each line of JSON has ``timestamp`` (milliseconds), ``input_length``,
        ``output_length``, and perhaps ``hash_ids``, the identities of the blocks of 512 tokens.

    Returns
    -------
    Trace
        Requests in the order of the file.

    Raises
    ------
    FormatError
        A file of another kind, or with a line that cannot be read; it has ``path`` and ``line``.

    Notes
    -----
    O(size of the file).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import schedkit as sk
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "trace.jsonl"
    >>> _ = path.write_text('{"timestamp": 1500, "input_length": 600, "output_length": 20, "hash_ids": [4, 9]}')
    >>> trace = sk.serving.read_trace(path)
    >>> trace.arrival, trace.prefix
    (array([1.5]), [[4, 9]])
    """
    name = _validation.path(path)
    text = _files.read_text(name)
    first = text.lstrip()[:1]
    rows = _from_json(name, text) if first == "{" else _from_csv(name, text)
    try:
        return Trace(*rows[:3], prefix=rows[3])
    except (InvalidInputError, InputTypeError) as error:
        line = rows[4][error.index] if isinstance(error.index, int) else None
        raise _files.fail(name, _in_words_of(_KEYS if first == "{" else _COLUMNS, error, line), line) from None


def _in_words_of(columns: tuple[str, ...], error: InvalidInputError | InputTypeError, line: int | None) -> str:
    """A refusal of `Trace` with the file's name of the column, and without the index where the line is known."""
    field, _, rest = str(error).partition("]" if line is not None else " ")
    name = dict(zip(_FIELDS, columns, strict=True)).get(str(error.field), field)
    return f"{name}{rest}" if line is not None else f"{name} {rest}"


def _from_csv(path: str, text: str) -> tuple[list[float], list[Any], list[Any], None, list[int]]:
    reader = csv.reader(text.splitlines())
    header = [column.strip() for column in next(reader, [])]
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise _files.fail(path, f"is no trace: the header lacks {', '.join(missing)}", 1)
    places = [header.index(column) for column in _COLUMNS]
    arrival, prompt, output, lines = [], [], [], []
    for row in reader:
        if not row:
            continue
        try:
            seconds, first, second = (_number(row[place]) for place in places)
        except (ValueError, IndexError):
            raise _files.fail(path, f"expected numbers for {', '.join(_COLUMNS)}", reader.line_num) from None
        arrival.append(seconds)
        prompt.append(first)
        output.append(second)
        lines.append(reader.line_num)
    return arrival, prompt, output, None, lines


def _number(text: str) -> float:
    """A number as CSV has it; Python would also read ``1_000``."""
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _from_json(path: str, text: str) -> tuple[list[float], list[Any], list[Any], list[Any] | None, list[int]]:
    arrival, prompt, output, prefix, lines = [], [], [], [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        row = _json.parsed_line(path, line, number)
        missing = [key for key in _KEYS if key not in row] if isinstance(row, dict) else list(_KEYS)
        if missing:
            raise _files.fail(path, f"expected an object with {', '.join(_KEYS)}; {', '.join(missing)} is missing", number)
        seconds, first, second = (row[key] for key in _KEYS)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise _files.fail(path, "timestamp must be a number of milliseconds", number)
        try:
            seconds = seconds / 1000
        except OverflowError:
            raise _files.fail(path, "timestamp is beyond the range of floats", number) from None
        blocks = row.get(_BLOCKS)
        if not (
            blocks is None or (isinstance(blocks, list) and all(type(block) is int and abs(block) < 2**63 for block in blocks))
        ):
            raise _files.fail(path, f"{_BLOCKS} must be a list of whole numbers", number)
        arrival.append(seconds)
        prompt.append(first)
        output.append(second)
        prefix.append(blocks)
        lines.append(number)
    known = [blocks is not None for blocks in prefix]
    if any(known) and not all(known):
        raise _files.fail(path, f"{_BLOCKS} is missing here and given elsewhere", lines[known.index(False)])
    return arrival, prompt, output, prefix if all(known) and known else None, lines
