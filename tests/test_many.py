"""Many problems on threads and processes; `tests/integration` has the cluster."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests.rcpsp.instances import endless

joblib = pytest.importorskip("joblib", reason="joblib is not installed")

EXAMPLE = sk.rcpsp.read(sk.example_path("migration.json"))
BACKENDS = ["threads", "processes"]


def projects(count: int) -> list[sk.rcpsp.Project]:
    rng = np.random.default_rng(7)
    return [sk.rcpsp.Project(rng.integers(1, 9, 12), rng.integers(0, 3, (12, 2)), [3, 2]) for _ in range(count)]


def fails_at_odd_durations(project: sk.rcpsp.Project) -> int:
    first = int(project.duration[0])
    if first % 2:
        raise ValueError(first)
    return first


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_equal_the_serial_ones(backend: str | None, workers: int) -> None:
    problems = projects(40)
    expected = [sk.rcpsp.serial_sgs(project, "random", seed=3) for project in problems]
    found = sk.solve_many(sk.rcpsp.serial_sgs, problems, workers=workers, backend=backend, priority="random", seed=3)
    assert found == expected
    for project, schedule in zip(problems, found, strict=True):
        assert sk.check(project, schedule) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_budgeted_searches_do_not_depend_on_workers(backend: str) -> None:
    problems = projects(6)
    expected = [sk.rcpsp.solve(project, max_schedules=300).schedule for project in problems]
    found = sk.solve_many(sk.rcpsp.solve, problems, workers=3, backend=backend, max_schedules=300)
    assert [answer.schedule for answer in found] == expected


def test_every_family() -> None:
    graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
    network = sk.dag.Network(latency=5.0)
    assert [s.makespan for s in sk.solve_many(sk.dag.heft, [(graph,), (graph, network)])] == [
        sk.dag.heft(graph).makespan,
        sk.dag.heft(graph, network).makespan,
    ]
    assert [s.total_tardiness for s in sk.solve_many(sk.tardiness.mdd, [([4, 7], [6, 9]), ([1], [0])])] == [2, 1]
    shops = [sk.shop.Shop([[(0, 3), (1, 2)], [(0, 4)]]), sk.shop.Shop([[{0: 3, 1: 2}]])]
    assert [s.makespan for s in sk.solve_many(sk.shop.solve, shops, max_moves=100)] == [7, 2]
    jobs = sk.online.Jobs([0, 1], [4, 2])
    assert [f.total_flow_time for f in sk.solve_many(sk.online.simulate, [jobs], policy="srpt")] == [8.0]


def test_nothing_to_do() -> None:
    assert sk.solve_many(sk.rcpsp.serial_sgs, []) == []
    assert sk.solve_many(sk.rcpsp.serial_sgs, iter(())) == []


def test_joblibs_own_context_is_obeyed() -> None:
    with joblib.parallel_config(backend="loky", n_jobs=2):
        processes = set(sk.solve_many(_process, range(8)))
    assert os.getpid() not in processes
    assert set(sk.solve_many(_process, range(8))) == {os.getpid()}


def _process(_: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_error_of_the_lowest_index_is_raised(backend: str) -> None:
    problems = [sk.rcpsp.Project([d], [[]], []) for d in (2, 4, 5, 6, 7, 8, 9)]
    for _ in range(3):
        with pytest.raises(ValueError, match=r"^5\n") as caught:
            sk.solve_many(fails_at_odd_durations, problems, backend=backend, workers=2)
        assert caught.value.__notes__ == ["while solving problem 2"]
    found = sk.solve_many(fails_at_odd_durations, problems, backend=backend, workers=2, on_error="return")
    assert [repr(r) for r in found] == ["2", "4", "ValueError(5)", "6", "ValueError(7)", "8", "ValueError(9)"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_one_token_ends_all(backend: str, delay: float) -> None:
    stop = sk.CancelToken()
    timer = threading.Timer(delay, stop.cancel)
    stop.cancel() if delay == 0 else timer.start()
    problems = [endless()] * 6
    start = time.monotonic()
    found = sk.solve_many(sk.rcpsp.solve, problems, backend=backend, workers=2, time_limit=60, stop=stop)
    assert time.monotonic() - start < 50  # nobody waited for a limit
    assert [sk.check(problem, answer.schedule) for problem, answer in zip(problems, found, strict=True)] == [[]] * 6


def test_every_call_has_its_own_deadline() -> None:
    found = sk.solve_many(sk.rcpsp.solve, [endless()] * 3, workers=1, time_limit=0.15)
    assert all(0.1 < answer.runtime < 5 for answer in found)  # the last had as much as the first


def test_progress() -> None:
    seen: list[tuple[int, int]] = []
    sk.solve_many(sk.rcpsp.serial_sgs, projects(5), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(k, 5) for k in range(1, 6)]

    def stop_it(done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sk.solve_many(sk.rcpsp.solve, [EXAMPLE] * 4, time_limit=0.2, progress=stop_it)


def test_the_bar_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich")
    sk.solve_many(sk.rcpsp.serial_sgs, projects(3), progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/3" in err


@pytest.mark.parametrize("missing", ["joblib", "rich"])
def test_what_is_missing_is_asked_for(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setitem(sys.modules, f"{missing}.console", None)
    with pytest.raises(sk.SchedkitError, match=f"{missing}: pip install 'schedkit\\[parallel\\]'"):
        sk.solve_many(sk.rcpsp.serial_sgs, projects(1), progress=True)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"function": 3}, "function"),
        ({"problems": "abc"}, "problems"),
        ({"problems": EXAMPLE}, "problems"),
        ({"problems": {"a": EXAMPLE}}, "problems"),
        ({"workers": 0}, "workers"),
        ({"workers": 1.5}, "workers"),
        ({"workers": True}, "workers"),
        ({"backend": "nowhere"}, "backend"),
        ({"time_limit": 1.0}, "time_limit"),  # serial_sgs takes none
        ({"function": sk.rcpsp.solve, "time_limit": -1.0}, "time_limit"),
        ({"function": sk.rcpsp.solve, "time_limit": float("nan")}, "time_limit"),
        ({"stop": sk.CancelToken()}, "stop"),
        ({"function": sk.rcpsp.solve, "stop": True}, "stop"),
        ({"on_error": "ignore"}, "on_error"),
        ({"progress": "yes"}, "progress"),
    ],
)
def test_bad_input(arguments: dict[str, Any], field: str) -> None:
    given = {"function": sk.rcpsp.serial_sgs, "problems": [EXAMPLE], **arguments}
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.solve_many(given.pop("function"), given.pop("problems"), **given)
    assert caught.value.field == field


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_ends_running_searches(backend: str) -> None:
    code = f"""
