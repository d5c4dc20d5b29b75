"""The commands on files of shops."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .. import _files, shop
from .._validation import refuse
from ..checking import check
from ..errors import FormatError
from ..shop.files import recognised
from .output import (
    picture_path,
    print_description,
    print_json,
    print_line,
    print_table,
    print_violations,
    read_schedule,
    save_picture,
)

SCHEMES = ("active", "non_delay")
"""The algorithms of shops beside the search."""


def is_shop(path: str, kind: str | None) -> bool:
    """Whether a file is a shop: by the format that is named, or by content."""
    if kind in ("jsp", "fjs"):
        return True
    if kind not in (None, "json") or not os.path.isfile(path):
        return False  # a pipe can be read only once
    if Path(path.lower().removesuffix(".gz")).suffix in (".sm", ".rcp"):
        return False
    try:
        return recognised(_files.read_text(path))
    except (OSError, FormatError):
        return False  # the reader reports the error


def _schedule(arguments: argparse.Namespace) -> shop.ShopSchedule:
    problem = shop.read(arguments.file, format=arguments.format)
    if arguments.algorithm == "search":
        return shop.solve(
            problem,
            arguments.objective or "makespan",
            time_limit=arguments.time_limit,
            seed=arguments.seed,
            threads=arguments.threads,
            on_interrupt="return",
        )
    if arguments.algorithm not in SCHEMES:
        names = ", ".join(("search", *SCHEMES))
        raise refuse("algorithm", f"unknown for shops, expected one of {names}", value=arguments.algorithm)
    return shop.dispatch(problem, arguments.rule or "mwkr", arguments.algorithm, seed=arguments.seed)


def solve(arguments: argparse.Namespace) -> int:
    """``schedkit solve``."""
    schedule = _schedule(arguments)
    if arguments.json:
        print_json(schedule.to_dict())
        return 0
    found = ""
    if isinstance(schedule, shop.ShopSolution):
        name = schedule.objective_name.replace("_", " ")
        value = "" if name == "makespan" else f", {name} {schedule.objective}"
        found = f"{value} ({schedule.status}, lower bound {schedule.lower_bound})"
    print_line(f"makespan {schedule.makespan}{found}")
    problem = schedule.shop
    machines = problem.machine_names or tuple(map(str, range(problem.num_machines)))
    jobs = problem.names or tuple(map(str, range(problem.num_jobs)))
    columns = (schedule.start_time.tolist(), schedule.completion_time.tolist(), problem.job.tolist(), schedule.machine.tolist())
    runs = sorted((start, end, k, j, m) for k, (start, end, j, m) in enumerate(zip(*columns, strict=True)))
    print_table(
        ["start", "end", "job", "machine"], [[str(start), str(end), jobs[j], machines[m]] for start, end, _, j, m in runs]
    )
    return 0


def judge(arguments: argparse.Namespace) -> int:
    """``schedkit check``."""
    problem = shop.read(arguments.file, format=arguments.format)
    return print_violations(check(problem, read_schedule(arguments.schedule)), arguments.json)


def gantt(arguments: argparse.Namespace) -> int:
    """``schedkit gantt``."""
    output = picture_path(arguments.output)
    if arguments.schedule is None:
        schedule = _schedule(arguments)
    else:
        given = read_schedule(arguments.schedule)
        for field in ("machine", "start_time"):
            if field not in given:
                raise refuse("schedule", f"has no {field!r}")
        problem = shop.read(arguments.file, format=arguments.format)
        schedule = shop.ShopSchedule.from_placement(problem, given["machine"], given["start_time"])
    save_picture(schedule.plot(), output)
    if arguments.json:
        print_json(schedule.to_dict())
    else:
        print_line(f"wrote {output} (makespan {schedule.makespan})")
    return 0


def info(arguments: argparse.Namespace) -> int:
    """``schedkit info``."""
    problem = shop.read(arguments.file, format=arguments.format)
    description = {
        "jobs": problem.num_jobs,
        "machines": problem.num_machines,
        "operations": problem.num_operations,
        "flexible": problem.is_flexible,
        "total_work": sum(min(ticks for _, ticks in choices) for job in problem.jobs for choices in job),
    }
    return print_description(description, arguments.json)
