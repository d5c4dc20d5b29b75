"""The commands ``schedkit plan``, for projects with names, dates and working hours."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path
from typing import Any

from .. import plan as plans
from .. import rcpsp
from ..plan import dates, files, lengths
from ..plan.verdict import verdict
from . import plan_output, plan_reasons
from .output import add_json, add_seed, print_error, print_json, print_line, print_table, show_progress, warnings_on_stderr

_FORMATS = "a plan in CSV, XLSX, JSON or the XML of MS Project"


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Schedules plans with names, dates and working hours, and records progress."
    parser: argparse.ArgumentParser = commands.add_parser("plan", help=help_text, description=help_text)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    help_text = "Schedules a plan; exit code 1 if no schedule was found."
    solve = verbs.add_parser("solve", help=help_text, description=help_text)
    _add_file(solve)
    solve.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        help="also write table.csv, gantt.png and plan.html into this folder, which is made if missing",
    )
    solve.add_argument("--time-limit", type=float, metavar="SECONDS", help="default: 10 if --max-schedules is not given")
    solve.add_argument("--max-schedules", type=int, metavar="N", help="schedules to spend; reproducible without a time limit")
    solve.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    solve.add_argument("--soft-deadlines", action="store_true", help="deadlines may be missed, by as little as possible")
    solve.add_argument(
        "--objective",
        choices=rcpsp.OBJECTIVES,
        default="makespan",
        metavar="NAME",
        help=f"what is to be as small as possible: {', '.join(rcpsp.OBJECTIVES)}; default: %(default)s",
    )
    solve.add_argument("--late", action="store_true", help="start every activity as late as the objective allows")
    add_seed(solve)
    add_json(solve)
    solve.set_defaults(run=_solve)

    help_text = "Writes the plan that knows what has happened until now."
    update = verbs.add_parser("update", help=help_text, description=help_text)
    _add_file(update)
    update.add_argument(
        "progress",
        metavar="PROGRESS",
        help="a CSV or XLSX table with the column name and some of percent, remaining, actual_start, actual_end",
    )
    update.add_argument("--now", required=True, metavar="DATE", help="the date up to which the progress is known")
    update.add_argument("-o", "--output", required=True, metavar="NEW", help="the new plan: .csv, .xlsx, .json or .xml")
    update.set_defaults(run=_update)

    plan_reasons.add_verbs(verbs, _add_file, _read)


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FORMATS)
    parser.add_argument("--timezone", metavar="ZONE", help="of a plan whose file has none, such as Europe/Berlin; default: UTC")
    parser.add_argument("--start", metavar="DATE", help="of a plan whose file has none")


def _read(arguments: argparse.Namespace) -> plans.Plan:
    with warnings_on_stderr():
        return plans.read(arguments.file, start=arguments.start, timezone=arguments.timezone)


def _solve(arguments: argparse.Namespace) -> int:
    """``schedkit plan solve``."""
    plan = _read(arguments)
    files.require_schedulable(plan, arguments.file, arguments.objective)
    folder = None if arguments.output is None else _folder(arguments.output)
    r = plan.solve(
        objective=arguments.objective,
        soft_deadlines=arguments.soft_deadlines,
        late=arguments.late,
        time_limit=arguments.time_limit,
        max_schedules=arguments.max_schedules,
        threads=arguments.threads,
        seed=arguments.seed,
        on_improvement=_show_progress if sys.stderr.isatty() else None,
        on_interrupt="return",
    )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if arguments.json:
        print_json(r.to_dict())
    if r.end is None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            plan_output.remove(folder)
            r.to_html(folder / "plan.html")
            if not arguments.json:
                print_line(f"wrote {folder / 'plan.html'}, which tells why")
        return print_error(plan_output.failure(r), 1)
    written = []
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        written = plan_output.write(r, folder)
    if arguments.json:
        return 0
    known = [r.status] if r.objective_name == "makespan" else []
    known += [verdict(r)] if r.status != "optimal" or not known else []
    print_line(", ".join([f"{plan.name} ends {dates.shown(r.end)}", *filter(None, known)]))
    print_table(["start", "end", "activity", "critical", "late"], [_cells(row) for row in sorted(r.table(), key=_order)])
    for line in (*plan_output.notes(r), *written):
        print_line(line)
    return 0


def _order(row: dict[str, Any]) -> tuple[float, float]:
    return (row["start"] or row["end"]).timestamp(), row["end"].timestamp()


def _cells(row: dict[str, Any]) -> list[str]:
    start = "" if row["start"] is None else dates.shown(row["start"])
    late = lengths.in_hours(row["late"]) if row["late"] else ""
    return [start, dates.shown(row["end"]), row["name"], "yes" if row["critical"] else "", late]


def _show_progress(found: plans.PlanImprovement) -> None:
    if found.end is None:
        known = f"value {found.objective}  at least {found.lower_bound}"
    else:
        known = f"ends {dates.shown(found.end)}  not before {dates.shown(found.lower_bound)}"
    show_progress(f"{found.elapsed:6.1f} s  {known}  schedules {found.num_schedules}")


def _folder(name: str) -> Path:
    """The folder for the output, which is made when there is something to write; a bad name is refused at once."""
    folder = Path(name)
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        code = errno.EEXIST if there == folder else errno.ENOTDIR
        raise OSError(code, "is a file, expected a folder", str(there))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
    return folder


def _update(arguments: argparse.Namespace) -> int:
    """``schedkit plan update``."""
    with warnings_on_stderr():
        plan = _read(arguments).update(arguments.progress, now=arguments.now)
    with warnings_on_stderr():
        plan.write(arguments.output)
    done = sum(activity.actual_end is not None for activity in plan.activities)
    running = sum(a.actual_start is not None and a.actual_end is None for a in plan.activities)
    left = len(plan.activities) - done - running
    print_line(f"wrote {arguments.output}: {done} done, {running} under way, {left} not begun")
    return 0
