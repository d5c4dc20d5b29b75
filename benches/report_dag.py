"""The tables of docs/results/dag.md (some minutes; most need the benchmark data, some work on a million tasks)."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

import numpy as np
import schedkit as sk
from numpy.typing import NDArray

from benches.tables import Makers, Table, producer, table
from tests import data

SPEEDS = [1.0, 1.5, 2.0, 3.0]


def workflow(name: str, ratio: float, speeds: list[float]) -> tuple[sk.dag.TaskGraph, sk.dag.Network]:
    """A shared workflow, and the bandwidth at which mean communication over mean cost is `ratio`."""
    w = sk.dag.read_wfformat(data.find("workflows", name))
    graph = w.on(speeds)
    return graph, sk.dag.Network(w.data.mean() / (graph.cost.mean() * ratio))


def workflows() -> list[str]:
    """The files of the shared workflows."""
    return [row["file"] for row in data.table("workflows", "index.csv")]


def checked(graph: sk.dag.TaskGraph, schedule: sk.dag.DagSchedule, network: sk.dag.Network | None = None) -> float:
    """The makespan of a schedule that has passed the check."""
    assert sk.check(graph, schedule, network=network) == []
    return schedule.makespan


def list_algorithms() -> Table:
    """Mean makespan over lower bound by algorithm and ratio."""
    ratios, names = (0.1, 1.0, 10.0), workflows()
    cells = []
    for algorithm, function in sk.dag.ALGORITHMS.items():
        row = []
        for ratio in ratios:
            gaps = []
            for name in names:
                graph, network = workflow(name, ratio, SPEEDS)
                gaps.append(checked(graph, function(graph, network), network) / sk.dag.lower_bound(graph, network))
            row.append(f"{np.mean(gaps):.3f}")
        cells.append((algorithm, *row))
    return table(("algorithm", *(f"ratio {r:g}" for r in ratios)), cells)


def search() -> Table:
    """How far one second of search goes below the best of all list algorithms, on eight processors."""
    ratios = (1.0, 10.0)
    cells: list[tuple[object, ...]] = []
    gains: dict[float, list[float]] = {ratio: [] for ratio in ratios}
    gaps: dict[float, list[float]] = {ratio: [] for ratio in ratios}
    for name in workflows():
        row: list[str] = []
        for ratio in ratios:
            graph, network = workflow(name, ratio, SPEEDS * 2)
            best = min(f(graph, network).makespan for f in sk.dag.ALGORITHMS.values())
            s = sk.dag.improve(graph, network, time_limit=1.0)
            found, bound = checked(graph, s, network), sk.dag.lower_bound(graph, network)
            gains[ratio].append(1 - found / best)
            gaps[ratio].append(found / bound - 1)
            row += [f"{best / bound:.3f}", f"{found / bound:.3f}", f"{gains[ratio][-1]:.1%}"]
        cells.append((name.split(".")[0], graph.num_tasks, *row))
    cells.append(("mean", "", *(cell for ratio in ratios for cell in ("", "", f"{np.mean(gains[ratio]):.2%}"))))
    for limit in (0.01, 0.02, 0.05, 0.1):
        within = (sum(gap <= limit for gap in gaps[ratio]) for ratio in ratios)
        cells.append((f"answers within {limit:.0%} of the bound", "", *(cell for count in within for cell in ("", count, ""))))
    columns = (f"ratio {ratio:g}: {what}" for ratio in ratios for what in ("best list", "search", "gain"))
    return table(("workflow", "tasks", *columns), cells)


def task_graphs() -> Table:
    """Standard Task Graphs: list algorithms and search against the best known makespans."""
    rows = data.table("stg", "index.csv")
    paths = {f"{size}/{n}": p for size in ("stg50", "stg100") for n, p in data.files(("stg", f"{size}.tar.gz"), ".stg").items()}
    algorithms = {**sk.dag.ALGORITHMS, "improve (0.2 s)": lambda graph: sk.dag.improve(graph, time_limit=0.2)}
    gaps: dict[str, list[float]] = {name: [] for name in algorithms}
    for row in rows:
        w = sk.dag.read_stg(paths[row["file"]])
        for m in (2, 4, 8, 16):
            graph = w.on([1.0] * m)
            for name, function in algorithms.items():
                gaps[name].append(checked(graph, function(graph)) / float(row[f"ub_{m}"]) - 1)
    return table(("algorithm", "above the best known"), ((name, f"{np.mean(values):.2%}") for name, values in gaps.items()))


def jobs() -> list[sk.dag.TaskGraph]:
    """Kinds of jobs: ten tasks each, for 16 processors."""
    rng = np.random.default_rng(0)
    graphs = []
    for _ in range(8):
        edges = [(int(i), j) for j in range(1, 10) for i in rng.choice(j, size=min(j, 2), replace=False)]
        graphs.append(sk.dag.TaskGraph(rng.uniform(5, 15, (10, 16)), edges, rng.uniform(0, 5, len(edges))))
    return graphs


def streams() -> Table:
    """Latency by policy, load and noise."""
    graphs, cells = jobs(), []
    for rate in (0.125, 0.17):
        for noise in (0.0, 0.2, 0.5):
            for policy in sk.dag.POLICIES:
                for key in ("upward_rank", "arrival", "remaining") if policy == "reschedule" else ("upward_rank",):
                    r = sk.dag.simulate_stream(graphs, policy=policy, key=key, rate=rate, noise=noise, num_jobs=20_000)
                    times = (f"{latency:.1f}" for latency in (r.mean_latency, r.p95_latency, r.p99_latency))
                    cells.append((policy, key, rate, noise, *times, f"{r.utilisation:.2f}", r.num_plans))
    return table(("policy", "key", "rate", "noise", "mean", "p95", "p99", "utilisation", "new plans"), cells)


def million() -> Table:
    """Seconds of processor time for a million task completions, by policy: the least of three runs."""
    graphs, cells = jobs(), []
    for policy in sk.dag.POLICIES:
        times = []
        for _ in range(3):
            begin = time.thread_time()
            r = sk.dag.simulate_stream(graphs, policy=policy, rate=0.175, noise=0.2, num_jobs=100_000)
            times.append(time.thread_time() - begin)
        cells.append((policy, f"{min(times):.2f}", f"{r.utilisation:.2f}", f"{r.mean_latency:.1f}"))
    return table(("policy", "seconds", "utilisation", "mean latency"), cells)


SHAPES = {
    "a window of `4 sqrt(n)`": lambda j: (j - 4 * int(len(j) ** 0.5), j),
    "a window of `n / 10`": lambda j: (j - len(j) // 10, j),
    "the layer of `sqrt(n)` before": lambda j: (j - j % int(len(j) ** 0.5) - int(len(j) ** 0.5), j - j % int(len(j) ** 0.5)),
    "all before": lambda j: (0 * j, j),
}
COSTS = {
    "independent": lambda rng, n, m: rng.uniform(1, 20, (n, m)),
    "alike": lambda rng, n, m: rng.uniform(0, 21, (n, 1)) * rng.uniform(0.75, 1.25, (n, m)),
}


Columns = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]


def columns(n: int, num_processors: int, shape: str, costs: str, ratio: float) -> Columns:
    """Costs, edges and data of a graph with four edges into each task; mean data over mean cost is `ratio`."""
    rng = np.random.default_rng(1)
    low, high = SHAPES[shape](np.arange(n))
    low = np.maximum(low, 0)
    before = low + (rng.random((4, n)) * (high - low)).astype(np.int64)
    task = np.broadcast_to(np.arange(n), (4, n))
    some = (high > low) & (np.arange(n) > 0)
    edges = np.unique(np.stack([before[:, some].ravel(), task[:, some].ravel()], axis=1), axis=0)
    return COSTS[costs](rng, n, num_processors), edges, rng.uniform(0, 21 * ratio, len(edges))


def least_time(graph: sk.dag.TaskGraph) -> float:
    """Nanoseconds per task of HEFT, the least of some runs; what other programs take of the processor does not count."""
    times = []
    for _ in range(max(2, min(20, 300_000 // graph.num_tasks))):
        begin = time.thread_time()
        sk.dag.heft(graph)
        times.append(time.thread_time() - begin)
    return min(times) / graph.num_tasks * 1e9


def growth() -> Table:
    """HEFT's time per task by the number of tasks, and what a doubling costs."""
    cells: list[tuple[object, ...]] = []
    before = {8: 0.0, 64: 0.0}
    for n in (10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 1_000_000):
        row: list[str] = []
        for m in (8, 64):
            now = least_time(sk.dag.TaskGraph(*columns(n, m, "a window of `4 sqrt(n)`", "independent", 1.0)))
            row += [f"{now:.0f}", f"{2 * now / before[m]:.2f}" if before[m] and n < 1_000_000 else ""]
            before[m] = now
        cells.append((n, *row))
    return table(("tasks", "8 processors, ns per task", "doubling", "64 processors, ns per task", "doubling"), cells)


