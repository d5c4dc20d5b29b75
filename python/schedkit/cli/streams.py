"""The command ``schedkit simulate``, which runs a stream of jobs under a policy."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

from .. import _files
from ..errors import SchedkitError
from ..online import POLICIES, Jobs, read_csv, read_json, read_swf, simulate
from .output import add_json, add_output, picture_path, print_json, print_line, print_table, save_picture, warnings_on_stderr

_READERS: dict[str, Callable[[str], Jobs]] = {"swf": read_swf, "csv": read_csv, "json": read_json}


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Simulates a stream of jobs under a policy."
    parser: argparse.ArgumentParser = commands.add_parser("simulate", help=help_text, description=help_text)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a trace: Standard Workload Format, CSV or our JSON, recognised by content, also gzipped",
    )
    parser.add_argument("--format", choices=tuple(_READERS), help="overrides the content")
    parser.add_argument(
        "--ignore-unknown", action="store_true", help="of CSV, skip columns of other names instead of refusing them"
    )
    parser.add_argument("--policy", default="srpt", metavar="NAME", help=f"one of {', '.join(POLICIES)} (default: %(default)s)")
    parser.add_argument("--servers", type=int, default=1, help="identical servers (default: %(default)s)")
    parser.add_argument(
        "--preempt", choices=("anywhere", "operation", "never"), default="anywhere", help="(default: %(default)s)"
    )
    parser.add_argument("--switch-cost", type=float, default=0.0, metavar="TIME", help="lost when a server changes jobs")
    add_output(parser, what="the distribution of flow times")
    add_json(parser)
    parser.set_defaults(run=run)


def read(path: str, kind: str | None = None, *, ignore_unknown: bool = False) -> Jobs:
    """A stream of jobs from a file; the format is recognised by content unless it is named."""
    kind = _kind(path) if kind is None else kind
    with warnings_on_stderr():
        return read_csv(path, ignore_unknown=ignore_unknown) if kind == "csv" else _READERS[kind](path)


def _kind(path: str) -> str:
    """The format by content: JSON starts with a brace, CSV with its header, everything else is Standard Workload Format."""
    if not os.path.isfile(path) and os.path.exists(path) and not os.path.isdir(path):
        raise SchedkitError(f"{path}: is a pipe or a device, whose format must be named: --format")
    head = _files.read_bytes(path)[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return "json"
    return "csv" if head[:1].isalpha() or head.startswith(b'"') else "swf"


def run(arguments: argparse.Namespace) -> int:
    """Simulates a stream and prints its flow times; returns the exit code."""
    jobs = read(arguments.file, arguments.format, ignore_unknown=arguments.ignore_unknown)
    picture = None if arguments.output is None else picture_path(arguments.output)
    result = simulate(
        jobs, arguments.policy, servers=arguments.servers, preempt=arguments.preempt, switch_cost=arguments.switch_cost
    )
    bound = result.lower_bound
    if picture is not None:
        save_picture(result.plot(), picture)
    if arguments.json:
        print_json({**result.to_dict(), "lower_bound": bound})
        return 0
    median, tail, worst = result.percentile([50, 99, 99.9])
    print_line(f"{len(jobs)} jobs, policy {result.policy}, {result.servers} server{'s' if result.servers > 1 else ''}")
    rows = [
        ("total flow time", result.total_flow_time),
        ("lower bound", bound),
        ("ratio", result.total_flow_time / bound if bound > 0 else 1.0),
        ("mean flow time", result.mean_flow_time),
        ("median", median),
        ("99 %", tail),
        ("99.9 %", worst),
        ("maximum", result.max_flow_time),
        ("mean slowdown", result.mean_slowdown),
        ("maximum slowdown", result.max_slowdown),
        ("preemptions", result.num_preemptions),
    ]
    print_table(["measure", "value"], [[name, f"{value:.6g}"] for name, value in rows])
    return 0
