"""The dispatcher: hostile input, copies, threads."""

from __future__ import annotations

import copy
import gc
import math
import os
import pickle
import random
import threading
import weakref
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from .driven import dispatcher, small_case

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "200"))


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"estimate": NAN}, "estimate = NaN: must be finite"),
        ({"estimate": INF}, "estimate = inf: must be finite"),
        ({"estimate": -1}, "estimate = -1.0: must be >= 0"),
        ({"size": -2}, "size = -2.0: must be >= 0"),
        ({"priority": NAN}, "priority = NaN: must be finite"),
        ({"priority": INF}, "priority = inf: must be finite"),
        ({"arrival": -INF}, "arrival = -inf: must be finite"),
        ({"arrival": 9.5}, "arrival = 9.5: must not lie after now"),
        ({"now": 0, "arrival": 1.5}, "arrival = 1.5: must not lie after now"),  # now counts as 1, the last time
        ({"deadline": NAN}, "deadline = NaN: must be finite"),
        ({"deadline": -INF}, "deadline = -inf: must not be minus infinity"),
        ({"now": NAN}, "now = NaN: must be finite"),
        ({"now": 1e200}, "now = 1e200: exceeds 1e100"),
        ({"demand": {"cpu": 5}}, r"demand\['cpu'\] = 5: exceeds the capacity, 4"),
        ({"demand": {"cpu": -1}}, r"demand\['cpu'\] = -1: must be >= 0"),
        ({"demand": {"cpu": 1.5}}, r"demand\['cpu'\] = 1.5: must be a whole number"),
        ({"demand": {"gpu": 1}}, "demand = 'gpu': unknown resource, expected one of cpu"),
        ({"demand": {"cpu": 2**63}}, r"demand\['cpu'\] = 9223372036854775808: must be <= 9007199254740992"),
        ({"after": ["nobody"]}, r"after\[0\] = 'nobody': was never submitted"),
        ({"after": ["old", "new"]}, r"after\[1\] = 'new': was never submitted"),
    ],
)
def test_refused_submissions_name_the_field_and_change_nothing(facts: dict[str, Any], message: str) -> None:
    d = dispatcher()
    d.submit("old", now=1)
    before = pickle.dumps(d)
    with pytest.raises(sk.InvalidInputError, match=message):
        d.submit("new", **{"now": 9, **facts})
    assert pickle.dumps(d) == before


@pytest.mark.parametrize(
    "facts",
    [
        {"estimate": True},
        {"estimate": "1"},
        {"demand": 3},
        {"demand": "cpu"},
        {"demand": {"cpu": True}},
        {"demand": {"cpu": None}},
        {"after": "old"},
        {"after": {"old": 1}},
        {"after": 5},
        {"priority": "high"},
        {"now": None, "arrival": 1j},
    ],
)
def test_other_types_are_refused(facts: dict[str, Any]) -> None:
    d = dispatcher()
    d.submit("old", now=1)
    with pytest.raises(sk.InputTypeError):
        d.submit("new", **{"now": 9, **facts})
    assert len(d) == 1


def test_other_forms_of_the_same_arguments_are_taken() -> None:
    d = dispatcher({"cpu": 4.0, "gpu": np.int64(2)})
    d.submit("a", demand={"cpu": 2.0, "gpu": np.int32(1)}, estimate=np.float64(3), now=np.int64(0))
    d.submit("b", after={"a"}, demand=None, now=0)
    d.submit("c", after=(key for key in "ab"), now=0)
    d.submit("d", after=np.array(["a"]), now=0)
    assert d.next(now=0) == ["a"]
    assert d.free == {"cpu": 2, "gpu": 1}


@pytest.mark.parametrize(
    ("capacity", "options", "message"),
    [
        ({"cpu": -1}, {}, r"capacity\['cpu'\] = -1: must be >= 0"),
        ({"cpu": 1.5}, {}, r"capacity\['cpu'\] = 1.5: must be a whole number"),
        ({"cpu": 2**60}, {}, r"capacity\['cpu'\] = 1152921504606846976: must be <= 9007199254740992"),
        ({}, {"policy": "nonsense"}, "policy = 'nonsense': unknown policy, expected one of .*critical_path"),
        ({}, {"policy": "hrrn"}, "policy = 'hrrn': its order changes while keys wait, expected one of .*critical_path"),
        ({}, {"policy": "ps"}, "its order changes while keys wait"),
        ({}, {"backfill": "never"}, "backfill = 'never': unknown rule, expected one of none, greedy, easy, conservative"),
        ({}, {"key": len, "policy": "sjf"}, "key: replaces the policy"),
    ],
)
def test_dispatchers_that_cannot_be(capacity: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=message):
        sk.online.Dispatcher(capacity, **options)


def test_words_that_are_refused_stand_in_the_error_as_they_were_given() -> None:
    for options in ({"policy": "no's"}, {"policy": "hrrn"}, {"backfill": "no's"}):
        with pytest.raises(sk.InvalidInputError, match="expected one of") as caught:
            sk.online.Dispatcher({}, **options)  # type: ignore[arg-type]
        assert [caught.value.field, caught.value.value] == [*options, *options.values()]


@pytest.mark.parametrize("options", [{"capacity": [3]}, {"capacity": {1: 1}}, {"policy": 3}, {"backfill": None}, {"key": 3}])
def test_dispatchers_of_other_types(options: dict[str, Any]) -> None:
    with pytest.raises(sk.InputTypeError):
        sk.online.Dispatcher(**{"capacity": {"cpu": 1}, **options})


