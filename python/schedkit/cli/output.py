"""The shared part of the commands: options, reading schedules, printing, saving charts."""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib.util
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _json
from .._extras import load
from .._text import printable
from ..errors import SchedkitError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..checking import Violation
    from ..dag import DagSchedule
    from ..rcpsp import ProjectSchedule


def add_json(*parsers: argparse.ArgumentParser, what: str = "result") -> None:
    """Adds the option ``--json``."""
    for parser in parsers:
        parser.add_argument("--json", action="store_true", help=f"print the {what} as JSON")


def add_output(*parsers: argparse.ArgumentParser, what: str) -> None:
    """Adds the option ``--output`` for a chart that is drawn only if it is asked for."""
    for parser in parsers:
        parser.add_argument("-o", "--output", metavar="IMAGE", help=f"also draw {what}: PNG, SVG or PDF")


def add_seed(parser: argparse._ActionsContainer, what: str = "") -> None:
    """Adds the option ``--seed``."""
    parser.add_argument("--seed", type=int, default=0, help=f"{what} (default: %(default)s)".strip())


def print_error(message: str, code: int) -> int:
    """Prints one line on standard error; returns the exit code."""
    print(f"schedkit: {printable(' '.join(_in_options(message).split()))}", file=sys.stderr)
    return code


_OPTIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(ignore_(?:unknown|cores))=True\b"), lambda found: _option(found[1])),
    (re.compile(r"\bas read\(path, (\w+)=\)"), lambda found: f"with {_option(found[1])}"),
    (re.compile(r"\bwith timezone='([^']*)'"), lambda found: f"with --timezone {found[1]}"),
    (re.compile(r"^(time_limit|max_schedules) = "), lambda found: f"{_option(found[1])} = "),
)
"""What messages say about arguments of functions, and the options of the commands that stand for them."""


def _option(argument: str) -> str:
    return f"--{argument.replace('_', '-')}"


def _in_options(message: str) -> str:
    for pattern, option in _OPTIONS:
        message = pattern.sub(option, message)
    return message


@contextlib.contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Prints what a block warns of, one line each on standard error, when the block has ended."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        print(f"schedkit: {_in_options(str(warning.message))}", file=sys.stderr)


def print_line(text: str) -> None:
    """Prints one line on standard output; characters that control a terminal are escaped."""
    print(printable(text))


def show_progress(text: str) -> None:
    """Shows how far a search is, on one line of the terminal that the next call replaces."""
    print(f"\r{text:<78}", end="", file=sys.stderr, flush=True)


def print_json(data: dict[str, Any]) -> None:
    """Prints one JSON object on standard output, infinities as null."""
    print(json.dumps(_finite(data), allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and value - value != 0 else value


def print_table(header: list[str], rows: list[list[str]]) -> None:
    """Prints a table: with rich if it is installed and the output is a terminal, else aligned columns, one line per row."""
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
    """Reads a schedule in JSON, as ``solve --json`` prints it."""
    document = _json.read(path)
    data = document.content
    if not isinstance(data, dict) or data.get("schedkit", "schedule") != "schedule":
        raise document.fail('is not a schedule, which is an object with "schedkit": "schedule"', "schedkit")
    if "schedule" not in data:
        return data
    if not isinstance(data["schedule"], dict):
        raise document.fail(f"holds no schedule (the status of the result is {data.get('status')!r})", "schedule")
    return data["schedule"]


def picture_path(name: str) -> Path:
    """The path of a chart, PNG if the name has no suffix; called before a search, so that a bad name is refused at once."""
    missing = "drawing needs matplotlib: pip install 'schedkit[plot]'"
    load("matplotlib", missing).use("agg")  # files only, no display needed
    backend = load("matplotlib.backends.backend_agg", missing)
    path = Path(name)
    if not path.name:
        raise SchedkitError("the picture needs a file name")
    if not path.suffix:
        path = path.with_name(path.name + ".png")
    known = backend.FigureCanvasAgg.get_supported_filetypes()
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


def print_violations(violations: list[Violation], as_json: bool) -> int:
    """Prints what a check has found; returns the exit code."""
    if as_json:
        rows = [{"kind": v.kind, "subject": list(v.subject), "detail": v.detail} for v in violations]
        print_json({"feasible": not violations, "violations": rows})
    elif violations:
        print_table(["kind", "detail"], [[v.kind, v.detail] for v in violations])
    else:
        print_line("feasible")
    return 1 if violations else 0


def print_description(description: dict[str, Any], as_json: bool) -> int:
    """Prints properties of a problem; returns the exit code."""
    if as_json:
        print_json(description)
    else:
        print_table(["property", "value"], [[name.replace("_", " "), str(value)] for name, value in description.items()])
    return 0


def draw(schedule: ProjectSchedule | DagSchedule, path: Path, as_json: bool) -> int:
    """Saves a schedule's chart and prints where it is; returns the exit code."""
    save_picture(schedule.plot(), path)
    if as_json:
        print_json(schedule.to_dict())
    else:
        makespan = schedule.makespan
        print_line(f"wrote {path} (makespan {f'{makespan:g}' if isinstance(makespan, float) else makespan})")
    return 0
