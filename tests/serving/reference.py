"""Serving by its definitions: the need of a batch counted step by step, and a simulator that walks through every step.

Nothing here is shared with the package.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence


def peak_step_by_step(batch: Sequence[tuple[int, int]]) -> int:
    """The most that requests of (tokens held, tokens left) hold together in any step, if no other joins."""
    held = [tokens for tokens, _ in batch]
    left = [tokens for _, tokens in batch]
    most = 0
    alive = list(range(len(batch)))
    while alive:
        most = max(most, sum(held[k] for k in alive))
        alive = [k for k in alive if left[k] > 0]
        for k in alive:
            held[k] += 1
            left[k] -= 1
    return most


def need(policy: str, batch: Sequence[tuple[int, int]]) -> int:
    """What a batch of (tokens held, tokens left) needs by a policy that draws nothing."""
    if policy == "aggressive":
        return sum(held for held, _ in batch)
    if policy == "conservative":
        return sum(held + left for held, left in batch)
    return peak_step_by_step(batch)


@dataclasses.dataclass
class Request:
    """A request of the plain simulator."""

    index: int
    arrival: float
    prompt: int
    output: int
    told: int
    produced: int = 0
    first_token: float | None = None
    completion: float | None = None
    # In the batch: tokens to compute before the next token of the answer, those computed, tokens of the answer since then.
    to_compute: int = 0
    prefilled: int = 0
    produced_here: int = 0
    lost: int = 0  # tokens that were computed when it was evicted

    @property
    def held(self) -> int:
        return self.prompt + self.produced


@dataclasses.dataclass
class Model:
    """What the plain simulator simulates on one replica."""

    step: tuple[float, float, float, float]
    capacity: int
    policy: str
    victim: str = "newest"
    order: str = "fcfs"
    max_batch: int = 10**9
    chunk: int = 10**9
    ttft: float = math.inf


class Replica:
    """One replica, one step after the other."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.seen: dict[int, tuple[int, int]] = {}  # as admission sees those in the batch: tokens held, tokens left
        self.line: list[Request] = []
        self.batch: list[Request] = []  # in the order in which they joined
        self.evictions = self.recomputed = self.steps = 0

    def rank(self, r: Request, now: float) -> tuple[float, ...]:
        a, b, c, _ = self.model.step
        tokens = r.prompt + r.produced
        first = math.ceil(tokens / self.model.chunk) * (a + c) + b * tokens
        whole = first + max(r.told - r.produced - 1, 0) * (a + c)
        deadline = r.arrival + self.model.ttft
        rank = {
            "fcfs": (0.0,),
            "shortest_prompt": (float(r.prompt),),
            "slack_edf": (0.0, deadline) if now < deadline - first else (1.0, -deadline),
            "slo_density": (-1.0 / whole if now <= deadline else -0.1 / whole,),
        }[self.model.order]
        return (*rank, r.arrival, r.index)

    def steps_of(self, r: Request) -> int:
        return math.ceil((r.prompt + r.produced) / self.model.chunk)

    def seen_new(self, r: Request) -> tuple[int, int]:
        """As admission sees a newcomer: each step of its prompt counts as a token to come, until the first has come."""
        return r.held, r.told - r.produced + self.steps_of(r) - 1

    def fits(self, rows: list[tuple[int, int]]) -> bool:
        return need(self.model.policy, rows) < self.model.capacity

    def begin(self, now: float) -> float:
        model = self.model
        self.line.sort(key=lambda r: self.rank(r, now))
        seen = [self.seen[r.index] for r in self.batch]
        count = 0
        for r in self.line[: model.max_batch - len(self.batch)]:
            seen.append(self.seen_new(r))
            if not self.fits(seen):
                break
            count += 1
        if count == 0 and not self.batch and self.line:
            count = 1
        for r in self.line[:count]:
            self.seen[r.index] = self.seen_new(r)
            r.to_compute, r.prefilled, r.produced_here = r.held, 0, 0
            self.recomputed += min(r.lost, r.to_compute)
            self.batch.append(r)
        del self.line[:count]
        while sum(r.held + self.yields(r) for r in self.batch) > model.capacity and len(self.batch) > 1:
            self.evict()
        tokens = sum(min(model.chunk, r.to_compute - r.prefilled) for r in self.batch)
        a, b, c, d = model.step
        return a + b * tokens + c * len(self.batch) + d * sum(r.held for r in self.batch)

    def yields(self, r: Request) -> bool:
        """Whether the next step brings a token of the answer."""
        return r.to_compute - r.prefilled <= self.model.chunk

    def evict(self) -> None:
        def rank(k: int) -> float:
            held, left = self.seen[self.batch[k].index]
            if self.model.victim == "newest":
                return 0.0
            return self.batch[k].produced if self.model.victim == "least_done" else held / max(held + left, 1)

        r = self.batch.pop(min(range(len(self.batch) - 1, -1, -1), key=rank))
        r.lost = r.prefilled + r.produced_here
        self.evictions += 1
        self.line.append(r)

    def end(self, now: float) -> None:
        self.steps += 1
        for r in self.batch:
            held, left = self.seen[r.index]
            self.seen[r.index] = (held + 1, max(left - 1, 0))
            brings = self.yields(r)
            comes_first = brings and r.prefilled < r.to_compute
            r.prefilled += min(self.model.chunk, r.to_compute - r.prefilled)
            if brings:
                r.produced += 1
                r.produced_here += 1
                self.seen[r.index] = (r.held, r.told - r.produced) if comes_first else self.seen[r.index]
                r.first_token = now if r.first_token is None else r.first_token
                r.completion = now if r.produced == r.output else None
        self.batch = [r for r in self.batch if r.completion is None]


def simulate(requests: list[Request], model: Model, replicas: int = 1) -> list[Replica]:
    """Runs the requests, which go to the replicas in turn. At one moment steps end, requests arrive, steps begin."""
    machines = [Replica(model) for _ in range(replicas)]
    ends = [math.inf] * replicas
    coming = sorted(requests, key=lambda r: (r.arrival, r.index))
    turn = 0
    while coming or min(ends) < math.inf:
        now = min([*ends, *(r.arrival for r in coming[:1])])
        for k, machine in enumerate(machines):
            if ends[k] == now:
                machine.end(now)
                ends[k] = math.inf
        while coming and coming[0].arrival == now:
            machines[turn % replicas].line.append(coming.pop(0))
            turn += 1
        for k, machine in enumerate(machines):
            if ends[k] == math.inf and (machine.line or machine.batch):
                ends[k] = now + machine.begin(now)
    return machines
