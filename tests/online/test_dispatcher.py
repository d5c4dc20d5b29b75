"""The dispatcher: the rules by examples that were counted by hand."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest
import schedkit as sk

from .driven import BACKFILLS, dispatcher, run, small_case

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "200"))


@pytest.mark.parametrize(
    ("backfill", "expected"),
    [
        ("none", {"A": 0, "B": 10, "C": 15, "D": 15}),
        ("greedy", {"A": 0, "C": 0, "D": 8, "B": 20}),
        ("easy", {"A": 0, "C": 0, "B": 10, "D": 15}),
        ("conservative", {"A": 0, "C": 0, "B": 10, "D": 15}),
    ],
)
def test_the_small_case(backfill: str, expected: dict[str, float]) -> None:
    assert run(small_case(backfill), {"A": 10, "B": 5, "C": 8, "D": 12}) == expected


def test_easy_reserves_for_the_head_alone_and_conservative_for_all() -> None:
    easy, conservative = small_case("easy"), small_case("conservative")
    assert easy.next(now=0) == conservative.next(now=0) == ["A", "C"]
    assert [easy.reservation(key) for key in "ABCD"] == [None, 10, None, None]
    assert [conservative.reservation(key) for key in "ABCD"] == [None, 10, None, 15]


def test_early_ends_compress_and_overruns_push_reservations() -> None:
    d = small_case("conservative")
    d.next(now=0)
    d.finished("A", now=2)
    assert d.next(now=2) == []
    assert (d.reservation("B"), d.reservation("D")) == (8, 13)
    assert d.next(now=9) == []  # C runs longer than estimated
    assert (d.reservation("B"), d.reservation("D")) == (9, 14)
    d.finished("C", now=10)
    assert d.next(now=10) == ["B"]


@pytest.mark.parametrize("backfill", ["easy", "conservative"])
def test_a_key_that_lasts_no_time_keeps_its_reservation(backfill: str) -> None:
    d = dispatcher({"cpu": 2}, backfill=backfill)
    for key, units, estimate in [("A", 1, 1), ("B", 2, 0), ("C", 1, 5)]:
        d.submit(key, demand={"cpu": units}, estimate=estimate, now=0)
    assert d.next(now=0) == ["A"]
    assert (d.reservation("B"), d.reservation("C")) == (1, 1 if backfill == "conservative" else None)
    assert d.next(now=1) == []  # A should have ended
    d.finished("A", now=1)
    assert d.next(now=1) == ["B"]
    assert d.next(now=1) == []
    d.finished("B", now=1)
    assert d.next(now=1) == ["C"]


def test_later_keys_that_last_no_time_push_no_reservation_back() -> None:
    d = dispatcher({"cpu": 2}, backfill="conservative")
    d.submit("A", demand={"cpu": 2}, estimate=4, now=0)
    d.submit("B", demand={"cpu": 2}, estimate=0, now=0)
    d.submit("C", demand={"cpu": 1}, estimate=3, now=0)
    assert d.next(now=0) == ["A"]
    for key in range(3):
        d.submit(key, demand={"cpu": 2}, estimate=0, priority=9, now=1)
    assert d.next(now=1) == []
    assert [d.reservation(key) for key in ("B", "C", 0, 1, 2)] == [4, 4, 7, 7, 7]
    assert run_after(d, 4, {"A": 4, "B": 0, "C": 3, 0: 0, 1: 0, 2: 0}) == {"B": 4, "C": 4, 0: 7, 1: 7, 2: 7}


def run_after(d: Any, now: float, duration: dict[Any, float]) -> dict[Any, float]:
    """Start times if all that runs ends now."""
    for key in d.running:
        d.finished(key, now=now)
    return run(d, duration, now)


def test_a_predicted_end_that_has_come_frees_nothing_before_it_is_reported() -> None:
    for backfill, beside in (("easy", None), ("conservative", 10)):
        d = dispatcher({"cpu": 2}, backfill=backfill)
        d.submit("A", demand={"cpu": 2}, estimate=10, now=0)
        d.submit("B", demand={"cpu": 2}, estimate=5, now=0)
        d.submit("C", demand={"cpu": 1}, estimate=0, now=0)
        assert d.next(now=0) == ["A"]
        assert d.next(now=10) == []
        assert (d.reservation("B"), d.reservation("C")) == (10, beside and 15)
        d.finished("A", now=10)
        assert d.next(now=10) == ["B"]


@pytest.mark.parametrize("backfill", ["easy", "conservative"])
def test_a_key_without_an_estimate_is_endless(backfill: str) -> None:
    d = dispatcher(backfill=backfill)
    d.submit("service", demand={"cpu": 2}, now=0)
    d.submit("wide", demand={"cpu": 4}, estimate=1, now=0)
    d.submit("unknown", demand={"cpu": 1}, now=0)
    d.submit("short", demand={"cpu": 2}, estimate=3, now=0)
    assert d.next(now=0) == (["service", "short"] if backfill == "easy" else ["service", "unknown"])
    assert d.reservation("wide") == math.inf
    d.finished("service", now=1)
    d.next(now=1)
    assert d.reservation("wide") == (3 if backfill == "easy" else math.inf)


def test_a_key_beyond_the_capacity_of_the_moment_holds_nobody_up_unless_strict() -> None:
    for backfill in BACKFILLS:
        d = dispatcher(backfill=backfill)
        d.submit("wide", demand={"cpu": 4}, estimate=1, now=0)
        d.submit("narrow", demand={"cpu": 1}, estimate=9, now=0)
        d.set_capacity("cpu", 2, now=0)
        assert d.next(now=0) == ([] if backfill == "none" else ["narrow"])
        assert d.reservation("wide") is None
        d.set_capacity("cpu", 5, now=1)
        assert d.next(now=1) == (["wide", "narrow"] if backfill == "none" else ["wide"])


def test_running_keys_go_on_when_the_capacity_shrinks() -> None:
    d = dispatcher(backfill="greedy")
    for k in range(4):
        d.submit(k, demand={"cpu": 2}, now=0)
    assert d.next(now=0) == [0, 1]
    d.set_capacity("cpu", 2, now=1)
    assert (d.capacity, d.free) == ({"cpu": 2}, {"cpu": -2})
    d.finished(0, now=2)
    assert d.next(now=2) == []
    d.finished(1, now=3)
    assert d.next(now=3) == [2]


def test_a_failure_for_good_blocks_all_that_need_the_key_and_names_the_chain() -> None:
    d = dispatcher({})
    d.submit("fetch", now=0)
    d.submit("parse", after=["fetch"], now=0)
    d.submit("report", after=["parse"], now=0)
    d.submit("other", now=0)
    assert d.next(now=0) == ["fetch", "other"]
    assert d.failed("fetch", now=1) == []  # it is retried
    assert d.next(now=1) == ["fetch"]
    assert d.failed("fetch", now=2, retry=False) == ["parse", "report"]
    assert d.blocked == {"parse": ("fetch", "parse"), "report": ("fetch", "parse", "report")}
    d.submit("late", after=["other", "report"], now=2)
    assert d.blocked["late"] == ("fetch", "parse", "report", "late")
    assert d.waiting == []
    assert [d.state(key) for key in ("fetch", "parse", "other")] == ["failed", "blocked", "running"]
    stats = d.stats()
    assert (stats.failed, stats.blocked, stats.running, stats.retries) == (1, 3, 1, 1)


def test_cancelling_a_blocked_key_leaves_the_chains_of_others_as_they_were() -> None:
    d = dispatcher({})
    for key, after in (("fetch", []), ("parse", ["fetch"]), ("report", ["parse"])):
        d.submit(key, after=after, now=0)
    d.next(now=0)
    d.failed("fetch", now=1, retry=False)
    assert d.cancel("parse", now=2) == []  # report was blocked before
    assert d.blocked == {"report": ("fetch", "parse", "report")}
    d.submit("late", after=["parse"], now=2)
    assert d.blocked["late"] == ("fetch", "parse", "late")
    assert (d.state("parse"), d.stats().blocked, d.stats().cancelled) == ("cancelled", 2, 1)


def test_an_arrival_is_an_earlier_place_and_never_a_later_one() -> None:
    d = dispatcher({"slot": 1})
    d.submit("a", demand={"slot": 1}, now=5)
    d.submit("b", demand={"slot": 1}, arrival=4, now=6)
    d.submit("c", demand={"slot": 1}, arrival=6, now=6)
    assert d.waiting == ["b", "a", "c"]
    with pytest.raises(sk.InvalidInputError, match=r"arrival = 7\.0: must not lie after now"):
        d.submit("d", arrival=7, now=6)


def test_cancelling_frees_resources_at_once() -> None:
    d = small_case("greedy")
    assert d.next(now=0) == ["A", "C"]
    assert d.cancel("A", now=1) == []
    assert d.next(now=1) == ["D"]
    d.cancel("B", now=1)
    assert d.waiting == []


def test_a_retried_key_keeps_its_seniority() -> None:
    d = dispatcher({"slot": 1}, backfill="none")
    for key in "abc":
        d.submit(key, demand={"slot": 1}, now=0)
    assert d.next(now=0) == ["a"]
    d.failed("a", now=1)
    assert d.waiting == ["a", "b", "c"]
    assert d.next(now=1) == ["a"]


def test_critical_path_is_read_when_next_decides() -> None:
    d = dispatcher({"slot": 1}, "critical_path")
    d.submit("long", demand={"slot": 1}, estimate=5, now=0)
    d.submit("root", demand={"slot": 1}, estimate=1, now=0)
    d.submit("middle", after=["root"], demand={"slot": 1}, now=0)
    d.submit("leaf", after=["middle"], demand={"slot": 1}, estimate=4.5, now=0)
    assert d.waiting == ["root", "long", "middle", "leaf"]
    assert d.next(now=0) == ["root"]
    assert d.policy == "critical_path"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("fcfs", "abc"),
        ("sjf", "cab"),
        ("srpt", "cab"),
        ("edf", "bca"),
        ("llf", "bac"),
        ("psjf_e", "bca"),
        ("las", "abc"),
        (sk.online.SRPTAgeing(rate=10.0), "acb"),
    ],
)
def test_policies_order_keys_of_equal_priority(policy: Any, expected: str) -> None:
    d = dispatcher({"slot": 1}, policy)
    d.submit("a", size=5, estimate=6, deadline=9, now=0)
    d.submit("b", size=6, estimate=1, deadline=2, now=1)
    d.submit("c", size=1, estimate=3, deadline=8, now=1)
    assert d.waiting == list(expected)
    d.submit("z", size=100, estimate=100, priority=0.5, now=2)
    assert d.waiting == ["z", *expected]


def test_own_key_functions_are_called_once_for_each_key() -> None:
    calls = []

    def length(key: str) -> int:
        calls.append(key)
        return len(key)

    d = dispatcher({}, key=length)
    for key in ("ccc", "a", "bb"):
        d.submit(key, now=0)
    assert d.waiting == ["a", "bb", "ccc"]
    assert calls == ["ccc", "a", "bb"]
    assert d.policy is None
    with pytest.raises(sk.InputTypeError, match="gave None for 'k', which does not compare with itself"):
        dispatcher({}, key=lambda key: None).submit("k")


def test_nothing_more_starts_at_one_moment() -> None:
    for backfill in BACKFILLS:
        d = small_case(backfill)
        assert d.next(now=0)
        assert d.next(now=0) == []


def test_times_that_lie_before_the_last_one_count_as_the_last_one() -> None:
    d = dispatcher()
    d.submit("a", demand={"cpu": 1}, now=5)
    d.submit("b", now=3)
    assert d.clock_skew == 1
    assert d.next(now=4) == ["a", "b"]
    assert d.clock_skew == 2


def test_without_now_the_clock_is_read() -> None:
    d = dispatcher()
    d.submit("a")
    assert d.next() == ["a"]
    d.finished("a")
    assert d.clock_skew == 0
