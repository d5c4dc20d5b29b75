"""The shapes in which model servers ask, tested against what their interfaces promise. No server is imported or run."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.integrations.model_servers import BatchAdmission, ReplicaChooser, RequestQueue

# --- vLLM's request queue ----------------------------------------------------------------------------------------------------


class Named:
    """A request that is told apart by identity, as vLLM's are."""

    def __init__(self, name: str, **facts: float) -> None:
        self.name, self.facts = name, facts


def queue_of(policy: str, *requests: Named) -> RequestQueue[Named]:
    queue: RequestQueue[Named] = RequestQueue(policy, facts=lambda request: request.facts, clock=lambda: 0.0)
    for request in requests:
        queue.add_request(request)
    return queue


def names(queue: RequestQueue[Named]) -> list[str]:
    return [request.name for request in queue]


def test_the_queue_has_the_methods_of_the_abstract_class() -> None:
    """The nine abstract methods and three protocols of vllm/v1/core/sched/request_queue.py."""
    methods = "add_request pop_request peek_request prepend_request prepend_requests remove_request remove_requests"
    for name in (*methods.split(), "__bool__", "__len__", "__iter__"):
        assert callable(getattr(RequestQueue, name)), name
    for name in ("add_request", "prepend_request", "remove_request"):
        assert list(inspect.signature(getattr(RequestQueue, name)).parameters) == ["self", "request"]
    for name in ("prepend_requests", "remove_requests"):
        assert list(inspect.signature(getattr(RequestQueue, name)).parameters) == ["self", "requests"]


def test_first_come_first_served_as_a_deque() -> None:
    """The same calls on a deque, which is what vLLM's own queue is."""
    rng = np.random.default_rng(1)
    queue = queue_of("fcfs")
    plain: list[Named] = []
    for number in range(600):
        what = rng.integers(0, 7)
        if what <= 1:
            request = Named(str(number))
            queue.add_request(request)
            plain.append(request)
        elif what == 2:
            request = Named(str(number))
            queue.prepend_request(request)
            plain.insert(0, request)
        elif what == 3:
            several = [Named(f"{number}{k}") for k in range(int(rng.integers(0, 3)))]
            queue.prepend_requests(several)
            for request in several:
                plain.insert(0, request)
        elif what == 4 and plain:
            assert queue.pop_request() is plain.pop(0)
        elif what == 5 and plain:
            request = plain.pop(int(rng.integers(len(plain))))
            queue.remove_request(request)
        elif what == 6:
            some = [request for request in plain if rng.random() < 0.1]
            queue.remove_requests([*some, Named("elsewhere")])
            plain = [request for request in plain if request not in some]
        assert list(queue) == plain
        assert (len(queue), bool(queue)) == (len(plain), bool(plain))
        if plain:
            assert queue.peek_request() is plain[0]


def test_another_policy_orders_and_prepends_by_its_rank() -> None:
    queue = queue_of("slack_edf", Named("a", estimate=3, deadline=9), Named("b", estimate=2, deadline=5))
    queue.prepend_request(Named("c", estimate=8, deadline=4))
    assert names(queue) == ["b", "a", "c"]
    other = queue_of("slack_edf", Named("d", estimate=1, deadline=2))
    other.prepend_requests(queue)
    assert names(other) == ["d", "b", "a", "c"]
    assert len(queue) == 3  # the host empties the other queue itself


def test_the_queue_refuses_what_it_cannot_do() -> None:
    request = Named("a")
    queue = queue_of("fcfs", request)
    for call in (queue.add_request, queue.prepend_request):
        with pytest.raises(sk.InvalidInputError, match=r"request = .*: waits already"):
            call(request)
    with pytest.raises(sk.UnknownKeyError, match=r"request = .*: does not wait"):
        queue.remove_request(Named("b"))
    with pytest.raises(sk.InvalidInputError, match="waits already"):
        queue.prepend_requests([Named("d"), request])
    for options in ({"facts": 3}, {"clock": 5}):
        with pytest.raises(sk.InputTypeError, match=f"{next(iter(options))}: must be a function"):
            RequestQueue(**options)  # type: ignore[arg-type]
    with pytest.raises(sk.InvalidInputError, match="facts = 'colour'"):
        queue.add_request(Named("c", colour=3))
    assert names(queue) == ["a"]
    queue.pop_request()
    for empty in (queue.pop_request, queue.peek_request):
        with pytest.raises(IndexError):
            empty()


