"""The table of docs/limits.md: how large each family's inputs may be, with time and peak memory.

Each row runs in a process of its own, so that its peak is its own: ``python -m benches.report_limits [--most 1000000]``. A row
that takes longer than `LONGEST` seconds ends its series.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import schedkit as sk

LONGEST = 60.0
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
    "projects": ("`rcpsp.serial_sgs`, 4 resources, and its check", projects),
    "graphs": ("`dag.heft`, 4 processors, two edges a task, and its check", graphs),
    "streams": ("`online.simulate`, SRPT with segments, load 0.9, and its check", streams),
    "sequences": ("`tardiness.mdd` and its check", sequences),
}


def one(family: str, n: int) -> None:
    """Prints seconds to build, seconds to schedule and check, and the peak in MB above an empty process."""
    import resource  # noqa: PLC0415 - not on every platform

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    before, start = peak(), time.perf_counter()
    run = FAMILIES[family][1](n)
    built = time.perf_counter()
    if run():
        sys.exit(f"{family} of {n}: the answer is not feasible")
    print(f"{built - start:.3f} {time.perf_counter() - built:.3f} {peak() - before:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--one", nargs=2, metavar=("FAMILY", "N"))
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    print("| what | n | build, s | schedule and check, s | peak, MB |\n| --- | --- | --- | --- | --- |")
    for family, (what, _) in FAMILIES.items():
        for n in (size for size in SIZES if size <= options.most):
            command = [sys.executable, "-m", "benches.report_limits", "--one", family, str(n)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LONGEST)
            except subprocess.TimeoutExpired:
                print(f"| {what} | {n:,} | | more than {LONGEST:.0f} | |", flush=True)
                break
            build, run, memory = done.stdout.split()
            print(f"| {what} | {n:,} | {build} | {run} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
