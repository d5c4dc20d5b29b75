"""The command ``schedkit pack``, which packs what a file holds."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _files, packing
from .._validation import refuse, shown
from ..errors import FormatError, InvalidInputError
from ..packing.bin_packing import BIN_METHODS
from ..packing.files import kind_of
from ..packing.partitioning import PARTITION_METHODS
from ..packing.size_files import sizes_with_lines
from .output import add_json, add_output, picture_path, print_json, print_line, print_table, save_picture
from .placements import placed_buffers, placed_pods, show_buffers, show_pods


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Packs what a file holds: sizes into bins, buffers into memory, or pods onto nodes."
    codes = "The exit code is 1 if no offsets of buffers were found that fit; pods without a node do not change it."
    parser: argparse.ArgumentParser = commands.add_parser("pack", help=help_text, description=f"{help_text} {codes}")
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a CSV file with a column size and perhaps name; a CSV file of buffers with id, lower, upper and size; "
        "or the JSON of kubectl get nodes,pods",
    )
    parser.add_argument("--kind", choices=tuple(_KINDS), help="what the file holds (default: recognised by its content)")
    parser.add_argument("--ignore-unknown", action="store_true", help="skip columns of other names instead of refusing them")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="for memory, clusters and exact (default: 1)")
    bins = parser.add_argument_group("sizes")
    bins.add_argument(
        "--capacity",
        type=number,
        metavar="C",
        help="capacity of a bin, for as few bins as possible; for buffers that of the memory",
    )
    bins.add_argument("--bins", type=int, metavar="K", help="number of bins: the largest load as small as possible")
    bins.add_argument(
        "--method",
        choices=tuple(dict.fromkeys((*BIN_METHODS, *PARTITION_METHODS))),
        help="default: best_fit_decreasing with --capacity, karmarkar_karp with --bins",
    )
    bins.add_argument("--max-count", type=int, metavar="N", help="with --bins: the most items in a bin")
    bins.add_argument("--equal-count", action="store_true", help="with --bins: numbers of items differ by one at most")
    memory = parser.add_argument_group("memory")
    memory.add_argument("--alignment", type=int, metavar="A", help="every offset is a multiple of it (default: 1)")
    add_output(parser, what="the packing")
    add_json(parser)
    parser.set_defaults(run=pack)


def number(text: str) -> int | float:
    """A whole number or a float."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def pack(arguments: argparse.Namespace) -> int:
    """Packs the content of a file and prints the answer; returns the exit code."""
    picture = None if arguments.output is None else picture_path(arguments.output)
    kind = arguments.kind or kind_of(arguments.file)
    for option, kinds in _OPTIONS.items():
        if kind not in kinds and getattr(arguments, option) not in (None, False):
            raise refuse("pack", f"--{option.replace('_', '-')} does not go with a file of kind {kind}")
    packed, show = _KINDS[kind]
    try:
        result, names = packed(arguments)
    except FormatError:
        raise
    except InvalidInputError as error:
        raise _of_option(error) from None
    if picture is not None:
        save_picture(result.plot(), picture)
    if arguments.json:
        print_json(result.to_dict())
    else:
        show(result, names)
    return 1 if result.status in ("infeasible", "unknown") else 0


def _of_option(error: InvalidInputError) -> InvalidInputError:
    """The error of an argument, with the option of the command that stands for it."""
    option = "--bins" if error.field == "k" else f"--{str(error.field).replace('_', '-')}"
    if option not in ("--bins", "--time-limit", *(f"--{name.replace('_', '-')}" for name in _OPTIONS)):
        return error
    text = option + str(error).removeprefix(str(error.field))
    return InvalidInputError(text, field=error.field, index=error.index, value=error.value)


def _of_line(error: InvalidInputError, path: str, lines: list[int], names: tuple[str, ...] | None) -> InvalidInputError:
    """The error of an item, with its line and its name."""
    if error.field != "sizes" or not isinstance(error.index, int):
        return error
    name = "" if names is None else f" ({names[error.index]!r})"
    reason = str(error).split(": ", 1)[1]
    return _files.fail(path, f"size = {shown(error.value)}{name}: {reason}", lines[error.index])


def _show_bins(result: packing.BinResult | packing.PartitionResult, names: tuple[str, ...] | None) -> None:
    """Prints one row for each bin."""
    if isinstance(result, packing.BinResult):
        print_line(f"{result.num_bins} bins ({result.status}, lower bound {result.lower_bound})")
    else:
        print_line(f"largest load {result.max_load} ({result.status}, lower bound {result.lower_bound})")
    order = np.argsort(result.bin, kind="stable")
    labels = [str(i) if names is None else names[i] for i in order.tolist()]
    ends = np.cumsum(np.bincount(result.bin, minlength=result.load.size)) if result.load.size else order
    content = [", ".join(labels[begin:end]) for begin, end in zip([0, *ends.tolist()[:-1]], ends.tolist(), strict=False)]
    rows = [[str(b), str(load), items] for b, (load, items) in enumerate(zip(result.load.tolist(), content, strict=True))]
    print_table(["bin", "load", "items"], rows)


def _bins(arguments: argparse.Namespace) -> tuple[packing.BinResult | packing.PartitionResult, tuple[str, ...] | None]:
    """The packing of a file of sizes by the options, and the names of the items."""
    if (arguments.capacity is None) == (arguments.bins is None):
        raise refuse("pack", "give either --capacity or --bins")
    sizes, names, lines = sizes_with_lines(arguments.file, arguments.ignore_unknown)
    options: dict[str, Any] = {} if arguments.time_limit is None else {"time_limit": arguments.time_limit}
    if arguments.method is not None:
        options["method"] = arguments.method
    if arguments.method == "exact":
        options["on_interrupt"] = "return"
    if arguments.capacity is not None and (arguments.max_count is not None or arguments.equal_count):
        raise refuse("pack", "--max-count and --equal-count go with --bins")
    try:
        if arguments.capacity is not None:
            return packing.bins(sizes, arguments.capacity, **options), names
        counts = {"max_count": arguments.max_count, "equal_count": arguments.equal_count}
        return packing.partition(sizes, arguments.bins, **counts, **options), names
    except InvalidInputError as error:
        raise _of_line(error, arguments.file, lines, names) from None


_KINDS: dict[str, tuple[Callable[[argparse.Namespace], tuple[Any, Any]], Callable[[Any, Any], None]]] = {
    "sizes": (_bins, _show_bins),
    "memory": (placed_buffers, show_buffers),
    "cluster": (placed_pods, show_pods),
}
"""What a file may hold, with the functions that pack it and print the answer."""
_OPTIONS = {
    "capacity": ("sizes", "memory"),
    "bins": ("sizes",),
    "method": ("sizes",),
    "max_count": ("sizes",),
    "equal_count": ("sizes",),
    "ignore_unknown": ("sizes", "memory"),
    "alignment": ("memory",),
}
"""The kinds of files that an option is for, if not all."""
