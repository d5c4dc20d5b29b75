"""The same placements whatever seed Python hashes strings with."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import schedkit as sk

graph = sk.dag.layered_graph(120, 5, seed=2)
named = sk.dag.TaskGraph(graph.cost, graph.edges, graph.data, names=[f"task {i}" for i in range(graph.num_tasks)])
schedules = [function(named) for function in sk.dag.ALGORITHMS.values()]
schedules.append(sk.dag.improve(named, max_evaluations=2000))
for s in schedules:
    print(s.processor.tolist(), s.start_time.tolist())
"""


def test_placements_do_not_depend_on_the_hash_seed() -> None:
    def placements(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=120
        ).stdout

    first = placements("1")
    assert len(first.splitlines()) == 18  # 17 list algorithms and the search
    assert placements("2") == first
