"""The commands ``schedkit plan explain`` and ``schedkit plan compare``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import plan as plans
from ..plan import comparison, dates, files, files_baseline, html_tables, lengths
from . import plan_output
from .output import add_json, add_seed, print_error, print_json, print_line, print_table

Reader = Callable[[argparse.Namespace], plans.Plan]


def add_verbs(verbs: Any, add_file: Callable[[argparse.ArgumentParser], None], read: Reader) -> None:
    """Adds the commands to the subparsers of ``schedkit plan``.

    Parameters
    ----------
    verbs : subparsers
    add_file : callable
        Adds the arguments that name a plan.
    read : callable
        Reads the plan that these arguments name.
    """
    help_text = "Tells why a plan has no schedule, and what would help; exit code 1 if there are reasons."
    explain = verbs.add_parser("explain", help=help_text, description=help_text)
    add_file(explain)
    _add_limits(explain, "10 for everything if --max-schedules is not given")
    add_json(explain, what="reasons")
    explain.set_defaults(run=lambda arguments: _explain(read(arguments), arguments))

    help_text = "Schedules a plan and tells what has moved since an earlier schedule; exit code 1 if no schedule was found."
    compare = verbs.add_parser("compare", help=help_text, description=help_text)
    add_file(compare)
    compare.add_argument(
        "baseline", metavar="BASELINE", help="the earlier schedule: table.csv of `solve -o`, or the JSON of `solve --json`"
    )
    _add_limits(compare, "10 if --max-schedules is not given")
    add_json(compare, what="rows")
    compare.set_defaults(run=lambda arguments: _compare(read(arguments), arguments))


def _add_limits(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help=f"default: {default}")
    parser.add_argument("--max-schedules", type=int, metavar="N", help="schedules to spend; reproducible without a time limit")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    add_seed(parser)


def _limits(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("time_limit", "max_schedules", "threads", "seed")}


def _explain(plan: plans.Plan, arguments: argparse.Namespace) -> int:
    """``schedkit plan explain``."""
    files.require_schedulable(plan, arguments.file)
    reasons = plan.explain(**_limits(arguments))
    if arguments.json:
        print_json({"name": plan.name, "reasons": [reason.to_dict() for reason in reasons]})
        return 1 if reasons else 0
    if not reasons:
        print_line(f"{plan.name}: nothing speaks against a schedule")
    for k, reason in enumerate(reasons, 1):
        print_line(f"{k}. {reason.detail}")
        if reason.conflict and reason.code != "exhausted":
            print_line("   these cannot go together:")
            _print_lines([part.text for part in reason.conflict])
        for resolves, head in html_tables.RESOLVES.items():
            texts = [relaxation.text for relaxation in reason.relaxations if relaxation.resolves == resolves]
            if texts:
                print_line(f"   {head[0].lower()}{head[1:]}")
                _print_lines(texts)
    return 1 if reasons else 0


def _print_lines(texts: list[str]) -> None:
    for text in texts:
        print_line(f"   - {text}")


def _compare(plan: plans.Plan, arguments: argparse.Namespace) -> int:
    """``schedkit plan compare``."""
    files.require_schedulable(plan, arguments.file)
    baseline = files_baseline.read(arguments.baseline, plan.start.tzinfo or UTC)  # refused before the search
    comparison.require_common([activity.name for activity in plan.activities], baseline, arguments.baseline)
    if not baseline and not arguments.json:
        print_line(f"note: {arguments.baseline} has no rows")
    r = plan.solve(**_limits(arguments), on_interrupt="return")
    if arguments.json:
        content = {key: r.to_dict()[key] for key in ("status", "reasons", "warnings")}
        rows = [] if r.end is None else r.compare(baseline)
        activities = [{key: _plain(value) for key, value in row.items()} for row in rows]
        print_json({"name": plan.name, **content, "activities": activities})
    if r.end is None:
        return print_error(plan_output.failure(r), 1)
    if arguments.json:
        return 0
    rows = r.compare(baseline)
    print_line(f"{plan.name} ends {dates.shown(r.end)}, {r.status}")
    header = ["activity", "start", "end", "start before", "end before", "start moved", "end moved"]
    keys = ("name", "start", "end", "baseline_start", "baseline_end")
    moved = [[_moved(row[f"baseline_{key}"], row[key]) for key in ("start", "end")] for row in rows]
    print_table(header, [[*(_cell(row[key]) for key in keys), *shifts] for row, shifts in zip(rows, moved, strict=True)])
    for line in plan_output.notes(r):
        print_line(line)
    return 0


def _plain(value: Any) -> Any:
    """A date with its offset, a length of time in hours."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value / timedelta(hours=1) if isinstance(value, timedelta) else value


def _moved(before: datetime | None, after: datetime | None) -> str:
    """How far a date has moved; empty if it has not, or one of the two is missing."""
    if before is None or after is None or dates.same(before, after):
        return ""
    first, last = sorted((before.astimezone(after.tzinfo), after), key=datetime.timestamp)
    return f"{'+' if last is after else '-'}{lengths.moved(first, last)}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return dates.shown(value) if isinstance(value, datetime) else str(value)
