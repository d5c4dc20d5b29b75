"""The commands on workflow files."""

from __future__ import annotations

import argparse
import inspect
import os
from typing import Any

from .. import _files, dag
from .._validation import refuse
from ..checking import check
from ..errors import FormatError, SchedkitError
from .output import draw, picture_path, print_description, print_json, print_line, print_table, print_violations, read_schedule

ALGORITHMS = tuple(dag.ALGORITHMS)
TIE_ALGORITHMS = tuple(name for name, function in dag.ALGORITHMS.items() if "tie" in inspect.signature(function).parameters)


def is_workflow(path: str) -> bool:
    """Whether a file is a workflow: WfFormat, compressed or not, or a Standard Task Graph, known by its suffix."""
    if _is_stg(path):
        return True
    if not os.path.isfile(path):
        return False  # a pipe can be read only once
    try:
        content = _files.read_bytes(path)
    except (OSError, FormatError):
        return False  # the reader reports the error
    ours = b'"schedkit"' in content[:4096]
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and not ours and b'"schemaVersion"' in content


def _is_stg(path: str) -> bool:
    """Whether a file is a Standard Task Graph; only its suffix distinguishes it from other rows of numbers."""
    return path.lower().removesuffix(".gz").endswith(".stg")


def options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that only workflows need."""
    group = parser.add_argument_group("workflows")
    group.add_argument("--platform", metavar="PLATFORM", help="processors and links, a JSON file")
    group.add_argument(
        "--tie",
        choices=("index", "finish"),
        default="index",
        help="of equally good processors take the one with the lower index, or with the earliest finish",
    )
    group.add_argument("--ignore-cores", action="store_true", help="schedule tasks of several cores as if they took one")


def _problem(arguments: argparse.Namespace) -> tuple[dag.TaskGraph, dag.Platform]:
    if arguments.platform is None:
        raise SchedkitError(f"{arguments.file}: a workflow needs --platform")
    platform = dag.read_platform(arguments.platform)
    return _read(arguments.file).on(platform.speed, ignore_cores=arguments.ignore_cores), platform


def _read(path: str) -> dag.Workflow:
    return dag.read_stg(path) if _is_stg(path) else dag.read_wfformat(path)


def _schedule(arguments: argparse.Namespace) -> tuple[dag.DagSchedule, dag.Platform]:
    graph, platform = _problem(arguments)
    if arguments.algorithm == "search":
        if arguments.tie != "index":
            raise refuse("tie", f"is not an option of search, only of {', '.join(TIE_ALGORITHMS)}")
        limit, seed, threads = arguments.time_limit, arguments.seed, arguments.threads
        options: dict[str, Any] = {"time_limit": limit, "seed": seed, "threads": threads, "on_interrupt": "return"}
        return dag.improve(graph, platform.network, **options), platform
    if arguments.algorithm not in dag.ALGORITHMS:
        names = ", ".join(("search", *ALGORITHMS))
        raise refuse("algorithm", f"unknown for workflows, expected one of {names}", value=arguments.algorithm)
    if arguments.tie == "index":
        return dag.ALGORITHMS[arguments.algorithm](graph, platform.network), platform
    if arguments.algorithm not in TIE_ALGORITHMS:
        raise refuse("tie", f"is not an option of {arguments.algorithm}, only of {', '.join(TIE_ALGORITHMS)}")
    return dag.ALGORITHMS[arguments.algorithm](graph, platform.network, tie=arguments.tie), platform


def solve(arguments: argparse.Namespace) -> int:
    """``schedkit solve``."""
    schedule, platform = _schedule(arguments)
    bound = dag.lower_bound(schedule.graph, platform.network)
    if arguments.json:
        print_json({**schedule.to_dict(), "lower_bound": bound})
        return 0
    print_line(f"makespan {schedule.makespan:g}, lower bound {bound:g}")
    names = schedule.graph.names or tuple(map(str, range(schedule.graph.num_tasks)))
    start, end = schedule.start_time.tolist(), schedule.completion_time.tolist()
    order = sorted(range(len(names)), key=lambda i: (start[i], end[i], i))
    rows = [[f"{start[i]:g}", f"{end[i]:g}", names[i], platform.names[schedule.processor[i]]] for i in order]
    print_table(["start", "end", "task", "processor"], rows)
    return 0


def judge(arguments: argparse.Namespace) -> int:
    """``schedkit check``."""
    graph, platform = _problem(arguments)
    violations = check(graph, read_schedule(arguments.schedule), network=platform.network)
    return print_violations(violations, arguments.json)


def gantt(arguments: argparse.Namespace) -> int:
    """``schedkit gantt``."""
    output = picture_path(arguments.output)
    if arguments.schedule is not None:
        raise SchedkitError("--schedule is for projects; a workflow's schedule is made anew")
    schedule, _ = _schedule(arguments)
    return draw(schedule, output, arguments.json)


def info(arguments: argparse.Namespace) -> int:
    """``schedkit info``."""
    workflow = _read(arguments.file)
    description = {
        "tasks": workflow.num_tasks,
        "edges": len(workflow.edges),
        "total_work": float(workflow.work.sum()),
        "total_data": float(workflow.data.sum()),
        "most_cores": int(workflow.cores.max(initial=1)),
    }
    return print_description(description, arguments.json)
