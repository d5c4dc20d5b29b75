"""The tables of docs/results/tardiness.md that need the benchmark data (minutes).

Every sequence passes the check and every published optimum must be proved; anything else is an AssertionError.
"""

from __future__ import annotations

import functools
import resource
import subprocess
import time

import numpy as np
import schedkit as sk
from numpy.typing import NDArray

from benches.measure import seconds
from benches.tables import Makers, Table, producer, table
from tests import data

Ints = NDArray[np.int64]


def read(family: str, name: str, *keys: str) -> list[Ints]:
    with np.load(data.find(family, f"{name}.npz"), allow_pickle=False) as file:
        return [file[key].astype(np.int64) for key in keys]


def checked(s: sk.tardiness.SequenceSchedule, p: Ints, d: Ints, w: Ints | None = None) -> sk.tardiness.SequenceSchedule:
    assert sk.check(sk.tardiness.Instance(p, d, w), s) == []
    return s


def gaps() -> Table:
    """Percent over the optimum: of the sums, and on average where the optimum is positive."""
    names = ("n20a", "n20b", "n100", "n200", "n500")
    rules = ("edd", "eddc", "mdd", "psk", "mddc", "augmented_mdd", "augmented_mddc", "nbr", "panneerselvam", "spt")
    rows = []
    for rule in rules:
        cells: list[float] = []
        for name in names:
            p, d, optimal = read("smtt", name, "p", "d", "opt")
            batch = getattr(sk.tardiness, rule)(p, d)
            total = np.array([checked(batch[k], p[k], d[k]).total_tardiness for k in range(len(p))])
            assert (total >= optimal).all()
            some = optimal > 0
            cells += [100 * (total.sum() / optimal.sum() - 1), 100 * (total[some] / optimal[some] - 1).mean()]
        rows.append((f"`{rule}`", *(f"{cell:.2f}" for cell in cells)))
    return table(("rule", *(column for name in names for column in (f"{name} sum", "mean"))), rows)


def proofs() -> Table:
    """Processor time of `solve_exact`, and the most memory that the process ever had."""
    rows = []
    for name in ("n20a", "n20b", "n20c_normal", "n100", "n200", "n500"):
        seconds, nodes = [], []
        for p, d, optimum in zip(*read("smtt", name, "p", "d", "opt"), strict=True):
            start = time.process_time()
            s = sk.tardiness.solve_exact(p, d)
            seconds.append(time.process_time() - start)
            nodes.append(s.num_nodes)
            assert (checked(s, p, d).total_tardiness, s.status) == (optimum, "optimal")
        mean, median, largest = (1000 * f(seconds) for f in (np.mean, np.median, np.max))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        times = (f"{mean:.2f} ms", f"{median:.2f} ms", f"{largest:.1f} ms")
        rows.append((p.size, len(seconds), *times, f"{np.mean(nodes):,.0f}", f"{peak:.0f} MB"))
    return table(("jobs", "instances", "mean", "median", "largest", "nodes, mean", "peak memory so far"), rows)


def batches() -> Table:
    """Batches of 100,000 instances of 20 jobs: the rate of the Python call in percent of that of the Rust core, in turns."""
    command = ["cargo", "bench", "--quiet", "--bench", "tardiness_ratios", "--", "turns"]
    random = np.random.default_rng(1)
    p = random.integers(1, 101, (100_000, 20))
    total = p.sum(axis=1, keepdims=True)
    d = random.integers(total * 3 // 10, total // 2 + 1, p.shape)
    rows = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rust:
        assert rust.stdin is not None
        assert rust.stdout is not None
        for rule in ("edd", "mdd", "mddc", "atc"):
            run, turns = getattr(sk.tardiness, rule), []
            for _ in range(20):
                rust.stdin.write(f"{rule}\n")
                rust.stdin.flush()
                theirs = [float(word) for word in rust.stdout.readline().split()]
                turns.append((*theirs, 1000 * seconds(functools.partial(run, p, d), repeat=1)[0]))
            reused, fresh, ours = np.min(turns, axis=0)
            rates = f"{100 * reused / ours:.0f}, {100 * fresh / ours:.0f}"
            rows.append((f"`{rule}`", f"{reused:.1f}", f"{fresh:.1f}", f"{ours:.1f}", rates))
    return table(("rule", "Rust, used memory, ms", "Rust, new memory, ms", "Python, ms", "Python's rate, % of both"), rows)


def weighted() -> Table:
    """How often `improve` reaches the best known weighted tardiness, one second and one core each."""
    rows = []
    for name in ("wt40", "wt50", "wt100"):
        reached, total, best_total, longest = [], 0, 0, 0.0
        for p, d, w, best in zip(*read("smtwt", name, "p", "d", "w", "best"), strict=True):
            start = time.perf_counter()
            s = sk.tardiness.improve(p, d, w, "atc", time_limit=1.0)
            longest = max(longest, time.perf_counter() - start)
            cost = checked(s, p, d, w).total_weighted_tardiness
            reached.append(cost <= best)
            total, best_total = total + cost, best_total + int(best)
        excess = 100 * (total / best_total - 1)
        rows.append((name, f"{sum(reached)} of {len(reached)}", f"{excess:.4f} %", f"{longest:.4f} s"))
    return table(("set", "best known reached", "excess of the sum", "longest call"), rows)


def searched(title: str, instances: list[tuple[Ints, Ints, int]], limit: float = 0.05) -> tuple[str, str, str]:
    """The gap of the summed tardiness that `improve` leaves, and by how much its calls are longer than the limit."""
    total, over = 0, []
    for p, d, optimum in instances:
        start = time.perf_counter()
        s = sk.tardiness.improve(p, d, time_limit=limit)
        over.append(time.perf_counter() - start - limit)
        assert checked(s, p, d).total_tardiness >= optimum
        total += s.total_tardiness
    gap = 100 * (total / sum(optimum for _, _, optimum in instances) - 1)
    return title, f"{gap:.4f} %", f"{1000 * max(over):+.1f} ms"


def search() -> Table:
    """Instances of 500 jobs, 50 ms each: the published ones, and one drawn for each setting, proved first."""
    p, d, optimal = read("smtt", "n500", "p", "d", "opt")
    rows = [searched(f"published, {len(p)}", [(p[k], d[k], int(optimal[k])) for k in range(len(p))])]
    instances = []
    for rdd in (0.2, 0.4, 0.6, 0.8, 1.0):
        for tf in (0.2, 0.4, 0.6, 0.8):
            jobs = sk.tardiness.potts_van_wassenhove(500, rdd, tf, seed=2024)
            s = sk.tardiness.solve_exact(jobs.processing_time, jobs.due_date, time_limit=60)
            if s.status == "optimal":
                instances.append((jobs.processing_time, jobs.due_date, int(s.total_tardiness)))
    rows.append(searched(f"drawn, {len(instances)} of 20 proved", instances))
    return table(("instances", "gap of the sum", "longest call over the limit"), rows)


TAKES = "minutes"
TABLES: Makers = {
    "tardiness-gaps": gaps,
    "tardiness-proofs": proofs,
    "tardiness-batches": batches,
    "tardiness-weighted": weighted,
    "tardiness-search": search,
}
tables = producer(TABLES)
