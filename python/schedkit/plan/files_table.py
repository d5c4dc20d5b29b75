"""Files of schedules of plans: the table in CSV and XLSX, the result in JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import _validation
from . import dates, files_csv, files_xlsx, lengths, links


def write(
    path: str | os.PathLike[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]], content: Mapping[str, Any]
) -> None:
    """Writes rows to a .csv or .xlsx file, or the whole content to a .json file.

    In tables a clock time that occurs two times, because clocks are put back, has its offset behind it.
    """
    target = Path(_validation.path(path))
    kind = target.suffix.removeprefix(".").lower()
    cells = [list(columns), *([_text(row[column]) for column in columns] for row in rows)]
    if kind == "csv":
        data = files_csv.write_table("schedule", cells).encode()
    elif kind == "xlsx":
        data = files_xlsx.write({"schedule": cells})
    elif kind == "json":
        data = f"{json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)}\n".encode()
    else:
        raise _validation.refuse(
            "path", "the suffix decides on the format, expected one of .csv, .xlsx, .json", value=str(target)
        )
    target.write_bytes(data)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return dates.shown(value)
    if isinstance(value, timedelta):
        return lengths.in_hours(value)
    return links.resources_text(value, value.keys()) if isinstance(value, Mapping) else str(value)
