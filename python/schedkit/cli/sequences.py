"""The command ``schedkit tardiness``, which sequences jobs with due dates."""

from __future__ import annotations

import argparse
from typing import Any

from ..tardiness.exact import solve_exact, solve_exact_weighted
from ..tardiness.files import read_csv
from ..tardiness.problem import Instance
from ..tardiness.rules import RULES, run
from ..tardiness.schedule import SearchSchedule, SequenceSchedule, evaluate
from ..tardiness.search import improve
from .output import add_json, add_output, add_seed, picture_path, print_json, print_line, print_table, save_picture


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Sequences jobs with due dates on one machine."
    parser: argparse.ArgumentParser = commands.add_parser("tardiness", help=help_text, description=help_text)
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
    parser.add_argument("--ignore-unknown", action="store_true", help="skip columns of other names instead of refusing them")
    add_seed(parser, "for improve")
    add_output(parser, what="the sequence against its due dates")
    add_json(parser)
    parser.set_defaults(run=sequence)


def sequence(arguments: argparse.Namespace) -> int:
    """Sequences the jobs of a file and prints the schedule and its tardiness; returns the exit code."""
    picture = None if arguments.output is None else picture_path(arguments.output)
    instance = read_csv(arguments.file, ignore_unknown=arguments.ignore_unknown)
    schedule = _solve(instance, arguments)
    if picture is not None:
        save_picture(schedule.plot(), picture)
    if arguments.json:
        print_json(schedule.to_dict())
        return 0
    weighted = "" if instance.weight is None else f", weighted {schedule.total_weighted_tardiness}"
    found = f" ({schedule.status}, lower bound {schedule.lower_bound})" if isinstance(schedule, SearchSchedule) else ""
    print_line(f"total tardiness {schedule.total_tardiness}{weighted}, {schedule.num_tardy} tardy{found}")
    names = instance.names or tuple(str(j) for j in range(instance.num_jobs))
    rows = [
        [str(schedule.start_time[j]), str(schedule.completion_time[j]), names[j], str(schedule.tardiness[j])]
        for j in schedule.sequence.tolist()
    ]
    print_table(["start", "end", "job", "late"], rows)
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
