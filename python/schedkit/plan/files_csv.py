"""CSV files of plans: blocks of tables, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re

from .. import _files
from ..errors import InvalidInputError
from ._refusal import listed, similar
from .tables import Grid, Source
from .values import BLOCK, TABLES, plain

_TITLE = re.compile(r'\s*"?\s*\[[^\[\]]*\]\s*"?[\s,;]*')
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_LONGEST_CELL = 131_072


def read(path: str, text: str, alone: str = "activities") -> dict[str, Grid]:
    """The tables of a file; without a line such as ``[resources]`` it is the table `alone`.

    Raises
    ------
    FormatError
        An unknown or repeated block, cells before the first block, quotes that do not match.
    """
    rows = _rows(path, text)
    titles = [k for k, (_, cells) in enumerate(rows) if _title(cells) in (*TABLES, "progress")]
    if not titles:
        return {alone: rows}
    known = TABLES if alone == "activities" else (alone,)
    found: dict[str, Grid] = {}
    name, content = "", list[tuple[int, list[str]]]()
    for line, cells in rows:
        title = _title(cells)
        if title is not None:
            if title not in known:
                reason = f"unknown block {cells[0].strip()}, expected some of {_titles(known)}{similar(title, known)}"
                raise _files.fail(path, reason, line)
            if title in found:
                raise _files.fail(path, f"the block [{title}] stands more than once", line)
            name, content = title, []
            found[name] = content
        elif name:
            content.append((line, cells))
        elif any(cell.strip() for cell in cells):
            raise _files.fail(
                path, f"stands before the first block; a file with blocks begins with one of {_titles(known)}", line
            )
    return found


def source(path: str, text: str) -> Source:
    """The file of tables, for messages; where semicolons separate cells numbers may have decimal commas."""
    return Source(path, has_commas=_separator(text)[0] == ";")


def _titles(known: tuple[str, ...]) -> str:
    return listed(f"[{name}]" for name in known)


def _title(cells: list[str]) -> str | None:
    """The table that a row begins, if it looks like the beginning of one."""
    if not cells or any(cell.strip() for cell in cells[1:]):
        return None
    found = BLOCK.fullmatch(cells[0].strip())
    return None if found is None else plain(found[1])


def _rows(path: str, text: str) -> list[tuple[int, list[str]]]:
    """The rows with the lines on which they begin."""
    separator, skipped = _separator(text)
    text = text.partition("\n")[2] if skipped else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found, end = [], 0
    try:
        for cells in reader:
            begun, end = end + 1, reader.line_num
            found.append((begun + skipped, cells))
    except csv.Error as error:  # quotes that do not match, a cell beyond the reader's limit
        if "unexpected end" in str(error):
            raise _files.fail(path, "a quotation mark in the row that begins here is never closed", end + 1 + skipped) from None
        raise _files.fail(path, f"is no row of cells ({error})", max(reader.line_num, 1) + skipped) from None
    return found


def _separator(text: str) -> tuple[str, int]:
    """The separator of cells, and the number of lines that say so: Excel writes and obeys a first line ``sep=;``."""
    found = _SEPARATOR.fullmatch(text.partition("\n")[0].rstrip("\r"))
    return (_delimiter(text), 0) if found is None else (found[1], 1)


def _delimiter(text: str) -> str:
    """The separator of the first header: a comma, unless only another one occurs."""
    for line in io.StringIO(text):
        if line.strip() and not _TITLE.fullmatch(line):
            return "," if "," in line else next((mark for mark in ";\t" if mark in line), ",")
    return ","


def write(tables: dict[str, list[list[str]]]) -> str:
    """The text of a file with the given tables, each with its title and header."""
    return "\n".join(f"[{name}]\n{write_table(name, rows)}" for name, rows in tables.items())


def write_table(name: str, rows: list[list[str]]) -> str:
    """The text of a table with its header; `name` is for messages."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    for row in rows:
        for column, cell in zip(rows[0], row, strict=True):
            if len(cell) > _LONGEST_CELL:
                reason = f"{name}: {column} of {row[0]!r} has more than {_LONGEST_CELL} characters, the most for a cell"
                raise InvalidInputError(f"{reason}; write JSON", field=column)
        writer.writerow(row)
    return file.getvalue()