import os, signal, threading, time
import schedkit as sk
from tests.rcpsp.instances import endless
project = endless()
ended = []
def solve(project, stop=None):
    answer = sk.rcpsp.solve(project, time_limit=300, stop=stop)
    ended.append(answer.runtime)
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    sk.solve_many({"solve" if backend == "threads" else "sk.rcpsp.solve"}, [project] * 4, workers=2, backend={backend!r})
except KeyboardInterrupt:
    time.sleep(0.2)
    print("interrupted", threading.active_count(), len(ended))
"""
    code = code.replace("sk.rcpsp.solve, [project] * 4,", "sk.rcpsp.solve, [project] * 4, time_limit=300,")
    start = time.monotonic()
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert run.stdout.startswith("interrupted"), run.stderr
    assert time.monotonic() - start < 60
    if backend == "threads":
        assert int(run.stdout.split()[2]) == 2  # both that ran came to an end


# --- the best of several attempts


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_portfolio_keeps_the_lowest_objective_then_the_lowest_index(backend: str) -> None:
    alone = [sk.rcpsp.solve(EXAMPLE, max_schedules=200, seed=5 + k) for k in range(6)]
    best = min(range(6), key=lambda k: (alone[k].makespan, k))
    for workers in (1, 2, 4):
        found = sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, 6, seed=5, max_schedules=200, workers=workers, backend=backend)
        assert found.schedule == alone[best].schedule


def test_a_portfolio_ends_early_without_changing_the_answer() -> None:
    """The second attempt proves its answer; the third would run for a minute."""
    project = sk.rcpsp.Project([5, 3], [[1], [1]], [1])
    hard = {"max_schedules": 10**12, "time_limit": 60.0}
    start = time.monotonic()
    found = sk.solve_portfolio(_slow_or_optimal, (EXAMPLE, project), [{"which": 1}, {"which": 0, **hard}], workers=2)
    assert (found.status, found.makespan) == ("optimal", 8)
    assert time.monotonic() - start < 50


def _slow_or_optimal(*problems: sk.rcpsp.Project, which: int, stop: Any = None, **options: Any) -> sk.rcpsp.ProjectSolution:
    return sk.rcpsp.solve(problems[which], stop=stop, **options)


def test_portfolios_of_rules() -> None:
    found = sk.solve_portfolio(sk.rcpsp.serial_sgs, EXAMPLE, [{"priority": rule} for rule in sk.rcpsp.RULES])
    assert found.makespan == min(sk.rcpsp.serial_sgs(EXAMPLE, rule).makespan for rule in sk.rcpsp.RULES)
    weighted = sk.solve_portfolio(sk.tardiness.improve, ([4, 7, 2], [3, 4, 5], [1, 5, 1]), 2, max_moves=50)
    assert weighted.total_weighted_tardiness == sk.tardiness.improve([4, 7, 2], [3, 4, 5], [1, 5, 1]).total_weighted_tardiness


@pytest.mark.parametrize(("variants", "field"), [(0, "variants"), ([], "variants"), ("ab", "variants"), (None, "variants")])
def test_bad_portfolios(variants: Any, field: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.solve_portfolio(sk.rcpsp.solve, EXAMPLE, variants, max_schedules=1)
    assert caught.value.field == field


def test_a_portfolio_needs_an_objective() -> None:
    with pytest.raises(sk.InputTypeError, match="has no objective"):
        sk.solve_portfolio(_process, 1, [{}])


# --- problems travel as a few arrays


def big(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    pairs = np.column_stack((np.arange(n - 1), np.arange(1, n)))
    return {
        "project": sk.rcpsp.Project(rng.integers(1, 9, n), rng.integers(0, 3, (n, 4)), [9] * 4, precedence=pairs),
        "graph": sk.dag.TaskGraph(rng.random((n, 4)), pairs, rng.random(n - 1)),
        "related graph": sk.dag.TaskGraph.from_work(rng.random(n), [1.0, 2.0], pairs),
        "jobs": sk.online.Jobs(rng.random(n), rng.random(n), weight=rng.random(n)),
        "instance": sk.tardiness.Instance(rng.integers(1, 9, n), rng.integers(1, 99, n)),
    }


@pytest.mark.parametrize("name", list(big(2)))
def test_a_hundred_thousand_tasks_travel_as_at_most_eight_arrays(name: str) -> None:
    problem = big(100_000)[name]
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(problem, protocol=5, buffer_callback=arrays.append)
    assert len(arrays) <= 8
    assert len(rest) < 2000  # nothing is spelled out task by task
    assert pickle.loads(rest, buffers=arrays) == problem
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_signals_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT)
    sk.solve_many(sk.rcpsp.serial_sgs, projects(3), workers=2)
    assert signal.getsignal(signal.SIGINT) is before
