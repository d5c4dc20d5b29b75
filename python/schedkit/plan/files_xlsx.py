"""XLSX files of plans: a sheet for each table. The package openpyxl reads and writes them."""

from __future__ import annotations

import difflib
import io
import warnings
import zipfile
from datetime import datetime
from typing import Any

from .. import _files
from ..errors import FormatError, InvalidInputError, SchedkitError
from ._refusal import listed, similar
from .tables import Grid, Source
from .values import TABLES, plain

_LONGEST_CELL = 32_767
_LIKENESS = 0.8
"""From 0 to 1: how much the name of a sheet must be like that of a missing table to be taken for it."""
_WIDTHS = {"name": 28, "predecessors": 32, "resources": 24, "calendar": 16, "value": 28, "hours": 26, "days": 24}


def _openpyxl() -> Any:
    """The package that reads and writes XLSX files."""
    try:
        import openpyxl  # noqa: PLC0415  # an extra, loaded when a sheet is read or written
    except ImportError as error:
        raise SchedkitError("XLSX files need openpyxl: pip install 'schedkit[sheets]'") from error
    return openpyxl


def read(path: str, content: bytes, alone: str = "activities") -> tuple[Source, dict[str, Grid]]:
    """The tables of a workbook; one with a single sheet may hold the table `alone` under another name.

    Raises
    ------
    FormatError
        No workbook, no such sheet, a formula that was never calculated, a cell with an error.
    SchedkitError
        openpyxl is missing.
    """
    openpyxl = _openpyxl()
    _require_harmless(path, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts of the workbook that hold no cells
            return _tables(openpyxl, path, content, alone)
    except (FormatError, MemoryError):
        raise
    except Exception as error:  # openpyxl has no error class of its own for broken workbooks
        reason = "is no XLSX file that can be read; open it in a spreadsheet and save it again"
        raise _files.fail(path, reason) from error


def _tables(openpyxl: Any, path: str, content: bytes, alone: str) -> tuple[Source, dict[str, Grid]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    names = _sheet_names(path, list(sheets), alone)
    source = Source(path, names)
    grids: dict[str, Grid] = {}
    formulas = False
    for table, title in names.items():
        grids[table], calculated = _cells(source, table, sheets[title])
        formulas = formulas or calculated
    if formulas:
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        by_title = {sheet.title: sheet for sheet in values.worksheets}
        for table, title in names.items():
            results, _ = _cells(source, table, by_title[title])
            grids[table] = _calculated(source, table, grids[table], dict(results))
    return source, grids


def _require_harmless(path: str, content: bytes) -> None:
    """Refuses archives that unpack to more than any reader takes, and documents that define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > _files.MOST_BYTES:
                raise _files.fail(path, f"holds more than {_files.MOST_BYTES // 2**20} MB, which no reader here takes")
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(entry) as member:
                        beginning = member.read(4096)
                    if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
                        raise _files.fail(path, f"its part {entry.filename} defines a document type, which is not read")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise _files.fail(path, f"is no XLSX file that can be read ({error})") from None


def _sheet_names(path: str, titles: list[str], alone: str) -> dict[str, str]:
    """The sheet of each table."""
    known = TABLES if alone == "activities" else (alone,)
    found: dict[str, str] = {}
    for title in titles:
        table = plain(title)
        if table in known:
            if table in found:
                raise _files.fail(path, f"the sheets {found[table]!r} and {title!r} have the same name")
            found[table] = title
    if alone not in found:
        if len(titles) != 1 or found:
            shown = ", ".join(repr(title) for title in titles)
            raise _files.fail(path, f"has no sheet {alone!r}; found {shown}{similar(alone, titles)}")
        found[alone] = titles[0]
    for title in titles:  # other sheets are ignored, but not misspelt ones
        meant = difflib.get_close_matches(plain(title), [table for table in known if table not in found], 1, _LIKENESS)
        if meant and title not in found.values():
            raise _files.fail(path, f"the sheet {title!r} is none of the tables {listed(known)}; is it {meant[0]!r}?")
    return {table: found[table] for table in known if table in found}


def _cells(source: Source, table: str, sheet: Any) -> tuple[Grid, bool]:
    """The rows of a sheet by number, and whether one of their cells is a formula."""
    sheet.reset_dimensions()  # the size that a file claims may be that of the largest sheet there can be
    rows, formulas = [], False
    for cells in sheet.rows:
        filled = [cell for cell in cells if cell.value is not None]
        if not filled:
            continue
        number = filled[0].row
        values: list[Any] = [None] * filled[-1].column
        for cell in filled:
            if cell.data_type == "e":
                raise source.fail(f"the cell {cell.coordinate} holds the error {cell.value}", table, number)
            formulas = formulas or cell.data_type == "f"
            values[cell.column - 1] = _Formula(cell.coordinate) if cell.data_type == "f" else _shown(cell)
        rows.append((number, values))
    return rows, formulas


class _Formula(str):
    """The place of a cell whose value is calculated."""

    __slots__ = ()


def _shown(cell: Any) -> Any:
    """The value of a cell; shares that are shown in percent become what is shown."""
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{value * 100:.10g}%"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value


def _calculated(source: Source, table: str, rows: Grid, results: dict[int, Any]) -> Grid:
    """The rows with the values that the formulas had when the workbook was stored."""
    found = []
    for number, cells in rows:
        known = results.get(number, ())
        values = list(cells)
        for k, cell in enumerate(cells):
            if isinstance(cell, _Formula):
                values[k] = known[k] if k < len(known) else None
                if values[k] is None:
                    reason = f"the cell {cell} is a formula without a stored value: open the file in a spreadsheet and save it"
                    raise source.fail(reason, table, number)
        found.append((number, values))
    return found


def write(tables: dict[str, list[list[str]]]) -> bytes:
    """A workbook with one sheet for each table; all cells are text.

    Raises
    ------
    InvalidInputError
        A text that no cell can hold.
    SchedkitError
        openpyxl is missing.
    """
    openpyxl = _openpyxl()
    _require_short(tables)
    book = openpyxl.Workbook(write_only=True)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for k, column in enumerate(rows[0]):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(k + 1)].width = _WIDTHS.get(column, 17)
        for row in rows:
            sheet.append([_cell(openpyxl, sheet, text) for text in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _require_short(tables: dict[str, list[list[str]]]) -> None:
    for name, rows in tables.items():
        for row in rows:
            for column, text in zip(rows[0], row, strict=True):
                if len(text) > _LONGEST_CELL:
                    reason = f"{column} of {row[0]!r} has more than {_LONGEST_CELL} characters, the most that a cell holds"
                    raise InvalidInputError(f"{name}: {reason}; write JSON", field=column)


def _cell(openpyxl: Any, sheet: Any, text: str) -> Any:
    if not text:
        return None
    cell = openpyxl.cell.WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # a name such as =A1 is no formula
    return cell
