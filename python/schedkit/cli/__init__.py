"""The ``schedkit`` command: solve, check, draw and describe problem files.

Exit codes: 0 success, 1 infeasible or violations found, 2 bad input (one line on standard error), 130 interrupted, 141 if the
program that reads the output has ended, such as ``head``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from .. import rcpsp, shop
from .._version import __version__
from ..errors import InfeasibleError, SchedkitError
from . import packings, plans, projects, ramps, sequences, shops, streams, workflows
from .output import add_json, print_error


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # for characters that the terminal cannot show
        return _run(argv)
    except BrokenPipeError:
        return _closed_pipe()
    except KeyboardInterrupt:
        return 130


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # here, where a closed pipe is still handled
        return code
    except SystemExit:
        sys.stdout.flush()  # help is output too
        raise
    except BrokenPipeError:
        raise
    except InfeasibleError as error:
        return print_error(str(error), 1)
    except (SchedkitError, OSError) as error:
        message = str(error)
        if isinstance(error, OSError) and error.strerror:
            message = f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else error.strerror
        return print_error(message, 2)
    except MemoryError:
        return print_error("not enough memory", 2)


def _closed_pipe() -> int:
    """The exit code of programs that a closed pipe ends; output that is still buffered is dropped."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 128 + 13


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as those of the commands are."""

    def error(self, message: str) -> NoReturn:
        self.exit(print_error(f"{message} (see {self.prog} --help)", 2))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="schedkit", description="Schedules problem files and judges schedules.")
    parser.add_argument("--version", action="version", version=f"schedkit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, of_project: Any, of_workflow: Any, of_shop: Any, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.add_argument(
            "file",
            metavar="FILE",
            help="a project (.sm, .rcp, our JSON), a workflow (WfFormat, .stg) or a shop (job shop text, .fjs, our JSON), "
            "recognised by content",
        )
        sub.add_argument(
            "--format", choices=_FORMATS, help="overrides the content; formats that the psplib package reads must be named"
        )
        of = {"project": of_project, "workflow": of_workflow, "shop": of_shop}

        def run(arguments: argparse.Namespace) -> Any:
            kind = _kind(arguments)
            return of[kind](_with_default(arguments, kind))

        sub.set_defaults(run=run)
        return sub

    solve = command("solve", projects.solve, workflows.solve, shops.solve, "Schedules a project, a workflow or a shop.")
    projects.solver_options(solve)
    workflows.options(solve)
    add_json(solve)

    judge = command(
        "check", projects.judge, workflows.judge, shops.judge, "Judges a schedule; exit code 1 if anything is wrong."
    )
    judge.add_argument("schedule", metavar="SCHEDULE", help="a JSON file as `solve --json` prints it")
    workflows.options(judge)
    add_json(judge, what="violations")

    gantt = command(
        "gantt",
        projects.gantt,
        workflows.gantt,
        shops.gantt,
        "Draws a Gantt chart, of a project with the profiles of its resources.",
    )
    gantt.add_argument("-o", "--output", default="gantt.png", metavar="IMAGE", help="PNG, SVG or PDF (default: %(default)s)")
    gantt.add_argument("--schedule", metavar="SCHEDULE", help="draw this schedule instead of making one")
    projects.solver_options(gantt)
    workflows.options(gantt)
    add_json(gantt, what="drawn schedule")

    info = command("info", projects.info, workflows.info, shops.info, "Describes a project, a workflow or a shop.")
    add_json(info, what="description")

    streams.add_parser(commands)
    sequences.add_parser(commands)
    packings.add_parser(commands)
    ramps.add_parser(commands)
    plans.add_parser(commands)
    return parser


_FORMATS = tuple(dict.fromkeys((*rcpsp.files.FORMATS, *shop.files.FORMATS)))


def _kind(arguments: argparse.Namespace) -> str:
    """Whether a file holds a project, a workflow or a shop."""
    if arguments.format is None and workflows.is_workflow(arguments.file):
        return "workflow"
    return "shop" if shops.is_shop(arguments.file, arguments.format) else "project"


def _with_default(arguments: argparse.Namespace, kind: str) -> argparse.Namespace:
    """The options with the default algorithm of a kind of problem."""
    if getattr(arguments, "algorithm", "") is None:
        arguments.algorithm = "active" if kind == "shop" else "search"
    return arguments
