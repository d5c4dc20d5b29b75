"""The commands on project files."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import sys
from typing import Any

import numpy as np

from .. import rcpsp, shop
from .._anytime import Improvement
from .._validation import refuse
from ..checking import check
from ..errors import InfeasibleError
from . import shops, workflows
from .output import (
    add_seed,
    draw,
    picture_path,
    print_description,
    print_error,
    print_json,
    print_line,
    print_table,
    print_violations,
    read_schedule,
    show_progress,
)

_ABOUT = ("objective", "objective_name", "status", "lower_bound", "num_schedules", "runtime", "history")
"""What is known about a schedule of the search."""
_SCHEMES = {"serial": rcpsp.serial_sgs, "parallel": rcpsp.parallel_sgs}


def solver_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how a schedule is made."""
    search = parser.add_argument_group("search (the default algorithm)")
    search.add_argument("--time-limit", type=float, metavar="SECONDS", help="default: 10 if --max-schedules is not given")
    search.add_argument("--max-schedules", type=int, metavar="N", help="schedules to spend; reproducible without a time limit")
    search.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    search.add_argument(
        "--objective",
        choices=tuple(dict.fromkeys((*rcpsp.OBJECTIVES, *shop.OBJECTIVES))),
        metavar="NAME",
        help=f"what is to be as small as possible: of projects {', '.join(rcpsp.OBJECTIVES)}; "
        f"of shops {', '.join(shop.OBJECTIVES)}; default: makespan",
    )
    search.add_argument("--late", action="store_true", help="start every activity as late as the objective allows")
    search.add_argument("--no-prover", action="store_true", help="leave out the proof that runs beside the search of projects")
    one_pass = parser.add_argument_group("one pass")
    one_pass.add_argument(
        "--rule",
        choices=tuple(dict.fromkeys((*rcpsp.RULES, *shop.RULES))),
        metavar="NAME",
        help=f"priority rule; of projects {', '.join(rcpsp.RULES)} (default: lft); "
        f"of shops {', '.join(shop.RULES)} (default: mwkr)",
    )
    one_pass.add_argument(
        "--no-justify", action="store_true", help="skip forward-backward improvement (always skipped with maximal lags)"
    )
    algorithms = ("search", *_SCHEMES, *workflows.ALGORITHMS, *shops.SCHEMES)
    parser.add_argument(
        "--algorithm",
        choices=algorithms,
        metavar="NAME",
        help=f"{', '.join(algorithms)}; default: search, of shops active",
    )
    add_seed(parser)


class _NothingFoundError(InfeasibleError):
    """The search has found no schedule."""

    def __init__(self, message: str, solution: rcpsp.ProjectSolution) -> None:
        super().__init__(message, reasons=solution.reasons)
        self.solution = solution


def _failure(error: InfeasibleError) -> dict[str, Any]:
    """A failure as data: the whole answer of the search, or the reasons of a method that makes one pass."""
    if isinstance(error, _NothingFoundError):
        return error.solution.to_dict()
    proven = all(reason.code != "pass_failed" for reason in error.reasons)
    return {
        "status": "infeasible" if proven else "unknown",
        "schedule": None,
        "reasons": [dataclasses.asdict(reason) for reason in error.reasons],
    }


def _schedule(project: rcpsp.Project, arguments: argparse.Namespace) -> tuple[rcpsp.ProjectSchedule, dict[str, Any]]:
    """The schedule that the options ask for, and what else is known about it."""
    sought = arguments.objective or "makespan"
    if arguments.algorithm == "search":
        solution = rcpsp.solve(
            project,
            objective=sought,
            time_limit=arguments.time_limit,
            max_schedules=arguments.max_schedules,
            seed=arguments.seed,
            threads=arguments.threads,
            late=arguments.late,
            prover=not arguments.no_prover,
            on_improvement=functools.partial(_show_progress, sought.replace("_", " ")) if sys.stderr.isatty() else None,
            on_interrupt="return",
        )
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if solution.schedule is None:
            found = [*(reason.detail for reason in solution.reasons), *(violation.detail for violation in solution.violations)]
            verdict = "no schedule exists" if solution.status == "infeasible" else "found no feasible schedule; the best one"
            raise _NothingFoundError(f"{verdict}: {'; '.join(found[:5])}", solution)
        about = solution.to_dict()
        return solution.schedule, {key: about[key] for key in _ABOUT}
    if arguments.algorithm not in _SCHEMES:
        names = ", ".join(("search", *_SCHEMES))
        raise refuse("algorithm", f"unknown for projects, expected one of {names}", value=arguments.algorithm)
    if arguments.objective is not None:
        raise refuse("objective", f"only the search has one, not --algorithm {arguments.algorithm}", value=sought)
    rule = "lft" if arguments.rule is None else arguments.rule
    schedule = _SCHEMES[arguments.algorithm](project, rule, seed=arguments.seed)
    if not (arguments.no_justify or project.has_max_lags or project.has_stores):
        schedule = rcpsp.justify(project, schedule)
    bound = rcpsp.lower_bound(project)
    status = "optimal" if schedule.makespan == bound else "feasible"
    return schedule, {"objective": schedule.makespan, "objective_name": "makespan", "status": status, "lower_bound": bound}


