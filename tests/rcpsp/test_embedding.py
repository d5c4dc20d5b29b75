"""Inside other programs: threads, forks, subprocesses, hash seeds, cancel tokens."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import schedkit as sk

from tests.rcpsp.strategies import feasible_rankings

EXAMPLE = sk.rcpsp.read(sk.example_path("migration.json"))
ROWS = feasible_rankings(EXAMPLE, 200, seed=1)


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints; no warnings, nothing on standard error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_import_is_light_and_quiet() -> None:
    code = """
import sys, threading
import schedkit
heavy = {"matplotlib", "pandas", "rich", "networkx", "joblib", "numba", "subprocess", "multiprocessing"}
print(sorted(heavy & sys.modules.keys()), threading.active_count())
"""
    assert run(code) == "[] 1\n"


def test_scheduling_loads_nothing_heavy_either() -> None:
    code = """
import sys
import schedkit as sk
project = sk.rcpsp.read(sk.example_path("migration.sm"))
schedule = sk.rcpsp.justify(project, sk.rcpsp.parallel_sgs(project))
assert sk.check(project, schedule) == []
schedule.to_dict()
print(sorted({"matplotlib", "pandas", "rich"} & sys.modules.keys()))
"""
    assert run(code) == "[]\n"


def test_what_is_not_installed_is_asked_for() -> None:
    code = """
import sys
sys.modules.update(dict.fromkeys(["matplotlib", "pandas", "rich"]))
import schedkit as sk
from schedkit.cli import main
schedule = sk.rcpsp.serial_sgs(sk.rcpsp.read(sk.example_path("migration.sm")))
for method in (schedule.plot, schedule.to_pandas):
    try:
        method()
    except sk.SchedkitError as error:
        print(error)
assert main(["info", sk.example_path("migration.sm")]) == 0
"""
    plots, frames, header, *rows = run(code).splitlines()
    assert plots == "plots need matplotlib: pip install 'schedkit[plot]'"
    assert frames == "data frames need pandas: pip install 'schedkit[pandas]'"
    assert (header.split(), len(rows)) == (["property", "value"], 7)


def test_hash_seeds_change_nothing() -> None:
    code = """
import schedkit as sk
project = sk.rcpsp.read(sk.example_path("migration.json"))
print(hash(project.duration.tobytes()) != 0, project, project.names, project.precedence.tolist())
for rule in sk.rcpsp.RULES:
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        schedule = scheme(project, rule, seed=3)
        print(schedule.to_dict(), sk.rcpsp.justify(project, schedule).to_dict())
print(sk.check(project, {"activities": [{"activity": name, "start": 0, "end": 1} for name in project.names]}))
try:
    sk.rcpsp.Project([1] * 9, [[]] * 9, [], precedence=[(i, (i + k) % 9) for i in range(9) for k in (1, 2)])
except sk.CycleError as error:
    print(error, error.cycle)