def test_calls_for_keys_in_another_state_are_refused() -> None:
    d = dispatcher()
    for call in (d.finished, d.failed, d.cancel, d.reservation, d.state):
        with pytest.raises(sk.UnknownKeyError, match="key = 'x': was never submitted"):
            call("x")
    d.submit("x", now=0)
    d.submit("y", after=["x"], now=0)
    with pytest.raises(sk.InvalidInputError, match="key = 'x': was submitted before"):
        d.submit("x", now=0)
    with pytest.raises(sk.InvalidInputError, match="key = 'x': does not run: it is ready and has not been started"):
        d.finished("x", now=0)
    with pytest.raises(sk.InvalidInputError, match="key = 'y': does not run: it waits for other keys"):
        d.failed("y", now=0)
    d.next(now=0)
    with pytest.raises(sk.InputTypeError, match="retry"):
        d.failed("x", now=0, retry="no")
    d.finished("x", now=1)
    for call, words in ((d.finished, "does not run"), (d.failed, "does not run"), (d.cancel, "cannot be cancelled")):
        with pytest.raises(sk.InvalidInputError, match=f"key = 'x': {words}: it is done"):
            call("x", now=1)
    with pytest.raises(sk.InvalidInputError, match="name = 'gpu': unknown resource, expected one of cpu"):
        d.set_capacity("gpu", 1, now=1)
    with pytest.raises(sk.InvalidInputError, match="amount = -1: must be >= 0"):
        d.set_capacity("cpu", -1, now=1)


def test_a_policy_gets_the_facts_that_it_needs() -> None:
    with pytest.raises(sk.InvalidInputError, match="size: the policy decides by it"):
        dispatcher({}, "sjf").submit("a", estimate=3, now=0)
    with pytest.raises(sk.InvalidInputError, match="estimate: the policy decides by it"):
        dispatcher({}, "psjf_e").submit("a", size=3, now=0)


def test_unhashable_keys_are_refused_as_by_dicts() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        dispatcher().submit(["a"], now=0)


class Sneaky:
    """A key whose comparison calls the dispatcher."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        self.owner.next(now=0)
        return isinstance(other, Sneaky) and other.name == self.name


def test_keys_may_call_the_dispatcher_while_they_are_compared() -> None:
    d = dispatcher()
    d.submit(Sneaky(d, "a"), now=0)
    d.submit(Sneaky(d, "b"), after=[Sneaky(d, "a")], now=0)
    d.finished(Sneaky(d, "a"), now=0)
    assert d.next(now=0) == [Sneaky(d, "b")]


def test_a_dispatcher_that_holds_itself_is_collected() -> None:
    class Owner:
        dispatcher: Any = None

    owner = Owner()
    d = dispatcher(key=lambda _: 0.0)
    d.submit((owner, d), now=0)
    owner.dispatcher = d
    gone = weakref.ref(owner)
    del owner, d
    gc.collect()
    assert gone() is None


# -- copies ------------------------------------------------------------------------------------------------------------------


def test_pickled_bytes_that_are_broken_are_refused() -> None:
    d = small_case("conservative")
    d.next(now=0)
    keys, record = d._save()
    rng = random.Random(5)
    for _ in range(INSTANCES):
        data = bytearray(record)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        other = dispatcher(backfill="conservative")
        try:
            other._load(keys, bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]))
        except sk.InvalidInputError:
            continue
        other.next(now=50)
    with pytest.raises(sk.InvalidInputError, match="not the record of a dispatcher"):
        dispatcher()._load(keys[:-1], record)


def test_copies_go_their_own_way() -> None:
    d = small_case("easy")
    twin = copy.deepcopy(d)
    assert twin.next(now=0) == d.next(now=0)
    twin.finished("A", now=1)
    assert "A" in d.running


def test_classes_derived_from_it_keep_their_attributes() -> None:
    d = Labelled({"cpu": 1})
    d.label = "mine"
    d.submit("a", now=0)
    twin = pickle.loads(pickle.dumps(d))
    assert (type(twin), twin.label, twin.waiting) == (Labelled, "mine", ["a"])


class Labelled(sk.online.Dispatcher[str]):
    label: str


# -- threads -----------------------------------------------------------------------------------------------------------------


def test_eight_threads_lose_nothing_and_run_every_key_once() -> None:
    operations = int(os.environ.get("SCHEDKIT_DISPATCHER_OPERATIONS", "40000"))
    keys_per_thread = operations // 8 // 3
    d = dispatcher({"cpu": 16, "gpu": 3}, backfill="easy")
    ran: list[list[Any]] = [[] for _ in range(8)]
    errors: list[BaseException] = []

    def work(thread: int) -> None:
        rng = random.Random(thread)
        try:
            for k in range(keys_per_thread):
                after = [(thread, rng.randrange(k))] if k and rng.random() < 0.3 else []
                d.submit((thread, k), after=after, demand={"cpu": rng.randint(1, 4), "gpu": k % 2}, estimate=rng.random())
                for key in d.next():
                    ran[thread].append(key)
                    d.finished(key)
            while d.stats().waiting:
                for key in d.next():
                    ran[thread].append(key)
                    d.finished(key)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(t,)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    everything = [key for keys in ran for key in keys]
    assert len(everything) == len(set(everything)) == 8 * keys_per_thread
    assert d.stats().done == 8 * keys_per_thread
    assert d.free == {"cpu": 16, "gpu": 3}