# --- LightLLM's admission ----------------------------------------------------------------------------------------------------


def joins(running: list[tuple[int, int]], waiting: list[tuple[int, int]], capacity: int, most: int, tokens: int) -> int:
    """The three conditions that the queue of LightLLM states, with the formula for the peak."""
    rows = list(running)
    prompts = 0
    for k, (prompt, left) in enumerate(waiting):
        rows.append((prompt, left))
        prompts += prompt
        by_left = sorted(rows, key=lambda row: -row[1])
        peak = max(left * (i + 1) + sum(held for held, _ in by_left[: i + 1]) for i, (_, left) in enumerate(by_left))
        if not (peak < capacity and len(rows) <= most and prompts <= tokens):
            return k
    return len(waiting)


def test_batches_equal_the_stated_conditions() -> None:
    rng = np.random.default_rng(2)
    for _ in range(500):
        running = [(int(h), int(v)) for h, v in rng.integers(0, 30, (int(rng.integers(0, 6)), 2))]
        waiting = [(int(h), int(v)) for h, v in rng.integers(0, 30, (int(rng.integers(0, 6)), 2))]
        capacity, most, tokens = int(rng.integers(1, 300)), int(rng.integers(0, 12)), int(rng.integers(0, 120))
        gate = BatchAdmission(capacity, max_running=most, max_prompt_tokens=tokens)
        for _ in range(2):  # nothing stays from one call to the next
            assert gate.generate_new_batch(running, waiting) == joins(running, waiting, capacity, most, tokens)


def test_recent_answers_count() -> None:
    gate = BatchAdmission(1000, "past_future")
    waiting = [(90, 900)] * 20
    before = gate.generate_new_batch([], waiting)
    for _ in range(200):
        gate.finished(10)
    assert before < gate.generate_new_batch([], waiting) == 9


