"""Tables of progress in CSV and XLSX files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from .. import _files, _validation
from .._text import printable
from . import files_csv, files_kind, files_xlsx
from ._refusal import Refusal
from .tables import Table


@dataclasses.dataclass(frozen=True, slots=True)
class ProgressTable:
    """News of activities, and the rows on which they stand.

    Attributes
    ----------
    news : dict
        The facts by name of the activity.
    """

    news: dict[str, dict[str, Any]]
    _table: Table

    @property
    def path(self) -> str:
        """The file, for messages."""
        return printable(self._table.source.path)

    def error(self, refusal: Refusal, names: Sequence[str]) -> Exception:
        """The error for a refused value; `names` are those of the plan's activities."""
        if refusal.index is None:
            return refusal.error()
        row = refusal.index
        if refusal.table == "activities":
            order = list(self.news)
            name = names[refusal.index]
            if name not in order:
                return refusal.error()
            row = order.index(name)
        return self._table.fail(row, refusal.detail)


def read(path: Any) -> ProgressTable:
    """The table of progress of a file.

    Raises
    ------
    FormatError
        No such table, an unknown column, an activity on two rows.
    """
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(name, (str, bytes)):
        raise _validation.refuse_type("progress", "must be a mapping of names to mappings, or the path of a table", path)
    where = _validation.path(name)
    content = files_kind.read(where, "progress")
    files_kind.require(where, content, "progress")
    if content.startswith(b"PK"):
        source, grids = files_xlsx.read(where, content, "progress")
    else:
        text = _files.decoded(where, content)
        source, grids = files_csv.source(where, text), files_csv.read(where, text, "progress")
    table = Table(source, "progress", grids["progress"])
    news: dict[str, dict[str, Any]] = {}
    for k, row in enumerate(table.rows):
        activity = row.pop("name", None)
        if activity is None:
            raise table.fail(k, "the row names no activity")
        if activity in news:
            raise table.fail(k, f"the activity {activity!r} stands on two rows")
        news[activity] = row
    return ProgressTable(news, table)
