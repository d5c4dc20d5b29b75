"""A toy model server: continuous batching, where a request that ends makes room for one that waits.

Which one? First come, first served makes everybody wait behind the long ones; SRPT on predicted lengths is quick for most, and
lets the longest starve; SRPT with ageing lies between, and its rate says where: the greater, the fairer. The trace looks
like a recorded one: bursts of arrivals, lengths with a heavy tail, predictions that are off by a factor. Time is simulated, so
every run prints the same.

    python examples/model_server.py
"""

from __future__ import annotations

import heapq
import math
import random
from typing import NamedTuple

import schedkit as sk

SLOTS = 16
"""Requests in a batch."""


class Request(NamedTuple):
    """A request: what it is, and what the server believes of it."""

    number: int
    arrival: float
    tokens: int
    predicted: float


def trace(n: int = 6000, seed: int = 1) -> list[Request]:
    """Requests in bursts, with log-normal lengths and predictions."""
    draw = random.Random(seed)
    now, requests = 0.0, []
    for number in range(n):
        busy = 1.0 + 0.6 * math.sin(2 * math.pi * number / 1500)  # the tide of the day
        now += draw.expovariate(1.2 * busy)
        tokens = max(1, min(4000, round(draw.lognormvariate(5.0, 1.2))))
        requests.append(Request(number, now, tokens, tokens * draw.lognormvariate(0.0, 0.3)))
    return requests


def serve(requests: list[Request], policy: str | sk.online.SRPTAgeing) -> tuple[list[float], float]:
    """Seconds from arrival to the last token, by request, and the longest that anybody waited for his first."""
    speed = 30.0  # tokens a second and slot
    longest_wait = 0.0
    queue: sk.online.PolicyQueue[Request] = sk.online.PolicyQueue(policy)
    running: list[tuple[float, Request]] = []
    latency = [0.0] * len(requests)
    arrivals = iter([*requests, None])
    upcoming = next(arrivals)
    while upcoming is not None or running:
        if upcoming is not None and (not running or upcoming.arrival <= running[0][0]):
            now = upcoming.arrival
            queue.add(upcoming, size=upcoming.predicted / speed, now=now)
            upcoming = next(arrivals)
        else:
            now, done = heapq.heappop(running)
            latency[done.number] = now - done.arrival
        for request in queue.pop_many(SLOTS - len(running), now=now):
            heapq.heappush(running, (now + request.tokens / speed, request))
            longest_wait = max(longest_wait, now - request.arrival)
    assert not queue
    return latency, longest_wait


def percentile(values: list[float], q: float) -> float:
    """The value that a part `q` of all does not exceed."""
    return sorted(values)[min(len(values) - 1, math.ceil(q * len(values)) - 1)]


def main() -> dict[str, tuple[float, float, float]]:
    """Prints the table; by policy p50 and p99 of the latency, and the longest wait."""
    requests = trace()
    policies: dict[str, str | sk.online.SRPTAgeing] = {"fcfs": "fcfs", "srpt": "srpt"}
    policies |= {f"ageing, rate {rate}": sk.online.SRPTAgeing(rate=rate) for rate in (1, 2, 4)}
    table = {}
    print("policy          p50 s    p99 s   longest wait s")
    for name, policy in policies.items():
        latency, longest_wait = serve(requests, policy)
        table[name] = percentile(latency, 0.5), percentile(latency, 0.99), longest_wait
        print(f"{name:14} {table[name][0]:6.1f} {table[name][1]:8.1f} {table[name][2]:16.1f}")
    return table


if __name__ == "__main__":
    main()
