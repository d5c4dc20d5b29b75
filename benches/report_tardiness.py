"""Prints the tables of docs/results/tardiness.md: python -m benches.report_tardiness (minutes; needs the benchmark data).

Parts: gaps proofs batches weighted search unseen. Every sequence passes the check and every published optimum must be proved;
anything else is an AssertionError.
"""

from __future__ import annotations

import functools
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import schedkit as sk
from numpy.typing import NDArray

from benches.measure import seconds
from tests import data

Ints = NDArray[np.int64]


def read(family: str, name: str, *keys: str) -> list[Ints]:
    with np.load(data.find(family, f"{name}.npz"), allow_pickle=False) as file:
        return [file[key].astype(np.int64) for key in keys]


def checked(s: sk.tardiness.SequenceSchedule, p: Ints, d: Ints, w: Ints | None = None) -> sk.tardiness.SequenceSchedule:
    assert sk.check(sk.tardiness.Instance(p, d, w), s) == []
    return s


def gaps() -> None:
    """Percent over the optimum: of the sums, and on average where the optimum is positive."""
    names = ("n20a", "n20b", "n100", "n200", "n500")
    print("| rule | " + " | ".join(f"{name} sum | mean" for name in names) + " |\n" + "| --- " * (1 + 2 * len(names)) + "|")
    rules = ("edd", "eddc", "mdd", "psk", "mddc", "augmented_mdd", "augmented_mddc", "nbr", "panneerselvam", "spt")
    for rule in rules:
        cells = []
        for name in names:
            p, d, optimal = read("smtt", name, "p", "d", "opt")
            batch = getattr(sk.tardiness, rule)(p, d)
            total = np.array([checked(batch[k], p[k], d[k]).total_tardiness for k in range(len(p))])
            assert (total >= optimal).all()
            some = optimal > 0
            cells += [100 * (total.sum() / optimal.sum() - 1), 100 * (total[some] / optimal[some] - 1).mean()]
        print(f"| `{rule}` | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)


def proofs() -> None:
    """Processor time of `solve_exact`, and the most memory that the process ever had."""
    print("| jobs | instances | mean | median | largest | nodes, mean | peak memory so far |\n" + "| --- " * 7 + "|")
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
        row = f"| {p.size} | {len(seconds)} | {mean:.2f} ms | {median:.2f} ms | {largest:.1f} ms | {np.mean(nodes):,.0f} |"
        print(f"{row} {peak:.0f} MB |", flush=True)


def batches() -> None:
    """Batches of 100,000 instances of 20 jobs: the rate of the Python call in percent of that of the Rust core, in turns."""
    command = ["cargo", "bench", "--quiet", "--bench", "tardiness_ratios", "--", "turns"]
    random = np.random.default_rng(1)
    p = random.integers(1, 101, (100_000, 20))
    total = p.sum(axis=1, keepdims=True)
    d = random.integers(total * 3 // 10, total // 2 + 1, p.shape)
    print("| rule | Rust, columns reused | Rust, new columns | Python | rate, % of Rust |\n" + "| --- " * 5 + "|")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rust:
        assert rust.stdin is not None
        assert rust.stdout is not None
        for rule in ("edd", "mdd", "mddc", "atc"):
            run, turns = getattr(sk.tardiness, rule), []
            for _ in range(20):
                print(rule, file=rust.stdin, flush=True)
                theirs = [float(word) for word in rust.stdout.readline().split()]
                turns.append((*theirs, 1000 * seconds(functools.partial(run, p, d), repeat=1)[0]))
            reused, fresh, ours = np.min(turns, axis=0)
            rates = f"{100 * reused / ours:.0f} and {100 * fresh / ours:.0f}"
            print(f"| `{rule}` | {reused:.1f} ms | {fresh:.1f} ms | {ours:.1f} ms | {rates} |", flush=True)


def weighted() -> None:
    """How often `improve` reaches the best known weighted tardiness, one second and one core each."""
    print("| set | best known reached | excess of the sum | longest call |\n| --- | --- | --- | --- |")
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
        print(f"| {name} | {sum(reached)} of {len(reached)} | {excess:.4f} % | {longest:.4f} s |", flush=True)


def searched(title: str, instances: list[tuple[Ints, Ints, int]], limit: float = 0.05) -> None:
    """The gap of the summed tardiness that `improve` leaves, and by how much its calls are longer than the limit."""
    total, over = 0, []
    for p, d, optimum in instances:
        start = time.perf_counter()
        s = sk.tardiness.improve(p, d, time_limit=limit)
        over.append(time.perf_counter() - start - limit)
        assert checked(s, p, d).total_tardiness >= optimum
        total += s.total_tardiness
    gap = 100 * (total / sum(optimum for _, _, optimum in instances) - 1)
    print(f"{title}: gap of the sum {gap:.4f} %, longest call {1000 * max(over):+.1f} ms from the limit", flush=True)


def search() -> None:
    """Published instances of 500 jobs, 50 ms each."""
    p, d, optimal = read("smtt", "n500", "p", "d", "opt")
    searched("published", [(p[k], d[k], int(optimal[k])) for k in range(len(p))])


def unseen() -> None:
    """The same for instances that nobody has seen: one of each setting, proved first."""
    instances = []
    for rdd in (0.2, 0.4, 0.6, 0.8, 1.0):
        for tf in (0.2, 0.4, 0.6, 0.8):
            jobs = sk.tardiness.potts_van_wassenhove(500, rdd, tf, seed=2024)
            s = sk.tardiness.solve_exact(jobs.processing_time, jobs.due_date, time_limit=60)
            if s.status == "optimal":
                instances.append((jobs.processing_time, jobs.due_date, int(s.total_tardiness)))
    searched(f"unseen, {len(instances)} of 20 proved", instances)


if __name__ == "__main__":
    parts: dict[str, Callable[[], None]] = {
        "gaps": gaps, "proofs": proofs, "batches": batches, "weighted": weighted, "search": search, "unseen": unseen
    }  # fmt: skip
    for part in sys.argv[1:] or parts:
        parts[part]()