"""
    first, second = run(code, PYTHONHASHSEED="1"), run(code, PYTHONHASHSEED="2")
    assert first == second
    assert len(first.splitlines()) == 2 * len(sk.rcpsp.RULES) + 3


def test_random_streams_do_not_depend_on_other_seeds() -> None:
    expected = sk.rcpsp.serial_sgs(EXAMPLE, "random", seed=5)
    state = np.random.default_rng(0).bit_generator.state
    np.random.seed(1)  # noqa: NPY002
    assert sk.rcpsp.serial_sgs(EXAMPLE, "random", seed=5) == expected
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    sk.rcpsp.serial_sgs(EXAMPLE, "random", seed=6)
    assert (before == np.random.get_state()[1]).all()  # type: ignore[index]  # noqa: NPY002
    assert state == np.random.default_rng(0).bit_generator.state


def test_threads_give_equal_answers() -> None:
    expected = sk.rcpsp.serial_sgs_many(EXAMPLE, ROWS, starts=True)
    start = threading.Barrier(4)

    def work(threads: int) -> sk.rcpsp.ScheduleBatch:
        start.wait()
        return sk.rcpsp.serial_sgs_many(EXAMPLE, ROWS, threads=threads, starts=True)

    with ThreadPoolExecutor(4) as pool:
        for batch in pool.map(work, [1, 2, 1, 3]):
            assert batch == expected


def test_threads_share_one_project_in_every_method() -> None:
    def work(seed: int) -> list[sk.rcpsp.ProjectSchedule]:
        schedules = [scheme(EXAMPLE, "random", seed=seed) for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs)]
        return [*schedules, *(sk.rcpsp.justify(EXAMPLE, schedule) for schedule in schedules)]

    expected = [work(seed) for seed in range(20)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(20))) == expected


def test_rows_that_change_under_way_never_harm() -> None:
    """Somebody writes to the priorities while the core reads them: any feasible answer will do, a crash will not."""
    rows = np.tile(np.arange(EXAMPLE.num_activities, dtype=np.float64), (400, 1))
    done = threading.Event()

    def spoil() -> None:
        rng = np.random.default_rng(0)
        while not done.is_set():
            rng.permuted(rows, axis=1, out=rows)

    writer = threading.Thread(target=spoil)
    writer.start()
    try:
        for _ in range(20):
            batch = sk.rcpsp.serial_sgs_many(EXAMPLE, rows, threads=2, starts=True)
            assert batch.start_time is not None
            for start, makespan in zip(batch.start_time[::40], batch.makespan[::40].tolist(), strict=True):
                schedule = sk.rcpsp.ProjectSchedule.from_start_time(EXAMPLE, start)
                assert schedule.makespan == makespan
                assert sk.check(EXAMPLE, schedule) == []
    finally:
        done.set()
        writer.join()


def _in_a_child(sender: multiprocessing.connection.Connection) -> None:
    batch = sk.rcpsp.serial_sgs_many(EXAMPLE, ROWS, threads=2, starts=True)
    sender.send_bytes(pickle.dumps((batch, sk.rcpsp.serial_sgs(EXAMPLE))))


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_forked_child_goes_on() -> None:
    expected = sk.rcpsp.serial_sgs_many(EXAMPLE, ROWS, threads=2, starts=True)  # threads have been used before the fork
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_in_a_child, args=(sender,))
    child.start()
    assert receiver.poll(60), "the child hangs"
    batch, schedule = pickle.loads(receiver.recv_bytes())
    child.join(60)
    assert child.exitcode == 0
    assert batch == expected
    assert schedule == sk.rcpsp.serial_sgs(EXAMPLE)


def test_spawned_workers_get_projects() -> None:
    code = f"""
import pickle, sys
import schedkit as sk
project = pickle.loads({pickle.dumps(EXAMPLE)!r})
print(sk.rcpsp.serial_sgs(project).start_time.tolist())
"""
    assert run(code).strip() == str(sk.rcpsp.serial_sgs(EXAMPLE).start_time.tolist())


def test_a_cancel_token_is_sticky() -> None:
    token = sk.CancelToken()
    seen = [token.cancelled]
    for _ in range(2):
        token.cancel()
        seen.append(token.cancelled)
    assert seen == [False, True, True]
    assert not sk.CancelToken().cancelled
    with pytest.raises(AttributeError):
        setattr(token, "cancelled", False)  # noqa: B010


def test_a_cancel_token_works_across_threads() -> None:
    token = sk.CancelToken()
    thread = threading.Thread(target=token.cancel)
    thread.start()
    thread.join()
    assert token.cancelled


def test_the_package_says_what_it_exports() -> None:
    for module in (sk, sk.rcpsp):
        assert sorted(set(module.__all__), key=str.casefold) == sorted(module.__all__, key=str.casefold)
        assert all(hasattr(module, name) for name in module.__all__)
    assert (Path(sk.__file__).parent / "py.typed").exists()
    assert sk.__version__.count(".") == 2
