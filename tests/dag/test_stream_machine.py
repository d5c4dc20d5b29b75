"""Any order of calls: a stream scheduler against the record of a host, call by call, bad calls included."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
import schedkit as sk
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from . import strategies
from .stream_host import Host

OLD = st.sampled_from([0.0, 0.0, 1e-9, 0.5])
COST = st.sampled_from([0.0, 1.0, 2.5, math.inf])
LINK = st.sampled_from([0.5, 1.0, 3.0])


class Stream(RuleBasedStateMachine):
    """Hypothesis calls the rules in any order, and looks for the shortest sequence that contradicts the record."""

    host: Host

    @initialize(
        policy=st.sampled_from(sk.dag.POLICIES),
        key=st.sampled_from(sk.dag.KEYS),
        width=st.integers(1, 3),
        data=st.data(),
    )
    def begin(self, policy: str, key: str, width: int, data: st.DataObject) -> None:
        bandwidth = [[data.draw(LINK) for _ in range(width)] for _ in range(width)]
        latency = [[data.draw(st.sampled_from([0.0, 0.5])) for _ in range(width)] for _ in range(width)]
        self.host = Host(bandwidth, latency, policy=policy, key=key, delta=0.0, phi=0.0)

    @rule(data=st.data(), old=OLD)
    def submit(self, data: st.DataObject, old: float) -> None:
        n, width = data.draw(st.sampled_from([0, 1, 3, 4, 5, 6])), self.host.width
        cost = [[data.draw(COST) for _ in range(width)] for _ in range(n)]
        for row in cost:
            row[data.draw(st.integers(0, width - 1))] = data.draw(st.sampled_from([0.0, 1.0, 2.5]))
        pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
        edges = data.draw(st.lists(st.sampled_from(pairs), unique=True, min_size=n // 2)) if pairs else []
        units = [data.draw(strategies.SMALL) for _ in edges]
        self.host.submit(sk.dag.TaskGraph(cost, edges, units) if n else _empty(width), old)

    @rule(amount=st.sampled_from([0.0, 0.5, 1.0, 5.0]))
    def time_passes(self, amount: float) -> None:
        self.host.advance(self.host.now + amount)

    @rule(old=OLD, data=st.data())
    def start_what_is_assigned(self, old: float, data: st.DataObject) -> None:
        found = self.host.decide(old)
        assert self.host.wake() >= self.host.time
        for task, p in found:
            if data.draw(st.booleans()):
                self.host.start(task, p, old=old)

    @precondition(lambda self: self.host.phase)
    @rule(rounds=st.integers(1, 5))
    def work(self, rounds: int) -> None:
        """All that may start does, and one task ends."""
        for _ in range(rounds):
            for task, p in self.host.decide():
                self.host.start(task, p)
            self.host.advance(self.host.now + 0.5)
            if self.host.running:
                self.host.finish(min(self.host.running))

    @rule(old=OLD, data=st.data())
    def start_elsewhere(self, old: float, data: st.DataObject) -> None:
        host = self.host
        able = [
            (task, p)
            for task in sorted(host.phase)
            if host.startable(task)
            for p in host.present()
            if p not in host.running and host.cost[task[0]][task[1]][p] < math.inf
        ]
        if able:
            host.start(*data.draw(st.sampled_from(able)), elsewhere=True, old=old)

    @precondition(lambda self: self.host.running)
    @rule(old=OLD, data=st.data())
    def finish(self, old: float, data: st.DataObject) -> None:
        self.host.finish(data.draw(st.sampled_from(sorted(self.host.running))), old)

    @precondition(lambda self: self.host.running)
    @rule(old=OLD, data=st.data())
    def fail(self, old: float, data: st.DataObject) -> None:
        self.host.fail(data.draw(st.sampled_from(sorted(self.host.running))), old)

    @precondition(lambda self: self.host.present())
    @rule(old=OLD, data=st.data())
    def lose(self, old: float, data: st.DataObject) -> None:
        self.host.lose(data.draw(st.sampled_from(self.host.present())), old)

    @precondition(lambda self: self.useful())
    @rule(old=OLD, data=st.data())
    def lose_data(self, old: float, data: st.DataObject) -> None:
        self.host.lose(data.draw(st.sampled_from(self.useful())), old)

    def useful(self) -> list[int]:
        """Present processors with data that are needed."""
        host = self.host
        needed = {
            host.place[i]
            for i, phase in host.phase.items()
            if phase == "done" and any(host.phase[j] == "pending" for j in host.children(i))
        }
        return sorted(needed - set(host.lost))

    @rule(old=OLD, data=st.data())
    def join(self, old: float, data: st.DataObject) -> None:
        host = self.host
        named = data.draw(st.sets(st.sampled_from(host.under_way()))) if host.under_way() else set()
        cost = {job: [data.draw(COST) for _ in host.cost[job]] for job in named}
        to, back = ([data.draw(LINK) for _ in range(host.width)] for _ in range(2))
        host.join(cost, to, back, data.draw(st.sampled_from([0.0, 0.5])), old)

    @precondition(lambda self: len(self.host.under_way()) > 2)
    @rule(old=OLD, data=st.data())
    def cancel(self, old: float, data: st.DataObject) -> None:
        self.host.cancel(data.draw(st.sampled_from(self.host.under_way())), old)

    @rule(by_copy=st.booleans())
    def reload(self, by_copy: bool) -> None:
        self.host.reload(by_copy=by_copy)

    @rule(job=st.integers(-1, 4), task=st.integers(0, 5), p=st.integers(-1, 5), which=st.integers(0, 6))
    def call_badly(self, job: int, task: int, p: int, which: int) -> None:
        """Reports that cannot be true: each is refused, and nothing has changed."""
        host, now = self.host, self.host.now
        phase = host.phase.get((job, task))
        gone = job not in host.under_way()
        absent = p not in host.present()
        never: list[tuple[bool, Any]] = [
            (phase != "running", lambda s: s.failed((job, task), now)),
            (phase != "running", lambda s: s.finished((job, task), now)),
            (not (phase and host.startable((job, task))), lambda s: s.started((job, task), now)),
            (absent or p in host.running, lambda s: s.started((job, task), now, processor=p)),
            (gone, lambda s: s.cancel(job, now)),
            (absent, lambda s: s.processor_lost(p, now)),
            (gone, lambda s: s.processor_joined({job: [1.0]}, now, bandwidth=1.0, latency=0.0)),
        ]
        wrong, call = never[which]
        if wrong:
            before = pickle.dumps(host.scheduler)
            with pytest.raises(sk.InvalidInputError):
                call(host.scheduler)
            assert pickle.dumps(host.scheduler) == before

    @invariant()
    def the_states_agree(self) -> None:
        if hasattr(self, "host"):
            self.host.compare()

    def teardown(self) -> None:
        """Everything that is left can still be brought to its end."""
        if not hasattr(self, "host"):
            return
        host = self.host
        for _ in range(1000):
            if not host.under_way():
                break
            if host.unrunnable():
                costs = {job: [1.0] * len(host.cost[job]) for job in host.under_way()}
                host.join(costs, [1.0] * host.width, [1.0] * host.width, 0.0)
            for task, p in host.decide():
                host.start(task, p)
            if host.running:
                host.advance(host.now + 1.0)
                host.finish(min(host.running))
            else:
                wake = host.wake()
                assert wake < math.inf
                host.advance(wake)
        assert not host.under_way()


def _empty(width: int) -> sk.dag.TaskGraph:
    return sk.dag.TaskGraph.from_work([], [1.0] * width, [])


Stream.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestStream = Stream.TestCase
