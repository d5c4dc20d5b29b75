"""The part of `schedkit.check` for simulated servers: what the times of requests cannot be, whatever the replicas did."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _validation
from .problem import Trace
from .schedule import ServingResult

_CLOSE = 1e-9
"""Differences up to this part of a time count as rounding."""


def violations(trace: Trace, schedule: Any, **options: Any) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows (kind, subject, detail)."""
    for name in options:
        raise _validation.refuse(name, "has no meaning for a trace of requests")
    _validation.expect(schedule, ServingResult, "schedule", "a ServingResult")
    if schedule.ttft.size != trace.num_requests:
        raise _validation.refuse("schedule", f"has {schedule.ttft.size} requests, expected {trace.num_requests}")
    base, prefill, running, _ = schedule.step
    close = _CLOSE * (1.0 + np.abs(schedule.completion_time))
    first = trace.arrival + schedule.ttft
    whole = schedule.completion_time - trace.arrival
    longest = schedule.ttft + schedule.tpot * (trace.output_tokens - 1)
    rules = (
        (
            "release",
            schedule.ttft >= base + prefill + running - close,
            "its first token comes before a first step can end",
            first,
        ),
        (
            "duration",
            (schedule.tpot == 0) | (schedule.tpot >= base + running - close),
            "takes less than a step a token",
            schedule.tpot,
        ),
        (
            "objective",
            np.abs(schedule.latency - whole) <= close,
            "its latency differs from completion - arrival",
            schedule.latency,
        ),
        ("objective", schedule.latency <= longest + close, "its latency is longer than its tokens take", schedule.latency),
        (
            "forbidden_processor",
            (schedule.replica >= 0) & (schedule.replica < schedule.num_replicas),
            f"its replica is none of 0 to {schedule.num_replicas - 1}",
            schedule.replica,
        ),
    )
    return _of_sums(trace, schedule) + [
        (kind, (int(k),), f"request {k}: {what}: {numbers[k]}")
        for kind, holds, what, numbers in rules
        for k in np.flatnonzero(~holds)
    ]


def _of_sums(trace: Trace, schedule: ServingResult) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows for the numbers that stand for all requests together."""
    n = trace.num_requests
    span = float(schedule.completion_time.max() - trace.arrival.min()) if n else 0.0
    most = n / span * (1.0 + _CLOSE) if span > 0 else 0.0
    rules = (
        (0.0 <= schedule.goodput <= most, f"goodput is {schedule.goodput}, and there are {n} requests in {span} s"),
        (0.0 <= schedule.hit_rate <= 1.0, f"the part of the prompts found in the cache is {schedule.hit_rate}"),
        (schedule.evictions >= 0, f"there are {schedule.evictions} evictions"),
        (schedule.recomputed_tokens >= 0, f"{schedule.recomputed_tokens} tokens were computed again"),
        (
            schedule.evictions > 0 or schedule.recomputed_tokens == 0,
            f"{schedule.recomputed_tokens} tokens were computed again without an eviction",
        ),
        (all(number >= 0 for number in schedule.step), f"a number of the latency model is negative: {schedule.step}"),
        ((schedule.steps > 0) == (n > 0), f"there are {schedule.steps} steps for {n} requests"),
    )
    return [("objective", (), detail) for holds, detail in rules if not holds]
