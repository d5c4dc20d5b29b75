"""The dispatcher against a slow reference, call by call, on random scripts."""

from __future__ import annotations

import os
import pickle
import random
from typing import Any

import pytest
import schedkit as sk

from .dispatcher_reference import Reference

INSTANCES = int(os.environ.get("SCHEDKIT_INSTANCES", "300"))
BACKFILLS = ("none", "greedy", "easy", "conservative")
POLICIES = ("fcfs", "sjf", "psjf_e", "edf", "critical_path", "key")
RESOURCES = ("cpu", "gpu", "disk")


def by_digits(key: int) -> float:
    """An own key function."""
    return (key * 7) % 5


def make(rng: random.Random, backfill: Any, policy: str) -> tuple[Any, Reference, dict[str, int]]:
    capacity = {name: rng.randint(1, 6) for name in RESOURCES[: rng.randint(0, 3)]}
    if policy == "key":
        fast: Any = sk.online.Dispatcher(capacity, backfill=backfill, key=by_digits)
    else:
        fast = sk.online.Dispatcher(capacity, policy, backfill)
    return fast, Reference(dict(capacity), policy, backfill, by_digits), capacity


def facts(rng: random.Random, policy: str, limits: dict[str, int], known: list[int], now: float) -> dict[str, Any]:
    """A submission that the policy takes."""
    estimate = rng.choice([None, rng.randint(0, 9), rng.randint(1, 9), rng.randint(1, 9)])
    return {
        "after": rng.sample(known[-8:], min(rng.choice([0, 0, 0, 1, 2]), len(known[-8:]))),
        "demand": rng.choice([None, {name: rng.randint(0, units) for name, units in limits.items()}]),
        "estimate": rng.randint(0, 9) if policy == "psjf_e" else estimate,
        "size": rng.randint(0, 9),
        "priority": rng.choice([0, 0, 0, 1, -1.5]),
        "arrival": rng.choice([None, None, now - rng.randint(0, 5)]),
        "deadline": rng.choice([None, rng.randint(-3, 40)]),
    }


def compare(fast: Any, slow: Reference) -> None:
    assert fast.waiting == slow.waiting
    assert fast.running == slow.running
    assert fast.blocked == slow.blocked
    assert list(fast.blocked) == list(slow.blocked)
    assert fast.clock_skew == slow.skew
    assert fast.free == slow.free()
    for key in slow.entries:
        assert fast.reservation(key) == slow.reservation(key), key


@pytest.mark.parametrize("backfill", BACKFILLS)
@pytest.mark.parametrize("policy", POLICIES)
def test_every_call_answers_as_the_reference(backfill: str, policy: str) -> None:
    for seed in range(-(-INSTANCES // len(POLICIES))):
        rng = random.Random(f"{backfill} {policy} {seed}")
        fast, slow, capacity = make(rng, backfill, policy)
        now: float = 0
        calm = rng.random() < 0.5  # in calm scripts a decision follows every event, and estimates are exact
        for step in range(rng.randint(1, 60)):
            running, known = slow.running, list(slow.entries)
            if calm and running:  # the clock stops wherever a key ends
                ends = [slow.entries[key].end for key in running]
                now = min([now + rng.choice([0, 0, 1, 3]), *(end for end in ends if end >= now)])
                overdue = [key for key in running if slow.entries[key].end == now]
            else:
                now, overdue = now + rng.choice([0, 0, 0, 1, 2, 5]), []
            moment = now - (rng.random() < 0.05) * rng.randint(0, 3) if not calm else now
            call = rng.random()
            if overdue:
                for key in overdue:
                    fast.finished(key, moment)
                    slow.finished(key, moment)
            elif call < 0.35 or not known:
                given = facts(rng, policy, slow.capacity, known, max(moment, slow.now))
                fast.submit(step, now=moment, **given)
                slow.submit(step, now=moment, **given)
            elif call < 0.65:
                assert fast.next(moment) == slow.next(moment)
            elif call < 0.80 and running and not calm:
                key = rng.choice(running)
                fast.finished(key, moment)
                slow.finished(key, moment)
            elif call < 0.87 and running:
                key, retry = rng.choice(running), rng.random() < 0.6
                assert fast.failed(key, moment, retry) == slow.failed(key, moment, retry)
            elif call < 0.91:
                key = rng.choice(known)
                if slow.entries[key].state not in ("done", "failed", "cancelled"):
                    assert fast.cancel(key, moment) == slow.cancel(key, moment)
            elif call < 0.95 and capacity:
                name = rng.choice(list(capacity))
                amount = rng.randint(0, capacity[name])
                fast.set_capacity(name, amount, moment)
                slow.set_capacity(name, amount, moment)
            elif call < 0.97:
                fast = pickle.loads(pickle.dumps(fast))
            if calm:
                assert fast.next(now) == slow.next(now)
                assert fast.next(now) == []
            compare(fast, slow)
