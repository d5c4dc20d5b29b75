"""Admission against the need of a batch counted step by step."""

from __future__ import annotations

import os
import pickle
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.serving import Admission
from schedkit.serving.admission import AdmissionPolicy

from .. import data
from . import reference

BATCHES = int(os.environ.get("SCHEDKIT_INSTANCES", "3000"))
POLICIES: tuple[AdmissionPolicy, ...] = ("future", "conservative", "aggressive")
ALL: tuple[AdmissionPolicy, ...] = (*POLICIES, "past_future")


def test_the_peak_of_a_hand_example() -> None:
    """3 tokens and 4 to come, 10 tokens and 1 to come: 13, then 15, then 6 and 7."""
    admission: Admission[str] = Admission(100, "future")
    admission.start("a", 3, 4)
    admission.start("b", 10, 1)
    assert admission.peak() == 15
    admission.advance(1)
    assert admission.held == 15
    admission.finished("b", 1)
    assert admission.peak() == 7


def test_the_peak_equals_a_simulation_step_by_step() -> None:
    """``SCHEDKIT_INSTANCES=100000`` runs as many as the documentation claims."""
    rng = np.random.default_rng(1)
    for _ in range(BATCHES):
        batch = [(int(held), int(left)) for held, left in rng.integers(0, 25, (int(rng.integers(0, 9)), 2))]
        for policy in POLICIES:
            admission: Admission[int] = Admission(10**6, policy)
            for key, (held, left) in enumerate(batch):
                admission.start(key, held, left)
            assert admission.peak() == reference.need(policy, batch), (policy, batch)


class Plain:
    """Admission by its definitions: a list."""

    def __init__(self, policy: str, capacity: int, reserve: float) -> None:
        self.policy, self.limit = policy, capacity * (1.0 - reserve)
        self.running: dict[Any, list[int]] = {}  # tokens held, tokens left, tokens produced

    def admit(self, waiting: list[tuple[Any, int, int]]) -> int:
        batch = [(held, left) for held, left, _ in self.running.values()]
        for k, (_, prompt, most) in enumerate(waiting):
            batch.append((prompt, most))
            if not reference.need(self.policy, batch) < self.limit:
                return k
        return len(waiting)

    def advance(self, tokens: int) -> None:
        for row in self.running.values():
            row[:] = [row[0] + tokens, max(row[1] - tokens, 0), row[2] + tokens]

    def victim(self, rule: str) -> Any:
        keys = list(self.running)[::-1]  # newest first, which decides ties
        if rule == "newest":
            return keys[0]
        if rule == "least_done":
            return min(keys, key=lambda key: self.running[key][2])
        return min(keys, key=lambda key: self.running[key][0] / max(self.running[key][0] + self.running[key][1], 1))


