"""The part of `schedkit.check` for streams of jobs: claimed segments become columns for the checker of the core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _core, _validation
from .problem import Jobs
from .schedule import FlowResult

_OBJECTIVES = ("total_flow_time", "total_weighted_flow_time", "mean_flow_time", "max_flow_time")


def violations(jobs: Jobs, schedule: Any, **options: Any) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows (kind, subject, detail)."""
    for name in options:
        raise _validation.refuse(name, "has no meaning for a stream of jobs")
    if isinstance(schedule, FlowResult):
        if schedule.segments is None:
            raise _validation.refuse("schedule", "has no segments to judge: simulate with segments=True")
        segments: Any = {name: getattr(schedule.segments, name) for name in ("job", "server", "start", "end", "rate")}
        claim = {
            name: getattr(schedule, name) for name in ("completion_time", "servers", "preempt", "num_preemptions", *_OBJECTIVES)
        }
        claim["segments"] = segments
    elif isinstance(schedule, Mapping):
        claim = dict(schedule)
    else:
        raise _validation.refuse_type("schedule", "must be a FlowResult or a mapping", schedule)
    return _judge(jobs, claim)


def _judge(jobs: Jobs, claim: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...], str]]:
    for field in ("segments", "completion_time"):
        if claim.get(field) is None:
            raise _validation.refuse("schedule", f"has no '{field}'")
    segments = claim["segments"]
    if not isinstance(segments, Mapping):
        raise _validation.refuse_type("segments", "must be a mapping of columns", segments)
    for field in ("job", "server", "start", "end"):
        if field not in segments:
            raise _validation.refuse("segments", f"has no '{field}'")
    job = _validation.int_array(segments["job"], "segments.job")
    columns: dict[str, Any] = {"job": job, "server": _validation.int_array(segments["server"], "segments.server")}
    for field in ("start", "end", "rate"):
        given = segments.get(field, np.ones(job.size)) if field == "rate" else segments[field]
        columns[field] = _validation.float_array(given, f"segments.{field}", judge=False)
    for field, column in columns.items():
        if column.size != job.size:
            raise _validation.refuse(f"segments.{field}", f"has length {column.size}, expected {job.size}")
    servers = _validation.int_scalar(claim.get("servers", 1), "servers", minimum=1, maximum=2**32)
    preempt = _validation.word(claim.get("preempt", "anywhere"), "preempt")
    rows = _core.check_flow(jobs._native, servers, preempt, columns, _objectives(claim, jobs.num_jobs))
    preemptions = claim.get("num_preemptions")
    if preemptions is not None and _validation.int_scalar(preemptions, "num_preemptions") < 0:
        rows.append(("objective", (), f"num_preemptions is {preemptions}, a number of preemptions is at least 0"))
    return rows


def _objectives(claim: Mapping[str, Any], n: int) -> dict[str, Any]:
    """Claimed completion times and objectives by name; None for those that are not claimed."""
    objectives: dict[str, Any] = {}
    for name in ("completion_time", "flow_time"):
        value = claim.get(name)
        column = None if value is None else _validation.float_array(value, name, judge=False)
        if column is not None and column.size != n:
            raise _validation.refuse(name, f"has length {column.size}, expected {n}")
        objectives[name] = column
    for name in _OBJECTIVES:
        value = claim.get(name)
        objectives[name] = None if value is None else _validation.float_scalar(value, name, infinite=True)
    return objectives