ROW_OF_TEXT: Any = ["ab"]
WITH_A_TEXT: Any = [("x", 2)]
NOTHING: Any = None


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: BatchAdmission(5, max_running=-1), sk.InvalidInputError, "max_running = -1"),
        (lambda: BatchAdmission(5).generate_new_batch([(1,)], []), sk.InvalidInputError, r"running\[0\]"),
        (lambda: BatchAdmission(5).generate_new_batch([], [(1, 2), (1, 2, 3)]), sk.InvalidInputError, r"waiting\[1\]"),
        (
            lambda: BatchAdmission(5).generate_new_batch([(1, 2), (1, -2)], []),
            sk.InvalidInputError,
            r"running\[1, 1\] = -2: left must be >= 0",
        ),
        (
            lambda: BatchAdmission(5).generate_new_batch([(2, 2, 3)], []),
            sk.InvalidInputError,
            r"running\[0, 2\] = 3: produced exceeds what is held, 2",
        ),
        (
            lambda: BatchAdmission(5).generate_new_batch([], WITH_A_TEXT),
            sk.InputTypeError,
            r"waiting\[0, 0\] = 'x': prompt tokens must",
        ),
        (lambda: BatchAdmission(5).generate_new_batch([], ROW_OF_TEXT), sk.InputTypeError, r"waiting\[0\]"),
        (lambda: BatchAdmission(5).generate_new_batch(NOTHING, []), sk.InputTypeError, "running: must be"),
        (lambda: BatchAdmission(5).generate_new_batch([], NOTHING), sk.InputTypeError, "waiting: must be"),
        (lambda: BatchAdmission(5).finished(-1), sk.InvalidInputError, "length = -1"),
    ],
)
def test_bad_batches(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


# --- Ray Serve's router ------------------------------------------------------------------------------------------------------


def replicas(*names: str) -> list[Any]:
    return [SimpleNamespace(replica_id=name) for name in names]


def facts(request: Any) -> dict[str, Any]:
    return {"key": request.key, "tokens": request.tokens}


def choose(chooser: ReplicaChooser, candidates: list[Any], request: Any) -> list[list[str]]:
    ranks = asyncio.run(chooser.choose_replicas(candidates, request))
    return [[replica.replica_id for replica in rank] for rank in ranks]


def test_ranks_hold_all_candidates_once_the_chosen_one_first() -> None:
    chooser = ReplicaChooser("least_loaded", facts=facts)
    candidates = replicas("a", "b", "c")
    chooser.update_replicas(candidates)
    assert choose(chooser, candidates, SimpleNamespace(key=1, tokens=10)) == [["a"], ["b", "c"]]
    assert choose(chooser, candidates, SimpleNamespace(key=2, tokens=4)) == [["b"], ["c", "a"]]
    assert choose(chooser, candidates, SimpleNamespace(key=2, tokens=4)) == [["b"], ["c", "a"]]  # asked again, it counts once
    assert choose(chooser, candidates, None) == [["c", "b", "a"]]
    chooser.on_request_completed("a", 1)
    assert choose(chooser, candidates, SimpleNamespace(key=3, tokens=1)) == [["a"], ["c", "b"]]


def test_replicas_come_and_go() -> None:
    chooser = ReplicaChooser("least_loaded", facts=facts)
    assert choose(chooser, replicas("a"), SimpleNamespace(key=1, tokens=10)) == [["a"]]
    assert chooser.update_replicas(replicas("b")) == [1]
    assert choose(chooser, replicas("b"), SimpleNamespace(key=1, tokens=10)) == [["b"]]
    assert choose(chooser, [], SimpleNamespace(key=2, tokens=10)) == []


def test_requests_count_at_candidates_only() -> None:
    """The replica that is no candidate gets no load, whichever it would be by the policy."""
    policies: tuple[Any, ...] = ("round_robin", "random", "least_loaded", "two_choices", "prefix", "bounded_load", "dual_hash")
    for policy in policies:
        chooser = ReplicaChooser(policy, facts=facts)
        chooser.update_replicas(replicas("a", "b"))
        for key in range(6):
            assert choose(chooser, replicas("b"), SimpleNamespace(key=key, tokens=10)) == [["b"]]
        assert chooser.load == {"a": 0.0, "b": 60.0}, policy


def test_a_request_counts_where_it_was_sent_until_it_completes() -> None:
    chooser = ReplicaChooser("least_loaded", facts=facts)
    chooser.update_replicas(replicas("a", "b", "c"))
    request = SimpleNamespace(key="x", tokens=7)
    assert choose(chooser, replicas("a", "b", "c"), request) == [["a"], ["b", "c"]]
    chooser.on_request_routed(request, "c", object())
    chooser.on_request_routed(request, "elsewhere")
    assert chooser.load == {"a": 0.0, "b": 0.0, "c": 7.0}
    chooser.on_request_completed("c", "x")
    chooser.on_request_completed("c", "x")  # the host may say so again
    assert sum(chooser.load.values()) == 0
    chooser.on_request_routed(request, "b")
    assert chooser.on_replica_actor_died("b") == ["x"]
    assert chooser.on_replica_actor_died("b") == []
    assert chooser.load == {"a": 0.0, "c": 0.0}


def test_a_refused_fact_leaves_the_request_where_it_counted() -> None:
    chooser = ReplicaChooser("least_loaded", facts=facts)
    chooser.update_replicas(replicas("a", "b"))
    choose(chooser, replicas("a", "b"), SimpleNamespace(key="x", tokens=5))
    for tokens in (-1, "many"):
        with pytest.raises(sk.SchedkitError, match="tokens"):
            choose(chooser, replicas("a", "b"), SimpleNamespace(key="x", tokens=tokens))
        assert chooser.load == {"a": 5.0, "b": 0.0}
    assert choose(chooser, replicas("a", "b"), SimpleNamespace(key="x", tokens=6)) == [["a"], ["b"]]
    chooser.on_request_completed("a", "x")
    assert sum(chooser.load.values()) == 0


def test_bad_facts() -> None:
    no_mapping: Any = lambda _: 5  # noqa: E731
    with pytest.raises(sk.InputTypeError, match="facts: must return a mapping"):
        choose(ReplicaChooser(facts=no_mapping), replicas("a", "b"), SimpleNamespace())
    with pytest.raises(sk.InputTypeError, match="facts: must return a mapping"):
        RequestQueue(facts=no_mapping).add_request(SimpleNamespace())
    with pytest.raises(sk.InputTypeError, match="facts: must be a function"):
        ReplicaChooser(facts=None)  # type: ignore[arg-type]
    for bad, message in (({"tokens": 3}, "key is missing"), ({"key": 1, "colour": 2}, "colour")):
        chooser = ReplicaChooser(facts=lambda _, bad=bad: bad)  # type: ignore[misc]
        with pytest.raises(sk.InvalidInputError, match=message):
            choose(chooser, replicas("a", "b"), SimpleNamespace())
