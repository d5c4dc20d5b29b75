"""``schedkit tardiness FILE.csv``: sequences the jobs of a CSV file."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..errors import SchedkitError
from .exact import solve_exact, solve_exact_weighted
from .files import read_csv
from .instance import Instance
from .rules import RULES, run
from .schedule import SearchSchedule, SequenceSchedule, evaluate
from .search import improve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the command; `execute` runs it."""
    parser.add_argument(
        "file", metavar="FILE", help="a CSV file with the columns processing_time, due_date and perhaps weight, name"
    )
    parser.add_argument(
        "--algorithm",
        choices=("improve", "exact", *RULES),
        default="improve",
        help="local search, an optimal sequence, or a rule (default: %(default)s)",
    )
    parser.add_argument("--time-limit", type=float, default=None, metavar="SECONDS", help="for improve (default: 1) and exact")
    parser.add_argument("--seed", type=int, default=0, help="for improve (default: %(default)s)")
    parser.add_argument("-o", "--output", metavar="IMAGE", help="draw the sequence against its due dates: PNG, SVG or PDF")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Sequences the jobs of a file and prints what that costs; returns the exit code."""
    instance = read_csv(arguments.file)
    schedule = _solve(instance, arguments)
    if arguments.output is not None:
        _draw(schedule, arguments.output)
    if arguments.json:
        print(json.dumps(schedule.to_dict(), allow_nan=False))
        return 0
    weighted = "" if instance.weight is None else f", weighted {schedule.total_weighted_tardiness}"
    found = f" ({schedule.status}, lower bound {schedule.lower_bound})" if isinstance(schedule, SearchSchedule) else ""
    print(f"total tardiness {schedule.total_tardiness}{weighted}, {schedule.num_tardy} tardy{found}")
    names = instance.names or tuple(str(j) for j in range(instance.num_jobs))
    width = max((len(name) for name in names), default=0)
    for j in schedule.sequence.tolist():
        late = f"  {schedule.tardiness[j]} late" if schedule.tardiness[j] else ""
        print(f"{schedule.start_time[j]:>8} {schedule.completion_time[j]:>8}  {names[j]:<{width}}{late}".rstrip())
    return 0


def _solve(instance: Instance, arguments: argparse.Namespace) -> SequenceSchedule:
    p, d, w = instance.processing_time, instance.due_date, instance.weight
    options: dict[str, Any] = {"time_limit": arguments.time_limit, "on_interrupt": "return"}
    if arguments.algorithm == "improve":
        return improve(p, d, w, "mdd" if w is None else "atc", seed=arguments.seed, **options)
    if arguments.algorithm == "exact":
        return solve_exact(p, d, **options) if w is None else solve_exact_weighted(p, d, w, **options)
    sequence = run(arguments.algorithm, p, d, w, 1).sequence
    return evaluate(p, d, sequence, w)


def _draw(schedule: SequenceSchedule, path: str) -> None:
    try:
        import matplotlib  # noqa: PLC0415
    except ImportError as error:
        raise SchedkitError("drawing needs matplotlib: pip install 'schedkit[plot]'") from error
    matplotlib.use("agg")  # files only, no display needed
    figure = schedule.plot().get_figure(root=True)
    assert figure is not None  # a plot on new axes has one
    try:
        figure.savefig(path)
    except ValueError as error:  # an unknown file type
        raise SchedkitError(f"{path}: {error}") from error
