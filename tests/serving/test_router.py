"""Routing against plain rules, known distributions and bounds that must hold."""

from __future__ import annotations

import heapq
import math
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.serving import Router

from .. import data

CASES = int(os.environ.get("SCHEDKIT_INSTANCES", "60"))
POLICIES = ("round_robin", "random", "least_loaded", "two_choices", "prefix", "bounded_load", "dual_hash")


class Plain:
    """Requests and loads in a dictionary."""

    def __init__(self, weights: dict[int, float]) -> None:
        self.weights = weights
        self.at: dict[str, tuple[int, int]] = {}  # replica and tokens of each key, in the order of routing

    def tokens(self, replica: int) -> int:
        return sum(tokens for place, tokens in self.at.values() if place == replica)

    def load(self, replica: int) -> float:
        return self.tokens(replica) / self.weights[replica]

    def below(self, replica: int, epsilon: float, tokens: int) -> bool:
        bound = math.ceil((1.0 + epsilon) * (sum(t for _, t in self.at.values()) + tokens) / len(self.weights))
        return self.tokens(replica) < bound * (self.weights[replica] * len(self.weights) / sum(self.weights.values()))

    def migrations(self) -> list[tuple[str, int, int]]:
        most = sorted(self.weights, key=lambda r: (-self.load(r), r))
        least = sorted(self.weights, key=lambda r: (self.load(r), r))
        moves = []
        for source, target in list(zip(most, least, strict=True))[: len(self.weights) // 2]:
            here = [(tokens, k, key) for k, (key, (place, tokens)) in enumerate(self.at.items()) if place == source]
            if not here or source == target:
                continue
            tokens, _, key = min(here)
            before = self.load(source) - self.load(target)
            after = (self.tokens(source) - tokens) / self.weights[source] - (self.tokens(target) + tokens) / self.weights[
                target
            ]
            if abs(after) < abs(before):
                moves.append((key, source, target))
        for key, _, target in moves:
            self.at[key] = (target, self.at[key][1])
        return moves


@pytest.mark.parametrize("policy", POLICIES)
def test_a_random_life_of_a_router(policy: Any) -> None:
    """Replicas come and go, requests end and migrate; loads, moves and what is lost equal those of a plain account."""
    rng = np.random.default_rng(7)
    for _ in range(CASES):
        router = Router(3, policy, weights=[1, 2, 1], epsilon=0.25, cache_blocks=6, seed=int(rng.integers(9)))
        plain = Plain({0: 1.0, 1: 2.0, 2: 1.0})
        last = -1
        for number in range(60):
            what = rng.integers(0, 10)
            key = f"k{number}"
            if what <= 4 and plain.weights:
                tokens = int(rng.integers(0, 9))
                prefix = [int(rng.integers(3)), *rng.integers(0, 9, int(rng.integers(0, 3))).tolist()]
                open_to = [r for r in sorted(plain.weights) if plain.below(r, 0.25, tokens)]
                place = router.route(key, tokens, prefix)
                assert place in plain.weights
                if policy == "round_robin":
                    assert place == min([r for r in plain.weights if r > last] or plain.weights)
                    last = place
                if policy == "least_loaded":
                    assert place == min(plain.weights, key=lambda r: (plain.load(r), r))
                if policy in ("bounded_load", "prefix"):
                    assert place in open_to or not open_to
                plain.at[key] = (place, tokens)
            elif what <= 6 and plain.at:
                gone = str(rng.choice(list(plain.at)))
                router.finished(gone)
                del plain.at[gone]
            elif what == 7:
                new = max(plain.weights, default=0) + 1
                weight = float(rng.integers(1, 4))
                router.add(new, weight=weight)
                plain.weights[new] = weight
            elif what == 8 and len(plain.weights) > 1:
                gone_replica = int(rng.choice(list(plain.weights)))
                lost = [key for key, (place, _) in plain.at.items() if place == gone_replica]
                assert router.remove(gone_replica) == lost
                del plain.weights[gone_replica]
                for key in lost:
                    del plain.at[key]
            elif what == 9:
                assert router.migrations() == plain.migrations()
            assert dict(router.load) == {r: plain.load(r) for r in sorted(plain.weights)}
            assert len(router) == len(plain.at)
            if rng.random() < 0.05:
                router = pickle.loads(pickle.dumps(router))


def queue_lengths(policy: Any, n: int, load: float, events: int) -> np.ndarray[Any, Any]:
    """How many of n servers with exponential work have at least k jobs, in the mean over the second half of a simulation."""
    rng = np.random.default_rng(11)
    router = Router(n, policy, seed=3)
    length = [0] * n
    waiting: list[list[int]] = [[] for _ in range(n)]
    ends: list[tuple[float, int]] = []
    at_least = np.zeros(400)
    counts = np.zeros(400)
    counts[0] = n
    now = weight = 0.0
    gaps, sizes = rng.exponential(1 / (load * n), events), rng.exponential(1.0, events)
    arrival = 0.0
    for key in range(events):
        arrival += gaps[key]
        while ends and ends[0][0] <= arrival:
            end, server = heapq.heappop(ends)
            if key > events // 2:
                at_least += counts * (end - now)
                weight += end - now
            now = end
            router.finished(waiting[server].pop(0))
            counts[length[server]] -= 1
            length[server] -= 1
            if length[server]:
                heapq.heappush(ends, (end + sizes[waiting[server][0]], server))
        if key > events // 2:
            at_least += counts * (arrival - now)
            weight += arrival - now
        now = arrival
        server = router.route(key)
        waiting[server].append(key)
        length[server] += 1
        counts[length[server]] += 1
        if length[server] == 1:
            heapq.heappush(ends, (arrival + sizes[key], server))
    return at_least / weight / n


def test_two_choices_have_the_queues_of_the_theory() -> None:
    """Vvedenskaya, Dobrushin, Karpelevich 1996; Mitzenmacher 2001: at least k jobs on rho^(2^k - 1) of many servers."""
    share = queue_lengths("two_choices", 500, 0.9, 300_000)
    expected = [0.9 ** (2**k - 1) for k in range(5)]
    assert np.abs(share[:5] - expected).max() < 0.02
    one = queue_lengths("random", 500, 0.9, 300_000)
    assert one[4] > 3 * share[4]  # a single choice leaves rho^k


def test_a_replica_that_joins_moves_its_share_and_no_more() -> None:
    keys = [f"key {k}" for k in range(4000)]
    for n in (4, 9, 30):
        before, after = (Router(count, "bounded_load", epsilon=1e6) for count in (n, n + 1))
        first = {key: before.route(key) for key in keys}
        second = {key: after.route(key) for key in keys}
        moved = [key for key in keys if first[key] != second[key]]
        assert all(second[key] == n for key in moved)  # nothing moves between old replicas
        assert len(moved) < 2.5 * len(keys) / (n + 1)


def test_bounded_loads_stay_below_their_bound() -> None:
    rng = np.random.default_rng(12)
    for epsilon in (0.0, 0.25, 1.0):
        router = Router(12, "bounded_load", epsilon=epsilon)
        under_way: list[int] = []
        for key in range(2000):
            under_way.append(key)
            place = router.route(key, 1)
            assert router.load[place] <= math.ceil((1 + epsilon) * sum(router.load.values()) / 12)
            if rng.random() < 0.6:
                router.finished(under_way.pop(int(rng.integers(len(under_way)))))


def test_equal_prefixes_go_where_they_are_cached() -> None:
    router = Router(3, "prefix", epsilon=100, cache_blocks=4)
    assert router.route("a", 10, [1, 2, 3]) == 0
    assert router.route("b", 10, [7, 8]) == 1  # no replica holds a block of it, so the least loaded one
    assert router.route("c", 10, [1, 2, 9]) == 0  # two blocks of it are there
    assert router.route("d", 10, [7]) == 1
    assert router.route("e", 10, [5, 5, 5, 5]) == 2


def test_prefix_routing_finds_more_in_the_cache_than_taking_turns() -> None:
    """Where a server computes 10,000 tokens of prompts a second, so that several requests are under way at each replica."""
    trace = sk.serving.read_trace(data.find("serving", "mooncake_conversation.jsonl.gz"))
    rate = {}
    for router in ("round_robin", "prefix"):
        result = sk.serving.simulate(trace, replicas=8, router=router, cache_blocks=4000, step=(0.02, 1e-4, 1e-4, 0))
        rate[router] = result.hit_rate
    assert rate["prefix"] > 2.4 * rate["round_robin"]


def test_as_many_replicas_as_a_router_may_have() -> None:
    """Work that grows with the square of their number would not end here."""
    router = Router(2**16, "two_choices")
    assert 0 <= router.route("a", 5) < 2**16
    with pytest.raises(sk.InvalidInputError, match="replica = 65536: there are 65536 already"):
        router.add(2**16)
    assert 0 <= Router(2**12, "bounded_load").route("a", 5) < 2**12


def test_the_same_keys_go_to_the_same_replicas_in_every_process() -> None:
    program = (
        "import schedkit as sk; r = sk.serving.Router(17, 'bounded_load', epsilon=1e6);"
        "print([r.route(k) for k in ['a', 'b', 5, -1, 'é', 2**40]])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(runs) == 1


def test_dual_hash_keeps_to_two_replicas_and_takes_the_first_while_it_is_in_time() -> None:
    router = Router(10, "dual_hash", ttft=5.0, rate=1.0)
    places = [router.route(k, 4, ["same"], now=0.0) for k in range(6)]
    assert len(set(places[:2])) == 2  # the first has 4 seconds of work, with the second request 8: too late
    assert len(set(places)) <= 3
    fresh = Router(10, "dual_hash", ttft=5.0, rate=1.0)
    assert fresh.route("x", 4, ["same"], now=0.0) == places[0]
    assert fresh.route("y", 4, ["same"], now=100.0) == places[0]  # its work is done by then


def test_eight_threads_lose_nothing() -> None:
    router = Router(8, "two_choices")

    def work(first: int) -> None:
        for key in range(first, first + 2000):
            router.route(key, 2)
            if key % 2:
                router.finished(key)

    threads = [threading.Thread(target=work, args=(k * 10_000,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(router) == 8 * 1000
    assert sum(router.load.values()) == 8 * 1000 * 2


def test_a_key_is_under_way_once() -> None:
    router = Router(2)
    router.route("a", 5)
    with pytest.raises(sk.InvalidInputError, match="key = 'a'"):
        router.route("a", 5)
    assert sum(router.load.values()) == 5


@pytest.mark.parametrize("policy", POLICIES)
def test_a_choice_among_some_replicas_goes_to_the_least_loaded_of_them_if_the_policy_chooses_another(policy: Any) -> None:
    rng = np.random.default_rng(13)
    free, bound = Router(6, policy, seed=4), Router(6, policy, seed=4)
    followed = 0
    for key in range(400):
        among = rng.choice(6, int(rng.integers(1, 5)), replace=False).tolist()
        tokens, prefix = int(rng.integers(0, 9)), [int(rng.integers(5))]
        wanted = pickle.loads(pickle.dumps(bound)).route(key, tokens, prefix)
        least = min(among, key=lambda r: (bound.load[r], r))
        place = bound.route(key, tokens, prefix, among=among)
        assert place == (wanted if wanted in among else least)
        followed += wanted in among
        assert free.route(key, tokens, prefix, among=range(6)) == free.replica(key)
    assert 50 < followed < 350


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_shares_of_the_ring_do_not_depend_on_the_unit_of_weights(scale: float) -> None:
    """Four times the weight means four fifths of the keys, also after a copy."""
    router = Router(2, "bounded_load", weights=[scale, 4 * scale], epsilon=1e6)
    copy = pickle.loads(pickle.dumps(router))
    places = [router.route(key) for key in range(4000)]
    assert 0.74 < sum(places) / 4000 < 0.86
    assert [copy.route(key) for key in range(4000)] == places


def test_integers_of_any_size_are_no_texts() -> None:
    """A block that is a large integer is not found in a cache that holds the text of its digits."""
    for number in (7, 2**63, 2**64, -(2**70)):
        router = Router(4, "prefix", epsilon=5)
        assert router.route("a", 5, [number]) == 0
        assert router.route("b", 1, [str(number)]) == 1
        assert router.route("c", 1, [number]) == 0
        admission: sk.serving.Admission[str] = sk.serving.Admission(100)
        admission.start("a", 9, 1, prefix=number, prefix_tokens=5)
        admission.start("b", 9, 1, prefix=str(number), prefix_tokens=4)


def test_replicas_from_an_array() -> None:
    assert Router(np.array([3, 1])).load == {1: 0.0, 3: 0.0}  # type: ignore[arg-type]


def test_a_tie_of_two_hashes_goes_to_the_first() -> None:
    """The first replica would be late by itself; the second carries as much, that is nothing."""
    for key in range(20):
        router = Router(2, "dual_hash", ttft=1.0, rate=1.0)
        first = Router(2, "dual_hash").route("k", 5, [key], 0.0)
        assert router.route("k", 5, [key], 0.0) == first