def shapes() -> Table:
    """HEFT's time per task for a million tasks of many shapes."""
    cells = []
    for shape in SHAPES:
        for costs in COSTS:
            for ratio in (0.1, 1.0, 5.0):
                graphs = (sk.dag.TaskGraph(*columns(1_000_000, m, shape, costs, ratio)) for m in (8, 64))
                row = [f"{least_time(graph):.0f}" for graph in graphs]
                cells.append((shape, costs, f"{ratio:g}", *row))
    return table(("edges from", "costs", "ratio", "8 processors, ns per task", "64 processors, ns per task"), cells)


def memory() -> Table:
    """Bytes per task beyond the caller's arrays, resident at most, for a million tasks on 8 processors (Linux)."""

    def resident(which: str) -> int:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(which))

    n = 1_000_000
    given = columns(n, 8, "a window of `4 sqrt(n)`", "independent", 1.0)
    ctypes.CDLL(None).malloc_trim(0)  # what making the arrays has left behind is no room for the graph
    before = resident("VmRSS")
    forget = Path("/proc/self/clear_refs")
    forget.write_text("5", encoding="ascii")  # the largest size so far is the present one
    graph = sk.dag.TaskGraph(*given)
    built = resident("VmHWM") - before
    forget.write_text("5", encoding="ascii")
    schedule = sk.dag.heft(graph)
    planned = resident("VmHWM") - before
    assert schedule.makespan >= sk.dag.lower_bound(graph)
    rows = (("while the graph is built", f"{built / n:.0f}"), ("while it is scheduled, results included", f"{planned / n:.0f}"))
    return table(("moment", "bytes per task"), rows)


TAKES = "half an hour"
TABLES: Makers = {
    "dag-lists": list_algorithms,
    "dag-search": search,
    "dag-stg": task_graphs,
    "dag-streams": streams,
    "dag-million": million,
    "dag-growth": growth,
    "dag-shapes": shapes,
    "dag-memory": memory,
}
tables = producer(TABLES)
