"""A batch queue replays a log of a cluster: EASY backfilling against first come, first served.

The log is in Standard Workload Format. Without an argument one is generated: 18,000 rigid parallel jobs on 256 processors, most
of them small and short, a few large and long, more by day than by night, with requested times that are often far too long. Time
is simulated, so every run prints the same.

    python examples/batch_queue.py [LOG.swf] [--processors N] [--figure FILE.png]
"""

from __future__ import annotations

import argparse
import heapq
import io
import math
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
import schedkit as sk
from numpy.typing import NDArray

PROCESSORS = 256
HOUR = 3600


class Log(NamedTuple):
    """Jobs in the order of their submission, in seconds."""

    submitted: NDArray[np.int64]
    run_time: NDArray[np.int64]
    processors: NDArray[np.int64]
    requested: NDArray[np.int64]


class Replay(NamedTuple):
    """What became of the jobs under one rule."""

    start: NDArray[np.int64]
    """When each job started."""
    waiting: list[tuple[int, int]]
    """How many jobs waited from which time on."""
    broken: int
    """Jobs that started after the first reservation that they held."""


def generate(n: int = 18_000, seed: int = 1) -> str:
    """A log as text. Fields that `read` does not use are -1, which means unknown."""
    draw, now = random.Random(seed), 0.0
    lines = ["; Version: 2.2", f"; MaxProcs: {PROCESSORS}"]
    for number in range(1, n + 1):
        day = 1.0 + 0.8 * math.sin(2 * math.pi * now / (24 * HOUR))
        now += draw.expovariate(day / 165.0)
        processors = min(PROCESSORS, 2 ** int(draw.triangular(0, 7.99, 0)))
        run_time = max(1, min(12 * HOUR, round(draw.lognormvariate(6.6, 1.6))))
        slots = math.ceil(run_time * draw.choice([1.0, 1.2, 2.0, 5.0]) / (HOUR / 4))  # people request quarters of an hour
        fields = [number, round(now), -1, run_time, processors, -1, -1, processors, slots * HOUR // 4, -1, 1, *[-1] * 7]
        lines.append(" ".join(map(str, fields)))
    return "\n".join(lines)


def read(text: str) -> Log:
    """The jobs of a log that ran: submit time (field 2), run time (4), processors (8, else 5), requested time (9, else 4)."""
    rows = np.loadtxt(io.StringIO(text), comments=";", ndmin=2)[:, :11].astype(np.int64)
    rows = rows[(rows[:, 3] > 0) & (rows[:, 1] >= 0)]
    rows = rows[np.argsort(rows[:, 1], kind="stable")]
    processors = np.where(rows[:, 7] > 0, rows[:, 7], rows[:, 4])
    requested = np.where(rows[:, 8] > 0, rows[:, 8], rows[:, 3])
    return Log(rows[:, 1], np.minimum(rows[:, 3], requested), processors, requested)  # a queue ends jobs whose time is up


def replay(log: Log, backfill: str, capacity: int, *, exact: bool = False) -> Replay:
    """Runs the log through a dispatcher. With `exact` the queue knows how long jobs run, else it knows what was requested."""
    d: sk.online.Dispatcher[int] = sk.online.Dispatcher({"processors": capacity}, backfill=backfill)
    submitted, run_time, processors = (column.tolist() for column in log[:3])
    estimate = run_time if exact else log.requested.tolist()
    n = len(submitted)
    start, reserved = [-1] * n, [math.inf] * n
    waiting: list[tuple[int, int]] = []
    ends: list[tuple[int, int]] = []
    arrived = head = 0
    while arrived < n or ends:
        now = min(submitted[arrived] if arrived < n else math.inf, ends[0][0] if ends else math.inf)
        while ends and ends[0][0] == now:
            d.finished(heapq.heappop(ends)[1], now=now)
        while arrived < n and submitted[arrived] == now:
            d.submit(arrived, demand={"processors": processors[arrived]}, estimate=estimate[arrived], now=now)
            arrived += 1
        for job in d.next(now=now):
            start[job] = now
            heapq.heappush(ends, (now + run_time[job], job))
        while head < arrived and start[head] >= 0:
            head += 1
        if head < arrived:
            reserved[head] = min(reserved[head], d.reservation(head) or math.inf)
        waiting.append((now, d.stats().waiting))
    return Replay(np.array(start), waiting, sum(begun > promised for begun, promised in zip(start, reserved, strict=True)))


def bounded_slowdown(log: Log, start: NDArray[np.int64]) -> NDArray[np.float64]:
    """Time in the system over run time, at least 1; run times below ten seconds count as ten (Feitelson et al. 1997)."""
    return np.maximum(1.0, (start - log.submitted + log.run_time) / np.maximum(log.run_time, 10))


def problems(log: Log, start: NDArray[np.int64], capacity: int) -> list[sk.Violation]:
    """What the checker finds: the replay as a project whose activities may not start before they were submitted."""
    project = sk.rcpsp.Project(log.run_time, log.processors[:, np.newaxis], [capacity], release_time=log.submitted)
    return sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start))


def figure(runs: dict[str, Replay], path: str) -> None:
    """Draws how many jobs wait over time."""
    import matplotlib.pyplot as plt

    drawn, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for name, run in runs.items():
        time, count = np.array(run.waiting).T
        ax.step(time / (24 * HOUR), count, where="post", label=name, linewidth=1)
    ax.set(xlabel="day", ylabel="jobs that wait", ylim=(0, None))
    ax.legend(frameon=False)
    drawn.savefig(path, dpi=110)
    plt.close(drawn)


def main(text: str | None = None, capacity: int = PROCESSORS, path: str | None = None) -> dict[str, tuple[float, float, int]]:
    """Prints the table; by rule the mean bounded slowdown, the mean wait in minutes, and the number of broken reservations."""
    log = read(generate() if text is None else text)
    rules = {
        "first come, first served": ("none", False),
        "EASY, requested times": ("easy", False),
        "EASY, exact times": ("easy", True),
    }
    runs = {name: replay(log, backfill, capacity, exact=exact) for name, (backfill, exact) in rules.items()}
    print("rule                       bounded slowdown   wait, min   missed")
    table = {}
    for name, run in runs.items():
        assert problems(log, run.start, capacity) == []
        slowdown, wait = bounded_slowdown(log, run.start).mean(), (run.start - log.submitted).mean() / 60
        table[name] = float(slowdown), float(wait), run.broken
        print(f"{name:26} {slowdown:16.1f} {wait:11.1f} {run.broken:8}")
    if path is not None:
        figure(runs, path)
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Replays a log in Standard Workload Format with and without backfilling.")
    parser.add_argument("log", nargs="?", help="the log; without it one is generated")
    parser.add_argument("--processors", type=int, default=PROCESSORS)
    parser.add_argument("--figure", help="file for the figure; needs matplotlib")
    given = parser.parse_args()
    main(Path(given.log).read_text(encoding="latin-1") if given.log else None, given.processors, given.figure)
