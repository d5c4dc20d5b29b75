"""Compares the installed package with a wheel of another version: ``python -m benches.compare_with WHEEL``.

Two processes get the same random problems of all families, one imports the wheel, the other the package as it is installed.
Every answer must be equal to the last bit (a difference is printed with the call that repeats it, and the command
fails). With ``--speed`` pairs of fresh processes then run the same calls in alternation, and the command prints the
ratio of the least processor times: below 1, the installed package is faster.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[1]


class Worker:
    """A process that imports one of the two packages and answers line by line."""

    def __init__(self, packages: str | None) -> None:
        environment = dict(os.environ)
        if packages is not None:
            environment["PYTHONPATH"] = packages
        command = [sys.executable, "-m", "benches.compare_with", "--serve"]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def send(self, *words: object) -> None:
        """Sends a request."""
        print(*words, sep="\t", file=self._pipes[0], flush=True)

    def close(self) -> None:
        """Ends the process."""
        self._pipes[0].close()
        self._process.wait()

    def answer(self) -> str:
        """The answer to the request that was sent last."""
        line = self._pipes[1].readline()
        if not line:
            raise SystemExit("a process ended early; its error is above")
        return line.rstrip("\n")


def serve() -> None:
    """Answers ``answer CASE SEED`` with a fingerprint and ``time NAME`` with seconds, until the input ends."""
    import numpy as np  # noqa: PLC0415
    import schedkit as sk  # noqa: PLC0415

    from . import answers, speeds  # noqa: PLC0415

    prepared: dict[str, speeds.Timed] = {}
    print(Path(sk.__file__).parent, flush=True)
    for line in sys.stdin:
        what, name, *rest = line.rstrip("\n").split("\t")
        if what == "answer":
            case = list(answers.CASES).index(name)
            print(answers.digest(answers.CASES[name][0](np.random.default_rng((case, int(rest[0]))))), flush=True)
        else:
            if name not in prepared:
                prepared[name] = speeds.prepare(name)
                prepared[name]()
            start = time.process_time()
            prepared[name]()
            print(time.process_time() - start, flush=True)


def compare_answers(old: Worker, new: Worker, count: int, only: str) -> int:
    """Prints a row for each case; returns how many answers differ."""
    from .answers import CASES  # noqa: PLC0415

    differences = 0
    print("| case | answers | different |\n| --- | --- | --- |", flush=True)
    for name, (_, share) in CASES.items():
        if only not in name:
            continue
        different = []
        for seed in range(max(1, count * share // 100)):
            for worker in (old, new):
                worker.send("answer", name, seed)
            if old.answer() != new.answer():
                different.append(seed)
        differences += len(different)
        print(f"| {name} | {max(1, count * share // 100)} | {len(different)} |", flush=True)
        for seed in different[:3]:
            print(f"  repeat: echo -e 'answer\\t{name}\\t{seed}' | python -m benches.compare_with --serve", file=sys.stderr)
    return differences


def compare_speeds(packages: str, processes: int, rounds: int, only: str) -> None:
    """Prints the ratio of the least processor times of calls made in alternation.

    Calls that wait for memory take up to twice as long in one process as in the next, for as long as it lives, by the pages
    that it happens to get; so each call is timed in several processes.
    """
    from .speeds import NAMES  # noqa: PLC0415

    print("\n| call | old, ms | new, ms | new / old |\n| --- | --- | --- | --- |", flush=True)
    for name in NAMES:
        if only not in name:
            continue
        least = [float("inf"), float("inf")]
        for _ in range(processes):
            workers = (Worker(packages), Worker(None))
            for worker in workers:
                worker.answer()
            for turn in range(rounds):
                for k in (0, 1) if turn % 2 == 0 else (1, 0):
                    workers[k].send("time", name)
                    least[k] = min(least[k], float(workers[k].answer()))
            for worker in workers:
                worker.close()
        print(f"| {name} | {least[0] * 1e3:.2f} | {least[1] * 1e3:.2f} | {least[1] / least[0]:.3f} |", flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", nargs="?", type=Path)
    parser.add_argument("--answers", type=int, default=10_000, help="how many to compare, over all cases")
    parser.add_argument("--speed", action="store_true", help="compare speeds as well")
    parser.add_argument("--rounds", type=int, default=15, help="calls of each kind in a process")
    parser.add_argument("--processes", type=int, default=5, help="processes of each package that time a kind of call")
    parser.add_argument("--only", default="", help="cases and calls whose name contains this")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    if options.wheel is None or not options.wheel.is_file():
        parser.error("WHEEL must be the file of a wheel")
    with tempfile.TemporaryDirectory() as packages:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages, str(options.wheel)]
        subprocess.run(install, check=True)
        old, new = Worker(packages), Worker(None)
        print(f"old: {old.answer()}\nnew: {new.answer()}\n", flush=True)
        differences = compare_answers(old, new, options.answers, options.only)
        if options.speed:
            compare_speeds(packages, options.processes, options.rounds, options.only)
    if differences:
        raise SystemExit(f"{differences} answers differ")


if __name__ == "__main__":
    main()
