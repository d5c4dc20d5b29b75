"""Plans are what they were after they have been written and read: exactly in CSV, XLSX and JSON, as documented in XML."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import random
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings

from . import meaning
from .strategies import keys

PLANS = int(os.environ.get("SCHEDKIT_EXAMPLES", "150"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_plans_are_read_as_they_were_written(folder: Path) -> None:
    @settings(max_examples=PLANS)
    @given(keys())
    def judge(content: dict[str, Any]) -> None:
        plan = sk.plan.Plan(**content)
        for suffix in ("csv", "xlsx", "json"):
            plan.write(folder / f"plan.{suffix}")
            found = sk.plan.read(folder / f"plan.{suffix}")
            assert found == plan, suffix
            assert found.activities == plan.activities, suffix
        plan.write(folder / "plan.xml")
        require_same_meaning(sk.plan.read(folder / "plan.xml", timezone=plan.timezone), plan)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tables without rows, and what XML does not hold, have tests of their own
        judge()


@given(keys())
def test_a_plan_is_a_value(content: dict[str, Any]) -> None:
    plan = sk.plan.Plan(**content)
    data = plan.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert (data.pop("schedkit"), data.pop("schema_version")) == ("plan", 1)
    for other in (
        sk.plan.Plan(**data),
        sk.plan.Plan(**{name: getattr(plan, name) for name in data}),
        pickle.loads(pickle.dumps(plan)),
        copy.deepcopy(plan),
    ):
        assert other == plan
        assert hash(other) == hash(plan)
    assert pickle.loads(pickle.dumps(plan.activities)) == plan.activities
    assert pickle.loads(pickle.dumps(plan.calendars)) == plan.calendars


def require_same_meaning(found: sk.plan.Plan, plan: sk.plan.Plan) -> None:
    """What the page on files promises for XML; clock times that occur twice are the first ones."""
    assert (found.name, meaning.naive(found.start)) == (plan.name, meaning.naive(plan.start))
    assert (found.now and meaning.naive(found.now)) == (plan.now and meaning.naive(plan.now))
    assert (found.hours_per_day, found.days_per_week) == (plan.hours_per_day, plan.days_per_week)
    assert [a.name for a in found.activities] == [a.name for a in plan.activities]
    assert [(r.name, r.capacity) for r in found.resources] == [(r.name, r.capacity) for r in plan.resources]
    for mine, its in zip(found.activities, plan.activities, strict=True):
        for column in ("duration", "predecessors", "resources"):
            assert getattr(mine, column) == getattr(its, column), column
        for column in ("release", "deadline", "due", "actual_start", "actual_end"):
            dates = [getattr(activity, column) for activity in (mine, its)]
            clocks = [None if when is None else meaning.naive(when) for when in dates]
            assert clocks[0] == clocks[1], column
        whole_percent = float(its.percent or 0).is_integer() and its.remaining is None
        assert meaning.left(mine) == (meaning.left(its) if whole_percent else math.ceil(meaning.left(its)))
        assert (mine.calendar is None) == (its.calendar is None)
    moments = meaning.moments(plan)
    for clock in random.Random(0).sample(moments, 40):
        assert meaning.is_open(found, found.calendar, clock) == meaning.is_open(plan, plan.calendar, clock)
        for crew, same in zip(found.resources, plan.resources, strict=True):
            assert meaning.units(found, crew, clock) == meaning.units(plan, same, clock), (same.name, clock)
        for mine, its in zip(found.activities, plan.activities, strict=True):
            if mine.calendar is not None and its.calendar is not None:
                assert meaning.is_open(found, mine.calendar, clock) == meaning.is_open(plan, its.calendar, clock)


def test_texts_of_every_suffix_are_utf_8(folder: Path) -> None:
    plan = sk.plan.Plan(start="2026-03-25", name="Brücke Ü", activities=[{"name": "Gründung", "duration": "2d"}])
    for suffix in ("csv", "json", "xml"):
        path = folder / f"text.{suffix}"
        plan.write(path)
        assert "Gründung" in path.read_bytes().decode()
    plan.write(folder / "TEXT.XLSX")
    assert sk.plan.read(folder / "TEXT.XLSX") == plan
    with pytest.raises(sk.InvalidInputError, match=r"expected one of \.csv, \.xlsx, \.json, \.xml"):
        plan.write(folder / "plan.mpp")
