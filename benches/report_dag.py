"""Prints the tables of docs/results/dag.md: python -m benches.report_dag (a few minutes; needs the benchmark data)."""

from __future__ import annotations

import sys

import numpy as np
import schedkit as sk

from tests import data

SPEEDS = [1.0, 1.5, 2.0, 3.0]


def workflow(name: str, ratio: float, speeds: list[float]) -> tuple[sk.dag.TaskGraph, sk.dag.Network]:
    """A shared workflow, and the bandwidth at which mean communication over mean cost is `ratio`."""
    w = sk.dag.read_wfformat(data.find("workflows", name))
    graph = w.on(speeds)
    return graph, sk.dag.Network(w.data.mean() / (graph.cost.mean() * ratio))


def checked(graph: sk.dag.TaskGraph, schedule: sk.dag.DagSchedule, network: sk.dag.Network | None = None) -> float:
    """The makespan of a schedule that has passed the check."""
    assert sk.check(graph, schedule, network=network) == []
    return schedule.makespan


def list_algorithms(names: list[str]) -> None:
    """Mean makespan over lower bound by algorithm and ratio."""
    ratios = (0.1, 1.0, 10.0)
    print("| algorithm | " + " | ".join(f"ratio {r:g}" for r in ratios) + " |\n| --- | --- | --- | --- |")
    for algorithm, function in sk.dag.ALGORITHMS.items():
        row = []
        for ratio in ratios:
            gaps = []
            for name in names:
                graph, network = workflow(name, ratio, SPEEDS)
                gaps.append(checked(graph, function(graph, network), network) / sk.dag.lower_bound(graph, network))
            row.append(f"{np.mean(gaps):.3f}")
        print(f"| {algorithm} | " + " | ".join(row) + " |", flush=True)


def search(names: list[str]) -> None:
    """How far one second of search goes below the best of all list algorithms, on eight processors."""
    ratios = (1.0, 10.0)
    columns = [f"ratio {r:g}: best list / bound | search / bound | gain" for r in ratios]
    print("| workflow | tasks | " + " | ".join(columns) + " |\n" + "| --- " * (2 + 3 * len(ratios)) + "|")
    gains: dict[float, list[float]] = {ratio: [] for ratio in ratios}
    for name in names:
        row = []
        for ratio in ratios:
            graph, network = workflow(name, ratio, SPEEDS * 2)
            best = min(f(graph, network).makespan for f in sk.dag.ALGORITHMS.values())
            s = sk.dag.improve(graph, network, time_limit=1.0)
            found, bound = checked(graph, s, network), sk.dag.lower_bound(graph, network)
            gains[ratio].append(1 - found / best)
            row.append(f"{best / bound:.3f} | {found / bound:.3f} | {gains[ratio][-1]:.1%}")
        print(f"| {name.split('.')[0]} | {graph.num_tasks} | " + " | ".join(row) + " |", flush=True)
    for ratio in ratios:
        print(f"ratio {ratio:g}: {np.mean(gains[ratio]):.2%} below the best list")


def task_graphs() -> None:
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
    print("| algorithm | above the best known |\n| --- | --- |")
    for name, values in gaps.items():
        print(f"| {name} | {np.mean(values):.2%} |", flush=True)


def streams() -> None:
    """Latency by policy, load and noise."""
    rng = np.random.default_rng(0)
    graphs = []
    for _ in range(8):
        edges = [(int(i), j) for j in range(1, 10) for i in rng.choice(j, size=min(j, 2), replace=False)]
        graphs.append(sk.dag.TaskGraph(rng.uniform(5, 15, (10, 16)), edges, rng.uniform(0, 5, len(edges))))
    print("| policy | key | rate | noise | mean | p95 | p99 | utilisation | plans anew |\n" + "| --- " * 9 + "|")
    for rate in (0.05, 0.125, 0.17):
        for noise in (0.0, 0.2, 0.5):
            for policy in sk.dag.POLICIES:
                for key in (
                    ("upward_rank", "arrival", "remaining") if policy in ("reschedule", "frontier") else ("upward_rank",)
                ):
                    r = sk.dag.simulate_stream(graphs, policy=policy, key=key, rate=rate, noise=noise, num_jobs=20_000)
                    times = f"{r.mean_latency:.1f} | {r.p95_latency:.1f} | {r.p99_latency:.1f} | {r.utilisation:.2f}"
                    print(f"| {policy} | {key} | {rate} | {noise} | {times} | {r.num_plans} |", flush=True)


if __name__ == "__main__":
    files = [row["file"] for row in data.table("workflows", "index.csv")]
    wanted = sys.argv[1:] or ["lists", "search", "stg", "streams"]
    parts = {"lists": lambda: list_algorithms(files), "search": lambda: search(files), "stg": task_graphs, "streams": streams}
    for part in wanted:
        parts[part]()
