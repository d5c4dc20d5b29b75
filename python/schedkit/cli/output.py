"""What the commands read, print and draw with."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _files
from .._text import printable
from ..errors import SchedkitError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def complain(message: str, code: int) -> int:
    """One line on standard error; returns the exit code."""
    print(f"schedkit: {printable(' '.join(message.split()))}", file=sys.stderr)
    return code


def say(text: str) -> None:
    """One line on standard output, without what a terminal would obey."""
    print(printable(text))


def print_json(data: dict[str, Any]) -> None:
    """One object on standard output; infinities, which JSON does not have, as null."""
    print(json.dumps(_finite(data), allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and value - value != 0 else value


def print_table(header: list[str], rows: list[list[str]]) -> None:
    """On a terminal a table by rich, where it is installed; elsewhere aligned columns, a row a line, for other programs."""
    rows = [[printable(cell) for cell in row] for row in rows]
    if not (sys.stdout.isatty() and importlib.util.find_spec("rich")):
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, *rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*header, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def read_schedule(path: str) -> dict[str, Any]:
    """A schedule in JSON, as ``solve --json`` prints it."""
    data = _files.read_json(path)
    if not isinstance(data, dict) or data.get("schedkit", "schedule") != "schedule":
        raise _files.fail(path, 'is not a schedule, which is an object with "schedkit": "schedule"')
    return data


def picture_path(name: str) -> Path:
    """Where a picture will go, PNG if the name has no suffix; refused now rather than after a long search."""
    try:
        import matplotlib as mpl  # noqa: PLC0415
    except ImportError:
        raise SchedkitError("drawing needs matplotlib: pip install 'schedkit[plot]'") from None
    mpl.use("agg")  # files only, no display needed
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    path = Path(name)
    if not path.name:
        raise SchedkitError("the picture needs a file name")
    if not path.suffix:
        path = path.with_name(path.name + ".png")
    known = FigureCanvasAgg.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        raise SchedkitError(f"{path}: unknown kind of picture, expected one of {', '.join(sorted(known))}")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return path


def save_picture(axes: Axes, path: Path) -> None:
    """Writes the figure that the axes belong to."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # a plot on new axes has one
    figure.savefig(path, dpi=110)