def _show_progress(name: str, found: Improvement) -> None:
    show_progress(
        f"{found.elapsed:6.1f} s  {name} {found.objective}  lower bound {found.lower_bound}  schedules {found.budget_used}"
    )


def solve(arguments: argparse.Namespace) -> int:
    """``schedkit solve``."""
    project = rcpsp.read(arguments.file, format=arguments.format)
    try:
        schedule, about = _schedule(project, arguments)
    except InfeasibleError as error:
        if arguments.json:
            print_json(_failure(error))
        raise
    if arguments.json:
        print_json({**schedule.to_dict(), **about})
        return 0
    name = about["objective_name"].replace("_", " ")
    length = "" if name == "makespan" else f"; makespan {schedule.makespan}"
    print_line(f"{name} {about['objective']}, lower bound {about['lower_bound']}, {about['status']}{length}")
    running = [i for i in range(project.num_activities) if schedule.mode[i] >= 0]
    order = sorted(running, key=lambda i: (schedule.start_time[i], schedule.completion_time[i], i))
    names = project.names or [str(i) for i in range(project.num_activities)]
    resources = project.resource_names or [f"resource {r}" for r in range(project.num_resources)]
    demand = project.demand[schedule.mode]
    rows = [
        [
            str(schedule.start_time[i]),
            str(schedule.completion_time[i]),
            names[i],
            ", ".join(f"{units} {name}" for units, name in zip(demand[i], resources, strict=True) if units),
            *([] if project.activity is None else [str(schedule.mode[i])]),
        ]
        for i in order
    ]
    print_table(["start", "end", "activity", "holds", *([] if project.activity is None else ["mode"])], rows)
    if absent := [names[i] for i in range(project.num_activities) if schedule.mode[i] < 0]:
        print_line(f"not run: {', '.join(absent)}")
    return 0


def judge(arguments: argparse.Namespace) -> int:
    """``schedkit check``."""
    project = rcpsp.read(arguments.file, format=arguments.format)
    return print_violations(check(project, read_schedule(arguments.schedule)), arguments.json)


def gantt(arguments: argparse.Namespace) -> int:
    """``schedkit gantt``."""
    output = picture_path(arguments.output)
    project = rcpsp.read(arguments.file, format=arguments.format)
    if arguments.schedule is None:
        schedule, _ = _schedule(project, arguments)
    else:
        data = read_schedule(arguments.schedule)
        violations = check(project, data)
        if violations:
            return print_error(f"{arguments.schedule}: {violations[0].detail}; `schedkit check` lists everything", 1)
        start = _column(project, data, "start_time", "start")
        mode = None if project.activity is None else _column(project, data, "mode", "mode")
        schedule = rcpsp.ProjectSchedule.from_start_time(project, start, mode)
    return draw(schedule, output, arguments.json)


def info(arguments: argparse.Namespace) -> int:
    """``schedkit info``."""
    project = rcpsp.read(arguments.file, format=arguments.format)
    least, modes = project.duration, {}
    if project.activity is not None and project.nonrenewable is not None:
        modes = {"modes": project.activity.size, "nonrenewable": project.nonrenewable.tolist()}
        least = np.full(project.num_activities, np.iinfo(np.int64).max)
        np.minimum.at(least, project.activity, project.duration)
    lags = {"maximal_lags": int((project.max_lag != rcpsp.NO_DEADLINE).sum())} if project.has_max_lags else {}
    stores = {}
    if project.storage is not None and project.initial is not None:
        limits = [None if units == rcpsp.NO_DEADLINE else units for units in project.storage.tolist()]
        stores = {"storage": limits, "initial": project.initial.tolist()}
    options = {}
    if project.has_options:
        options = {"optional": int(project.optional.sum()), "alternatives": len(project.alternatives)}
    description = {
        "activities": project.num_activities,
        **options,
        **modes,
        "resources": project.num_resources,
        "precedence": len(project.precedence),
        **lags,
        "total_duration": int(least.sum()),
        "critical_path": rcpsp.critical_path(project).length,
        "lower_bound": rcpsp.lower_bound(project),
        "capacity": project.capacity.tolist(),
        **stores,
    }
    return print_description(description, arguments.json)


def _column(project: rcpsp.Project, data: dict[str, Any], column: str, key: str) -> list[int]:
    """A column by activity of a schedule that has passed the check."""
    if "activities" not in data:
        return list(data[column])
    index = {name: i for i, name in enumerate(project.names or ())}
    values = {index.get(entry["activity"], entry["activity"]): entry[key] for entry in data["activities"]}
    return [values[i] if i in values or not project.optional[i] else -1 for i in range(project.num_activities)]
