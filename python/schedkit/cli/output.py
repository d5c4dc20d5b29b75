"""What the commands read, print and draw with."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FormatError, SchedkitError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def complain(message: str, code: int) -> int:
    """One line on standard error; returns the exit code."""
    print(f"schedkit: {' '.join(message.split())}", file=sys.stderr)
    return code


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
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}: line {error.lineno}: not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:  # not text, endless digits, endless brackets
        raise FormatError(f"{path}: not JSON: {error}", path=path) from None
    if not isinstance(data, dict) or data.get("schedkit", "schedule") != "schedule":
        raise FormatError(f"{path}: not a schedule", path=path)
    return data


def save_picture(draw: Callable[[], Axes], path: str, *, dpi: int = 110) -> Path:
    """Draws into a file, PNG if it has no suffix; returns its path."""
    try:
        import matplotlib as mpl  # noqa: PLC0415
    except ImportError:
        raise SchedkitError("drawing needs matplotlib: pip install 'schedkit[plot]'") from None
    mpl.use("agg")  # files only, no display needed
    output = Path(path)
    if not output.name:
        raise SchedkitError("the picture needs a file name")
    if not output.suffix:
        output = output.with_name(output.name + ".png")
    figure = draw().get_figure(root=True)
    assert figure is not None  # a plot on new axes has one
    try:
        figure.savefig(output, dpi=dpi)
    except ValueError as error:  # an image format that matplotlib does not know
        raise SchedkitError(f"{output}: {error}") from None
    return output
