"""The command ``schedkit pack``, which packs what a file holds."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from .. import packing
from .._validation import refuse
from .output import add_json, add_output, picture_path, print_json, print_line, print_table, save_picture

_BIN_METHODS = ("first_fit", "best_fit", "first_fit_decreasing", "best_fit_decreasing", "mffd", "exact")
_PARTITION_METHODS = ("lpt", "multifit", "karmarkar_karp", "exact")


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Packs items into bins: as few as possible of a capacity, or a given number with loads as equal as possible."
    parser: argparse.ArgumentParser = commands.add_parser("pack", help=help_text, description=help_text)
    parser.add_argument("file", metavar="FILE", help="a CSV file with a column size and perhaps name")
    parser.add_argument("--capacity", type=_number, metavar="C", help="capacity of a bin: as few bins as possible")
    parser.add_argument("--bins", type=int, metavar="K", help="number of bins: the largest load as small as possible")
    parser.add_argument(
        "--method",
        choices=tuple(dict.fromkeys((*_BIN_METHODS, *_PARTITION_METHODS))),
        help="default: best_fit_decreasing with --capacity, karmarkar_karp with --bins",
    )
    parser.add_argument("--max-count", type=int, metavar="N", help="with --bins: the most items in a bin")
    parser.add_argument("--equal-count", action="store_true", help="with --bins: numbers of items differ by one at most")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="for exact (default: 1)")
    parser.add_argument("--ignore-unknown", action="store_true", help="skip columns of other names instead of refusing them")
    add_output(parser, what="the bins as stacked bars")
    add_json(parser)
    parser.set_defaults(run=pack)


def _number(text: str) -> int | float:
    """A whole number or a float."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def pack(arguments: argparse.Namespace) -> int:
    """Packs the content of a file and prints the bins; returns the exit code."""
    picture = None if arguments.output is None else picture_path(arguments.output)
    result, names = _packed(arguments)
    if picture is not None:
        save_picture(result.plot(), picture)
    if arguments.json:
        print_json(result.to_dict())
        return 0
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
    return 0


def _packed(arguments: argparse.Namespace) -> tuple[packing.BinResult | packing.PartitionResult, tuple[str, ...] | None]:
    """The packing of a file of sizes by the options, and the names of the items."""
    if (arguments.capacity is None) == (arguments.bins is None):
        raise refuse("pack", "give either --capacity or --bins")
    sizes, names = packing.read_sizes(arguments.file, ignore_unknown=arguments.ignore_unknown)
    options: dict[str, Any] = {} if arguments.time_limit is None else {"time_limit": arguments.time_limit}
    if arguments.method is not None:
        options["method"] = arguments.method
    if arguments.method == "exact":
        options["on_interrupt"] = "return"
    if arguments.capacity is None:
        counts = {"max_count": arguments.max_count, "equal_count": arguments.equal_count}
        return packing.partition(sizes, arguments.bins, **counts, **options), names
    if arguments.max_count is not None or arguments.equal_count:
        raise refuse("pack", "--max-count and --equal-count go with --bins")
    return packing.bins(sizes, arguments.capacity, **options), names
