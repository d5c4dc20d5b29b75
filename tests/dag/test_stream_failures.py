"""Streams in which tasks fail, processors are lost and join, jobs are cancelled, and tasks start elsewhere."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
import schedkit as sk

CHAIN = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 2.0])


# --- by hand


def test_a_failed_task_is_planned_again() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(CHAIN, 0.0)
    assert s.next_assignments(0.0) == [((0, 0), 0)]
    s.started((0, 0), 0.0)
    assert s.failed((0, 0), 1.5) == []
    # At 1.5 processor 0 ends first again: 3.5 against 4.5.
    assert s.next_assignments(1.5) == [((0, 0), 0)]
    s.started((0, 0), 1.5)
    assert not s.finished((0, 0), 3.5)


def test_data_that_lived_only_on_a_lost_processor_are_made_again() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(CHAIN, 0.0)
    s.started((0, 0), 0.0)
    s.finished((0, 0), 2.0)
    # Task 1 is planned on 1 (data at 3, end at 4), task 2 on 0 (2 to 4).
    assert s.next_assignments(2.0) == [((0, 2), 0)]
    s.started((0, 2), 2.0)
    assert s.processor_lost(0, 2.5) == [(0, 0)]  # task 2 ran there, and both need the data of task 0
    assert s.next_assignments(2.5) == [((0, 0), 1)]
    s.started((0, 0), 2.5)
    assert s.finished((0, 0), 5.5) is False
    assert s.next_assignments(5.5) == [((0, 1), 1)]  # both have rank 2.5 or less; task 1 first, as HEFT has it
    s.started((0, 1), 5.5)
    s.finished((0, 1), 6.5)
    s.started((0, 2), 6.5)
    assert s.finished((0, 2), 8.5)


def test_data_are_made_again_only_when_they_are_needed() -> None:
    """A task that has started has its data. If it fails after they are lost, they are made again, with all before them."""
    s = sk.dag.StreamScheduler(3)
    s.submit(sk.dag.TaskGraph([[1, 9, 9], [9, 1, 9], [9, 9, 1]], [(0, 1), (1, 2)]), 0.0)
    s.started((0, 0), 0.0)
    s.finished((0, 0), 1.0)
    s.started((0, 1), 1.0)
    s.finished((0, 1), 2.0)
    assert s.processor_lost(0, 2.0) == []  # task 1 has ended: the data of task 0 are not needed any more
    s.started((0, 2), 2.0)
    assert s.processor_lost(1, 2.5) == []  # task 2 has started
    assert s.failed((0, 2), 3.0) == [(0, 0), (0, 1)]
    now = 3.0
    for task in range(3):
        assert s.next_assignments(now) == [((0, task), 2)]
        s.started((0, task), now)
        now += 9.0
        assert s.finished((0, task), now) == (task == 2)


def test_a_second_run_counts_once_for_a_task_that_has_started() -> None:
    """Task 1 runs while task 0 runs again for task 2; the job ends when all three have."""
    s = sk.dag.StreamScheduler(2)
    s.submit(sk.dag.TaskGraph([[1, 9], [9, 1], [1, 9]], [(0, 1), (0, 2)]), 0.0)
    s.started((0, 0), 0.0)
    s.finished((0, 0), 1.0)
    s.started((0, 1), 1.0)
    s.started((0, 2), 1.0)
    assert s.processor_lost(0, 1.5) == [(0, 0)]
    assert not s.finished((0, 1), 2.0)
    for task in (0, 2):
        assert s.next_assignments(20.0 + task) == [((0, task), 1)]
        s.started((0, task), 20.0 + task)
        assert s.finished((0, task), 21.0 + task) == (task == 2)


@pytest.mark.parametrize("policy", sk.dag.POLICIES)
def test_a_processor_that_joins_has_work_at_the_next_decision(policy: str) -> None:
    s = sk.dag.StreamScheduler(1, policy=policy)
    for _ in range(3):
        s.submit(sk.dag.TaskGraph([[4.0], [4.0]], []), 0.0)
    s.started((0, 0), 0.0)
    assert s.processor_joined({job: [3.0, 3.0] for job in range(3)}, 1.0) == 1
    [(task, p)] = s.next_assignments(1.0)
    assert p == 1
    s.started(task, 1.0)
    with pytest.raises(sk.InvalidInputError, match="has 1 processors, expected 2"):
        s.submit(sk.dag.TaskGraph([[4.0]], []), 1.0)
    s.submit(sk.dag.TaskGraph([[4.0, 3.0]], []), 1.0)


def test_a_job_that_is_not_named_does_not_run_on_the_new_processor() -> None:
    s = sk.dag.StreamScheduler(1)
    for _ in range(2):
        s.submit(sk.dag.TaskGraph([[4.0]] * 3, []), 0.0)
    s.started((0, 0), 0.0)
    s.processor_joined({1: [5.0, math.inf, math.inf]}, 0.0)
    assert s.next_assignments(0.0) == [((1, 0), 1)]
    s.started((1, 0), 0.0)
    s.finished((1, 0), 5.0)
    with pytest.raises(sk.InvalidInputError, match="task 1 of job 0 cannot run on processor 1"):
        s.started((0, 1), 5.0, processor=1)


def test_tasks_that_no_processor_can_run_wait_for_one() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(sk.dag.TaskGraph([[1.0, math.inf], [1.0, 1.0], [1.0, 1.0]], [(0, 1)]), 0.0)
    assert s.processor_lost(0, 0.0) == []
    assert s.unrunnable == [(0, 0)]
    assert s.next_assignments(0.0) == [((0, 2), 1)]
    assert s.processor_lost(1, 0.0) == []
    assert s.unrunnable == [(0, 0), (0, 1), (0, 2)]
    assert (s.next_assignments(0.0), s.next_wake(0.0)) == ([], math.inf)
    other = pickle.loads(pickle.dumps(s))
    for scheduler in (s, other):
        assert scheduler.processor_joined({0: [2.0, 2.0, 2.0]}, 1.0) == 2  # 0 and 1 are not used again
        assert scheduler.unrunnable == []
        assert scheduler.next_assignments(1.0) == [((0, 0), 2)]


def test_a_task_that_started_elsewhere_keeps_its_data_there() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(CHAIN, 0.0)
    assert s.next_assignments(0.0) == [((0, 0), 0)]
    s.started((0, 0), 0.0, processor=1)
    s.finished((0, 0), 3.0)
    assert s.processor_lost(0, 3.0) == []  # nothing was there
    assert s.next_assignments(3.0) == [((0, 1), 1)]


def test_a_cancelled_job_frees_its_processors() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(CHAIN, 0.0)
    s.submit(CHAIN, 0.0)
    s.started((0, 0), 0.0)
    s.cancel(0, 1.0)
    assert [task for task, _ in s.next_assignments(1.0)] == [(1, 0)]
    for call in (lambda: s.finished((0, 0), 2.0), lambda: s.failed((0, 0), 2.0), lambda: s.started((0, 1), 2.0)):
        with pytest.raises(sk.InvalidInputError, match="belongs to a job that has ended"):
            call()
    with pytest.raises(sk.InvalidInputError, match="job = 0: is a job that has ended"):
        s.cancel(0, 2.0)


# --- refusals


def busy() -> sk.dag.StreamScheduler:
    """Jobs 0 (ended), 1 (its first task runs on processor 0) and 2; processor 2 is lost; links differ."""
    links = [[1.0, 2.0, 3.0]] * 3
    s = sk.dag.StreamScheduler(3, sk.dag.Network(links))
    wide = sk.dag.TaskGraph([[2, 3, 4], [4, 1, 4]], [(0, 1)])
    s.submit(sk.dag.TaskGraph([[1, 1, 1]], []), 0.0)
    s.started((0, 0), 0.0)
    s.finished((0, 0), 1.0)
    s.submit(wide, 1.0)
    s.submit(wide, 1.0)
    s.started((1, 0), 1.0)
    s.processor_lost(2, 1.0)
    return s


LINKS: Any = {"bandwidth": 1.0, "latency": 0.0}
REFUSALS: dict[str, tuple[Any, type[Exception], str]] = {
    "failed, never submitted": (lambda s: s.failed((9, 0), 2.0), sk.InvalidInputError, "belongs to no job that was submitted"),
    "failed, no such task": (lambda s: s.failed((1, 2), 2.0), sk.InvalidInputError, "is unknown, the job has 2 tasks"),
    "failed, ended job": (lambda s: s.failed((0, 0), 2.0), sk.InvalidInputError, "belongs to a job that has ended"),
    "failed, not running": (lambda s: s.failed((2, 0), 2.0), sk.InvalidInputError, "task 0 of job 2 is not running"),
    "failed, no pair": (lambda s: s.failed(3, 2.0), sk.InputTypeError, "must be a pair"),
    "cancel, never submitted": (lambda s: s.cancel(9, 2.0), sk.InvalidInputError, "job = 9: is no job"),
    "cancel, ended": (lambda s: s.cancel(0, 2.0), sk.InvalidInputError, "job = 0: is a job that has ended"),
    "cancel, negative": (lambda s: s.cancel(-1, 2.0), sk.InvalidInputError, "job = -1"),
    "cancel, text": (lambda s: s.cancel("1", 2.0), sk.InputTypeError, "job"),
    "lost before": (lambda s: s.processor_lost(2, 2.0), sk.InvalidInputError, "processor = 2: was lost"),
    "lost, unknown": (lambda s: s.processor_lost(3, 2.0), sk.InvalidInputError, "processor = 3: is unknown, expected 0 <="),
    "lost, huge": (lambda s: s.processor_lost(2**63 - 1, 2.0), sk.InvalidInputError, "is unknown"),
    "started, lost": (lambda s: s.started((2, 0), 2.0, processor=2), sk.InvalidInputError, "processor = 2: was lost"),
    "started, unknown": (lambda s: s.started((2, 0), 2.0, processor=3), sk.InvalidInputError, "processor = 3: is unknown"),
    "started, busy": (lambda s: s.started((2, 0), 2.0, processor=0), sk.InvalidInputError, "which runs task 0 of job 1"),
    "started, fraction": (lambda s: s.started((2, 0), 2.0, processor=0.5), sk.InvalidInputError, "processor"),
    "joined, list": (lambda s: s.processor_joined([1], 2.0, **LINKS), sk.InputTypeError, "cost = .*must be a mapping"),
    "joined, ended job": (lambda s: s.processor_joined({0: [1]}, 2.0, **LINKS), sk.InvalidInputError, r"cost\[0\].*has ended"),
    "joined, no job": (lambda s: s.processor_joined({9: [1]}, 2.0, **LINKS), sk.InvalidInputError, r"cost\[9\].*submitted"),
    "joined, length": (lambda s: s.processor_joined({1: [1]}, 2.0, **LINKS), sk.InvalidInputError, r"cost\[1\].*expected 2"),
    "joined, negative": (
        lambda s: s.processor_joined({1: [1, -1]}, 2.0, **LINKS),
        sk.InvalidInputError,
        r"cost\[1\]\[1\] = -1",
    ),
    "joined, NaN": (lambda s: s.processor_joined({1: [1, math.nan]}, 2.0, **LINKS), sk.InvalidInputError, "NaN"),
    "joined, text": (lambda s: s.processor_joined({1: ["a", 1]}, 2.0, **LINKS), sk.InputTypeError, r"cost\[1\]"),
    "joined, horizon": (
        lambda s: s.processor_joined({1: [1e290, 1e290]}, 2.0, **LINKS),
        sk.InvalidInputError,
        "of job 1 add up",
    ),
    "joined, bandwidth missing": (lambda s: s.processor_joined({}, 2.0), sk.InvalidInputError, "bandwidth: must be given"),
    "joined, bandwidth 0": (lambda s: s.processor_joined({}, 2.0, bandwidth=0.0), sk.InvalidInputError, "bandwidth = 0.0"),
    "joined, one is 0": (lambda s: s.processor_joined({}, 2.0, bandwidth=[1, 0, 1]), sk.InvalidInputError, r"bandwidth\[1\]"),
    "joined, way back": (
        lambda s: s.processor_joined({}, 2.0, bandwidth=[[1, 1, 1], [1, 1, -1]]),
        sk.InvalidInputError,
        r"bandwidth\[1, 2\] = -1",
    ),
    "joined, two links": (
        lambda s: s.processor_joined({}, 2.0, bandwidth=[1, 1]),
        sk.InvalidInputError,
        "length 2, expected 3",
    ),
    "joined, rows": (
        lambda s: s.processor_joined({}, 2.0, bandwidth=[[1, 1, 1]] * 3),
        sk.InvalidInputError,
        "3 rows, expected 2",
    ),
    "joined, latency": (lambda s: s.processor_joined({}, 2.0, bandwidth=1, latency=-1), sk.InvalidInputError, "latency = -1"),
    "joined, a word": (lambda s: s.processor_joined({}, 2.0, bandwidth="fast"), sk.InputTypeError, "bandwidth"),
    "no time": (lambda s: s.cancel(1, math.inf), sk.InvalidInputError, "now"),
    "late": (lambda s: s.processor_lost(1, 1e300), sk.InvalidInputError, "now"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_call_that_is_refused_changes_nothing(name: str) -> None:
    call, kind, text = REFUSALS[name]
    s = busy()
    before = pickle.dumps(s)
    with pytest.raises(kind, match=text):
        call(s)
    assert pickle.dumps(s) == before


@pytest.mark.parametrize("call", ["failed", "cancel", "processor_lost", "processor_joined", "started"])
def test_old_times_are_clamped_and_counted_or_refused(call: str) -> None:
    calls: dict[str, Any] = {
        "failed": lambda s: s.failed((0, 0), 0.5),
        "cancel": lambda s: s.cancel(0, 0.5),
        "processor_lost": lambda s: s.processor_lost(0, 0.5),
        "processor_joined": lambda s: s.processor_joined({}, 0.5),
        "started": lambda s: s.started((1, 0), 0.5, processor=1),
    }
    for strict in (False, True):
        s = sk.dag.StreamScheduler(2, strict_time=strict)
        s.submit(CHAIN, 0.0)
        s.submit(CHAIN, 0.0)
        s.started((0, 0), 1.0, processor=0)
        if strict:
            with pytest.raises(sk.InvalidInputError, match=r"now = 0.5: is before 1.0"):
                calls[call](s)
        else:
            calls[call](s)
        assert s.clock_skew == (not strict)


def test_a_stored_state_that_contradicts_itself_is_refused() -> None:
    s = sk.dag.StreamScheduler(2)
    s.submit(CHAIN, now=0.0)
    s.started((0, 0), 0.0, processor=1)
    s.finished((0, 0), 3.0)
    s.processor_lost(0, 3.0)
    s.processor_joined({0: [1.0, 1.0, 0.5]}, 3.0)  # task 2 moves there
    restore, (*arguments, state) = s.__reduce__()
    assert restore(*arguments, state).next_assignments(3.0) == s.next_assignments(3.0)
    job = state["jobs"][0]
    broken: dict[str, Any]
    for broken in (
        {"lost": [0, 0]},
        {"lost": [7]},
        {"lost": [0, 1]},  # what is needed is lost
        {"lost": [0, 2]},
        {"processor": state["processor"] * 0},  # a planned task on a lost processor
        {"jobs": [{**job, "joined": []}]},
        {"jobs": [{**job, "joined": [[1.0]]}]},
        {"jobs": [{**job, "joined": [[1.0, math.nan, 1.0]]}]},
        {"jobs": [{**job, "joined": [None]}]},  # a task is planned where it cannot run
    ):
        with pytest.raises(sk.InvalidInputError, match="snapshot"):
            restore(*arguments, {**state, **broken})
