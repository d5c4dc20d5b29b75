"""Prints the search speed of ``docs/results/rcpsp.md``: ``python -m benches.report_rcpsp_speed`` (a minute; needs the data).

Schedules a second of ``rcpsp.solve(max_schedules=50_000)`` over those of `serial_sgs_many` on random feasible rankings of the
same project. Both in processor time on one thread, in turns, the least of several repetitions; instances that are proved
optimal on the way, which ends a search early, are left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import schedkit as sk

from benches.report_rcpsp import instances
from tests.rcpsp.strategies import feasible_rankings

SCHEDULES, ROWS, BATCHES = 50_000, 1000, 8


def spent(function: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    function()
    return time.process_time() - start


def ratio(project: sk.rcpsp.Project, repeat: int) -> float | None:
    """Search speed over raw speed; None if the search ends early."""
    found = sk.rcpsp.solve(project, max_schedules=SCHEDULES)
    if found.status == "optimal":
        return None
    assert sk.check(project, found.schedule) == []
    rows = feasible_rankings(project, ROWS, seed=1)
    raw, search = [], []
    for _ in range(repeat):
        raw += [spent(lambda: sk.rcpsp.serial_sgs_many(project, rows)) for _ in range(BATCHES)]
        search.append(spent(lambda: sk.rcpsp.solve(project, max_schedules=SCHEDULES)))
    return (min(raw) / ROWS) / (min(search) / found.num_schedules)


def main() -> None:
    """Reads the command line and prints one row for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["j30", "j60", "j120"])
    parser.add_argument("--every", type=int, default=6, help="take every so many instances")
    parser.add_argument("--most", type=int, default=12, help="instances of a set")
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    print("| set | open instances | search speed / raw speed | least | most |\n" + "| --- " * 5 + "|", flush=True)
    for name in options.sets:
        found: list[float] = []
        for project, _ in instances(name, options.every):
            if len(found) < options.most and (speed := ratio(project, options.repeat)) is not None:
                found.append(speed)
        print(f"| {name} | {len(found)} | {np.mean(found):.2f} | {min(found):.2f} | {max(found):.2f} |", flush=True)


if __name__ == "__main__":
    main()
