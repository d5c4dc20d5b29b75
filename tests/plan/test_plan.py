"""The object `Plan`: what it takes, what it refuses and how, and that it is a value."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import schedkit as sk
from hypothesis import given
from hypothesis import strategies as st

START = "2026-03-25"
DIG: dict[str, Any] = {"name": "dig", "duration": "4h"}
POUR: dict[str, Any] = {"name": "pour", "duration": "1d"}


def plan(*activities: dict[str, Any], **keys: Any) -> sk.plan.Plan:
    return sk.plan.Plan(**{"start": START, "activities": list(activities), **keys})


def test_defaults() -> None:
    empty = sk.plan.Plan(start=START)
    assert (empty.name, empty.timezone, empty.calendar, empty.tick, empty.now) == ("plan", "UTC", "standard", None, None)
    assert (empty.hours_per_day, empty.days_per_week, empty.calendars, empty.resources, empty.activities) == (8, 5, (), (), ())
    (dig,) = plan(DIG).activities
    assert dig == sk.plan.Activity("dig", timedelta(hours=4))
    assert (dig.pausable, dig.weight, dict(dig.resources), dig.predecessors, dig.calendar) == (True, 1, {}, (), None)


def test_dates_in_other_forms_are_equal() -> None:
    forms = ["2026-03-25", date(2026, 3, 25), datetime(2026, 3, 25), pd.Timestamp("2026-03-25"), "2026-03-24T23:00Z"]
    plans = [plan(DIG, start=form, timezone="Europe/Berlin") for form in forms]
    assert all(found == plans[0] for found in plans)
    assert type(plans[3].start) is datetime
    assert plan(DIG, timezone="Europe/Berlin") != plan(DIG)


def test_numbers_of_numpy_are_taken() -> None:
    crew = {"name": "crew", "capacity": np.int64(3)}
    found = plan(
        {**DIG, "duration": np.float64(1.5), "resources": {"crew": np.int32(2)}, "weight": np.float64(2)}, resources=[crew]
    )
    assert found == plan(
        {**DIG, "duration": "90m", "resources": "crew[2]", "weight": 2}, resources=[{"name": "crew", "capacity": 3}]
    )
    assert type(found.activities[0].weight) is int


def test_plans_that_differ_are_not_equal() -> None:
    base = plan(DIG, POUR)
    others = [
        plan(POUR, DIG), plan(DIG, {**POUR, "pausable": False}), plan(DIG, POUR, name="x"), plan(DIG, POUR, tick="1h"),
        plan(DIG, {**POUR, "predecessors": "dig"}), plan(DIG, POUR, now="2026-03-26"), plan(DIG, POUR, hours_per_day=7),
        plan(DIG, {**POUR, "deadline": "2026-10-25 02:30+01:00"}, timezone="Europe/Berlin"),
        plan(DIG, {**POUR, "deadline": "2026-10-25 02:30+02:00"}, timezone="Europe/Berlin"),
    ]  # fmt: skip
    assert all(a != b for k, a in enumerate([base, *others]) for b in others[k:])
    assert base != 5


def test_a_plan_does_not_change() -> None:
    found = plan({**DIG, "resources": "crew"}, resources=[{"name": "crew"}], calendars=[{"name": "c"}])
    with pytest.raises(AttributeError, match="a Plan is immutable"):
        found.name = "x"
    with pytest.raises(AttributeError):
        found.activities[0].name = "x"  # type: ignore[misc]
    for mapping in (found.activities[0].resources, found.calendars[0].exceptions):
        with pytest.raises(TypeError):
            mapping["x"] = 1  # type: ignore[index]


def test_what_was_given_may_change_afterwards() -> None:
    held = {"crew": 1}
    activities = [{**DIG, "resources": held}]
    found = sk.plan.Plan(start=START, activities=activities, resources=[{"name": "crew", "capacity": 2}])
    held["crew"] = 2
    activities.append(POUR)
    assert dict(found.activities[0].resources) == {"crew": 1}
    assert len(found.activities) == 1


def test_hours_that_are_redefined() -> None:
    found = plan(DIG, calendars=[{"name": "standard", "weekly": {"mon": "8-12"}}])
    assert found.calendars[0].weekly[0] == ((28800, 43200),)
    assert found != plan(DIG)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"start": None}, "start: is required: a plan starts at a date such as 2026-03-25"),
        ({"start": "soon"}, "start = 'soon': expected a date such as 2026-03-25 or 2026-03-25 10:00"),
        ({"foo": 1},
        "unknown key 'foo' of a plan, expected some of name, start, timezone, calendar, tick, now, hours_per_day"),
        ({"name": ""}, "name = '': must not be empty"),
        ({"name": "a\nb"}, "holds the character U+000A"),
        ({"name": "\ud800"}, "holds the character U+D800"),
        ({"name": "x" * 1001}, "has more than 1000 characters"),
        ({"timezone": "Europe/Berln"},
        "is no time zone, expected a name such as Europe/Berlin or UTC; is it 'Europe/Berlin'?"),
        ({"timezone": "../../etc/passwd"}, "is no time zone"),
        ({"timezone": 2}, "timezone = 2: must be the name of a time zone"),
        ({"calendar": "nights"}, "calendar = 'nights': there is no such calendar, expected one of always, standard"),
        ({"hours_per_day": 0}, "hours_per_day = 0: must be > 0 and <= 24"),
        ({"hours_per_day": "eight"}, "hours_per_day = 'eight': is not a number"),
        ({"days_per_week": 1000}, "days_per_week = 1000: must be > 0"),
        ({"hours_per_day": 7.3333}, "hours_per_day = 7.3333: a day and a week must have a whole number of seconds"),
        ({"hours_per_day": 1e-9}, "hours_per_day = 1e-09: a day and a week must have a whole number of seconds"),
        ({"days_per_week": 4.56789}, "days_per_week = 4.56789: a day and a week must have a whole number of seconds"),
        ({"tick": "soon"}, "tick = 'soon': expected a duration"),
        ({"activities": "dig"}, "activities = 'dig': must be a list"),
        ({"activities": [5]}, "activities[0] = 5: must be a mapping of keys to values"),
        ({"activities": [{"duration": 1}]}, "activities[0]: must have a name"),
        ({"activities": [{"name": 5, "duration": 1}]}, "activities[0].name = 5: must be a text"),
        ({"activities": [{"name": "a;b", "duration": 1}]}, "must not hold a semicolon"),
        ({"activities": [{"name": "[Resources]", "duration": 1}]}, "would begin a table in a CSV file"),
        ({"activities": [DIG, DIG]}, "activities[1] (activity 'dig'): the name is given more than once"),
        ({"activities": [{"name": "dig"}]},
        "activities[0] (activity 'dig'): a duration is required, such as 4h or 2d; 0 is a milestone"),
        ({"activities": [{**DIG, "duration": "4x"}]},
        "activities[0].duration = '4x' (activity 'dig'): expected a duration such as 90m"),
        ({"activities": [{**DIG, "duration": True}]}, "activities[0].duration = True (activity 'dig'): expected a duration"),
        ({"activities": [{**DIG, "duration": "1ed"}]}, "is elapsed time; durations are working time"),
        ({"activities": [{**DIG, "colour": 1}]},
        "activities[0] (activity 'dig'): unknown key 'colour' of an activity, expected some of"),
        ({"activities": [{**DIG, "predecessors": "dag"}]}, "there is no activity 'dag'; is it 'dig'?"),
        ({"activities": [{**DIG, "resources": "crew"}]},
        "activities[0].resources = 'crew' (activity 'dig'): there is no resource 'crew'"),
        ({"activities": [{**DIG, "calendar": "night"}]},
        "activities[0].calendar = 'night' (activity 'dig'): there is no such calendar"),
        ({"activities": [{**DIG, "pausable": None, "weight": "heavy"}]},
        "activities[0].weight = 'heavy' (activity 'dig'): is not a number"),
        ({"activities": [{**DIG, "pausable": 2}]}, "expected yes or no"),
        ({"activities": [{**DIG, "weight": float("nan")}]}, "must be finite"),
        ({"activities": [{**DIG, "release": datetime(2026, 3, 29, 2, 30)}], "timezone": "Europe/Berlin"},
        "release = 2026-03-29 02:30:00 (activity 'dig'): does not exist: clocks jump over it in Europe/Berlin"),
        ({"resources": [{"name": "crew", "capacity": 1.5}]},
        "resources[0].capacity = 1.5 (resource 'crew'): must be a whole number"),
        ({"resources": [{"name": "crew", "capacity": 2**60}]}, "must be a whole number"),
        ({"resources": [{"name": "crew", "capacity": -1}]}, "must not be negative"),
        ({"resources": [{"name": "crew", "outages": 5}]}, "resources[0].outages = 5 (resource 'crew'): must be a list"),
        ({"resources": [{"name": "crew", "outages": [5]}]},
        "resources[0].outages[0] = 5 (resource 'crew'): must be a mapping"),
        ({"resources": [{"name": "crew", "outages": [{"from": START}]}]},
        "resources[0].outages[0] (resource 'crew'): an outage has a to"),
        ({"resources": [{"name": "crew", "outages": [{"from": START, "to": "2026-03-24"}]}]}, "ends no later than it begins"),
        ({"resources": [{"name": "crew", "outages": [{"from": START, "to": START, "capacity": 2}]}]}, "must be <= 1"),
        ({"calendars": [{"name": "c", "weekly": 5}]}, "calendars[0].weekly = 5 (calendar 'c'): must map days to hours"),
        ({"calendars": [{"name": "c", "weekly": {"mon": "8-25"}}]},
        "calendars[0].weekly['mon'] = '8-25' (calendar 'c'): is no time of day"),
        ({"calendars": [{"name": "c", "weekly": {"mon-fri": "8-9", "Fri": "8-9"}}]},
        "(calendar 'c'): fri is given more than once"),
        ({"calendars": [{"name": "c", "weekly": {START: "8-9"}}]}, "expected days of the week"),
        ({"calendars": [{"name": "c", "exceptions": {"mon": "8-9"}}]}, "expected dates"),
        ({"calendars": [{"name": "c", "holidays": []}]},
        "unknown key 'holidays' of a calendar, expected some of name, weekly, exceptions"),
    ],
)  # fmt: skip
def test_messages(keys: dict[str, Any], message: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.plan.Plan(**{"start": START, **keys})
    assert message in str(caught.value)


def test_types_and_places_of_errors() -> None:
    with pytest.raises(sk.InputTypeError) as wrong_type:
        plan(DIG, {**POUR, "duration": None, "predecessors": 5, "percent": []} | {"duration": []})
    assert (wrong_type.value.field, wrong_type.value.index, wrong_type.value.value) == ("duration", 1, [])
    with pytest.raises(sk.CycleError) as cycle:
        plan(
            {**DIG, "predecessors": "pour SS"},
            {**POUR, "predecessors": "end"},
            {"name": "end", "duration": 0, "predecessors": "dig"},
        )
    assert cycle.value.cycle in ([0, 2, 1], [1, 0, 2], [2, 1, 0])
    assert "wait for each other: dig -> end -> pour -> dig" in str(cycle.value)


def test_demand_above_capacity_is_refused_where_work_takes_time() -> None:
    crew = [{"name": "crew", "capacity": 2}]
    with pytest.raises(sk.InvalidInputError, match=r"'dig'.*: needs 3 of 'crew', which has 2"):
        plan({**DIG, "resources": "crew[3]"}, resources=crew)
    assert plan({**DIG, "duration": 0, "resources": "crew[3]"}, resources=crew).activities[0].resources["crew"] == 3


_WORDS = st.sampled_from(["dig", "4h", START, "mon", "8-12"])
_NAMES = st.text(max_size=5) | st.sampled_from(["name", "duration", "from", "to", "mon"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
_KEYS = (
    "name",
    "start",
    "timezone",
    "calendar",
    "tick",
    "now",
    "hours_per_day",
    "days_per_week",
    "calendars",
    "resources",
    "activities",
)


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON), st.dictionaries(st.sampled_from([*sk.plan.Activity.__slots__]), _JSON))
def test_anything_else_gives_errors_of_the_library(keys: dict[str, Any], activity: dict[str, Any]) -> None:
    for content in (
        keys,
        {"start": START, **keys},
        {"start": START, "activities": [DIG | activity], "resources": [{"name": "dig"}]},
    ):
        try:
            found = sk.plan.Plan(**content)
        except sk.SchedkitError:
            continue
        assert sk.plan.Plan(**{name: getattr(found, name) for name in _KEYS}) == found


def test_what_an_import_loads() -> None:
    code = (
        "import sys, schedkit; assert 'schedkit.plan' not in sys.modules; assert 'plan' in dir(schedkit); schedkit.plan.read;"
        "print(sorted({'openpyxl', 'pandas', 'matplotlib', 'ortools', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_short_repr() -> None:
    text = repr(plan(*({"name": str(k), "duration": 1} for k in range(1000))))
    assert text == "Plan('plan', activities=1000, resources=0, start='2026-03-25')"


def test_a_thousand_activities_are_quick() -> None:
    """Not a measurement: quadratic work would take minutes."""
    names = [f"activity {k} SS" for k in range(5000)]
    activities = [
        {"name": name, "duration": "1d", "predecessors": f"{names[k - 1]} FS+1d" if k else ""} for k, name in enumerate(names)
    ]
    found = sk.plan.Plan(start=START, activities=activities)
    assert found == sk.plan.Plan(**{name: getattr(found, name) for name in _KEYS})


@pytest.mark.parametrize("field", ["duration", "remaining", "weight", "percent"])
def test_huge_integers_are_refused_by_name(field: str) -> None:
    activity = {"name": "a", "duration": 1, field: 10**400}
    with pytest.raises(sk.InvalidInputError, match=rf"activities\[0\]\.{field} .*is too large"):
        sk.plan.Plan(start="2026-03-25", activities=[activity])


def test_durations_of_thousands_of_digits_are_refused() -> None:
    with pytest.raises(sk.InvalidInputError, match=r"activities\[0\]\.duration"):
        sk.plan.Plan(start="2026-03-25", activities=[{"name": "a", "duration": "9" * 5000}])


@pytest.mark.parametrize("method", ["solve", "explain", "update"])
def test_wrong_arguments_are_errors_of_the_public_class(method: str) -> None:
    plan: Any = sk.plan.Plan(start="2026-03-23")
    with pytest.raises(TypeError, match=rf"^Plan\.{method}\(\) got an unexpected keyword argument 'fast'"):
        getattr(plan, method)(fast=True)
    public = getattr(sk.plan.Plan, method)
    assert pickle.loads(pickle.dumps(public)) is public
