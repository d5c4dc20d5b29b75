"""Proofs with CP-SAT: never worse than what it was given, equal to enumeration, and obedient to limits."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.rcpsp import cp_sat, exact

from tests.rcpsp import constrained
from tests.rcpsp.instances import endless

pytest.importorskip("ortools")


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_constraints_mean_the_same(data: st.DataObject) -> None:
    project = data.draw(constrained.projects(kinds=constrained.KINDS))
    past, now = data.draw(constrained.pasts(constrained.Plain.of(project))) if data.draw(st.booleans()) else ({}, 0)
    found = sk.rcpsp.prove(project, fixed=past, now=now)
    best = constrained.best_makespan(constrained.Plain.of(project), 60, past, now)
    assert found.makespan == best
    assert found.status == ("infeasible" if best is None else "optimal")
    if found.schedule is not None:
        assert sk.check(project, found.schedule, fixed=past, now=now) == []


def test_it_goes_on_from_what_it_was_given() -> None:
    good = sk.rcpsp.solve(endless(), max_schedules=3000)
    assert good.makespan is not None
    seen: list[sk.Improvement] = []
    found = sk.rcpsp.prove(endless(), time_limit=0.8, warm_start=good.schedule, on_improvement=seen.append)
    assert found.makespan is not None
    assert found.makespan <= good.makespan
    assert found.lower_bound >= sk.rcpsp.lower_bound(endless())
    assert found.status in {"feasible", "optimal"}
    assert found.history == seen
    assert seen[-1].objective == found.makespan
    assert seen[-1].lower_bound == found.lower_bound
    for before, after in itertools.pairwise(seen):
        assert after.objective <= before.objective
        assert after.lower_bound >= before.lower_bound
        assert after.objective < before.objective or after.lower_bound > before.lower_bound
    assert found.schedule is not None
    assert sk.check(endless(), found.schedule) == []


class Solver:
    """What the solver says, without it: solutions as (makespan, bound), then the answer."""

    said: ClassVar[list[tuple[int, int]]] = []
    answered: ClassVar[cp_sat.Answer]

    def __init__(self, *_: object) -> None: ...

    def wait(self, _: object, ___: object, found: Callable[[int, int], None], __: object = None) -> BaseException | None:
        for makespan, bound in self.said:
            found(makespan, bound)
        return None

    def answer(self) -> cp_sat.Answer:
        return self.answered


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> type[Solver]:
    monkeypatch.setattr(exact, "_OWN_SECONDS", 0.0)  # our own search must not better what the solver calls the best
    monkeypatch.setattr(cp_sat, "Run", Solver)
    return Solver


def test_history_holds_what_is_new_and_ends_with_the_answer(solver: type[Solver]) -> None:
    best = sk.rcpsp.serial_sgs(endless())
    bound = sk.rcpsp.lower_bound(endless(), destructive=True) + 1
    solver.answered = cp_sat.Answer(best, best.makespan, refuted=False)
    solver.said = [(10**6, 0), (best.makespan, 0), (10**6, bound), (best.makespan, bound)]
    seen: list[sk.Improvement] = []
    found = sk.rcpsp.prove(endless(), on_improvement=seen.append, warm_start=best)
    assert found.status == "optimal"
    assert found.history == seen
    assert [(entry.objective, entry.lower_bound) for entry in seen][-2:] == [
        (best.makespan, bound),
        (best.makespan, best.makespan),
    ]
    assert len({(entry.objective, entry.lower_bound) for entry in seen}) == len(seen)


def test_what_the_callback_raises_at_the_end_carries_the_result(solver: type[Solver]) -> None:
    best = sk.rcpsp.serial_sgs(endless())
    solver.answered, solver.said = cp_sat.Answer(best, best.makespan, refuted=False), []

    def refuse(entry: sk.Improvement) -> None:
        if entry.lower_bound == entry.objective:
            raise KeyboardInterrupt

    assert sk.rcpsp.prove(endless(), on_improvement=refuse, warm_start=best, on_interrupt="return").status == "optimal"
    with pytest.raises(KeyboardInterrupt) as caught:
        sk.rcpsp.prove(endless(), on_improvement=refuse, warm_start=best)
    assert caught.value.result.status == "optimal"  # type: ignore[attr-defined]


def test_what_the_callback_raises_when_the_solver_is_done_is_handed_on() -> None:
    project = sk.rcpsp.Project([2, 2, 3], [[1], [1], [1]], [2])
    run = cp_sat.Run(project, cp_sat.Past({}, 0), None, 0, 0, 1)
    run._run._solve()  # whatever it found waits to be told
    run._run._solve = lambda: None  # type: ignore[method-assign]

    def refuse(*_: object) -> None:
        raise ZeroDivisionError

    assert isinstance(run.wait(None, None, refuse), ZeroDivisionError)
    assert run.answer().lower_bound == 4


def test_infeasibility_has_no_bound() -> None:
    project = sk.rcpsp.Project([2, 3], [[1], [1]], [1], deadline=[4, 4])
    for found in (sk.rcpsp.solve(project), sk.rcpsp.prove(project)):
        assert (found.status, found.lower_bound, found.makespan, found.history) == ("infeasible", 0, None, [])
    own = sk.rcpsp.solve(project, max_schedules=0)
    refuted = exact._better(
        project, cp_sat.Past({}, 0), dataclasses.replace(own, status="unknown"), cp_sat.Answer(None, 7, refuted=True)
    )
    assert (refuted.status, refuted.lower_bound) == ("infeasible", 0)


def test_moved_activities_are_those_of_the_schedule_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_OWN_SECONDS", 0.001)  # so that the solver betters what it is given
    start = sk.rcpsp.serial_sgs(endless(), "spt")
    found = sk.rcpsp.prove(endless(), time_limit=1.5, warm_start=start)
    assert found.schedule is not None
    assert found.makespan is not None
    assert found.makespan < start.makespan
    shift = abs(found.schedule.start_time - start.start_time)
    assert found.moved is not None
    assert found.moved.tolist() == np.flatnonzero(shift).tolist()
    assert found.total_shift == shift.sum()


def test_tokens_end_it() -> None:
    stop = sk.CancelToken()
    timer = threading.Timer(1.6, stop.cancel)  # the solver runs by then
    timer.start()
    assert sk.rcpsp.prove(endless(), time_limit=120, stop=stop).runtime < 60
    timer.join()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")
@pytest.mark.parametrize("mode", ["raise", "return"])
@pytest.mark.parametrize("phase", ["search", "proof"])
def test_ctrl_c_keeps_the_best_so_far(mode: str, phase: str) -> None:
    code = f"""
