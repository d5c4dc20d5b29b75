"""The policy queue against a naive list: every operation, every policy, and copies made by pickle on the way."""

from __future__ import annotations

import math
import os
import pickle
from typing import Any

import pytest
import schedkit as sk
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from schedkit.online import POLICIES

from .queue_oracle import AGEING, ATOM, SIZED, NaiveQueue

EXAMPLES = int(os.environ.get("SCHEDKIT_INSTANCES", "12"))
NUMBER = st.integers(1, 9).map(float)
MAYBE = st.none() | NUMBER
DEADLINE = st.none() | st.integers(-5, 40).map(float)


def policy_of(name: str) -> Any:
    special = {
        "gittins": sk.online.Gittins(size=[ATOM], probability=[1]),
        "rmlf": sk.online.RMLF(gamma=1e18),
        "srpt_ageing": sk.online.SRPTAgeing(rate=AGEING),
    }
    return special.get(name, name)


def machine(name: str, *, seniority: bool, levels: bool) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.fast: Any = sk.online.PolicyQueue(policy_of(name))
            self.slow = NaiveQueue(name)
            self.now = 0.0
            self.next = 0
            self.added: dict[Any, float] = {}
            self.flows: list[float] = []

        def any_key(self, data: Any) -> Any:
            return data.draw(st.sampled_from([j.key for j in self.slow.items]))

        def gone(self, key: Any) -> None:
            self.flows.append(self.now - self.added.pop(key))

        @rule(step=st.integers(0, 5))
        def wait(self, step: int) -> None:
            self.now += step

        @rule(
            size=NUMBER,
            weight=NUMBER,
            estimate=NUMBER,
            deadline=st.none() | st.integers(-5, 40).map(float),
            had=st.integers(0, 3),
            age=st.none() | st.integers(0, 9),
            level=st.sampled_from([0, 0, 0, -1, 2]),
        )
        def add(
            self, size: float, weight: float, estimate: float, deadline: float | None, had: int, age: int | None, level: int
        ) -> None:
            attained = min(float(had), size - 1) if name in SIZED else float(had)
            if name in ("op_srpt", "chunk_balance"):
                attained = float(had)
            key = ("key", self.next) if self.next % 2 else self.next
            self.next += 1
            arrival = None if age is None or not seniority else self.now - age
            self.added[key] = self.now if arrival is None else arrival
            facts: dict[str, Any] = {"size": size, "attained": attained, "weight": weight, "estimate": estimate}
            facts |= {"arrival": arrival, "level": level if levels else 0}
            self.fast.add(key, now=self.now, deadline=deadline, **facts)
            self.slow.add(key, self.now, deadline=math.inf if deadline is None else deadline, **facts)

        @precondition(lambda self: self.slow.items)
        @rule()
        def pop(self) -> None:
            expected = self.slow.first(self.now)
            assert expected is not None
            assert self.fast.pop(self.now) == expected.key
            self.slow.remove(expected.key)
            self.gone(expected.key)

        @precondition(lambda self: self.slow.items)
        @rule(k=st.integers(0, 4))
        def pop_many(self, k: int) -> None:
            expected = self.slow.order(self.now)[:k]
            assert self.fast.pop_many(k, self.now) == expected
            for key in expected:
                self.slow.remove(key)
                self.gone(key)

        @precondition(lambda self: self.slow.items)
        @rule(data=st.data(), amount=st.integers(0, 6).map(float), best=st.booleans())
        def progress(self, data: Any, amount: float, best: bool) -> None:
            first = self.slow.first(self.now)
            assert first is not None
            key = first.key if best else self.any_key(data)
            j = self.slow.find(key)
            if j.attained + amount > self.slow.limit(j):
                with pytest.raises(sk.InvalidInputError, match="amount"):
                    self.fast.progress(key, amount, self.now)
            else:
                self.fast.progress(key, amount, self.now)
                self.slow.progress(key, amount, self.now)

        @precondition(lambda self: self.slow.items)
        @rule(data=st.data(), size=NUMBER)
        def reveal(self, data: Any, size: float) -> None:
            key = self.any_key(data)
            if name not in ("op_srpt", "chunk_balance", "slf"):
                with pytest.raises(sk.InvalidInputError, match="reveal"):
                    self.fast.reveal(key, size, self.now)
                return
            if name == "slf":
                size += self.slow.find(key).attained
            self.fast.reveal(key, size, self.now)
            self.slow.reveal(key, size, self.now)

        @precondition(lambda self: self.slow.items)
        @rule(data=st.data(), size=MAYBE, weight=MAYBE, estimate=MAYBE, deadline=MAYBE, level=st.none() | st.integers(-1, 2))
        def reprioritise(
            self, data: Any, size: float | None, weight: float | None, estimate: float | None, deadline: Any, level: int | None
        ) -> None:
            key = self.any_key(data)
            level = level if levels else None
            j = self.slow.find(key)
            base = j.before if name in ("op_srpt", "chunk_balance") else 0.0
            if size is not None and self.slow.limit(j) < math.inf and base + size < j.attained:
                with pytest.raises(sk.InvalidInputError, match="size"):
                    self.fast.reprioritise(key, size, self.now)
                return
            self.fast.reprioritise(key, size, self.now, weight=weight, estimate=estimate, deadline=deadline, level=level)
            self.slow.reprioritise(key, size, weight, estimate, deadline, level)

        @precondition(lambda self: self.slow.items)
        @rule(data=st.data())
        def remove(self, data: Any) -> None:
            key = self.any_key(data)
            self.fast.remove(key)
            self.slow.remove(key)
            self.added.pop(key)

        @rule()
        def pickled(self) -> None:
            self.fast = pickle.loads(pickle.dumps(self.fast))

        @invariant()
        def same(self) -> None:
            assert len(self.fast) == len(self.slow.items)
            assert all(j.key in self.fast for j in self.slow.items)
            assert ("key", -1) not in self.fast
            if not self.slow.items:
                with pytest.raises(IndexError):
                    self.fast.pop(self.now)
                return
            first = self.slow.first(self.now)
            assert first is not None
            assert self.fast.peek(self.now) == first.key
            assert list(self.fast) == self.slow.order(self.now)
            sharers = self.slow.sharers(self.now)
            rate = 1 / len(sharers)
            assert self.fast.allocation(self.now) == [(j.key, rate) for j in sorted(sharers, key=lambda j: j.order)]
            assert all(self.fast.attained(j.key) == j.attained for j in self.slow.items)
            assert self.fast.victim(self.now) == self.slow.victim(self.now)
            for k in (0, 1, 2, 4):
                assert self.fast.peek_many(k, self.now) == self.slow.peek_many(k, self.now)
            assert list(self.fast) == self.slow.order(self.now)  # looking has changed nothing
            stats = self.fast.stats(self.now)
            oldest = self.now - min(self.added.values())
            mean = sum(self.flows) / len(self.flows) if self.flows else 0.0
            assert (stats.waiting, stats.oldest, stats.served) == (len(self.slow.items), oldest, len(self.flows))
            assert stats.mean_flow_time == pytest.approx(mean)

    return Machine


@pytest.mark.parametrize(("seniority", "levels"), [(False, False), (True, True)])
@pytest.mark.parametrize("name", POLICIES)
def test_queue_equals_a_naive_list(name: str, seniority: bool, levels: bool) -> None:
    machines = machine(name, seniority=seniority, levels=levels)
    run_state_machine_as_test(machines, settings=settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None))
