"""The reference players on a thousand instances of the constraint ramp: docs/results/ramp.md (minutes).

Every witness and every answer is judged by the checker.
"""

from __future__ import annotations

import time

import matplotlib as mpl
import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, picture, producer, table

mpl.use("agg")
from matplotlib import pyplot

RAMPS = ((20, "plain", range(10)), (40, "plain", range(7)), (60, "plain", range(6)), (60, "migration", range(100, 103)))
"""Tasks and levels, flavour, seeds: 1,020 instances."""


PATIENCE = 6.0
"""Seconds on the clock in which one second of processor time is had on a shared machine."""


def players() -> Table:
    """Plays all instances, and draws the curves."""
    ramp = sk.rcpsp.ramp
    _, rows = pyplot.subplots(1, len(RAMPS), figsize=(4 * len(RAMPS), 3.4), sharey=True, layout="constrained")
    cells = []
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
        times = f"{1000 * np.mean(seconds):.1f} ms, {max(seconds):.2f} s"
        failed = f"{1 - plain.feasibility[-(tasks // 3) :].mean():.1%}"
        share = f"{int(plain.num_feasible.sum()) / n:.1%}"
        cells.append((tasks, flavour, n, f"{good / n:.1%}", f"{ours.wauc:.3f}", times, share, f"{plain.wauc:.3f}", failed))
    pyplot.savefig(picture("ramp.png"), dpi=60)
    header = ("tasks", "flavour", "instances", "`solve` feasible", "WAUC", "mean and largest time")
    return table((*header, "`lft` feasible", "WAUC", "fails in hardest third"), cells)


TAKES = "minutes"
TABLES: Makers = {"ramp-players": players}
tables = producer(TABLES)
