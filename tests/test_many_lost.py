"""Calls of `solve_many` that give no result: killed, ended, unpicklable. The others come back; the lost call is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

joblib = pytest.importorskip("joblib", reason="joblib is not installed")

BACKENDS = ["threads", "processes"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")


class UnreadableError(Exception):
    """Pickles, but cannot be made again: a common mistake in exceptions with several arguments."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} {second}")


class Rude(BaseException):
    """No `Exception`."""


class Deadly:
    """Kills the process that reads it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (7,)


def misbehave(what: Any) -> Any:
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "end":
        os._exit(0)
    if what == "exit":
        sys.exit("enough")
    if what == "interrupt":
        raise KeyboardInterrupt
    if what == "rude":
        raise Rude("no")
    if what == "lock":
        return threading.Lock()
    if what == "locked error":
        raise ValueError(threading.Lock())
    if what == "unreadable":
        raise UnreadableError(1, 2)
    return what


def lost(found: list[Any]) -> dict[int, str]:
    return {k: str(answer) for k, answer in enumerate(found) if isinstance(answer, sk.LostCallError)}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("what", "words"),
    [("exit", "ended with SystemExit: enough"), ("interrupt", "ended with KeyboardInterrupt"), ("rude", "ended with Rude: no")],
)
def test_what_is_no_exception_is_returned_as_a_lost_call(backend: str, what: str, words: str) -> None:
    found = sk.solve_many(misbehave, ["a", what, "b"], backend=backend, workers=2, on_error="return")
    assert lost(found) == {1: f"the call of problem 1 was lost: {words}"}
    assert (found[0], found[1].index, found[2]) == ("a", 1, "b")
    with pytest.raises(sk.LostCallError, match=words) as caught:
        sk.solve_many(misbehave, ["a", what, "b"], backend=backend, workers=2)
    assert caught.value.index == 1
    assert caught.value.__notes__ == ["while solving problem 1"]
    assert caught.value.results is not None
    assert caught.value.results[:2] == ["a", None]


@posix
@pytest.mark.parametrize("what", ["kill", "end"])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_call_that_kills_its_process_each_time_costs_no_other_result(what: str, workers: int) -> None:
    problems: list[Any] = list(range(12))
    for k in (3, 4, 9):
        problems[k] = what
    found = sk.solve_many(misbehave, problems, backend="processes", workers=workers, on_error="return")
    assert sorted(lost(found)) == [3, 4, 9]
    assert all("its process died" in text for text in lost(found).values())
    assert [answer for k, answer in enumerate(found) if k not in (3, 4, 9)] == [0, 1, 2, 5, 6, 7, 8, 10, 11]


@posix
def test_a_killed_call_is_raised_with_the_results_so_far() -> None:
    with pytest.raises(sk.LostCallError, match="problem 2 was lost") as caught:
        sk.solve_many(misbehave, [0, 1, "kill", 3, 4, 5], backend="processes", workers=2)
    assert caught.value.index == 2
    assert caught.value.results is not None
    assert caught.value.results[:3] == [0, 1, None]  # those with a lower index are always completed
    assert len(caught.value.results) == 6


def dies_once(mark: str, value: int) -> int:
    if value == 5 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return value


@posix
def test_a_call_that_was_killed_once_is_made_again(tmp_path: Path) -> None:
    calls = [(str(tmp_path / "died"), value) for value in range(10)]
    assert sk.solve_many(dies_once, calls, backend="processes", workers=2) == list(range(10))
    assert (tmp_path / "died").exists()


@posix
def test_workers_from_joblibs_own_context_are_replaced_too() -> None:
    with joblib.parallel_config(backend="loky", n_jobs=2):
        found = sk.solve_many(misbehave, [0, "kill", 2], on_error="return")
    assert sorted(lost(found)) == [1]
    assert (found[0], found[2]) == (0, 2)


@posix
def test_an_argument_that_kills_its_reader_is_lost_alone() -> None:
    found = sk.solve_many(misbehave, [0, Deadly(), 2, 3], backend="processes", workers=2, on_error="return")
    assert sorted(lost(found)) == [1]
    assert (found[0], found[2], found[3]) == (0, 2, 3)


def test_what_cannot_be_pickled_is_named_by_its_index() -> None:
    problems = [0, threading.Lock(), "lock", "locked error", "unreadable", 5]
    found = sk.solve_many(misbehave, problems, backend="processes", workers=2, on_error="return")
    assert (found[0], found[5]) == (0, 5)
    texts = lost(found)
    assert sorted(texts) == [1, 2, 3, 4]
    assert "problem 1 was lost: its arguments cannot be sent to a worker (TypeError: cannot pickle" in texts[1]
    assert "problem 2 was lost: its result, a lock, cannot be sent back" in texts[2]
    assert "problem 3 was lost: its exception, a ValueError, cannot be sent back: ValueError: <unlocked" in texts[3]
    assert "problem 4 was lost: its result cannot be read (TypeError: " in texts[4]
    assert sk.solve_many(misbehave, ["lock"], backend="threads")[0].locked() is False  # nothing travels within a process


def attempt(value: int, *, seed: int) -> Any:
    misbehave("kill" if seed == 1 else "exit" if seed == 2 else "")
    project = sk.rcpsp.Project([value, seed + 1], [[1], [1]], [1])
    return sk.rcpsp.serial_sgs(project)


@posix
def test_a_portfolio_names_the_lost_attempt_and_has_the_other_results() -> None:
    for _ in range(2):
        with pytest.raises(sk.LostCallError, match="problem 1 was lost: its process died") as caught:
            sk.solve_portfolio(attempt, 5, 4, backend="processes", workers=2)
        assert caught.value.index == 1
        assert caught.value.results is not None
        assert caught.value.results[0].makespan == 6  # 5 and 1 on one unit
    with pytest.raises(sk.LostCallError, match="ended with SystemExit: enough"):
        sk.solve_portfolio(attempt, 5, [{"seed": 0}, {"seed": 2}])


def test_a_lost_attempt_behind_a_proved_one_does_not_matter() -> None:
    def proved(seed: int) -> Any:
        if seed == 3:
            sys.exit("enough")
        return sk.rcpsp.solve(sk.rcpsp.Project([5, 3], [[1], [1]], [1]), max_schedules=10)

    def call(_: int, *, seed: int) -> Any:
        return proved(seed)

    for workers in (1, 4):
        assert sk.solve_portfolio(call, 0, 4, workers=workers).status == "optimal"


@posix
def test_ctrl_c_ends_calls_that_run_alone(tmp_path: Path) -> None:
    code = f"""
import os, signal, threading, time
import schedkit as sk
def call(k, folder={str(tmp_path)!r}):
    if k == 1:
        mark = os.path.join(folder, "died")
        if not os.path.exists(mark):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        open(os.path.join(folder, "again"), "w").close()
        time.sleep(300)
    return k
def press():
    while not os.path.exists({str(tmp_path / "again")!r}):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=press, daemon=True).start()
try:
    sk.solve_many(call, range(4), backend="processes", workers=2)
except KeyboardInterrupt:
    print("interrupted")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert run.stdout == "interrupted\n", run.stderr


def test_lost_calls_travel() -> None:
    import pickle  # noqa: PLC0415

    error = pickle.loads(pickle.dumps(sk.LostCallError("gone", index=3, results=[1, None])))
    assert (str(error), error.index, error.results) == ("gone", 3, [1, None])
