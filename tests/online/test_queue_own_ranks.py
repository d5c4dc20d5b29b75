"""Policy queues with ranks of the caller's own, against a sorted list; answers of every kind, and answers that misbehave."""

from __future__ import annotations

import copy
import fractions
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

ANSWERS: dict[Any, Any] = {}
"""What the key function of these tests answers for a key."""


def answer(key: Any) -> Any:
    return ANSWERS[key]


class OnlyLess:
    """Compares by ``<`` alone."""

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def __lt__(self, other: OnlyLess) -> bool:
        return self.rank < other.rank


NUMBERS = st.integers(-5, 5) | st.integers(2**53 - 2, 2**53 + 2) | st.floats(allow_nan=False) | st.fractions(max_denominator=3)
KINDS = {
    "numbers": NUMBERS,
    "tuples": st.tuples(st.integers(0, 3), st.text("ab", max_size=2)),
    "text": st.text("abc", max_size=3),
    "only less": st.integers(0, 6).map(OnlyLess),
}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_keys_come_in_the_order_of_their_answers_then_of_arrival(kind: str, data: Any) -> None:
    queue: Any = sk.online.PolicyQueue(key=answer)
    line: list[tuple[int, int, int]] = []  # level, arrival, key
    now = 10
    for key in range(data.draw(st.integers(0, 25))):
        now += data.draw(st.integers(0, 1))
        ANSWERS[key] = data.draw(KINDS[kind])
        arrival, level = now - data.draw(st.sampled_from([0, 0, 3])), data.draw(st.sampled_from([0, 0, 1]))
        if data.draw(st.booleans()):
            queue.add(key, now=now, arrival=arrival, level=level)
        else:
            queue.add_many([key], now=now, arrival=[arrival], level=[level])
        line.append((level, arrival, key))
        if line and data.draw(st.integers(0, 4)) == 0:
            again = data.draw(st.sampled_from(line))[2]
            ANSWERS[again] = data.draw(KINDS[kind])
            queue.reprioritise(again, now=now)
        expected = sorted_line(line)
        assert list(queue) == expected
        if data.draw(st.integers(0, 3)) == 0:
            assert queue.pop(now=now) == expected[0]
            line = [entry for entry in line if entry[2] != expected[0]]
        if data.draw(st.integers(0, 9)) == 0:
            queue = pickle.loads(pickle.dumps(queue))
    assert queue.pop_many(99, now=now) == sorted_line(line)


def sorted_line(line: list[tuple[int, int, int]]) -> list[int]:
    """By selection, with comparisons of answers alone."""
    rest, order = sorted(line), []
    while rest:
        best = rest[0]
        for entry in rest[1:]:
            if entry[0] == best[0] and ANSWERS[entry[2]] < ANSWERS[best[2]]:
                best = entry
        rest.remove(best)
        order.append(best[2])
    return order


def test_answers_between_neighbours_for_ever() -> None:
    """Every answer lies between the first and the one before it: numbers between them run out and are made anew."""
    queue: Any = sk.online.PolicyQueue(key=lambda key: fractions.Fraction(1, 3**key) if key else fractions.Fraction(-1, 3))
    queue.add(0, now=0)
    for key in range(1, 300):
        queue.add(key, now=0)
    assert list(queue) == [0, *range(299, 0, -1)]
    queue.add_many(range(300, 600), now=0)
    assert list(queue) == [0, *range(599, 0, -1)]


def test_answers_of_keys_that_left_are_forgotten() -> None:
    queue: Any = sk.online.PolicyQueue(key=lambda key: (key,))
    for key in range(2000):
        queue.add(key, now=0)
        assert queue.pop(now=0) == key
    assert len(queue._ranks._answers) < 200


def test_a_running_key_wins_ties_and_yields_to_a_lower_rank() -> None:
    ANSWERS.update(a=(1, "x"), b=(1, "x"), c=(0, "y"))
    queue: Any = sk.online.PolicyQueue(key=answer)
    queue.add("b", now=0)
    queue.add("a", now=0)
    queue.progress("a", 1, now=1)
    assert queue.peek(now=1) == "a"
    assert queue.victim(now=1) is None
    queue.add("c", now=1)
    assert (queue.peek(now=1), queue.victim(now=1), queue.peek_many(2, now=1)) == ("c", "a", ["c", "a"])


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([float("nan")], "key: gave nan for 0, which does not compare with itself"),
        ([None], "key: gave None for 0, which does not compare with itself"),
        ([np.zeros(2)], "which does not compare with itself"),
        ([1, "one"], "key: gave 'one', which does not compare with other answers"),
        (["one", 1], "key: gave 1, which does not compare with other answers"),
    ],
)
def test_answers_that_do_not_compare_are_refused_and_lose_nothing(answers: list[Any], message: str) -> None:
    queue: Any = sk.online.PolicyQueue(key=lambda key: answers[key])
    for key in range(len(answers) - 1):
        queue.add(key, now=0)
    with pytest.raises(sk.InputTypeError, match=message):
        queue.add(len(answers) - 1, now=0)
    with pytest.raises(sk.InputTypeError, match=message):
        queue.add_many([len(answers) - 1], now=0)
    assert list(queue) == list(range(len(answers) - 1))


def test_what_makes_no_queue() -> None:
    with pytest.raises(sk.InvalidInputError, match="key: is instead of a policy: give one of the two"):
        sk.online.PolicyQueue("srpt", key=hash)
    with pytest.raises(sk.InputTypeError, match="key: must be callable with a key"):
        sk.online.PolicyQueue(key=3)  # type: ignore[arg-type]


def test_exceptions_of_the_key_function_pass() -> None:
    queue: Any = sk.online.PolicyQueue(key=lambda key: 1 / key)
    queue.add(2, now=0)
    with pytest.raises(ZeroDivisionError):
        queue.add(0, now=0)
    assert list(queue) == [2]


def test_an_answer_that_uses_the_queue_while_it_is_compared_is_refused() -> None:
    class Nosy(OnlyLess):
        def __lt__(self, other: OnlyLess) -> bool:
            if other is not self:
                queue.add("more", now=0)
            return self.rank < other.rank

    queue: Any = sk.online.PolicyQueue(key=lambda key: Nosy(int(key != "a")))
    queue.add("a", now=0)
    with pytest.raises(RuntimeError, match="must not use the queue"):
        queue.add("b", now=0)
    assert list(queue) == ["a"]


class Mine(sk.online.PolicyQueue[Any]):
    """A subclass with an attribute."""

    def shout(self) -> str:
        return str(self.peek(now=0)).upper()


def test_subclasses_have_own_ranks_too() -> None:
    queue: Any = Mine(key=len)
    queue.note = "kept"
    queue.add("long", now=0)
    queue.add("ab", now=0)
    for other in (queue, copy.deepcopy(queue), pickle.loads(pickle.dumps(queue))):
        assert isinstance(other, Mine)
        assert (other.shout(), vars(other)["note"], other.policy) == ("AB", "kept", None)
        assert repr(other) == "PolicyQueue(key=<built-in function len>, 2 waiting)"
        other.add("a", now=0)
        assert list(other) == ["a", "ab", "long"]


def test_threads_add_and_pop() -> None:
    queue: Any = sk.online.PolicyQueue(key=lambda key: (key % 7, key))
    popped: list[int] = []

    def work(part: int) -> None:
        for key in range(part * 500, part * 500 + 500):
            queue.add(key, now=0)
            if key % 2:
                popped.extend(queue.pop_many(1, now=0))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rest = list(queue)
    assert sorted(popped + rest) == list(range(2000))
    assert rest == sorted(rest, key=lambda key: (key % 7, key))
