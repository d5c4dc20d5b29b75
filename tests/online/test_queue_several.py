"""The order in which `peek_many` answers."""

from __future__ import annotations

import random

import pytest
import schedkit as sk

NAMES = sorted(set(sk.online.POLICIES) - {"gittins"})  # a queue has no jobs from which Gittins could learn the distribution


def filled(policy: str, rng: random.Random) -> tuple[sk.online.PolicyQueue[int], float]:
    """A queue in which some keys were run, and the time."""
    queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue(policy)
    now = 0.0
    for key in range(rng.randint(2, 7)):
        now += rng.choice([0, 0, 1])
        numbers = {name: rng.randint(1, 4) for name in ("size", "estimate", "weight", "deadline")}
        queue.add(key, level=rng.choice([0, 0, 1]) if rng.random() < 0.3 else 0, now=now, **numbers)
        if rng.random() < 0.5:
            now += 0.25
            queue.progress(rng.choice(list(queue)), 0.25, now=now)
    return queue, now


@pytest.mark.parametrize("policy", NAMES)
def test_several_keys_stand_in_the_order_in_which_they_would_be_popped(policy: str) -> None:
    for seed in range(60):
        queue, now = filled(policy, random.Random(seed))
        order = list(queue)
        for k in range(len(order) + 2):
            several = queue.peek_many(k, now=now)
            assert len(several) == min(k, len(order))
            assert several == [key for key in order if key in set(several)]
        assert queue.pop_many(len(order), now=now) == order


@pytest.mark.parametrize("policy", NAMES)
def test_without_running_keys_they_are_the_first_ones(policy: str) -> None:
    rng = random.Random(policy)
    for _ in range(30):
        queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue(policy)
        for key in range(6):
            queue.add(key, now=0, **{name: rng.randint(1, 4) for name in ("size", "estimate", "weight", "deadline")})
        order = list(queue)
        assert all(queue.peek_many(k, now=0) == order[:k] for k in range(7))
