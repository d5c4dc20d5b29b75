"""The tables of docs/limits.md: how large each family's inputs may be, with time and peak memory.

Each row runs in a process of its own, so that its peak is its own: ``python -m benches.report_limits [--most 1000000]``. A row
that takes more than a tenth of `LONGEST` is the last of its table. The tables are written into the page, between its two marks.
Seconds are of processor time, on one thread, so that a busy machine does not lengthen them much.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk

LONGEST = 200.0
PAGE = Path(__file__).resolve().parents[1] / "docs" / "limits.md"
MARKS = ("<!-- measured -->", "<!-- end of what is measured -->")
SIZES = [10**3, 10**4, 10**5, 10**6, 10**7]


def projects(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    before = np.arange(n - 10)
    edges = np.stack([before, before + rng.integers(1, 10, n - 10)], axis=1)
    project = sk.rcpsp.Project(rng.integers(1, 20, n), rng.integers(0, 5, (n, 4)), [20] * 4, precedence=edges)
    return lambda: sk.check(project, sk.rcpsp.serial_sgs(project))


def graphs(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    before = np.repeat(np.arange(n - 100), 2)
    edges = np.unique(np.stack([before, before + rng.integers(1, 100, before.size)], axis=1), axis=0)
    graph = sk.dag.TaskGraph.from_work(rng.random(n) + 0.5, [1.0, 1.5, 2.0, 3.0], edges, rng.random(len(edges)))
    return lambda: sk.check(graph, sk.dag.heft(graph))


def streams(n: int) -> Callable[[], Any]:
    jobs = sk.online.workloads.queue(n, load=0.9, seed=0)
    return lambda: sk.check(jobs, sk.online.simulate(jobs, "srpt", segments=True))


def sequences(n: int) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    p, d = rng.integers(1, 100, n), rng.integers(1, 50 * n, n)
    instance = sk.tardiness.Instance(p, d)
    return lambda: sk.check(instance, sk.tardiness.mdd(p, d))


FAMILIES: dict[str, tuple[str, Callable[[int], Callable[[], Any]]]] = {
    "projects": ("Projects: `rcpsp.serial_sgs`, 4 resources", projects),
    "graphs": ("Task graphs: `dag.heft`, 4 processors, two edges a task", graphs),
    "streams": ("Streams of jobs: `online.simulate`, SRPT with segments, load 0.9", streams),
    "sequences": ("Due dates: `tardiness.mdd`", sequences),
}


def one(family: str, n: int) -> None:
    """Prints seconds to build, seconds to schedule and check, and the peak in MB above a process that did the same with 200."""
    import resource  # noqa: PLC0415 - not on every platform

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    FAMILIES[family][1](200)()  # everything is imported
    before, start = peak(), time.process_time()
    run = FAMILIES[family][1](n)
    built = time.process_time()
    if run():
        sys.exit(f"{family} of {n}: the answer is not feasible")
    print(f"{built - start:.3f} {time.process_time() - built:.3f} {peak() - before:.0f}")


def table(family: str, most: int) -> str:
    """One family's table, as far as its rows end in time."""
    title, _ = FAMILIES[family]
    lines = [f"## {title}", "", "| n | build, s | schedule and check, s | peak, MB |", "| --- | --- | --- | --- |"]
    for n in (size for size in SIZES if size <= most):
        command = [sys.executable, "-m", "benches.report_limits", "--one", family, str(n)]
        build, run, memory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        lines.append(f"| {n:,} | {build} | {run} | {memory} |")
        print(title, lines[-1], flush=True)
        if float(run) > LONGEST / 10:
            break
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--one", nargs=2, metavar=("FAMILY", "N"))
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    before, _, rest = PAGE.read_text("utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    tables = "\n\n".join(table(family, options.most) for family in FAMILIES)
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{tables}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
