"""The policy queue: hand examples, the simulator's answers, time, and a table of bad input."""

from __future__ import annotations

import math
import os
import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.online import POLICIES, PolicyQueue
from schedkit.online.adapters import Executor, PriorityQueue

TRACES = int(os.environ.get("SCHEDKIT_INSTANCES", "60"))


def test_the_example_of_the_simulator_decision_by_decision() -> None:
    """SRPT on (0,8) (1,2) (2,1) (3,4) (3,1): completions 16 3 4 9 5."""
    queue: PolicyQueue[int] = PolicyQueue("srpt")
    queue.add(0, size=8, now=0)
    queue.progress(0, 1, now=1)
    queue.add(1, size=2, now=1)
    assert queue.peek(1) == 1
    queue.progress(1, 1, now=2)
    queue.add(2, size=1, now=2)
    assert queue.peek(2) == 1  # as much is left of both: the running one stays
    queue.remove(1)
    queue.add_many([3, 4], size=[4, 1], now=3)
    assert list(queue) == [2, 4, 3, 0]
    assert queue.allocation(3) == [(2, 1.0)]
    assert queue.pop_many(9, now=3) == [2, 4, 3, 0]
    assert queue.stats(3).mean_flow_time == (1 + 0 + 0 + 3) / 4


def random_jobs(rng: np.random.Generator, whole: bool, many: bool = False) -> sk.online.Jobs:
    """In any order of arrival, with equal times, sizes and zeros among the whole numbers."""
    n = 40 if many else int(rng.integers(1, 10))
    if whole:
        release = rng.integers(0, 4 * n // 3 + 2, n).astype(float)
        rows = [rng.integers(0, 7, rng.integers(1, 4)).tolist() for _ in range(n)]
    else:
        release = rng.uniform(0, 4 * n / 3, n)
        rows = [rng.uniform(0, 6, rng.integers(1, 4)).tolist() for _ in range(n)]
    deadline = np.where(rng.random(n) < 0.2, np.inf, release + rng.integers(0, 20, n))
    weight, estimate = rng.integers(1, 9, n), rng.integers(0, 10, n)
    return sk.online.Jobs(release, operations=rows, weight=weight, estimate=estimate, deadline=deadline)


@pytest.mark.parametrize("name", POLICIES)
def test_replay_equals_the_simulator(name: str) -> None:
    """``SCHEDKIT_INSTANCES=5000`` runs as many as the documentation claims."""
    rng = np.random.default_rng(7)
    for trace in range(TRACES):
        whole = trace % 2 == 0
        jobs = random_jobs(rng, whole, many=trace % 20 < 2)
        policy: Any = name
        if name == "gittins":
            size = [float(p) for p in jobs.processing_time if p > 0] or [1.0]
            policy = sk.online.Gittins(size=size, probability=[1] * len(size))
        expected = sk.online.simulate(jobs, policy).completion_time
        np.testing.assert_allclose(sk.online.replay(jobs, policy), expected, rtol=1e-9, atol=1e-9, err_msg=str(trace))


@pytest.mark.parametrize("name", ["ps", "las", "llf", "slf", "srpt_b"])
def test_replay_of_many_whole_jobs_that_share(name: str) -> None:
    """Whole sizes make ties at thresholds that are reached in fractions, and no crumb of rounding may decide them."""
    rng = np.random.default_rng(11)
    for trace in range(TRACES):
        jobs = random_jobs(rng, whole=True, many=True)
        expected = sk.online.simulate(jobs, name).completion_time
        np.testing.assert_allclose(sk.online.replay(jobs, name), expected, rtol=1e-9, atol=1e-9, err_msg=str(trace))


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(("start", "unit"), [(1.7e9, 2.0**-10), (0.0, 2.0**-100), (-(2.0**40), 1.0)])
def test_replay_by_any_clock(name: str, start: float, unit: float) -> None:
    """Thousandths on a clock of today, tiny sizes, times before zero: as whole units from zero, but for the clock's digits."""
    if name == "gittins":
        pytest.skip("its distribution would have to be scaled too")
    policy: Any = {
        "rr": sk.online.RR(quantum=unit),
        "mlf": sk.online.MLF(quantum=unit),
        "rmlf": sk.online.RMLF(quantum=unit),
    }.get(name, name)
    rng = np.random.default_rng(3)
    for _ in range(10):
        plain = random_jobs(rng, whole=True)
        assert plain.estimate is not None
        assert plain.deadline is not None
        assert plain.operations is not None
        rows = [[size * unit for size in row] for row in plain.operations]
        jobs = sk.online.Jobs(
            start + plain.release_time * unit,
            operations=rows,
            weight=plain.weight,
            estimate=plain.estimate * unit,
            deadline=start + plain.deadline * unit,
        )
        expected = sk.online.simulate(jobs, policy).completion_time
        within = 8 * np.spacing(abs(start)) + 1e-9 * unit
        np.testing.assert_allclose(sk.online.replay(jobs, policy), expected, rtol=0, atol=within)


def test_a_threshold_reached_within_rounding_is_reached_exactly() -> None:
    """Served in two pieces that add up to a crumb beyond the stopping point, a job has no advantage over one served in one."""
    stop = 1.4800184284540403
    release = [3.4829923744900566, 5.153573936799595, 0.3295572750234421, 1.9874328838408926, 0.5645673535941927]
    size = [1.4800184284540403, 13.790094573727783, 4.6413713766224625, 13.28532767966822, 1.4525606597096166]
    jobs, policy = sk.online.Jobs(release, size), sk.online.Gittins(size=size, probability=[1] * 5)
    expected = sk.online.simulate(jobs, policy).completion_time
    np.testing.assert_allclose(sk.online.replay(jobs, policy), expected, rtol=1e-12)
    queue: PolicyQueue[str] = PolicyQueue(policy)
    queue.add("a", now=0)
    queue.progress("a", 0.23501007857075062, now=1)
    queue.progress("a", 1.2450083498832898, now=2)
    assert queue.attained("a") == stop


def test_many_at_once_come_in_the_order_of_one_after_another() -> None:
    """Under ``hrrn`` many are found by one look at everybody; ties, sizes of zero and changes in between do not tell."""
    rng = np.random.default_rng(5)
    for _ in range(TRACES):
        together: PolicyQueue[int] = PolicyQueue("hrrn")
        now, added, n = 0.0, 0, int(rng.integers(20, 300))
        while added < n or together:
            for _ in range(int(rng.integers(0, 60)) if added < n else 0):
                now += int(rng.integers(0, 2))
                together.add(added, size=int(rng.integers(0, 5)), now=now)
                added += 1
            now += int(rng.integers(0, 3))
            single = pickle.loads(pickle.dumps(together))
            k = int(rng.integers(0, 50))
            expected = [single.pop(now) for _ in range(min(k, len(single)))]
            assert together.pop_many(k, now) == expected
            if together and rng.random() < 0.5:
                together.remove(next(iter(together)))


# --- bad input -------------------------------------------------------------------------------------------------------------


def filled(policy: Any = "srpt", **options: Any) -> PolicyQueue[Any]:
    queue: PolicyQueue[Any] = PolicyQueue(policy, **options)
    queue.add("a", size=4, estimate=4, now=10)
    return queue


def shrunk() -> None:
    queue = filled()
    queue.progress("a", 3)
    queue.reprioritise("a", 2)


BAD: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("no function", lambda: PriorityQueue(facts=3), sk.InputTypeError, "facts: must be a function, not int"),  # type: ignore[arg-type]
    ("text", lambda: Executor(ThreadPoolExecutor(1), facts="x"), sk.InputTypeError, "facts: must be a function"),  # type: ignore[arg-type]
    ("unknown policy", lambda: PolicyQueue("sprt"), sk.InvalidInputError, "srpt_ageing"),
    ("no policy", lambda: PolicyQueue(3), sk.InputTypeError, "must be a name or a policy"),  # type: ignore[arg-type]
    ("gittins without distribution", lambda: PolicyQueue("gittins"), sk.InvalidInputError, "sizes and probabilities"),
    ("strict what", lambda: PolicyQueue(strict_time="yes"), sk.InputTypeError, "strict_time"),  # type: ignore[arg-type]
    ("pop of nothing", lambda: PolicyQueue().pop(), IndexError, "empty"),
    ("peek at nothing", lambda: PolicyQueue().peek(), IndexError, "empty"),
    ("duplicate", lambda: filled().add("a", size=1), sk.InvalidInputError, "key = 'a': is in the queue already"),
    ("duplicate of many", lambda: filled().add_many(["b", "b"], size=[1, 1]), sk.InvalidInputError, "already"),
    ("unhashable", lambda: filled().add([], size=1), TypeError, "unhashable"),  # type: ignore[arg-type]
    ("no size", lambda: filled().add("b"), sk.InvalidInputError, "size"),
    ("no estimate", lambda: filled("srpt_e").add("b", size=1), sk.InvalidInputError, "estimate"),
    ("nan size", lambda: filled().add("b", size=math.nan), sk.InvalidInputError, "size = NaN: must be finite"),
    ("infinite size", lambda: filled().add("b", size=math.inf), sk.InvalidInputError, "must be finite"),
    ("negative size", lambda: filled().add("b", size=-1), sk.InvalidInputError, "size = -1.0: must be >= 0"),
    ("huge size", lambda: filled().add("b", size=1e200), sk.InvalidInputError, "1e100"),
    ("huge integer", lambda: filled().add("b", size=10**400), sk.InvalidInputError, "size"),
    ("bool size", lambda: filled().add("b", size=True), sk.InputTypeError, "bool"),
    ("text size", lambda: filled().add("b", size="1"), sk.InputTypeError, "str"),  # type: ignore[arg-type]
    ("complex size", lambda: filled().add("b", size=1j), sk.InputTypeError, "complex"),  # type: ignore[arg-type]
    ("negative weight", lambda: filled().add("b", size=1, weight=-1), sk.InvalidInputError, "weight"),
    ("nan deadline", lambda: filled().add("b", size=1, deadline=math.nan), sk.InvalidInputError, "deadline"),
    ("nan estimate", lambda: filled().add("b", size=1, estimate=math.nan), sk.InvalidInputError, "estimate"),
    ("attained beyond size", lambda: filled().add("b", size=1, attained=2), sk.InvalidInputError, "attained = 2.0"),
    ("nan now", lambda: filled().add("b", size=1, now=math.nan), sk.InvalidInputError, "now"),
    ("infinite now", lambda: filled().pop(math.inf), sk.InvalidInputError, "now"),
    ("text now", lambda: filled().pop("now"), sk.InputTypeError, "now"),  # type: ignore[arg-type]
    ("progress of nobody", lambda: filled().progress("b", 1), sk.UnknownKeyError, "key = 'b': is not in the queue"),
    ("progress beyond the size", lambda: filled().progress("a", 5), sk.InvalidInputError, "exceeds what is left, 4.0"),
    ("negative progress", lambda: filled().progress("a", -1), sk.InvalidInputError, "amount = -1.0: must be >= 0"),
    ("nan progress", lambda: filled().progress("a", math.nan), sk.InvalidInputError, "amount"),
    ("reveal without need", lambda: filled().reveal("a", 1), sk.InvalidInputError, "takes none"),
    ("reveal of nobody", lambda: filled("slf").reveal("b", 1), sk.UnknownKeyError, "'b'"),
    ("negative reveal", lambda: filled("op_srpt").reveal("a", -1), sk.InvalidInputError, "size"),
    ("size below service", shrunk, sk.InvalidInputError, "below the service of 3.0"),
    ("reprioritise nobody", lambda: filled().reprioritise("b", 1), sk.UnknownKeyError, "'b'"),
    ("remove nobody", lambda: filled().remove("b"), sk.UnknownKeyError, "'b'"),
    ("negative count", lambda: filled().pop_many(-1), sk.InvalidInputError, "k = -1"),
    ("half a count", lambda: filled().pop_many(1.5), sk.InvalidInputError, "whole"),  # type: ignore[arg-type]
    ("lengths", lambda: filled().add_many(["b", "c"], size=[1]), sk.InvalidInputError, "size: has length 1, expected 2"),
    ("one of many", lambda: filled().add_many(["b", "c"], size=[1, -1]), sk.InvalidInputError, r"size\[1\] = -1.0"),
    ("no keys", lambda: filled().add_many(3, size=[1]), sk.InputTypeError, "keys: must be keys, not int"),  # type: ignore[arg-type]
    ("time running backwards", lambda: filled(strict_time=True).pop(9), sk.InvalidInputError, "before 10.0"),
]


