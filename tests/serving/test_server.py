"""A small model server around the live classes: replicas fail or drain, requests move, are cancelled, evicted; none is lost."""

from __future__ import annotations

import functools
import itertools
import random
from typing import Any

import pytest
import schedkit as sk

CAPACITY = 1300
LONGEST = 400
REQUESTS = 300


class Replica:
    """A replica that produces a token for each request of its batch in a step."""

    def __init__(self, number: int, policy: Any, victim: Any) -> None:
        self.line: sk.online.PolicyQueue[int] = sk.online.PolicyQueue("slack_edf")
        self.admission: sk.serving.Admission[int] = sk.serving.Admission(CAPACITY, policy, seed=number, victim=victim)
        self.left: dict[int, int] = {}  # tokens to come, of the requests in the batch


class Server:
    """Three replicas behind a router."""

    def __init__(self, seed: int, policy: Any, victim: Any) -> None:
        self.rng = random.Random(seed)
        self.made = functools.partial(Replica, policy=policy, victim=victim)
        self.router = sk.serving.Router(3, "prefix", cache_blocks=200)
        self.replicas = {number: self.made(number) for number in range(3)}
        self.draining: dict[int, Replica] = {}
        self.facts: dict[int, dict[str, Any]] = {}
        self.ended: list[int] = []
        self.cancelled: list[Any] = []
        self.evicted = self.moved = 0
        self.now = 0.0

    def wait(self, key: Any, replica: Replica) -> None:
        facts = self.facts[key]
        left = float(LONGEST - facts["made"])
        replica.line.add(key, estimate=left, deadline=facts["deadline"], arrival=facts["arrival"], now=self.now)

    def put(self, key: Any) -> None:
        place = self.router.route(key, self.facts[key]["prompt"], self.facts[key]["prefix"], now=self.now)
        self.wait(key, self.replicas[place])

    def arrive(self, key: int) -> None:
        rng, topic = self.rng, self.rng.randrange(20)
        answer = min(LONGEST, int(rng.expovariate(1 / 60)) + 1)
        prefix = [topic, topic * 100 + rng.randrange(3)]
        times = {"arrival": self.now, "deadline": self.now + 600}
        self.facts[key] = {"prompt": rng.randint(10, 500), "answer": answer, "made": 0, "prefix": prefix, **times}
        self.put(key)

    def stop(self, key: Any, replica: Replica) -> None:
        """Takes a request out of a replica, wherever it is there, with the tokens that it has so far."""
        if key in replica.admission:
            replica.admission.remove(key)
            self.facts[key]["made"] = self.facts[key]["answer"] - replica.left.pop(key)
        else:
            replica.line.remove(key)

    def join(self, replica: Replica) -> None:
        keys = list(itertools.islice(replica.line, 10))
        made = {key: self.facts[key]["made"] for key in keys}
        rows = [(key, self.facts[key]["prompt"] + made[key], LONGEST - made[key], made[key]) for key in keys]
        count = replica.admission.admit(rows)
        if not count and not len(replica.admission):
            count = min(1, len(keys))
        for key, tokens, most, produced in rows[:count]:
            replica.line.remove(key)
            replica.admission.start(key, tokens, most, produced=produced)
            replica.left[key] = self.facts[key]["answer"] - produced

    def step(self, replica: Replica, *, counts: bool = True) -> None:
        self.join(replica)
        while replica.admission.held + len(replica.admission) > CAPACITY and len(replica.admission) > 1:
            key = replica.admission.evict()
            self.facts[key]["made"] = self.facts[key]["answer"] - replica.left.pop(key)
            self.wait(key, replica)
            self.evicted += 1
        replica.admission.advance()
        replica.left = {key: left - 1 for key, left in replica.left.items()}
        held = sum(self.facts[key]["prompt"] + self.facts[key]["answer"] - left for key, left in replica.left.items())
        assert replica.admission.held == held <= CAPACITY
        for key in [key for key, left in replica.left.items() if not left]:
            del replica.left[key]
            replica.admission.finished(key, self.facts[key]["answer"])
            self.ended.append(key)
            if counts:
                self.router.finished(key)

    def lose(self, *, drain: bool) -> None:
        """A replica leaves, and a new one comes."""
        gone = self.rng.choice(list(self.replicas))
        replica, keys = self.replicas.pop(gone), self.router.remove(gone)
        assert sorted(keys) == sorted([*replica.line, *replica.left])
        new = 1 + max([gone, *self.replicas, *self.draining])
        self.router.add(new)
        self.replicas[new] = self.made(new)
        if drain:
            self.draining[gone] = replica
            return
        for key in keys:
            self.stop(key, replica)
            self.put(key)

    def cancel(self) -> None:
        key = self.rng.choice([key for key in self.facts if key in self.router])
        self.stop(key, self.replicas[self.router.replica(key)])
        self.router.finished(key)
        self.cancelled.append(key)

    def migrate(self) -> None:
        for key, source, target in self.router.migrations():
            self.stop(key, self.replicas[source])
            self.wait(key, self.replicas[target])
            self.moved += 1


@pytest.mark.parametrize("victim", ["newest", "least_done", "least_recompute"])
@pytest.mark.parametrize("policy", ["past_future", "future", "conservative", "aggressive"])
def test_nothing_is_lost(policy: Any, victim: Any) -> None:
    server = Server(7, policy, victim)
    key = 0
    while key < REQUESTS or server.router or server.draining:
        server.now += 1.0
        for _ in range(server.rng.choice([0, 1, 1, 2]) if key < REQUESTS else 0):
            server.arrive(key)
            key += 1
        chance = server.rng.random()
        if chance < 0.008:
            server.lose(drain=chance < 0.004)
        elif chance < 0.02 and len(server.router):
            server.cancel()
        elif chance < 0.06:
            server.migrate()
        for replica in server.replicas.values():
            server.step(replica)
        for number, replica in list(server.draining.items()):
            server.step(replica, counts=False)
            if not len(replica.line) and not replica.left:
                del server.draining[number]
    assert sorted(server.ended + server.cancelled) == list(range(key))
    assert sum(server.router.load.values()) == 0
    assert all(replica.admission.held == replica.admission.peak() == 0 for replica in server.replicas.values())
    assert server.moved > 5
    assert server.evicted > 5 or policy != "aggressive"
