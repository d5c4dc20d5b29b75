"""Comparison of two schedules of a plan, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import _validation
from .._text import printable
from ._refusal import listed


def shifts(table: Iterable[Mapping[str, Any]], baseline: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What has moved between a baseline and a table, both rows with ``name``, ``start`` and ``end``.

    Returns
    -------
    list of dict
        ``name start end baseline_start baseline_end start_shift end_shift`` in the order of the table, followed by what the
        baseline alone has. Shifts are elapsed time, positive if later; None where one side has no date.
    """
    before = {row["name"]: row for row in baseline}
    after = {row["name"]: row for row in table}
    found = []
    for name in dict.fromkeys([*after, *before]):
        now, then = after.get(name, {}), before.get(name, {})
        dates = {key: now.get(key) for key in ("start", "end")} | {f"baseline_{key}": then.get(key) for key in ("start", "end")}
        moved = {f"{key}_shift": _shift(dates[key], dates[f"baseline_{key}"]) for key in ("start", "end")}
        found.append({"name": name, **dates, **moved})
    return found


def require_common(names: Collection[str], baseline: Collection[Mapping[str, Any]], place: str = "baseline") -> None:
    """Refuses a baseline that has activities, but none of those of a plan.

    Parameters
    ----------
    names : list of str
        The activities of the plan.
    baseline : list of dict
        Rows with ``name``.
    place : str, default "baseline"
        The argument, or the file, that holds the baseline.

    Raises
    ------
    InvalidInputError
    """
    others = [row["name"] for row in baseline]
    if names and others and not set(names) & set(others):
        has, plan = (listed(map(repr, some), 3) for some in (others, names))
        raise _validation.refuse(place, printable(f"is a schedule of {has}, and the plan has none of them, but {plan}"))


def rows_of(baseline: Any) -> list[dict[str, Any]]:
    """The rows of a baseline that is given as a table.

    Raises
    ------
    InputTypeError, InvalidInputError
        No list of mappings with ``name``, ``start`` and ``end``, dates without an offset.
    """
    if isinstance(baseline, (str, bytes, Mapping)) or not isinstance(baseline, Iterable):
        raise _validation.refuse_type("baseline", "must be the result of Plan.solve, or its table", baseline)
    found = []
    for k, row in enumerate(baseline):
        if not isinstance(row, Mapping):
            raise _validation.refuse_type(f"baseline[{k}]", "must be a mapping with name, start and end", row)
        for key in ("name", "start", "end"):
            if key not in row:
                raise _validation.refuse(f"baseline[{k}]", f"has no {key!r}")
            when = row[key]
            if key != "name" and when is not None:
                if not isinstance(when, datetime):
                    raise _validation.refuse_type(f"baseline[{k}].{key}", "must be a datetime", when)
                if when.utcoffset() is None:
                    raise _validation.refuse(f"baseline[{k}].{key}", "has no time zone", value=when)
        found.append(dict(row))
    return found


def _shift(now: datetime | None, then: datetime | None) -> timedelta | None:
    """The time that has passed from one moment to another; of datetimes in one zone Python would subtract the clocks."""
    return None if now is None or then is None else now.astimezone(UTC) - then.astimezone(UTC)