@pytest.mark.parametrize(("call", "kind", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_what_is_refused_changes_nothing() -> None:
    queue = filled()
    bad_calls: list[Callable[[], None]] = [
        lambda: queue.add("b", size=-1, now=11),
        lambda: queue.add("a", size=1, now=11),
        lambda: queue.add_many(["b", "c", "a"], size=[1, 1, 1], now=11),
        lambda: queue.progress("a", 9, now=11),
        lambda: queue.reprioritise("a", -2, now=11),
    ]
    for call in bad_calls:
        with pytest.raises(sk.InvalidInputError):
            call()
    assert (list(queue), queue.attained("a"), queue.stats(12).oldest) == (["a"], 0.0, 2.0)


def test_errors_are_key_errors_and_carry_the_key() -> None:
    with pytest.raises(KeyError) as caught:
        PolicyQueue().remove("x")
    assert isinstance(caught.value, sk.UnknownKeyError)
    assert (caught.value.field, caught.value.value) == ("key", "x")


# --- time ------------------------------------------------------------------------------------------------------------------


def test_time_running_backwards_is_clamped_and_counted() -> None:
    queue = filled()
    queue.add("b", size=1, now=3)
    assert queue.clock_skew == 1
    assert queue.stats(10).oldest == 0.0
    assert queue.pop(0) == "b"
    assert (queue.clock_skew, queue.stats(12).mean_flow_time) == (2, 0.0)


def test_the_clock_is_monotonic_time() -> None:
    queue: PolicyQueue[str] = PolicyQueue("fcfs")
    queue.add("a")
    time.sleep(0.01)
    assert 0.01 <= queue.stats().oldest < 5
    assert queue.stats(time.monotonic()).oldest >= 0.01
    assert queue.clock_skew == 0


def test_a_pickled_clock_goes_on_where_it_stood() -> None:
    queue: PolicyQueue[str] = PolicyQueue("fcfs")
    queue.add("a", now=time.monotonic() + 1000)
    again = pickle.loads(pickle.dumps(queue))
    assert 0 <= again.stats().oldest < 5
    assert again.clock_skew == 0


# --- what policies may know ------------------------------------------------------------------------------------------------


def test_sizes_stay_unread_by_policies_that_know_none() -> None:
    for name in ("fcfs", "rr", "ps", "las", "mlf", "rmlf", "edf", "slf"):
        queue: PolicyQueue[int] = PolicyQueue(name)
        queue.add_many([0, 1, 2], size=[3, 2, 1], estimate=[3, 2, 1], now=0)
        assert list(queue) == [0, 1, 2], name


def test_horizon_is_the_rest_of_the_quantum_or_the_next_to_join() -> None:
    turns: PolicyQueue[str] = PolicyQueue(sk.online.RR(quantum=0.3))
    turns.add_many("ab", now=0)
    for _ in range(3):  # reported in pieces that do not add up in floats
        assert turns.peek(0) == "a"
        turns.progress("a", 0.1, now=0)
    assert turns.peek(0) == "b"
    levels: PolicyQueue[str] = PolicyQueue("las")
    levels.add_many("abc", attained=[2, 0, 0], now=0)
    assert levels.allocation(0) == [("b", 0.5), ("c", 0.5)]
    assert levels.horizon(0) == 2.0


def test_turns_beyond_counting_have_no_end() -> None:
    queue: PolicyQueue[str] = PolicyQueue("rr")
    queue.add("a", attained=1e15, now=0)
    queue.progress("a", 1, now=1)
    assert (queue.horizon(1), queue.peek(1)) == (math.inf, "a")


def test_processor_sharing_gives_first_whom_it_owes_most() -> None:
    queue: PolicyQueue[str] = PolicyQueue("ps")
    queue.add_many("ab", now=0)
    queue.progress("a", 5, now=5)
    queue.progress("b", 3, now=8)
    queue.add("c", now=8)  # begins where the least served one stands
    assert list(queue) == ["b", "c", "a"]
    assert queue.allocation(8) == [("a", 1 / 3), ("b", 1 / 3), ("c", 1 / 3)]


def test_a_number_stands_for_all_keys_that_are_added_together() -> None:
    numbers = {"size": 4, "attained": 1.0, "weight": np.float64(2), "estimate": 5, "deadline": 9, "arrival": 3, "level": 1}
    one: Any = sk.online.PolicyQueue("srpt")
    one.add_many("ab", now=3, **numbers)
    many: Any = sk.online.PolicyQueue("srpt")
    many.add_many("ab", now=3, **{field: [number, number] for field, number in numbers.items()})
    assert one._save() == many._save()
    assert one.attained("b") == 1
    one.add("c", size=9, level=0, now=3)
    assert list(one) == ["c", "a", "b"]
    for field, wrong, message in (
        ("level", 0.5, r"level\[0\] = 0.5: must be a whole number"),
        ("size", "4", "size: must be"),
        ("level", True, "level: must be"),
        ("weight", float("nan"), r"weight\[0\] = NaN"),
    ):
        with pytest.raises(sk.InvalidInputError if "\\[" in message else sk.InputTypeError, match=message):
            one.add_many("xy", now=4, **{"size": 1, field: wrong})
    assert len(one) == 3
