"""Published numbers: the ten-task graph of Topcuoglu et al. (2002) and two instances that pin what it leaves open."""

from __future__ import annotations

import numpy as np
import pytest
import schedkit as sk

COST = [
    [14, 16, 9], [13, 19, 18], [11, 13, 19], [13, 8, 17], [12, 13, 10],
    [13, 16, 9], [7, 15, 11], [5, 11, 14], [18, 12, 20], [21, 7, 16],
]  # fmt: skip
EDGES = {
    (0, 1): 18, (0, 2): 12, (0, 3): 9, (0, 4): 11, (0, 5): 14, (1, 7): 19, (1, 8): 16, (2, 6): 23,
    (3, 7): 27, (3, 8): 23, (4, 8): 13, (5, 7): 15, (6, 9): 17, (7, 9): 11, (8, 9): 13,
}  # fmt: skip


@pytest.fixture
def graph() -> sk.dag.TaskGraph:
    return sk.dag.TaskGraph(COST, list(EDGES), list(EDGES.values()))


@pytest.mark.parametrize(
    ("name", "makespan"), [("heft", 80), ("cpop", 86), ("peft", 85), ("ppts", 80), ("ippts", 95), ("lookahead_heft", 76)]
)
def test_published_makespans(graph: sk.dag.TaskGraph, name: str, makespan: float) -> None:
    s = sk.dag.ALGORITHMS[name](graph)
    assert s.makespan == makespan
    assert sk.check(graph, s) == []


def test_published_placement(graph: sk.dag.TaskGraph) -> None:
    s = sk.dag.heft(graph)
    assert s.processor.tolist() == [2, 0, 2, 1, 2, 1, 2, 0, 1, 1]
    assert s.start_time.tolist() == [0, 27, 9, 18, 28, 26, 38, 57, 56, 73]
    assert s.completion_time.tolist() == [9, 40, 28, 26, 38, 42, 49, 62, 68, 80]


def test_dls_gives_the_length_that_the_heft_paper_reports(graph: sk.dag.TaskGraph) -> None:
    assert sk.dag.dls(graph, insertion=False).makespan == 91


def test_published_ranks(graph: sk.dag.TaskGraph) -> None:
    up = [108, 77, 80, 80, 69, 63.333, 42.667, 35.667, 44.333, 14.667]
    down = [0, 31, 25, 22, 24, 27, 62.333, 66.667, 63.667, 93.333]
    np.testing.assert_array_equal(sk.dag.upward_rank(graph).round(3), up)
    np.testing.assert_array_equal(sk.dag.downward_rank(graph).round(3), down)
    by_rank = np.lexsort((np.arange(10), -sk.dag.upward_rank(graph)))
    assert np.argsort(-sk.dag.heft_priorities(graph)).tolist() == by_rank.tolist()


def test_search_reaches_at_least_the_best_list(graph: sk.dag.TaskGraph) -> None:
    s = sk.dag.improve(graph, max_evaluations=20_000)
    assert s.makespan <= 76
    assert sk.check(graph, s) == []


def test_uniform_matrices_are_as_good_as_numbers(graph: sk.dag.TaskGraph) -> None:
    matrix = sk.dag.Network(np.full((3, 3), 2.0), np.full((3, 3), 0.5))
    assert sk.dag.heft(graph, matrix) == sk.dag.heft(graph, sk.dag.Network(2.0, 0.5))


def test_related_machines_give_what_their_matrix_gives() -> None:
    rng = np.random.default_rng(0)
    work, speed = rng.uniform(1, 9, 60), np.array([1.0, 1.5, 3.0])
    edges = [(i, j) for i in range(60) for j in range(i + 1, 60) if rng.random() < 0.05]
    data = rng.uniform(0, 9, len(edges))
    related = sk.dag.TaskGraph.from_work(work, speed, edges, data)
    matrix = sk.dag.TaskGraph(work[:, None] / speed, edges, data)
    assert related == matrix
    for function in sk.dag.ALGORITHMS.values():
        assert function(related) == function(matrix)
