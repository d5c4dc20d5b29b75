"""Dispatchers with ranks of the caller's own, against a sorted list; answers of every kind, and answers that misbehave."""

from __future__ import annotations

import datetime as dt
import fractions
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

from .test_queue_own_ranks import KINDS

ANSWERS: dict[Any, Any] = {}
"""What the key function of these tests answers for a key."""


def answer(key: Any) -> Any:
    return ANSWERS[key]


def in_order(keys: list[int]) -> list[int]:
    """Keys by their answers, then as they were submitted; answers need no more than ``<``."""
    line: list[int] = []
    for key in keys:
        place = len(line)
        while place and ANSWERS[key] < ANSWERS[line[place - 1]]:
            place -= 1
        line.insert(place, key)
    return line


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_keys_start_in_the_order_of_their_answers(kind: str, data: Any) -> None:
    d: Any = sk.online.Dispatcher({"slot": 1}, key=answer, backfill="none")
    waiting: list[int] = []
    for key in range(data.draw(st.integers(0, 25))):
        ANSWERS[key] = data.draw(KINDS[kind])
        d.submit(key, demand={"slot": 1}, now=0)
        waiting.append(key)
        assert d.waiting == in_order(waiting)
        if data.draw(st.integers(0, 3)) == 0:
            [started] = d.next(now=0)
            assert started == in_order(waiting)[0]
            if data.draw(st.booleans()):
                d.failed(started, now=0)  # it waits again, in its place
            else:
                d.finished(started, now=0)
                waiting.remove(started)
        if data.draw(st.integers(0, 9)) == 0:
            d = pickle.loads(pickle.dumps(d))
    for key in in_order(waiting):
        assert d.next(now=1) == [key]
        d.finished(key, now=1)


def test_numbers_between_numbers_are_found_again_and_again() -> None:
    d: Any = sk.online.Dispatcher({}, key=lambda key: key)
    third = fractions.Fraction(1, 3)
    keys = [third, *(third + fractions.Fraction(1, 3**k) for k in range(300))]  # more halvings than a float has digits
    for key in keys:
        d.submit(key, now=0)
    assert d.waiting == sorted(keys)
    assert d.next(now=0) == sorted(keys)


def test_many_answers_that_come_and_go_are_forgotten() -> None:
    d: Any = sk.online.Dispatcher({}, key=lambda key: (key % 7, key))
    for key in range(2000):
        d.submit(key, now=key)
        assert d.next(now=key) == [key]
        d.finished(key, now=key)
    assert len(d._ranks._numbers) < 100


@pytest.mark.parametrize("strange", [float("nan"), None, object(), 1j, np.array([1, 2])])
def test_answers_that_do_not_compare_are_refused(strange: Any) -> None:
    d: Any = sk.online.Dispatcher({}, key=answer)
    ANSWERS.update(a=1, b=strange, c=2)
    d.submit("a", now=0)
    with pytest.raises(sk.InputTypeError, match="for 'b', which does not compare with itself"):
        d.submit("b", now=0)
    d.submit("c", now=0)
    assert d.waiting == ["a", "c"]


def test_answers_of_kinds_that_do_not_compare_with_each_other_are_refused() -> None:
    d: Any = sk.online.Dispatcher({}, key=answer)
    ANSWERS.update(a="x", b=2)
    d.submit("a", now=0)
    with pytest.raises(sk.InputTypeError, match="which does not compare with other answers"):
        d.submit("b", now=0)
    assert d.waiting == ["a"]


def test_predecessors_of_any_iterable_are_read_once() -> None:
    d: Any = sk.online.Dispatcher({}, key=answer)
    ANSWERS.update(a=(1,), b=2, c=(0,))
    d.submit("a", now=0)
    d.submit("c", after=iter(["a"]), now=0)
    assert d.next(now=0) == ["a"]
    assert d.state("c") == "waiting"


def test_threads_that_begin_with_numbers_and_go_on_with_tuples() -> None:
    for _ in range(20):
        d: Any = sk.online.Dispatcher({}, key=lambda key: key[1])
        begin = threading.Barrier(4)

        def submit(thread: int, d: Any = d, begin: Any = begin) -> None:
            begin.wait()
            for k in range(60):
                d.submit((thread, k + fractions.Fraction(1, 3) if k > 30 else k), now=0)

        threads = [threading.Thread(target=submit, args=(t,)) for t in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ranks = [key[1] for key in d.waiting]
        assert len(ranks) == 240
        assert ranks == sorted(ranks)


def test_a_journal_records_answers_of_text_numbers_and_tuples(tmp_path: Path) -> None:
    def rank(key: str) -> Any:
        return (len(key), key)

    d: Any = sk.online.Dispatcher({"slot": 1}, key=rank, journal=tmp_path / "journal")
    for key in ("pear", "fig", "apple", "date"):
        d.submit(key, demand={"slot": 1}, now=0)
    assert d.next(now=0) == ["fig"]
    del d
    d = sk.online.Dispatcher.resume(tmp_path / "journal", key=rank)
    d.submit("cow", now=1)
    assert d.waiting == ["cow", "fig", "date", "pear", "apple"]
    del d
    d = sk.online.Dispatcher.resume(tmp_path / "journal")
    assert d.waiting == ["cow", "fig", "date", "pear", "apple"]
    with pytest.raises(sk.InvalidInputError, match="give it to resume"):
        d.submit("emu", now=2)
    days: Any = sk.online.Dispatcher({}, key=lambda key: dt.date(2026, 1, key), journal=tmp_path / "days")
    content = (tmp_path / "days").read_bytes()
    with pytest.raises(sk.InputTypeError, match="key: gives an answer that a journal cannot record, expected text"):
        days.submit(3, now=0)
    assert (tmp_path / "days").read_bytes() == content
