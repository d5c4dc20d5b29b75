"""The policy queue and its keys: any key, hostile ones, copies, threads, forks."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import pickle
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import schedkit as sk
from schedkit.online import PolicyQueue

OPERATIONS = int(os.environ.get("SCHEDKIT_QUEUE_OPERATIONS", "40000"))


def filled(policy: Any = "srpt") -> PolicyQueue[Any]:
    queue: PolicyQueue[Any] = PolicyQueue(policy)
    queue.add("a", size=4, estimate=4, now=10)
    return queue


# --- keys ------------------------------------------------------------------------------------------------------------------


def test_any_hashable_key() -> None:
    keys: list[Any] = [1, "1", 1.5, (1, "a"), None, frozenset({1}), b"1", -1, 2**80, object(), PolicyQueue, 0.0, "", ()]
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    queue.add_many(keys)
    assert all(key in queue for key in keys)
    assert True in queue  # equal to 1, as in a dict
    assert "2" not in queue
    assert queue.pop_many(99) == keys


class Awkward:
    """A key whose comparison does what it likes."""

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self.act = act

    def __hash__(self) -> int:
        return 7

    def __eq__(self, other: object) -> bool:
        self.act()
        return self is other


def test_keys_may_call_the_queue_while_they_are_compared() -> None:
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    calls = iter(range(3))
    first = Awkward(lambda: queue.add(next(calls, 0)) if queue and 0 not in queue else queue.peek())
    queue.add(first)
    queue.add(Awkward())
    assert len(queue) == 3
    assert first in queue


def test_a_key_that_changes_the_queue_at_every_comparison_is_refused_not_waited_for() -> None:
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    count = iter(range(10**9))
    queue.add(Awkward(lambda: queue.add(next(count))))
    with pytest.raises(RuntimeError, match="changed whenever keys were compared"):
        queue.add(Awkward())


def test_exceptions_of_keys_pass_and_leave_the_queue_whole() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    queue.add(Awkward(fail))
    for call in (lambda: queue.add(Awkward()), lambda: Awkward() in queue, lambda: queue.remove(Awkward())):
        with pytest.raises(ZeroDivisionError):
            call()
    assert len(queue) == 1


def test_keys_that_die_may_call_the_queue() -> None:
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")

    class Last:
        def __del__(self) -> None:
            seen.append(len(queue))

    seen: list[int] = []
    queue.add_many([Last(), "b"])
    queue.remove(next(iter(queue)))
    assert seen == [1]


def test_garbage_is_collected_through_the_queue() -> None:
    class Node:
        queue: PolicyQueue[Any]

    node = Node()
    node.queue = PolicyQueue("fcfs")
    node.queue.add(node)
    watch = weakref.ref(node)
    del node
    gc.collect()
    assert watch() is None


def test_references_are_neither_lost_nor_kept() -> None:
    key = object()
    before = sys.getrefcount(key)
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    for _ in range(10):
        queue.add(key)
        assert queue.peek() is key
        assert list(queue) == [key]
        assert queue.pop() is key
        with pytest.raises(IndexError):
            queue.pop()
    assert sys.getrefcount(key) == before


# --- copies ----------------------------------------------------------------------------------------------------------------


def test_copies_are_independent_and_a_broken_record_is_refused() -> None:
    queue = filled()
    twin = copy.deepcopy(queue)
    twin.pop()
    assert (len(queue), len(twin)) == (1, 0)
    keys, state = queue._save()
    for broken in (b"", state[:-8], state + b"\0" * 8, b"\xff" * len(state), state[:72] + b"\xff" * (len(state) - 72)):
        with pytest.raises(ValueError, match="record"):
            PolicyQueue()._load(queue._policy._native(), keys, broken)


# --- threads ---------------------------------------------------------------------------------------------------------------


def test_eight_threads_lose_no_key_and_repeat_none() -> None:
    """``SCHEDKIT_QUEUE_OPERATIONS=1000000`` runs as many as the documentation claims."""
    queue: PolicyQueue[Any] = PolicyQueue("srpt")
    rounds = OPERATIONS // 8 // 2
    popped: list[list[Any]] = [[] for _ in range(8)]
    removed: list[list[Any]] = [[] for _ in range(8)]
    start = threading.Barrier(8)

    def work(me: int) -> None:
        start.wait()
        for k in range(rounds):
            key = (me, k) if k % 3 else f"{me}-{k}"
            queue.add(key, size=(k * 7919 + me) % 1000 + 1)
            if k % 11 == 0:
                try:
                    queue.remove(key)
                    removed[me].append(key)
                except sk.UnknownKeyError:
                    pass  # somebody has popped it
            elif k % 2:
                with contextlib.suppress(IndexError):
                    popped[me].append(queue.pop())
            else:
                popped[me] += queue.pop_many(1)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out = [key for keys in popped + removed for key in keys] + queue.pop_many(10**9)
    assert len(out) == len(set(out)) == 8 * rounds
    assert len(queue) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_fork_while_threads_use_the_queue_leaves_the_child_able_to_work() -> None:
    queue: PolicyQueue[int] = PolicyQueue("srpt")
    queue.add_many(range(100), size=range(100))
    done = threading.Event()

    def work(first: int) -> None:
        while not done.is_set():
            queue.add(first, size=200)
            queue.remove(first)

    threads = [threading.Thread(target=work, args=(first,)) for first in (1000, 2000)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                os._exit(0 if queue.pop_many(100) == list(range(100)) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        done.set()
        for thread in threads:
            thread.join()


# --- more that keys may do -------------------------------------------------------------------------------------------------


class Node:
    """A key that knows its queue."""

    def __init__(self, queue: PolicyQueue[Any]) -> None:
        self.queue = queue


@pytest.mark.parametrize("again", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))], ids=["deepcopy", "pickle"])
def test_keys_that_refer_to_their_queue_are_copied_with_it(again: Callable[[Any], Any]) -> None:
    queue: PolicyQueue[Any] = PolicyQueue("srpt")
    queue.add(Node(queue), size=3, now=0)
    twin = again(queue)
    assert twin.peek() is not queue.peek()
    assert twin.pop().queue is twin
    node = again(queue.peek())
    assert node.queue.pop() is node


class Named(PolicyQueue[Any]):
    """A subclass with a constructor and attributes of its own."""

    def __new__(cls, name: str) -> Named:
        del name
        return super().__new__(cls, "fcfs", strict_time=True)  # type: ignore[return-value]

    def __init__(self, name: str) -> None:
        self.name = name


def test_subclasses_keep_their_attributes() -> None:
    queue = Named("line")
    queue.add("a", now=1)
    for twin in (pickle.loads(pickle.dumps(queue)), copy.copy(queue)):
        assert (type(twin), twin.name, twin.strict_time, list(twin)) == (Named, "line", True, ["a"])


def test_keys_whose_hash_changes_can_leave() -> None:
    class Changing:
        number = 1

        def __hash__(self) -> int:
            return self.number

    queue: PolicyQueue[Any] = PolicyQueue("fcfs")
    key = Changing()
    queue.add(key)
    key.number = 2
    assert key not in queue  # as in a dict
    assert list(queue) == [key]
    assert queue.pop() is key
    queue.add(key)
    assert key in queue


def test_keys_may_call_the_queue_while_they_are_hashed_or_fail() -> None:
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")

    class Hashing:
        def __hash__(self) -> int:
            queue.add(len(queue))
            if len(queue) > 2:
                raise ZeroDivisionError
            return 5

    queue.add(Hashing())
    assert len(queue) == 2
    with pytest.raises(ZeroDivisionError):
        queue.add(Hashing())
    assert queue.pop_many(9)[0] == 0


def test_iteration_goes_over_the_keys_that_were_there() -> None:
    queue: PolicyQueue[int] = PolicyQueue("srpt")
    queue.add_many(range(5), size=range(5))
    seen = []
    for key in queue:
        seen.append(key)
        queue.remove(key)
        queue.add(key + 10, size=0)
    assert seen == [0, 1, 2, 3, 4]
    assert len(queue) == 5


def test_add_many_from_an_iterable_that_uses_the_queue() -> None:
    queue: PolicyQueue[Any] = PolicyQueue("fcfs")

    def keys() -> Any:
        for k in range(3):
            queue.add(("own", k))
            yield k

    queue.add_many(keys())
    assert len(queue) == 6
    with pytest.raises(sk.InvalidInputError, match="already"):
        queue.add_many([7, 8, 0])
    assert len(queue) == 6