import os, signal, threading, schedkit as sk
from schedkit.rcpsp import cp_sat, exact
from tests.rcpsp.instances import endless
def pressed(function):
    def begins(*args, **options):
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        return function(*args, **options)
    return begins
project = endless()
if {phase!r} == "search":
    exact.solve = pressed(exact.solve)
else:
    cp_sat.Run.wait = pressed(cp_sat.Run.wait)
try:
    print("return", sk.rcpsp.prove(project, on_interrupt={mode!r}).makespan)
except KeyboardInterrupt as interrupt:
    print("raise", interrupt.result.makespan)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=90)
    word, makespan = answer.stdout.split()
    assert word == mode
    assert int(makespan) <= sk.rcpsp.serial_sgs(endless()).makespan


@pytest.mark.skipif(os.name != "posix", reason="signals are sent by kill")
def test_ctrl_c_in_the_callback_is_ctrl_c() -> None:
    def press(_: sk.Improvement) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)

    for function in (sk.rcpsp.solve, sk.rcpsp.prove):
        assert function(endless(), time_limit=30, on_improvement=press, on_interrupt="return").status == "feasible"
        with pytest.raises(KeyboardInterrupt) as caught:
            function(endless(), time_limit=30, on_improvement=press)
        assert caught.value.result.makespan is not None  # type: ignore[attr-defined]


def test_any_number_of_threads_is_legal() -> None:
    assert sk.rcpsp.prove(endless(), time_limit=0.7, threads=10**9).lower_bound >= sk.rcpsp.lower_bound(endless())


def test_what_it_cannot_begin_with_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(sk.InputTypeError, match="project"):
        sk.rcpsp.prove(None)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "ortools", None)
    with pytest.raises(sk.SchedkitError, match=r"pip install 'schedkit\[exact\]'"):
        sk.rcpsp.prove(endless())


def shared_week(seed: int) -> sk.rcpsp.Project:
    """38 pausable activities on three resources that share a working week of 40 hours."""
    random = np.random.default_rng(seed)
    week = sk.rcpsp.Calendar([24 * day + hour for day in range(5) for hour in (8, 16)], [3, 0] * 5, 168)
    demand = random.integers(0, 3, (38, 3)) * (random.random((38, 3)) < 0.6)
    demand[demand.sum(axis=1) == 0, 0] = 1
    edges = sorted({(int(min(pair)), int(max(pair))) for pair in random.integers(0, 38, (49, 2)) if pair[0] != pair[1]})
    return sk.rcpsp.Project(
        random.integers(1, 17, 38),
        demand,
        [3] * 3,
        precedence=edges,
        calendars=dict.fromkeys(range(3), week),
        pausable=[True] * 38,
    )


@pytest.mark.parametrize("seed", [0, 1, 5, 6])
def test_pauses_that_all_share_are_no_harder_than_none(seed: int) -> None:
    # Without nights the same model: what takes so many working hours there ends here at the hour at which those are worked.
    project = shared_week(seed)
    plain = sk.rcpsp.Project(project.duration, project.demand, project.capacity, precedence=project.precedence)
    hours, found = sk.rcpsp.prove(plain, time_limit=60), sk.rcpsp.prove(project, time_limit=60)
    assert hours.status == found.status == "optimal"
    assert hours.makespan is not None
    weeks, rest = divmod(hours.makespan - 1, 40)
    assert found.makespan == 168 * weeks + 24 * (rest // 8) + 8 + rest % 8 + 1
    assert found.schedule is not None
    assert sk.check(project, found.schedule) == []


def test_what_the_solver_says_is_judged(solver: type[Solver]) -> None:
    best = sk.rcpsp.serial_sgs(endless())
    wrong = sk.rcpsp.ProjectSchedule.from_start_time(endless(), np.zeros(200, dtype=np.int64))
    for answer, reason in [
        (cp_sat.Answer(wrong, None, refuted=False), "is wrong"),
        (cp_sat.Answer(None, None, refuted=True), "proves that there is no schedule"),
        (cp_sat.Answer(best, best.makespan + 1, refuted=False), "contradicts"),
    ]:
        solver.answered = answer
        with pytest.raises(sk.SchedkitError, match=reason) as caught:
            sk.rcpsp.prove(endless(), warm_start=best)
        assert caught.value.result.makespan <= best.makespan  # type: ignore[attr-defined]
