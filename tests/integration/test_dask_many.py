"""`solve_many` on a Dask cluster of several worker processes, one of which dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

pytest.importorskip("joblib", reason="joblib is not installed")
dask: Any = pytest.importorskip("dask", reason="dask is not installed")
distributed: Any = pytest.importorskip("distributed", reason="dask.distributed is not installed")

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # theirs
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]
EXAMPLE = sk.rcpsp.read(sk.example_path("migration.json"))


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    options = {"n_workers": 3, "threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def slowly(project: sk.rcpsp.Project, seed: int, marks: str) -> int:
    """A call that takes a while and leaves a mark each time it starts."""
    (Path(marks) / f"{seed}-{os.getpid()}").touch()
    time.sleep(0.2)
    return sk.rcpsp.serial_sgs(project, "random", seed=seed).makespan


def once(arguments: tuple[int, str]) -> int:
    return slowly(EXAMPLE, *arguments)


def test_results_equal_the_serial_ones(client: Any) -> None:
    projects = [EXAMPLE] * 30
    assert (
        sk.solve_many(sk.rcpsp.serial_sgs, projects, backend="dask", priority="random", seed=1)
        == [sk.rcpsp.serial_sgs(EXAMPLE, "random", seed=1)] * 30
    )


def test_a_killed_worker_loses_no_result(client: Any, tmp_path: Path) -> None:
    calls = [(seed, str(tmp_path)) for seed in range(24)]
    expected = [sk.rcpsp.serial_sgs(EXAMPLE, "random", seed=seed).makespan for seed in range(24)]
    victim = next(iter(client.run(os.getpid).values()))
    killed = threading.Event()

    def progress(done: int, total: int) -> None:
        if done == 6 and not killed.is_set():
            os.kill(victim, signal.SIGKILL)
            killed.set()

    found = sk.solve_many(once, [(call,) for call in calls], backend="dask", progress=progress)
    assert killed.is_set()
    assert found == expected
    started = [mark.name.split("-") for mark in tmp_path.iterdir()]
    assert str(victim) in {process for _, process in started}
    assert {int(seed) for seed, _ in started} == set(range(24))
    assert len(started) > 24  # what the victim had begun began again elsewhere


def test_a_token_ends_running_calls_everywhere(client: Any) -> None:
    client.wait_for_workers(3)
    stop = sk.CancelToken()
    threading.Timer(0.5, stop.cancel).start()
    start = time.monotonic()
    found = sk.solve_many(sk.rcpsp.solve, [EXAMPLE] * 9, backend="dask", time_limit=120, stop=stop)
    assert time.monotonic() - start < 60
    assert [sk.check(EXAMPLE, answer.schedule) for answer in found] == [[]] * 9


def test_a_portfolio_is_the_same_everywhere(client: Any) -> None:
    options: dict[str, Any] = {"max_schedules": 2000, "seed": 3}
    here = sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, 7, workers=1, **options)
    there = sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, 7, backend="dask", **options)
    assert there.schedule == here.schedule


def test_a_portfolio_with_and_without_the_prover_is_the_same_everywhere(client: Any) -> None:
    variants: list[dict[str, Any]] = [{"seed": seed, "prover": prover} for seed in range(3) for prover in (True, False)]
    here = sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, variants, workers=1, max_schedules=2000)
    there = sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, variants, backend="dask", max_schedules=2000)
    each = [sk.rcpsp.solve(EXAMPLE, max_schedules=2000, **variant) for variant in variants]
    assert there.schedule == here.schedule
    assert here.makespan == min(answer.makespan or 0 for answer in each) > 0
    assert sk.check(EXAMPLE, there.schedule) == []


def test_errors_come_home(client: Any) -> None:
    with pytest.raises(sk.InputTypeError) as caught:
        sk.solve_many(sk.rcpsp.serial_sgs, [EXAMPLE, 3, EXAMPLE, "x"], backend="dask")
    assert caught.value.field == "project"
    assert caught.value.__notes__ == ["while solving problem 1"]


def misbehave(what: Any) -> Any:
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exit":
        sys.exit("enough")
    if what == "interrupt":
        raise KeyboardInterrupt
    if what == "lock":
        return threading.Lock()
    return what


def test_what_gives_no_result_is_named_and_costs_no_other_result(client: Any) -> None:
    problems = [0, "exit", 2, "interrupt", "lock", threading.Lock(), 6]
    found = sk.solve_many(misbehave, problems, backend="dask", on_error="return")
    assert (found[0], found[2], found[6]) == (0, 2, 6)
    lost = {answer.index: str(answer) for answer in found if isinstance(answer, sk.LostCallError)}
    assert sorted(lost, key=str) == [1, 3, 4, 5]
    assert "ended with SystemExit: enough" in lost[1]
    assert "ended with KeyboardInterrupt" in lost[3]
    assert "its result, a lock, cannot be sent back" in lost[4]
    assert "its arguments cannot be sent to a worker" in lost[5]
    with pytest.raises(sk.LostCallError, match="problem 1 was lost") as caught:
        sk.solve_many(misbehave, problems, backend="dask")
    assert caught.value.results is not None
    assert caught.value.results[0] == 0


def test_calls_that_kill_their_workers_each_time_are_lost_alone() -> None:
    """In a cluster of its own, whose workers come back after each death; it gives calls up after the first one."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    problems = ["kill" if k in (1, 4) else k for k in range(7)]
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster),
    ):
        found = sk.solve_many(misbehave, problems, backend="dask", on_error="return")
    lost = {answer.index: str(answer) for answer in found if isinstance(answer, sk.LostCallError)}
    assert sorted(lost, key=str) == [1, 4]
    assert all("its workers died each time it ran" in text for text in lost.values())
    assert [answer for k, answer in enumerate(found) if k not in lost] == [0, 2, 3, 5, 6]


def test_without_a_client_the_answer_is_clear() -> None:
    code = """
import schedkit as sk
try:
    sk.solve_many(sk.rcpsp.serial_sgs, [sk.rcpsp.read(sk.example_path("migration.json"))], backend="dask", workers=2)
except sk.InvalidInputError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.startswith("backend = 'dask': joblib refuses it: ")
    assert "Client" in run.stdout
