"""The ``schedkit`` command: solve, check, draw and describe problem files.

Exit codes: 0 done, 1 infeasible or violations found, 2 bad input (one line on standard error).
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import rcpsp
from ._anytime import Improvement
from ._version import __version__
from .checking import check
from .errors import FormatError, InfeasibleError, SchedkitError

_SCHEMES = {"serial": rcpsp.serial_sgs, "parallel": rcpsp.parallel_sgs}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal cannot show
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except InfeasibleError as error:
        return _complain(str(error), 1)
    except (SchedkitError, OSError) as error:
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        return _complain(message, 2)
    except KeyboardInterrupt:
        return 130


def _complain(message: str, code: int) -> int:
    print(f"schedkit: {' '.join(message.split())}", file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    """A parser that complains as the commands do: in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_complain(f"{message} (see {self.prog} --help)", 2))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="schedkit", description="Schedules problem files and judges schedules.")
    parser.add_argument("--version", action="version", version=f"schedkit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.add_argument("file", metavar="FILE", help="a project: PSPLIB .sm, Patterson .rcp or our JSON, told by content")
        sub.add_argument("--format", choices=("sm", "rcp", "json"), help="overrides the content")
        sub.set_defaults(run=run)
        return sub

    solve = command("solve", _solve, "Schedules a project.")
    _solver_options(solve)
    solve.add_argument("--json", action="store_true", help="print the result as JSON")

    judge = command("check", _check, "Judges a schedule; exit code 1 if anything is wrong.")
    judge.add_argument("schedule", metavar="SCHEDULE", help="a JSON file as `solve --json` prints it")
    judge.add_argument("--json", action="store_true", help="print the violations as JSON")

    gantt = command("gantt", _gantt, "Draws a Gantt chart with the profiles of the resources.")
    gantt.add_argument("-o", "--output", default="gantt.png", metavar="IMAGE", help="PNG, SVG or PDF (default: %(default)s)")
    gantt.add_argument("--schedule", metavar="SCHEDULE", help="draw this schedule instead of making one")
    _solver_options(gantt)
    gantt.add_argument("--json", action="store_true", help="print the drawn schedule as JSON")

    info = command("info", _info, "Describes a project.")
    info.add_argument("--json", action="store_true", help="print the description as JSON")
    return parser


def _solver_options(parser: argparse.ArgumentParser) -> None:
    search = parser.add_argument_group("search (the default algorithm)")
    search.add_argument("--time-limit", type=float, metavar="SECONDS", help="default: 10 if --max-schedules is not given")
    search.add_argument("--max-schedules", type=int, metavar="N", help="schedules to spend; reproducible without a time limit")
    search.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    one_pass = parser.add_argument_group("one pass")
    one_pass.add_argument("--rule", choices=rcpsp.RULES, default="lft", help="priority rule (default: %(default)s)")
    one_pass.add_argument("--no-justify", action="store_true", help="skip forward-backward improvement")
    algorithms = ("search", *_SCHEMES)
    parser.add_argument("--algorithm", choices=algorithms, default="search", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")


def _schedule(project: rcpsp.Project, arguments: argparse.Namespace) -> tuple[rcpsp.ProjectSchedule, dict[str, Any]]:
    """The schedule that the options ask for, and what else is known about it."""
    if arguments.algorithm == "search":
        solution = rcpsp.solve(
            project,
            time_limit=arguments.time_limit,
            max_schedules=arguments.max_schedules,
            seed=arguments.seed,
            threads=arguments.threads,
            on_improvement=_show_progress if sys.stderr.isatty() else None,
            on_interrupt="return",
        )
        if sys.stderr.isatty():
            print(file=sys.stderr)
        about = solution.to_dict()
        return solution.schedule, {key: about[key] for key in ("status", "lower_bound", "num_schedules", "runtime", "history")}
    schedule = _SCHEMES[arguments.algorithm](project, arguments.rule, seed=arguments.seed)
    if not arguments.no_justify:
        schedule = rcpsp.justify(project, schedule)
    bound = rcpsp.lower_bound(project)
    return schedule, {"status": "optimal" if schedule.makespan == bound else "feasible", "lower_bound": bound}


def _show_progress(found: Improvement) -> None:
    line = f"{found.elapsed:6.1f} s  makespan {found.objective}  lower bound {found.lower_bound}  schedules {found.budget_used}"
    print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)


def _solve(arguments: argparse.Namespace) -> int:
    project = rcpsp.read(arguments.file, format=arguments.format)
    schedule, about = _schedule(project, arguments)
    if arguments.json:
        _print_json({**schedule.to_dict(), **about})
        return 0
    print(f"makespan {schedule.makespan}, lower bound {about['lower_bound']}, {about['status']}")
    order = sorted(range(project.num_activities), key=lambda i: (schedule.start_time[i], schedule.completion_time[i], i))
    names = project.names or [str(i) for i in range(project.num_activities)]
    resources = project.resource_names or [f"resource {r}" for r in range(project.num_resources)]
    rows = [
        [
            str(schedule.start_time[i]),
            str(schedule.completion_time[i]),
            names[i],
            ", ".join(f"{units} {name}" for units, name in zip(project.demand[i], resources, strict=True) if units),
        ]
        for i in order
    ]
    _print_table(["start", "end", "activity", "holds"], rows)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    project = rcpsp.read(arguments.file, format=arguments.format)
    violations = check(project, _read_schedule(arguments.schedule))
    if arguments.json:
        rows = [{"kind": v.kind, "subject": list(v.subject), "detail": v.detail} for v in violations]
        _print_json({"feasible": not violations, "violations": rows})
    elif violations:
        _print_table(["kind", "detail"], [[v.kind, v.detail] for v in violations])
    else:
        print("feasible")
    return 1 if violations else 0


def _gantt(arguments: argparse.Namespace) -> int:
    project = rcpsp.read(arguments.file, format=arguments.format)
    if arguments.schedule is None:
        schedule, _ = _schedule(project, arguments)
    else:
        data = _read_schedule(arguments.schedule)
        violations = check(project, data)
        if violations:
            return _complain(f"{arguments.schedule}: {violations[0].detail}; `schedkit check` lists everything", 1)
        schedule = rcpsp.ProjectSchedule.from_start_time(project, _starts(project, data))
    try:
        import matplotlib  # noqa: PLC0415
    except ImportError:
        return _complain("drawing needs matplotlib: pip install 'schedkit[plot]'", 2)
    matplotlib.use("agg")  # files only, no display needed
    output = Path(arguments.output)
    if not output.name:
        return _complain("the picture needs a file name", 2)
    if not output.suffix:
        output = output.with_name(output.name + ".png")
    figure = schedule.plot().get_figure(root=True)
    assert figure is not None  # a plot on new axes has one
    try:
        figure.savefig(output, dpi=110)
    except ValueError as error:  # an image format that matplotlib does not know
        return _complain(f"{output}: {error}", 2)
    if arguments.json:
        _print_json(schedule.to_dict())
    else:
        print(f"wrote {output} (makespan {schedule.makespan})")
    return 0


def _info(arguments: argparse.Namespace) -> int:
    project = rcpsp.read(arguments.file, format=arguments.format)
    description = {
        "activities": project.num_activities,
        "resources": project.num_resources,
        "precedence": len(project.precedence),
        "total_duration": int(project.duration.sum()),
        "critical_path": rcpsp.critical_path(project).length,
        "lower_bound": rcpsp.lower_bound(project),
        "capacity": project.capacity.tolist(),
    }
    if arguments.json:
        _print_json(description)
    else:
        _print_table(["property", "value"], [[name.replace("_", " "), str(value)] for name, value in description.items()])
    return 0


def _read_schedule(path: str) -> dict[str, Any]:
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}: line {error.lineno}: not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:  # not text, endless digits, endless brackets
        raise FormatError(f"{path}: not JSON: {error}", path=path) from None
    if not isinstance(data, dict) or data.get("schedkit", "schedule") != "schedule":
        raise FormatError(f"{path}: not a schedule", path=path)
    return data


def _starts(project: rcpsp.Project, data: dict[str, Any]) -> list[int]:
    """Start times by activity of a schedule that has passed the check."""
    if "activities" not in data:
        return list(data["start_time"])
    index = {name: i for i, name in enumerate(project.names or ())}
    starts = {index.get(entry["activity"], entry["activity"]): entry["start"] for entry in data["activities"]}
    return [starts[i] for i in range(project.num_activities)]


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data))


def _print_table(header: list[str], rows: list[list[str]]) -> None:
    """On a terminal a table by rich, where it is installed; elsewhere aligned columns, a row a line, for other programs."""
    if not (sys.stdout.isatty() and importlib.util.find_spec("rich")):
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, *rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*header, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
