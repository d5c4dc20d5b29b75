"""Judgement of answers to an instance, in the terms of the benchmark."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ...checking import check
from ...errors import InvalidInputError
from ..problem import Project, core_of
from ..schedule import ProjectSchedule
from .instances import RampInstance

_KIND_OF = {
    "missing": "missing_task",
    "alternative": "missing_task",
    "duplicate": "duplicate",
    "unknown_id": "unknown_id",
    "mode": "bad_duration",
    "duration": "bad_duration",
    "precedence": "precedence",
    "lag": "precedence",
    "max_lag": "precedence",
    "capacity": "capacity",
    "stock": "capacity",
    "storage": "capacity",
    "downtime": "downtime",
    "release": "window_early",
    "before_now": "window_early",
    "deadline": "window_late",
    "disjunctive": "disjunctive_overlap",
}
"""The checker's kinds of violation in the benchmark's taxonomy; time starts at 0, so what starts earlier is early."""

KINDS = (*dict.fromkeys(_KIND_OF.values()), "parse_error")
"""All kinds of error."""

_FENCE = re.compile(r"```[a-zA-Z]*[ \t\r]*\n(.*?)```", re.DOTALL)
_WHO = ("activity", "task", "name", "id")


@dataclasses.dataclass(frozen=True, slots=True)
class RampError:
    """One error in an answer.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    subject : tuple of int
        The activities concerned, as in `schedkit.Violation`; empty for a ``parse_error``.
    detail : str
        In words.
    """

    kind: str
    subject: tuple[int, ...]
    detail: str


class _UnreadableError(Exception):
    """The answer is not a schedule; the message gives the reason."""


def judge(instance: RampInstance | Project, answer: Any) -> list[RampError]:
    """Lists the errors in an answer; an empty list means that it solves the instance.

    Parameters
    ----------
    instance : RampInstance or Project
    answer : str, bytes, mapping, list or ProjectSchedule
        JSON, alone or in a Markdown fence, or what JSON gives: ``[{"activity": ..., "start": ..., "end": ...}, ...]``, alone
        or under ``"activities"``, ``"tasks"`` or ``"schedule"``, with activities by name or index (``"task"``, ``"name"`` and
        ``"id"`` are understood as well); or ``{"start_time": [...], "completion_time": [...]}``. A claimed makespan is not
        looked at.

    Returns
    -------
    list of RampError
        By kind as in `KINDS`. An answer that cannot be read as a schedule has ``parse_error`` alone.

    Notes
    -----
    Never raises because of an answer, whatever it is. O(n log n R + m).

    Examples
    --------
    >>> import schedkit as sk
    >>> instance = sk.rcpsp.ramp.generate(20, 15)[11]
    >>> sk.rcpsp.ramp.judge(instance, instance.witness)
    []
    >>> [error.kind for error in sk.rcpsp.ramp.judge(instance, "I would start with task 3")]
    ['parse_error']
    >>> answer = instance.witness.to_dict()
    >>> answer["completion_time"][5] += 40
    >>> sk.rcpsp.ramp.judge(instance, answer)[0].kind
    'bad_duration'
    """
    project = instance.project if isinstance(instance, RampInstance) else instance
    core_of(project)
    try:
        violations = check(project, _claim(project, answer))
    except (_UnreadableError, InvalidInputError) as error:  # refused by the checker
        return [RampError("parse_error", (), str(error))]
    found = [RampError(_KIND_OF[v.kind], v.subject, v.detail) for v in violations]
    return sorted(found, key=lambda error: KINDS.index(error.kind))


def _claim(project: Project, answer: Any, depth: int = 0) -> dict[str, Any]:
    """Converts the answer to the form that the checker takes."""
    if isinstance(answer, ProjectSchedule):
        answer = {"start_time": answer.start_time.tolist(), "completion_time": answer.completion_time.tolist()}
    if answer is None:
        raise _UnreadableError("there is no answer")
    if isinstance(answer, (str, bytes, bytearray)):
        answer = _parse(answer)
    if isinstance(answer, Mapping):
        starts, ends = answer.get("start_time"), answer.get("completion_time")
        if isinstance(starts, (list, tuple)) and isinstance(ends, (list, tuple)):
            if len(starts) != len(ends):
                raise _UnreadableError(f"{len(starts)} start times and {len(ends)} completion times")
            entries: Any = [{"id": i, "start": a, "end": b} for i, (a, b) in enumerate(zip(starts, ends, strict=True))]
        else:
            entries = next((answer[key] for key in ("activities", "tasks", "schedule") if key in answer), None)
            if isinstance(entries, Mapping):
                if depth > 8:
                    raise _UnreadableError("nested too deeply")
                return _claim(project, entries, depth + 1)
            if entries is None:
                raise _UnreadableError("has none of 'activities', 'tasks', 'schedule', and no columns of times")
    else:
        entries = answer
    if not isinstance(entries, (list, tuple)):
        raise _UnreadableError(f"expected a list of tasks, found {_what(entries)}")
    return {"activities": [_entry(project, k, entry) for k, entry in enumerate(entries)]}


def _parse(text: str | bytes | bytearray) -> Any:
    try:
        plain = text if isinstance(text, str) else bytes(text).decode("utf-8-sig")
        fenced = _FENCE.search(plain)
        return json.loads(fenced.group(1) if fenced else plain)
    except RecursionError:
        raise _UnreadableError("not JSON: nested too deeply") from None
    except ValueError as error:  # not text, not JSON, endless digits
        raise _UnreadableError(f"not JSON: {error}") from None


def _entry(project: Project, k: int, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise _UnreadableError(f"entry {k} is no object but {_what(entry)}")
    who = next((entry[key] for key in _WHO if key in entry), None)
    if not isinstance(who, str):
        who = _integer(who, k, "activity")
    elif who not in (project.names or ()) and re.fullmatch("[0-9]{1,9}", who):
        who = int(who)
    return {"activity": who, "start": _integer(entry.get("start"), k, "start"), "end": _integer(entry.get("end"), k, "end")}


def _integer(value: Any, k: int, field: str) -> int:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _UnreadableError(f"entry {k}: '{field}' is no whole number but {_what(value)}")
    if not -(2**62) <= value <= 2**62:
        raise _UnreadableError(f"entry {k}: '{field}' is beyond all times")
    return value


def _what(value: Any) -> str:
    """Describes a value; only plain values are shown, because others may be long or fail to be shown."""
    known = {type(None): "nothing", dict: "an object", list: "a list"}.get(type(value))
    if known is None and type(value) in (str, float, bool):
        known = f"{type(value).__name__} {str(value)[:40]!r}"
    return known or type(value).__name__
