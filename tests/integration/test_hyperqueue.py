"""HyperQueue, for real: a server and a worker inside this process, and a graph whose priorities are bottom levels."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.integrations.priorities import integer_priorities

hyperqueue: Any = pytest.importorskip("hyperqueue", reason="hyperqueue is not installed")
cluster: Any = pytest.importorskip("hyperqueue.cluster")

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # theirs
    pytest.mark.skipif(sys.platform != "linux", reason="their wheels"),
]


def run(folder: Path, graph: sk.dag.TaskGraph, priority: list[int]) -> list[int]:
    """The order in which a worker with one core ran the tasks."""
    before: list[list[int]] = [[] for _ in priority]
    for a, b in graph.edges.tolist():
        before[b].append(a)
    log = folder / "log"
    with cluster.LocalCluster(server_dir=str(folder / "server")) as local:
        client = local.client()
        job = hyperqueue.Job(folder)
        tasks: list[Any] = []
        for i, level in enumerate(priority):
            deps = [tasks[a] for a in before[i]]
            command = ["sh", "-c", f"echo {i} >> {log}"]
            tasks.append(job.program(command, deps=deps, priority=level, stdout=None, stderr=None))
        submitted = client.submit(job)
        local.start_worker(cluster.WorkerConfig(cores=1))
        client.wait_for_jobs([submitted])
    return [int(line) for line in log.read_text().split()]


def test_tasks_run_in_the_order_of_their_bottom_levels(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    edges = [(a, b) for a in range(12) for b in range(a + 1, 12) if rng.random() < 0.15]
    graph = sk.dag.TaskGraph.from_work(rng.permutation(12) + 1.0, [1.0], edges)
    level = sk.dag.bottom_level(graph)
    priority = integer_priorities(level).tolist()
    assert len(set(priority)) > 8
    order = run(tmp_path, graph, priority)
    assert sorted(order) == list(range(12))
    place = {task: k for k, task in enumerate(order)}
    assert all(place[a] < place[b] for a, b in edges)
    # Bottom levels never contradict precedence, so with one core the highest ready task is the highest of all that are left.
    assert [priority[i] for i in order] == sorted(priority, reverse=True)
