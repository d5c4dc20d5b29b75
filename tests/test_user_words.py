"""Messages name values in the words of users; whatever a function returns may be passed on to the next one."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit import _validation
from schedkit.cli import main
from schedkit.tardiness import Instance

R = sk.rcpsp


class _Private(list[int]):
    pass


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "None"),
        (True, "bool"),
        (np.True_, "bool"),
        ("a", "str"),
        (np.str_("a"), "a NumPy string"),
        (np.float64(1), "float64"),
        (iter([1]), "an iterator"),
        (iter("a"), "an iterator"),
        ((k for k in (1,)), "an iterator"),
        (zip([1], [2], strict=True), "an iterator"),
        ({}.keys(), "a view of a mapping"),
        (MappingProxyType({}), "a read-only mapping"),
        (len, "a function"),
        (lambda: 0, "a function"),
        ([].append, "a function"),
        (int, "a class"),
        (os, "a module"),
        (io.StringIO(), "a file"),
        (..., "Ellipsis"),
        (_Private(), "list"),
        (R.Project([], [], []), "Project"),
    ],
)
def test_kinds_of_values(value: Any, name: str) -> None:
    assert _validation.type_name(value) == name


PROJECT = R.Project([1, 2], [[1], [1]], [1], names=["dig", "pour"], resource_names=["crew"])
AXIS = sk.TimeAxis(datetime(2026, 6, 8, tzinfo=UTC), timedelta(hours=1))
WIDE: Any = np.longdouble(2**53) + 1
WEEK = {"mon": [("08:00", "10:30")]}

MESSAGES: dict[str, tuple[Callable[[], Any], str]] = {
    "a policy by name": (
        lambda: sk.evaluate("srtp", [sk.online.Jobs([0], [1])]),
        "rule = 'srtp': unknown name, expected a policy, a function or one of ",
    ),
    "a rule of another family": (
        lambda: sk.evaluate("mdd", [sk.online.Jobs([0], [1])]),
        "rule = 'mdd': unknown name, expected a policy",
    ),
    "no rule": (
        lambda: sk.evaluate(5, [sk.online.Jobs([0], [1])]),
        "rule: must be a policy, a function or a policy's name, not int",
    ),
    "another class": (
        lambda: sk.evaluate(int, [sk.online.Jobs([0], [1])]),
        "rule: must be a policy, a function or a policy's name, not a class",
    ),
    "instances of text": (
        lambda: sk.evaluate("mdd", np.array(["a"])),
        "instances[0] = 'a': must be an Instance, a Project, a TaskGraph, Jobs or a Shop, not a NumPy string",
    ),
    "one instance in an array": (
        lambda: sk.evaluate("mdd", np.array(None)),
        "instances: must be a list of instances, not a single value",
    ),
    "one problem in an array": (
        lambda: sk.solve_many(R.serial_sgs, np.array(None)),
        "problems: must be a list of problems, not a single value",
    ),
    "minus infinity": (
        lambda: R.Project([1], [[]], [], deadline=[-math.inf]),
        "deadline[0] = -inf: must not be minus infinity; an activity without a deadline has plus infinity or None",
    ),
    "minus infinity in an array": (
        lambda: R.Project([1, 1], [[], []], [], deadline=np.array([math.inf, -math.inf])),
        "deadline[1] = -inf: must not be minus infinity",
    ),
    "no number": (lambda: R.Project([1], [[]], [], deadline=[math.nan]), "deadline[0] = nan: must not be NaN"),
    "a date": (lambda: AXIS.to_ticks(date(2026, 6, 9)), "when = 2026-06-09: is a day without a time of day: pass a datetime"),  # type: ignore[call-overload]
    "no moment": (lambda: AXIS.to_ticks(5), "when: must be a datetime or a list of them, not int"),  # type: ignore[call-overload]
    "until off the tick, open": (
        lambda: AXIS.working_hours({"mon": [("08:00", "12:00")]}, until=datetime(2026, 6, 8, 10, 30, tzinfo=UTC)),
        "until = 2026-06-08T10:30:00+00:00: is not on a tick: it lies between two ticks of 1 hour, 10:00 and 11:00",
    ),
    "until off the tick, closed": (
        lambda: AXIS.working_hours({"mon": [("08:00", "09:00")]}, until=datetime(2026, 6, 8, 10, 30, tzinfo=UTC)),
        "until = 2026-06-08T10:30:00+00:00: is not on a tick",
    ),
    "hours off the tick": (
        lambda: AXIS.working_hours(WEEK),
        "weekly['mon'] (08:00 to 10:30): Monday, 2026-06-08, 10:30 is not on a tick",
    ),
    "resource by name": (
        lambda: R.Project([1], [[2]], [1], names=["pour"], resource_names=["crew"]),
        "demand[0, 0] = 2 (activity 'pour'): exceeds capacity[0] = 1 (resource 'crew')",
    ),
    "calendar of a resource by name": (
        lambda: R.Project([1], [[1]], [1], resource_names=["crew"], calendars={"crew": R.Calendar([0], [2])}),
        "calendars[0].capacity[0] = 2: exceeds capacity[0] = 1 (resource 'crew')",
    ),
    "a wide float": (lambda: sk.online.Jobs(np.array([2**53 + 1], np.longdouble), [1]), "release_time[0] = 9007199254740993"),
    "a wide number": (
        lambda: sk.online.simulate(sk.online.Jobs([0], [1]), switch_cost=WIDE),
        "switch_cost = 9007199254740993",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages(case: str) -> None:
    if "wide" in case and np.finfo(np.longdouble).nmant <= 52:
        pytest.skip("long doubles are doubles here")
    call, expected = MESSAGES[case]
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        call()
    assert str(caught.value).startswith(expected)


def test_wide_floats_that_are_exact_or_fractions_are_taken() -> None:
    assert sk.online.Jobs(np.array([2**53, 0.1], np.longdouble), [1, 1]).release_time.tolist() == [2.0**53, 0.1]


def test_infinite_deadlines_are_none() -> None:
    p = R.Project([1, 2, 1], [[], [], []], [], deadline=np.array([math.inf, 4.0, 3.0]))
    assert p == R.Project([1, 2, 1], [[], [], []], [], deadline=[None, 4, 3.0])


def test_a_pass_that_finds_no_place_says_why() -> None:
    """Two take 2 of 3 units for 10 ticks, so they cannot overlap, and the resource is closed from 15 on."""
    calendars = {0: R.Calendar([0, 15], [3, 0])}
    project = R.Project([10, 10, 1], [[2], [2], [1]], [3], calendars=calendars, names=["dig", "pour", "sweep"])
    with pytest.raises(sk.InfeasibleError) as caught:
        R.serial_sgs(project)
    text = str(caught.value)
    assert "2**" not in text
    assert "this pass finds no place for activity 'pour': the calendars of its resources leave no time for it" in text
    (reason,) = R.solve(project, max_schedules=1000).reasons
    assert reason.code == "exhausted"
    assert reason.detail == "an exhaustive search found no schedule of the 3 activities that keeps all constraints"


# -- what a function returns is what the next one takes -------------------------------------------------------------------


def test_results_of_searches_are_checked_by_their_schedules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    solution = R.solve(PROJECT, max_schedules=50)
    assert sk.check(PROJECT, solution) == []
    assert sk.check(PROJECT, solution.to_dict()) == []
    assert sk.check(PROJECT, json.loads(json.dumps(solution.to_dict()))) == []
    late = R.ProjectSchedule.from_start_time(PROJECT, [0, 0])  # both hold the one crew from 0 to 1
    wrong = dataclasses.replace(solution, schedule=late)
    assert [v.kind for v in sk.check(PROJECT, wrong)] == ["capacity"]
    # The makespan and the lower bound beside it are those of the schedule that was replaced.
    assert [v.kind for v in sk.check(PROJECT, wrong.to_dict())] == ["capacity", "objective", "objective"]
    problem, result = tmp_path / "p.json", tmp_path / "s.json"
    R.write(PROJECT, problem)
    result.write_text(json.dumps(solution.to_dict()))
    assert main(["check", str(problem), str(result)]) == 0
    assert main(["gantt", str(problem), "--schedule", str(result), "-o", str(tmp_path / "g.png")]) == 0
    result.write_text('{"status": "infeasible",\n "schedule": null}')
    assert main(["check", str(problem), str(result)]) == 2
    assert "line 2: holds no schedule (the status of the result is 'infeasible')" in capsys.readouterr().err


def test_a_result_without_a_schedule_is_refused_by_its_status() -> None:
    impossible = R.Project([2], [[]], [], deadline=[1], names=["dig"])
    solution = R.solve(impossible, max_schedules=10)
    for result in (solution, solution.to_dict()):
        with pytest.raises(sk.InvalidInputError, match=r"schedule: the result holds none .its status is 'infeasible'"):
            sk.check(impossible, result)
    table = solution.to_pandas()
    assert (list(table.columns), len(table)) == (["name", "start_time", "completion_time"], 0)


def test_tables_of_task_graphs_hold_the_copies() -> None:
    """An entry task of cost 2 on both processors and a transfer of 100: copying it is shorter than waiting, by hand."""
    graph = sk.dag.TaskGraph([[2, 2], [3, 3], [3, 3]], [(0, 1), (0, 2)], [100, 100])
    schedule = sk.dag.heft(graph, entry_duplication=True)
    assert sk.check(graph, schedule) == []
    ((task, processor, start, end),) = schedule.copies
    assert (task, start, end, schedule.makespan) == (0, 0.0, 2.0, 5.0)
    assert schedule.to_pandas()["copies"].tolist() == [[(processor, 0.0, 2.0)], [], []]
    assert "copies" not in sk.dag.heft(graph).to_pandas()


def test_preemptions_cannot_be_negative() -> None:
    jobs = sk.online.Jobs([0, 1], [3, 1])
    flow = sk.online.simulate(jobs, "srpt", segments=True)
    assert sk.check(jobs, flow) == []
    assert flow.num_preemptions == 1
    for claim in (dataclasses.replace(flow, num_preemptions=-5), {**flow.to_dict(), "num_preemptions": -5}):
        (violation,) = sk.check(jobs, claim)
        assert (violation.kind, violation.subject) == ("objective", ())
        assert violation.detail.startswith("num_preemptions is -5")


# -- calls on threads -----------------------------------------------------------------------------------------------------


def interrupts(k: int) -> int:
    if k == 1:
        raise KeyboardInterrupt
    return k


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_raised_by_a_call_is_its_own(workers: int) -> None:
    before = signal.getsignal(signal.SIGINT)
    found = sk.solve_many(interrupts, range(3), backend="threads", workers=workers, on_error="return")
    assert (found[0], found[2]) == (0, 2)
    assert isinstance(found[1], sk.LostCallError)
    assert found[1].index == 1
    with pytest.raises(sk.LostCallError) as caught:
        sk.solve_many(interrupts, range(2), backend="threads", workers=workers)
    assert caught.value.results == [0, None]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interruption_by_the_user_ends_everything() -> None:
    def pressed(k: int) -> int:
        if k == 1:
            signal.raise_signal(signal.SIGINT)
        return k

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        sk.solve_many(pressed, range(3), backend="threads", workers=1, on_error="return")
    assert signal.getsignal(signal.SIGINT) is before


def test_more_workers_than_calls_are_not_made() -> None:
    started = threading.active_count()
    assert sk.solve_many(abs, range(3), backend="threads", workers=2**53 + 1) == [0, 1, 2]
    assert threading.active_count() < started + 50


# -- the command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text", "unknown", "objective"),
    [
        (["tardiness", "--algorithm", "edd"], "p,d,weigth\n2,1,7\n", "weigth", "total tardiness 1"),
        (["simulate"], "release_time,processing_time,wieght\n0,1,7\n", "wieght", "1 jobs, policy srpt"),
    ],
)
def test_unknown_columns_are_refused_or_skipped_on_the_command_line(
    command: list[str], text: str, unknown: str, objective: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(text)
    arguments = [command[0], str(path), *command[1:]]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert f"line 1: unknown column '{unknown}', expected some of " in error
    assert error.rstrip().endswith("; --ignore-unknown skips it")
    assert main([*arguments, "--ignore-unknown"]) == 0
    assert objective in capsys.readouterr().out


def test_cores_are_ignored_by_the_option_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(sk.example_path("tiny.wfformat.json")).read_text().replace('"coreCount": 1', '"coreCount": 2')
    path = tmp_path / "w.json"
    path.write_text(text)
    assert main(["solve", str(path), "--platform", str(sk.example_path("tiny.platform.json")), "--algorithm", "heft"]) == 2
    assert "--ignore-cores schedules it anyway" in capsys.readouterr().err


def test_instances_of_one_family_are_named() -> None:
    with pytest.raises(sk.InputTypeError, match=r"instances\[1\].*: must be an Instance like the first, not Jobs"):
        sk.evaluate("mdd", [Instance([1], [1]), sk.online.Jobs([0], [1])])
