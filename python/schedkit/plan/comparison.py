"""Comparison of two schedules of a plan, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


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


def _shift(now: datetime | None, then: datetime | None) -> timedelta | None:
    """The time that has passed from one moment to another; of datetimes in one zone Python would subtract the clocks."""
    return None if now is None or then is None else now.astimezone(UTC) - then.astimezone(UTC)
