"""The ``schedkit`` command: solve, check, draw and describe problem files.

Exit codes: 0 done, 1 infeasible or violations found, 2 bad input (one line on standard error), 130 interrupted, 141 the reader
of the output has gone (as ``| head`` does).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from .._version import __version__
from ..errors import InfeasibleError, SchedkitError
from ..rcpsp.files import FORMATS
from . import projects, ramps, sequences, streams, workflows
from .output import complain


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # names may hold what a terminal cannot show
        return _run(argv)
    except BrokenPipeError:
        return _closed_pipe()
    except KeyboardInterrupt:
        return 130


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # here, where a closed pipe is still met with silence
        return code
    except SystemExit:
        sys.stdout.flush()  # help is output too
        raise
    except BrokenPipeError:
        raise
    except InfeasibleError as error:
        return complain(str(error), 1)
    except (SchedkitError, OSError) as error:
        message = str(error)
        if isinstance(error, OSError) and error.strerror:
            message = f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else error.strerror
        return complain(message, 2)
    except MemoryError:
        return complain("not enough memory", 2)


def _closed_pipe() -> int:
    """The exit code of programs that a closed pipe ends; what is still in the buffers goes nowhere, without a word."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 128 + 13


class _Parser(argparse.ArgumentParser):
    """A parser that complains as the commands do: in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(complain(f"{message} (see {self.prog} --help)", 2))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="schedkit", description="Schedules problem files and judges schedules.")
    parser.add_argument("--version", action="version", version=f"schedkit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, of_project: Any, of_workflow: Any, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.add_argument(
            "file", metavar="FILE", help="a project (.sm, .rcp, our JSON) or a workflow (WfFormat, .stg), told by content"
        )
        sub.add_argument(
            "--format", choices=FORMATS, help="overrides the content; formats that the psplib package reads must be named"
        )
        sub.set_defaults(run=lambda arguments: (of_workflow if _is_workflow(arguments) else of_project)(arguments))
        return sub

    solve = command("solve", projects.solve, workflows.solve, "Schedules a project or a workflow.")
    projects.solver_options(solve)
    workflows.options(solve)
    solve.add_argument("--json", action="store_true", help="print the result as JSON")

    judge = command("check", projects.judge, workflows.judge, "Judges a schedule; exit code 1 if anything is wrong.")
    judge.add_argument("schedule", metavar="SCHEDULE", help="a JSON file as `solve --json` prints it")
    workflows.options(judge)
    judge.add_argument("--json", action="store_true", help="print the violations as JSON")

    gantt = command("gantt", projects.gantt, workflows.gantt, "Draws a Gantt chart with the profiles of the resources.")
    gantt.add_argument("-o", "--output", default="gantt.png", metavar="IMAGE", help="PNG, SVG or PDF (default: %(default)s)")
    gantt.add_argument("--schedule", metavar="SCHEDULE", help="draw this schedule instead of making one")
    projects.solver_options(gantt)
    workflows.options(gantt)
    gantt.add_argument("--json", action="store_true", help="print the drawn schedule as JSON")

    info = command("info", projects.info, workflows.info, "Describes a project or a workflow.")
    info.add_argument("--json", action="store_true", help="print the description as JSON")

    streams.add_parser(commands)
    sequences.add_parser(commands)
    ramps.add_parser(commands)
    return parser


def _is_workflow(arguments: argparse.Namespace) -> bool:
    return arguments.format is None and workflows.is_workflow(arguments.file)
