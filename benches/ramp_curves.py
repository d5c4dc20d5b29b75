"""The reference players on a thousand instances of the constraint ramp: a table for docs/results/ramp.md and its picture.

Run it as ``python benches/ramp_curves.py [PICTURE]``. Every witness and every answer is judged by the checker.
"""

from __future__ import annotations

import sys
import time

import matplotlib as mpl
import numpy as np
import schedkit as sk

mpl.use("agg")
from matplotlib import pyplot

RAMPS = ((20, "plain", range(10)), (40, "plain", range(7)), (60, "plain", range(6)), (60, "migration", range(100, 103)))
"""Tasks and levels, flavour, seeds: 1,020 instances."""


PATIENCE = 6.0
"""Seconds on the clock in which one second of processor time is had on a shared machine."""


def main(picture: str | None) -> None:
    """Plays, prints, draws."""
    ramp = sk.rcpsp.ramp
    _, rows = pyplot.subplots(1, len(RAMPS), figsize=(4 * len(RAMPS), 3.4), sharey=True, layout="constrained")
    columns = (
        "tasks, flavour, instances, `solve` feasible, WAUC, mean and largest time, `lft` feasible, WAUC, fails in hardest third"
    )
    print(f"| {columns.replace(', ', ' | ')} |")
    print("| --- " * 9 + "|")
    total = solved = 0
    for ax, (tasks, flavour, seeds) in zip(rows, RAMPS, strict=True):
        instances = [i for seed in seeds for i in ramp.generate(tasks, seed=seed, flavour=flavour)]
        assert all(sk.check(i.project, i.witness) == [] for i in instances)
        answers, seconds = [], []
        for instance in instances:
            start = time.process_time()
            answer = ramp.PLAYERS["solve"](instance.project, PATIENCE)
            seconds.append(time.process_time() - start)
            answers.append(answer if seconds[-1] <= 1.0 else None)
        ours, plain = ramp.evaluate(instances, answers), ramp.play(instances, "lft")
        ours.plot(ax, "solve")
        plain.plot(ax, "lft")
        ax.set_title(f"{tasks} tasks, {flavour}")
        n, good = len(instances), int(ours.num_feasible.sum())
        total, solved = total + n, solved + good
        times = f"{1000 * np.mean(seconds):.1f} ms, {max(seconds):.2f} s"
        failed = 1 - plain.feasibility[-(tasks // 3) :].mean()
        share = f"{int(plain.num_feasible.sum()) / n:.1%} | {plain.wauc:.3f} | {failed:.1%}"
        print(f"| {tasks} | {flavour} | {n} | {good / n:.1%} | {ours.wauc:.3f} | {times} | {share} |", flush=True)
    print(f"\n`solve` finds a feasible schedule for {solved} of {total} instances within a second of processor time each.")
    if picture is not None:
        pyplot.savefig(picture, dpi=60)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
