"""How the Dask planner counts work and plans behind it; needs no Dask. Expected values by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from schedkit.integrations._dask_load import LATENCY, Given, Loads, best_worker, plan


def test_work_is_counted_once_and_leaves() -> None:
    loads = Loads()
    loads.put("a", "w", 2.0, now=10.0)
    loads.put("a", "w", 2.0, now=11.0)
    loads.put("b", "w", 4.0, now=11.0)
    assert (loads.on("w"), loads.on("v")) == (2, 0)
    assert loads.remaining("w", 1, now=10.0) == 6.0
    assert loads.remaining("w", 1, now=11.0) == 5.0  # one thread has worked for a second
    assert loads.remaining("w", 1, now=99.0) == 3.0  # at most the mean duration is taken as done
    assert loads.threads("w", 2, now=10.0) == [3.0, 3.0]
    assert loads.threads("w", 3, now=10.0) == [3.0, 3.0, 0.0]
    loads.put("b", "v", 4.0, now=12.0)  # it moves
    assert (loads.on("w"), loads.on("v")) == (1, 1)
    loads.take("a", now=12.0)
    loads.take("a", now=12.0)
    assert (loads.on("w"), loads.remaining("w", 1, now=12.0)) == (0, 0.0)
    loads.forget("v")
    assert loads.on("v") == 0
    loads.take("b", now=13.0)


def test_a_plan_stands_behind_the_work_of_each_thread() -> None:
    """Two threads are busy until 3 and 1: two independent tasks of 1 s end at 2 and 3 on the second one."""
    where, start, end = plan([1.0, 1.0], [], [], [], [("a", 1, [3.0]), ("b", 1, [1.0])], 1e8)
    assert (where, start, end) == (["b", "b"], [1.0, 2.0], 3.0)


def test_ties_follow_the_order_of_the_workers() -> None:
    assert plan([1.0], [], [], [], [("b", 1, [0.0]), ("a", 1, [0.0])], 1e8)[0] == ["b"]


def test_scattered_results_draw_tasks_to_their_workers() -> None:
    """100 bytes at 10 bytes a second take 10 s and the latency elsewhere; waiting 5 s beside them is better, 20 s is not."""
    given = [Given(0, ("b",), 0.0, 100.0)]
    assert plan([1.0], [], [], given, [("a", 1, [0.0]), ("b", 1, [5.0])], 10.0) == (["b"], [5.0], 6.0)
    where, start, _ = plan([1.0], [], [], given, [("a", 1, [0.0]), ("b", 1, [20.0])], 10.0)
    assert where == ["a"]
    assert start == pytest.approx([10.0 + LATENCY])
    late = [Given(0, ("b",), 4.0, 0.0)]  # it is there at 4
    assert plan([1.0], [], [], late, [("a", 1, [0.0]), ("b", 1, [0.0])], 10.0) == (["b"], [4.0], 5.0)


def test_threads_of_one_worker_share_their_data() -> None:
    """Two tasks of 1 s need a result of 100 bytes at 10 bytes a second: both run beside it, on two threads of its worker."""
    where, _, end = plan(
        [1.0, 1.0, 1.0], [(0, 1), (0, 2)], [100.0, 100.0], [], [("a", 2, [0.0] * 2), ("b", 2, [0.0] * 2)], 10.0
    )
    assert (where, end) == (["a", "a", "a"], 2.0)


def worker(address: str, threads: int = 1) -> Any:
    return SimpleNamespace(address=address, nthreads=threads)


def test_a_ready_task_goes_where_it_starts_first() -> None:
    a, b, c = worker("a"), worker("b"), worker("c", threads=2)
    task = SimpleNamespace(dependencies=[SimpleNamespace(nbytes=100, who_has=[b])])
    loads = Loads()
    assert best_worker(task, [a, b, c], loads, 10.0, now=0.0) == "b"
    loads.put("x", "b", 8.0, now=0.0)
    assert best_worker(task, [a, b, c], loads, 10.0, now=0.0) == "b"  # 8 s of waiting, or 10 s of transfer
    loads.put("y", "b", 8.0, now=0.0)
    assert best_worker(task, [a, b, c], loads, 10.0, now=0.0) == "a"
    free = SimpleNamespace(dependencies=[])
    loads.put("z", "a", 1.0, now=0.0)
    loads.put("u", "c", 9.0, now=0.0)
    assert best_worker(free, [a, b, c], loads, 10.0, now=0.0) == "c"  # its second thread is free
    assert best_worker(free, [c, worker("d"), worker("e")], loads, 10.0, now=0.0) == "d"  # all start now: the least work
