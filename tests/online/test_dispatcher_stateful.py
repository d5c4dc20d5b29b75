"""The dispatcher driven by Hypothesis beside the reference: every call in every order, and copies made by pickle on the way."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest
import schedkit as sk
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from .dispatcher_reference import Reference

EXAMPLES = int(os.environ.get("SCHEDKIT_EXAMPLES", "25"))
NUMBER = st.integers(0, 8).map(float)
UNITS = st.fixed_dictionaries({"cpu": st.integers(0, 4), "gpu": st.integers(0, 2)})


def machine(backfill: Any, policy: str) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            capacity = {"cpu": 4, "gpu": 2}
            self.fast: Any = sk.online.Dispatcher(capacity, policy, backfill)
            self.slow = Reference(dict(capacity), policy, backfill)
            self.now = 0.0

        def both(self, call: str, *arguments: Any, **options: Any) -> Any:
            """Makes one call on both; answers and refusals have to agree."""
            answer = getattr(self.fast, call)(*arguments, **options)
            assert answer == getattr(self.slow, call)(*arguments, **options)
            return answer

        @rule(step=st.sampled_from([0.0, 0.5, 1.0, 3.0, -2.0]))
        def wait(self, step: float) -> None:
            self.now += step

        @rule(
            data=st.data(),
            demand=st.none() | UNITS,
            estimate=st.none() | NUMBER,
            priority=st.sampled_from([0, 0, 2]),
            deadline=st.none() | NUMBER,
        )
        def submit(self, data: Any, **facts: Any) -> None:
            known = list(self.slow.entries)
            after = data.draw(st.lists(st.sampled_from(known), max_size=3)) if known else []
            number = len(known)
            key = ("key", number) if number % 2 else number
            demand = facts["demand"]
            if demand is not None:
                limits = self.slow.capacity
                facts["demand"] = {name: min(units, limits[name]) for name, units in demand.items()}
            self.both("submit", key, after=after, now=self.now, **facts)

        @rule()
        def decide(self) -> None:
            self.both("next", now=self.now)
            assert self.fast.next(now=self.now) == self.slow.next(now=self.now) == []

        @precondition(lambda self: self.slow.running)
        @rule(data=st.data())
        def finish(self, data: Any) -> None:
            self.both("finished", data.draw(st.sampled_from(self.slow.running)), now=self.now)

        @precondition(lambda self: self.slow.running)
        @rule(data=st.data(), retry=st.booleans())
        def fail(self, data: Any, retry: bool) -> None:
            self.both("failed", data.draw(st.sampled_from(self.slow.running)), now=self.now, retry=retry)

        @precondition(lambda self: self.slow.entries)
        @rule(data=st.data())
        def cancel(self, data: Any) -> None:
            key = data.draw(st.sampled_from(list(self.slow.entries)))
            if self.slow.entries[key].state in ("done", "failed", "cancelled"):
                with pytest.raises(sk.InvalidInputError, match="cannot be cancelled"):
                    self.fast.cancel(key, now=self.now)
            else:
                self.both("cancel", key, now=self.now)

        @rule(name=st.sampled_from(["cpu", "gpu"]), amount=st.integers(0, 6))
        def set_capacity(self, name: str, amount: int) -> None:
            self.both("set_capacity", name, amount, now=self.now)

        @rule()
        def copy(self) -> None:
            self.fast = pickle.loads(pickle.dumps(self.fast))

        @invariant()
        def agrees(self) -> None:
            assert self.fast.waiting == self.slow.waiting
            assert self.fast.running == self.slow.running
            assert self.fast.blocked == self.slow.blocked
            assert self.fast.capacity == self.slow.capacity
            assert self.fast.free == self.slow.free()
            assert self.fast.clock_skew == self.slow.skew
            for key, entry in self.slow.entries.items():
                assert self.fast.state(key) == entry.state
                assert self.fast.reservation(key) == self.slow.reservation(key)

    return Machine


@pytest.mark.parametrize("policy", ["fcfs", "edf", "critical_path"])
@pytest.mark.parametrize("backfill", ["none", "greedy", "easy", "conservative"])
def test_every_call_in_every_order(backfill: str, policy: str) -> None:
    run_state_machine_as_test(
        machine(backfill, policy),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None),
    )
