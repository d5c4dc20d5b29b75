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
        ("forbidden_processor", schedule.replica >= 0, "its replica is none", schedule.replica),
    )
    return [
        (kind, (int(k),), f"request {k}: {what}: {numbers[k]}")
        for kind, holds, what, numbers in rules
        for k in np.flatnonzero(~holds)
    ]
