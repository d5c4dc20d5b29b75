"""The planner inside a real Dask scheduler, and the contract that it relies on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schedkit as sk
from schedkit.integrations import _dask_internals as internals
from schedkit.integrations import dask as adapter

distributed: Any = pytest.importorskip("distributed", reason="dask.distributed is not installed")
dask: Any = pytest.importorskip("dask")

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs


@pytest.fixture
def client() -> Iterator[Any]:
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def short(*_: Any) -> str:
    time.sleep(0.01)
    return str(distributed.get_worker().address)


def long(*_: Any) -> str:
    time.sleep(0.2)
    return str(distributed.get_worker().address)


def states(client: Any, keys: list[str]) -> dict[str, tuple[Any, ...]]:
    def look(dask_scheduler: Any) -> dict[str, tuple[Any, ...]]:
        known = [dask_scheduler.tasks[key] for key in keys if key in dask_scheduler.tasks]
        return {ts.key: (ts.priority, set(ts.worker_restrictions or ()), ts.loose_restrictions) for ts in known}

    answer: dict[str, tuple[Any, ...]] = {}
    deadline = time.monotonic() + 60
    while len(answer) < len(keys) and time.monotonic() < deadline:  # graphs travel in batches
        answer = client.run_on_scheduler(look)
    assert len(answer) == len(keys)
    return answer


# --- the contract: fails loudly when Dask's internals move


def test_nothing_that_the_planner_touches_has_gone(client: Any) -> None:
    def look(dask_scheduler: Any) -> tuple[list[str], int]:
        return internals.broken_promises(dask_scheduler), len(internals.workers_of(dask_scheduler))

    assert client.run_on_scheduler(look) == ([], 2)


def test_what_is_gone_is_named() -> None:
    class Empty:
        pass

    assert "Scheduler.bandwidth is gone" in internals.broken_promises(Empty())


def test_graphs_are_announced_before_their_tasks_start_and_with_three_part_priorities(client: Any) -> None:
    class Spy(distributed.SchedulerPlugin):  # type: ignore[misc]
        name = "spy"

        def __init__(self) -> None:
            self.seen: list[tuple[str, int]] = []
            self.ran: list[dict[str, Any]] = []

        def update_graph(self, scheduler: Any, *, tasks: list[Any], **_: Any) -> None:
            self.seen += [(scheduler.tasks[key].state, len(scheduler.tasks[key].priority)) for key in tasks]

        def transition(self, key: Any, start: str, finish: str, *_: Any, **details: Any) -> None:
            if finish == "memory":
                self.ran.append(details)

    client.register_plugin(Spy())
    client.gather(client.map(short, range(4)))
    seen, ran = client.run_on_scheduler(
        lambda dask_scheduler: (dask_scheduler.plugins["spy"].seen, dask_scheduler.plugins["spy"].ran)
    )
    assert set(seen) == {("released", 3)}
    assert len(ran) == 4
    assert all("worker" in details for details in ran)


def test_restrictions_are_obeyed(client: Any) -> None:
    addresses = sorted(client.scheduler_info()["workers"])
    for address in addresses:
        assert set(client.gather(client.map(short, range(8), workers=[address], pure=False))) == {address}


def test_other_versions_are_refused(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("2024.1.0", "2099.1.0"):
        monkeypatch.setattr(distributed, "__version__", version)
        with pytest.raises(sk.SchedkitError, match="outside of what is tested"):
            adapter.install(client)
    low, high = internals.TESTED
    assert low < high


# --- plans


@pytest.mark.parametrize("restrictions", ["strict", "loose"])
def test_a_graph_runs_where_and_in_the_order_it_was_planned(client: Any, restrictions: Any) -> None:
    planner = adapter.install(client, durations={"long": 0.2, "short": 0.01}, restrictions=restrictions)
    first = [dask.delayed(short)(k, dask_key_name=f"short-{k}") for k in range(10)]
    chain = dask.delayed(long)(dask_key_name="long-0")
    chain = dask.delayed(long)(chain, dask_key_name="long-1")
    last = dask.delayed(len)([chain, *first], dask_key_name="end-0")
    future = client.compute(last)
    assert future.result() == 11
    report = planner.check()
    assert (report.num_graphs, report.num_planned, report.num_unfinished) == (1, 13, 0)
    assert report.num_kept + report.num_moved == 13
    if restrictions == "strict":
        assert report.num_moved == 0
    assert report.planned_seconds >= 0.4
    assert "13 tasks in 1 graphs" in str(report)


def test_placements_and_priorities_are_those_of_heft(client: Any) -> None:
    planner = adapter.install(client, durations={"long": 2.0, "short": 1.0}, restrictions="strict")
    gate = client.submit(long, key="long-gate")
    futures = {
        key: client.submit(function, *parents, key=key)
        for key, function, parents in (("short-a", short, [gate]), ("long-b", long, [gate]))
    }
    seen = states(client, list(futures))
    client.gather(list(futures.values()))
    for priority, workers, loose in seen.values():
        assert len(priority) == 3
        assert len(workers) == 1
        assert loose is False
    planner.check()


def test_priorities_alone(client: Any) -> None:
    planner = adapter.install(client, restrictions="none")
    futures = client.map(long, range(6))
    assert {tuple(workers) for _, workers, _ in states(client, [f.key for f in futures]).values()} == {()}
    client.gather(futures)
    assert planner.check().num_planned == 6


def test_measured_durations_are_used(client: Any) -> None:
    client.gather(client.map(long, range(4)))  # Dask measures 0.2 s
    planner = adapter.install(client, default_duration=100.0)
    client.gather(client.map(long, range(10, 14)))
    assert 0.3 < planner.check().planned_seconds < 5  # two on each of two workers, not 200 s


def test_tasks_with_restrictions_of_their_own_keep_them(client: Any) -> None:
    adapter.install(client, restrictions="strict")
    address = sorted(client.scheduler_info()["workers"])[1]
    futures = client.map(long, range(4), workers=[address], pure=False)
    assert all(workers == {address} for _, workers, _ in states(client, [f.key for f in futures]).values())
    assert set(client.gather(futures)) == {address}


def test_a_lost_worker_releases_its_tasks(client: Any) -> None:
    planner = adapter.install(client, durations={"long": 0.2}, restrictions="strict")
    links = [dask.delayed(long)(k, dask_key_name=f"long-{k}") for k in range(12)]
    future = client.compute(dask.delayed(len)(links, dask_key_name="end-0"))
    time.sleep(0.3)
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    assert future.result() == 12
    report = planner.check()
    assert len(report.lost_workers) == 1
    assert report.num_moved > 0
    assert "lost worker" in str(report)
    for planned, actual in report.moved.values():
        assert planned == report.lost_workers[0] != actual


def test_lost_results_are_made_again_elsewhere(client: Any) -> None:
    planner = adapter.install(client, durations={"long": 0.2}, restrictions="strict")
    futures = client.map(long, range(4))
    distributed.wait(futures)
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    assert len(client.gather(futures)) == 4
    planner.check()


def test_failures_are_shown_and_harm_nothing(client: Any) -> None:
    planner = adapter.install(client)

    def spoil(dask_scheduler: Any) -> None:
        dask_scheduler.plugins["schedkit"]._durations = {"short": float("nan")}

    client.run_on_scheduler(spoil)
    assert len(client.gather(client.map(short, range(5)))) == 5
    report = planner.report()
    assert len(report.failures) == 1
    assert "work[0] = NaN" in str(report)
    with pytest.raises(sk.SchedkitError, match=r"1 graphs were not planned(.|\n)*work\[0\] = NaN"):
        planner.check()
    assert client.get_events("schedkit")


# --- work that is there counts


@pytest.fixture
def threads() -> Iterator[Any]:
    """A cluster of four workers that are threads of this process: new ones are there at once."""
    options = {"n_workers": 4, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0", "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def nap(seconds: float, *_: Any) -> str:
    time.sleep(seconds)
    return str(distributed.get_worker().address)


@pytest.mark.parametrize("restrictions", ["strict", "loose"])
def test_submits_one_by_one_go_to_the_worker_with_least_planned(threads: Any, restrictions: Any) -> None:
    """Eight equal calls on four idle workers: two on each, whatever was planned before the first one ended."""
    planner = adapter.install(threads, restrictions=restrictions)
    futures = [threads.submit(nap, 0.3, key=f"alone-{k}") for k in range(8)]
    ran = threads.gather(futures)
    assert sorted(ran.count(worker) for worker in set(ran)) == [2, 2, 2, 2]
    assert planner.check().num_graphs == 8


def test_strict_plans_leave_independent_tasks_room(threads: Any) -> None:
    """A task that nothing waits for may leave its worker; one with a consumer may not, and neither may the consumer."""
    adapter.install(threads, restrictions="strict")
    alone = [threads.submit(nap, 0.3, key=f"alone-{k}") for k in range(6)]
    first = dask.delayed(nap)(0.1, dask_key_name="first-0")
    end = threads.compute(dask.delayed(nap)(0.1, first, dask_key_name="end-0"))
    seen = states(threads, [*(future.key for future in alone), "first-0", "end-0"])
    threads.gather([*alone, end])
    fixed = {key: bool(workers) and not loose for key, (_, workers, loose) in seen.items()}
    assert fixed == {**{f"alone-{k}": False for k in range(6)}, "first-0": True, "end-0": True}


@pytest.mark.parametrize("restrictions", ["strict", "loose"])
def test_two_chains_run_beside_each_other(threads: Any, restrictions: Any) -> None:
    """Each link of a chain stays on its worker, where its input lies; the second chain goes to another one."""
    planner = adapter.install(threads, restrictions=restrictions, durations={"nap": 0.1})
    ends, links = [], []
    for chain in "ab":
        last = None
        for k in range(4):
            last = dask.delayed(nap)(0.1, last, dask_key_name=f"nap-{chain}{k}")
            links.append(last)
        ends.append(last)
    futures = [threads.compute(end) for end in ends]
    threads.gather(futures)
    report = planner.check()
    assert report.num_moved == 0
    assert report.num_planned == 8
    assert report.planned_seconds < 1.2  # 0.4 s each, not one behind the other


def test_a_second_graph_is_planned_behind_the_first(threads: Any) -> None:
    """Strict: 2 s on each of four threads are planned already, so a task of 1 s ends at 3 s, not at 1 s."""
    planner = adapter.install(threads, restrictions="strict", durations={"first": 2.0, "second": 1.0})
    first = [threads.submit(nap, 0.5, key=f"first-{k}") for k in range(4)]
    states(threads, [future.key for future in first])
    before = planner.report().planned_seconds
    second = threads.submit(nap, 0.0, key="second-0")
    states(threads, ["second-0"])
    after = planner.report().planned_seconds
    assert before == pytest.approx(8.0, abs=0.1)  # 2 s for each of four graphs of one task
    assert 2.4 < after - before <= 3.0
    threads.gather([*first, second])
    planner.check()


@pytest.mark.parametrize("restrictions", ["strict", "loose"])
def test_workers_that_join_get_work(restrictions: Any) -> None:
    options = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0", "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        planner = adapter.install(client, restrictions=restrictions)
        futures = client.map(nap, [0.1] * 40, pure=False)
        time.sleep(0.25)
        cluster.scale(4)
        client.wait_for_workers(4)
        ran = client.gather(futures)
        report = planner.check()
    counts = sorted(ran.count(worker) for worker in set(ran))
    assert len(counts) == 4
    assert counts[0] >= 4  # a fair share of what was left is nine
    assert report.num_unfinished == 0
    assert report.num_moved == 0


def test_large_groups_without_dependencies_are_left_to_dask(threads: Any) -> None:
    planner = adapter.install(threads)
    threads.gather(threads.map(nap, [0.01] * 30, pure=False))
    report = planner.check()
    assert (report.num_free, report.num_kept, report.num_moved) == (30, 30, 0)


def test_uninstalled(client: Any) -> None:
    planner = adapter.install(client, restrictions="strict")
    planner.uninstall()
    futures = client.map(long, range(3))
    assert {tuple(workers) for _, workers, _ in states(client, [f.key for f in futures]).values()} == {()}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"restrictions": "tight"}, "restrictions"),
        ({"default_duration": -1.0}, "default_duration"),
        ({"durations": {"a": float("nan")}}, "durations['a']"),
        ({"sizes": {"a": "1"}}, "sizes['a']"),
    ],
)
def test_bad_input(options: dict[str, Any], field: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        adapter.install(None, **options)
    assert caught.value.field == field