@pytest.mark.parametrize("victim", ["newest", "least_done", "least_recompute"])
@pytest.mark.parametrize("policy", POLICIES)
def test_answers_equal_those_of_a_list(policy: Any, victim: Any) -> None:
    rng = np.random.default_rng(2)
    for _ in range(max(BATCHES // 300, 3)):
        capacity, reserve = int(rng.integers(0, 400)), float(rng.choice([0.0, 0.05, 0.25]))
        admission: Admission[int] = Admission(capacity, policy, reserve=reserve, victim=victim)
        plain = Plain(policy, capacity, reserve)
        for key in range(60):
            what = rng.integers(0, 6)
            if what <= 2:
                prompt, most = int(rng.integers(1, 30)), int(rng.integers(0, 20))
                admission.start(key, prompt, most)
                plain.running[key] = [prompt, most, 0]
            elif what == 3 and plain.running:
                gone = int(rng.choice(list(plain.running)))
                admission.finished(gone, plain.running.pop(gone)[2])
            elif what == 4 and plain.running:
                expected = plain.victim(victim)
                assert admission.evict() == expected
                del plain.running[expected]
            else:
                tokens = int(rng.integers(0, 4))
                admission.advance(tokens)
                plain.advance(tokens)
            waiting = [(1000 + k, int(p), int(m)) for k, (p, m) in enumerate(rng.integers(1, 25, (int(rng.integers(0, 6)), 2)))]
            assert admission.admit(waiting) == plain.admit(waiting)
            assert admission.peak() == reference.need(policy, [(held, left) for held, left, _ in plain.running.values()])
            assert admission.held == sum(row[0] for row in plain.running.values())
            assert len(admission) == len(plain.running)
            if rng.random() < 0.05:
                admission = pickle.loads(pickle.dumps(admission))


def formula(held: np.ndarray[Any, Any], left: np.ndarray[Any, Any]) -> int:
    """The published formula for the peak."""
    order = np.argsort(-left, kind="stable")
    return int((np.arange(1, left.size + 1) * left[order] + np.cumsum(held[order])).max(initial=0))


@pytest.mark.parametrize("name", ["splitwise_conv.csv.gz", "mooncake_conversation.jsonl.gz"])
def test_admissions_over_a_whole_trace_equal_the_plain_formula(name: str) -> None:
    """A server of one replica that makes a step each tenth of a second; every answer of `admit` is compared."""
    trace = sk.serving.read_trace(data.find("serving", name))
    capacity = 40_000 if name.startswith("split") else 400_000
    admission: Admission[int] = Admission(capacity, "future")
    held, left, keys = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    line: list[int] = []
    coming, now, refused, decisions = 0, 0.0, 0, 0
    while coming < trace.num_requests or line or keys.size:
        now += 0.1
        while coming < trace.num_requests and trace.arrival[coming] <= now:
            line.append(coming)
            coming += 1
        rows = [(k, int(trace.prompt_tokens[k]), int(trace.output_tokens[k])) for k in line[:40]]
        joined = admission.admit(rows)
        for k, (key, prompt, output) in enumerate(rows[: joined + 1]):
            with_it = formula(np.append(held, prompt), np.append(left, output))
            assert (with_it < capacity * 0.95) == (k < joined), (now, key)
            decisions += 1
            if k < joined:
                admission.start(key, prompt, output)
                held, left, keys = np.append(held, prompt), np.append(left, output), np.append(keys, key)
        refused += joined < len(rows)
        del line[:joined]
        steps = int(left.min(initial=1)) if not line and coming == trace.num_requests else 1
        admission.advance(steps)
        held, left = held + steps, left - steps
        for key in keys[left == 0].tolist():
            admission.finished(key, int(trace.output_tokens[key]))
        held, left, keys = held[left > 0], left[left > 0], keys[left > 0]
    assert decisions >= trace.num_requests
    assert refused > 100  # the cache was full often enough for the comparison to mean something


def test_common_prefixes_count_once() -> None:
    admission: Admission[str] = Admission(100, "conservative")
    admission.start("a", 10, 2, prefix="system", prefix_tokens=6)
    admission.start("b", 9, 1, prefix="system", prefix_tokens=6)
    assert admission.held == 6 + 4 + 3
    assert admission.peak() == 6 + (4 + 2) + (3 + 1)
    admission.finished("a", 2)
    assert admission.held == 6 + 3  # b still has it
    admission.finished("b", 1)
    assert admission.held == 0


def test_recent_answers_replace_the_maximum() -> None:
    """When all recent answers had 10 tokens, nine requests of 90 + 10 tokens come to 900 and fit below 1,000; ten would not."""
    admission: Admission[int] = Admission(1000, "past_future", reserve=0)
    for _ in range(200):
        admission.start(0, 1, 900)
        admission.finished(0, 10)
    assert admission.admit([(k, 90, 900) for k in range(20)]) == 9
    assert Admission(1000, "past_future", reserve=0).admit([(k, 90, 900) for k in range(20)]) < 9  # the maximum counts at first


def test_equal_seeds_give_equal_answers_and_other_seeds_others() -> None:
    def answers(seed: int) -> list[int]:
        rng = np.random.default_rng(5)
        admission: Admission[int] = Admission(4000, "past_future", seed=seed)
        found = []
        for key in range(300):
            admission.start(key, int(rng.integers(1, 40)), 200)
            admission.advance()
            if key >= 30:
                admission.finished(key - 30, int(rng.integers(1, 200)))
            found.append(admission.admit([(1000 + k, 50, 200) for k in range(60)]))
        return found

    assert answers(1) == answers(1)
    assert answers(1) != answers(2)


def test_an_answer_is_all_that_admit_gives() -> None:
    admission: Admission[str] = Admission(100, "past_future")
    admission.start("a", 10, 5)
    before = (admission.peak(), admission.held, len(admission))
    admission.admit([("b", 10, 5), ("c", 10, 50)], now=3.5)
    assert (admission.held, len(admission)) == before[1:]

    def waiting() -> Any:
        yield ("b", 10, 5)
        yield ("c", 200, 5)
        raise AssertionError("read further than needed")

    assert Admission(100, "future").admit(waiting()) == 1


def test_a_deque_a_list_and_a_generator_have_one_answer() -> None:
    rng = np.random.default_rng(8)
    for policy in ALL:
        for _ in range(20):
            running = [(int(p), int(m)) for p, m in rng.integers(1, 40, (int(rng.integers(0, 12)), 2))]
            waiting = [(k, int(p), int(m)) for k, (p, m) in enumerate(rng.integers(1, 40, (int(rng.integers(0, 12)), 2)))]
            forms: tuple[Callable[[], Any], ...] = (
                lambda: waiting,  # noqa: B023  # called before the next turn
                lambda: deque(waiting),  # noqa: B023
                lambda: tuple(waiting),  # noqa: B023
                lambda: iter(waiting),  # noqa: B023
                lambda: [list(row) for row in waiting],  # noqa: B023  # no plain rows
            )
            answers = []
            for form in forms:
                admission: Admission[int] = Admission(300, policy, seed=3)
                for key, (prompt, most) in enumerate(running):
                    admission.start(key, prompt, most)
                answers.append([admission.admit(form()) for _ in range(3)])
            assert answers.count(answers[0]) == len(answers), (policy, answers)


def test_a_line_longer_than_is_read_under_the_lock_has_the_same_answer() -> None:
    waiting = [(k, 1, 0) for k in range(40_000)]
    for policy in ALL:
        admission: Admission[int] = Admission(10**6, policy, reserve=0)
        for _ in range(200):
            admission.start(0, 1, 0)
            admission.finished(0, 0)
        assert admission.admit(waiting) == 40_000
        assert admission.peak() == admission.held == 0


def test_answers_past_their_maximum_count_as_about_to_end() -> None:
    """Whatever longer answers were recorded, they hold what they hold, and nothing is drawn for them again."""
    for policy in ALL:
        admission: Admission[int] = Admission(10**6, policy)
        for _ in range(200):
            admission.start(-1, 1, 60)
            admission.finished(-1, 60)
        for key in range(30):
            admission.start(key, 5, 10)
        admission.advance(61)  # nothing that can be drawn is longer than 60
        for step in range(61, 90):
            assert admission.peak() == admission.held == 30 * (5 + step), policy
            admission.advance()


def test_a_prefix_that_waits_has_one_length() -> None:
    rows = [("a", 9, 1, None, "p", 5), ("b", 9, 1, None, "p", 7)]
    for policy in ALL:
        with pytest.raises(sk.InvalidInputError, match=r"prefix_tokens\[1\] = 7"):
            Admission(100, policy).admit(rows)


def test_eight_threads_lose_nothing() -> None:
    admission: Admission[int] = Admission(10**9, "future")

    def work(first: int) -> None:
        for key in range(first, first + 2000):
            admission.start(key, 3, 2)
            admission.admit([(-1, 5, 5)])
            if key % 2:
                admission.finished(key, 2)

    threads = [threading.Thread(target=work, args=(k * 10_000,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admission) == 8 * 1000
    assert admission.held == 8 * 1000 * 3
    assert admission.peak() == 8 * 1000 * 5


def test_a_refused_call_changes_nothing() -> None:
    admission: Admission[str] = Admission(100, "future")
    admission.start("a", 5, 5)
    state = (admission.peak(), admission.held, len(admission))
    calls: tuple[Callable[[], object], ...] = (
        lambda: admission.start("a", 1, 1),
        lambda: admission.start("b", 1, -1),
        lambda: admission.finished("a", -1),
        lambda: admission.advance(2**62),
        lambda: admission.start("b", 3, 1, prefix="p", prefix_tokens=4),
        lambda: admission.start([], 3, 1),  # type: ignore[arg-type]
    )
    for call in calls:
        with pytest.raises((sk.SchedkitError, TypeError)):
            call()
        assert (admission.peak(), admission.held, len(admission)) == state


def test_the_peak_is_what_a_question_counts_with() -> None:
    """The number of draws depends on the batch as it is now, not on the last question."""
    for running in (20, 60, 201):
        asked, fresh = (Admission[int](10**7, "past_future", window=2, seed=5) for _ in range(2))
        for admission in (asked, fresh):
            for key, length in enumerate((0, 100)):
                admission.start(-1 - key, 1, 100)
                admission.finished(-1 - key, length)
            for key in range(running):
                admission.start(key, 50, 100)
        asked.admit([])
        assert asked.peak() == fresh.peak()


def test_tokens_are_counted_once_up_to_the_largest_number() -> None:
    admission: Admission[str] = Admission(2**53, "future")
    admission.advance(2**53)  # no request runs
    admission.start("x", 2**52 - 5, 0)
    admission.start("y", 2**50, 0)
    assert admission.held == 2**52 + 2**50 - 5
    assert admission.admit([("z", 5, 2**53)]) == 0  # it does not fit, which is no error
