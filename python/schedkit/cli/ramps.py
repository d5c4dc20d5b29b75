"""The command ``schedkit ramp``: generates instances of the constraint ramp, judges answers, runs solvers on it."""

from __future__ import annotations

import argparse
from typing import Any

from .. import _validation
from ..rcpsp import ramp
from ..rcpsp.ramp.files import read_answers
from .output import add_json, add_output, add_seed, picture_path, print_json, print_line, print_table, save_picture


def add_parser(commands: Any) -> None:
    """Adds the command to the subparsers of the `schedkit` command."""
    help_text = "Feasibility problems, each with one precedence more than the last, to measure how far a solver gets."
    parser: argparse.ArgumentParser = commands.add_parser("ramp", help=help_text, description=help_text)
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    make = actions.add_parser("generate", help="write instances and their witnesses into a folder")
    make.add_argument("folder", metavar="FOLDER")
    make.add_argument("--tasks", type=int, default=30, help="default: %(default)s")
    make.add_argument("--levels", type=int, help="default: as many as tasks")
    add_seed(make, "of the first ramp")
    make.add_argument("--ramps", type=int, default=1, help="ramps, with seeds that follow each other (default: %(default)s)")
    make.add_argument("--flavour", choices=ramp.FLAVOURS, default="plain", help="default: %(default)s")
    make.set_defaults(run=_generate)

    judge = actions.add_parser("evaluate", help="judge answers of any solver")
    judge.add_argument("folder", metavar="FOLDER", help="instances")
    judge.add_argument(
        "answers", metavar="ANSWERS", help="a folder of files such as seed0_level001.txt, or one JSON object by name"
    )
    judge.set_defaults(run=_evaluate)

    play = actions.add_parser("play", help="judge a solver that ships with schedkit")
    play.add_argument("folder", metavar="FOLDER", help="instances")
    play.add_argument("--player", choices=tuple(ramp.PLAYERS), default="solve", help="default: %(default)s")
    play.add_argument(
        "--time-limit", type=float, default=1.0, metavar="SECONDS", help="for each instance (default: %(default)s)"
    )
    play.set_defaults(run=_play)

    for action in (judge, play):
        action.add_argument(
            "--threshold", type=float, default=0.5, help="feasibility below it is degraded (default: %(default)s)"
        )
    add_output(judge, play, what="feasibility over levels")
    add_json(make, judge, play)


def _generate(arguments: argparse.Namespace) -> int:
    names = []
    ramps = _validation.int_scalar(arguments.ramps, "ramps", minimum=1)
    for seed in range(arguments.seed, arguments.seed + ramps):
        instances = ramp.generate(arguments.tasks, arguments.levels, seed=seed, flavour=arguments.flavour)
        ramp.write_instances(instances, arguments.folder)
        names += [instance.name for instance in instances]
    if arguments.json:
        print_json({"folder": arguments.folder, "instances": names})
    else:
        print_line(f"wrote {len(names)} instances and their witnesses to {arguments.folder}")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    instances = ramp.read_instances(arguments.folder)
    answers = read_answers(arguments.answers)
    return _show(arguments, lambda: ramp.evaluate(instances, answers, threshold=arguments.threshold), "answers")


def _play(arguments: argparse.Namespace) -> int:
    instances = ramp.read_instances(arguments.folder)
    limits = {"time_limit": arguments.time_limit, "threshold": arguments.threshold}
    return _show(arguments, lambda: ramp.play(instances, arguments.player, **limits), arguments.player)


def _show(arguments: argparse.Namespace, judged: Any, label: str) -> int:
    """Judges the answers, prints the report, draws it if asked; exit code 1 if an answer is wrong."""
    picture = None if arguments.output is None else picture_path(arguments.output)
    report: ramp.RampReport = judged()
    if picture is not None:
        save_picture(report.plot(label=label), picture)
    solved = int(report.num_feasible.sum()) == int(report.num_instances.sum())
    if arguments.json:
        print_json({**report.to_dict(), "feasibility": report.feasibility.tolist()})
        return 0 if solved else 1
    columns = (report.level, report.num_instances, report.num_feasible, report.feasibility)
    rows = [[str(k), str(n), str(m), f"{f:.3f}"] for k, n, m, f in zip(*columns, strict=True)]
    print_table(["level", "instances", "feasible", "share"], rows)
    degraded = "never" if report.degradation_threshold is None else f"at level {report.degradation_threshold}"
    print_line(f"WAUC {report.wauc:.4f} (weight of a level: its number), below {report.threshold:g} {degraded}")
    for kind, count in report.errors.items():
        print_line(f"{kind}: {count} answers")
    return 0 if solved else 1
