"""Serving by its definitions: the need of a batch counted step by step, and a simulator that walks through every step.

Nothing here is shared with the package.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence


def peak_step_by_step(batch: Sequence[tuple[int, ...]]) -> int:
    """The most that requests hold together in any step, if no other joins.

    Each is (tokens held, tokens left) and perhaps the steps before the first that brings a token.
    """
    held = [row[0] for row in batch]
    left = [row[1] for row in batch]
    wait = [row[2] if len(row) > 2 else 0 for row in batch]
    most = 0
    alive = list(range(len(batch)))
    while alive:
        most = max(most, sum(held[k] for k in alive))
        alive = [k for k in alive if left[k] > 0]
        for k in alive:
            if wait[k] > 0:
                wait[k] -= 1
            else:
                held[k] += 1
                left[k] -= 1
    return most


def need(policy: str, batch: Sequence[tuple[int, ...]]) -> int:
    """What a batch, as in `peak_step_by_step`, needs by a policy that draws nothing."""
    if policy == "aggressive":
        return sum(row[0] for row in batch)
    if policy == "conservative":
        return sum(row[0] + row[1] for row in batch)
    return peak_step_by_step(batch)


@dataclasses.dataclass
class Request:
    """A request of the plain simulator."""

    index: int
    arrival: float
    prompt: int
    output: int
    longest: int
    """The longest answer that admission knows of."""
    blocks: list[int] = dataclasses.field(default_factory=list)
    produced: int = 0
    first_token: float | None = None
    completion: float | None = None
    lost: set[int] = dataclasses.field(default_factory=set)
    """The places of the tokens, from its beginning on, that a replica had of it when it was evicted."""
    # In the batch: tokens of its prompt in the cache, those to compute, those computed, and tokens of the answer since then.
    found: int = 0
    to_compute: int = 0
    prefilled: int = 0
    produced_here: int = 0

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
    cache_blocks: int = 10**9
    block_tokens: int = 1


class Replica:
    """One replica, one step after the other."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.line: list[Request] = []
        self.batch: list[Request] = []  # in the order in which they joined
        self.cache: list[int] = []  # blocks, the least recently used first
        self.evictions = self.recomputed = self.found = self.steps = 0

    def rank(self, r: Request, now: float) -> tuple[float, ...]:
        a, b, c, _ = self.model.step
        first = math.ceil(r.held / self.model.chunk) * (a + c) + b * r.held
        whole = first + max(r.longest - r.produced - 1, 0) * (a + c)
        deadline = r.arrival + self.model.ttft
        rank = {
            "fcfs": (0.0,),
            "shortest_prompt": (float(r.prompt),),
            "slack_edf": (0.0, deadline) if now < deadline - first else (1.0, -deadline),
            "slo_density": (whole / (1.0 if now <= deadline else 0.1),),
        }[self.model.order]
        return (*rank, r.arrival, r.index)

    def found_of(self, r: Request) -> int:
        """Tokens of its prompt that the cache has; one at least is computed."""
        blocks = 0
        while blocks < len(r.blocks) and r.blocks[blocks] in self.cache:
            blocks += 1
        return min(blocks * self.model.block_tokens, r.prompt - 1)

    def row(self, r: Request) -> tuple[int, int, int]:
        """What admission knows of a request: tokens held, tokens left, steps that bring none of them."""
        return r.held, r.longest - r.produced, max(math.ceil((r.to_compute - r.prefilled) / self.model.chunk) - 1, 0)

    def begin(self, now: float) -> float:
        model = self.model
        self.line.sort(key=lambda r: self.rank(r, now))
        rows = [self.row(r) for r in self.batch]
        count = 0
        for r in self.line[: model.max_batch - len(self.batch)]:
            r.found = self.found_of(r)
            r.to_compute, r.prefilled, r.produced_here = r.held - r.found, 0, 0
            rows.append(self.row(r))
            if not need(model.policy, rows) < model.capacity:
                break
            count += 1
        if count == 0 and not self.batch and self.line:
            count = 1
        newcomers = self.line[:count]
        self.batch += newcomers
        del self.line[:count]
        while sum(r.held + self.yields(r) for r in self.batch) > model.capacity and len(self.batch) > 1:
            self.evict()
        for r in newcomers:
            if r in self.batch:
                self.found += 0 if r.lost else r.found
                self.cache = [block for block in self.cache if block not in r.blocks] + r.blocks[::-1]
                self.cache = self.cache[max(len(self.cache) - model.cache_blocks, 0) :]
        tokens = 0
        for r in self.batch:
            first = r.found + r.prefilled
            computed = range(first, first + min(model.chunk, r.to_compute - r.prefilled))
            tokens += len(computed)
            self.recomputed += len(r.lost.intersection(computed))
        a, b, c, d = model.step
        return a + b * tokens + c * len(self.batch) + d * sum(r.held for r in self.batch)

    def yields(self, r: Request) -> bool:
        """Whether the next step brings a token of the answer."""
        return r.to_compute - r.prefilled <= self.model.chunk

    def evict(self) -> None:
        def rank(k: int) -> float:
            held, left, _ = self.row(self.batch[k])
            if self.model.victim == "newest":
                return 0.0
            return self.batch[k].produced if self.model.victim == "least_done" else held / max(held + left, 1)

        r = self.batch.pop(min(range(len(self.batch) - 1, -1, -1), key=rank))
        if r.prefilled > 0:  # else it joined just now: nothing was computed, so nothing is lost
            r.lost.update(range(r.found + r.prefilled + r.produced_here))
            self.evictions += 1
        self.line.append(r)

    def end(self, now: float) -> None:
        self.steps += 1
        for r in self.batch:
            brings = self.yields(r)
            r.prefilled += min(self.model.chunk, r.to_compute - r.prefilled)
            if brings:
                r.produced += 1
                r.produced_here += 1
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
