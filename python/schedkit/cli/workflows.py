"""What the commands do with workflow files."""

from __future__ import annotations

import argparse
import inspect
import os
from typing import Any

from .. import _files, dag
from .._validation import refuse
from ..checking import check
from ..errors import FormatError, SchedkitError
from .output import picture_path, print_json, print_table, read_schedule, save_picture, say

ALGORITHMS = tuple(dag.ALGORITHMS)
TIE_ALGORITHMS = tuple(name for name, function in dag.ALGORITHMS.items() if "tie" in inspect.signature(function).parameters)


def is_workflow(path: str) -> bool:
    """Whether a file is a workflow: JSON that is not ours, packed or not, or a Standard Task Graph by its suffix."""
    if _is_stg(path):
        return True
    if not os.path.isfile(path):
        return False  # a pipe can be read but once
    try:
        content = _files.read_bytes(path)
    except (OSError, FormatError):
        return False  # the reader says what is wrong
    ours = b'"schedkit"' in content[:4096]
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and not ours and b'"schemaVersion"' in content


def _is_stg(path: str) -> bool:
    """A Standard Task Graph, which nothing but its suffix tells from other rows of numbers."""
    return path.lower().removesuffix(".gz").endswith(".stg")


def options(parser: argparse.ArgumentParser) -> None:
    """What only workflows need."""
    group = parser.add_argument_group("workflows")
    group.add_argument("--platform", metavar="PLATFORM", help="processors and links, a JSON file")
    group.add_argument(
        "--tie",
        choices=("index", "finish"),
        default="index",
        help="processors of equal merit: the lower index, or the earliest finish",
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
    say(f"makespan {schedule.makespan:g}, lower bound {bound:g}")
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
    if arguments.json:
        rows = [{"kind": v.kind, "subject": list(v.subject), "detail": v.detail} for v in violations]
        print_json({"feasible": not violations, "violations": rows})
    elif violations:
        print_table(["kind", "detail"], [[v.kind, v.detail] for v in violations])
    else:
        say("feasible")
    return 1 if violations else 0


def gantt(arguments: argparse.Namespace) -> int:
    """``schedkit gantt``."""
    output = picture_path(arguments.output)
    if arguments.schedule is not None:
        raise SchedkitError("--schedule is for projects; a workflow's schedule is made anew")
    schedule, _ = _schedule(arguments)
    save_picture(schedule.plot(), output)
    if arguments.json:
        print_json(schedule.to_dict())
    else:
        say(f"wrote {output} (makespan {schedule.makespan:g})")
    return 0


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
    if arguments.json:
        print_json(description)
    else:
        print_table(["property", "value"], [[name.replace("_", " "), str(value)] for name, value in description.items()])
    return 0
