"""Constraints of projects on their way in and out: each bad value gives its documented error, each good one survives files."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import HealthCheck, given, settings

from tests.rcpsp import constrained

INVALID, TYPE = sk.InvalidInputError, sk.InputTypeError
NAN, INF = float("nan"), float("inf")
CALENDAR = sk.rcpsp.Calendar([0, 4], [1, 0])


def project(**extra: Any) -> sk.rcpsp.Project:
    """Three activities in a chain on two resources, with one more argument."""
    names: dict[str, Any] = {"names": ["dig", "pour", "paint"], "resource_names": ["crew", "crane"]}
    return sk.rcpsp.Project([2, 3, 1], [[1, 0], [2, 1], [0, 1]], [2, 1], precedence=[[0, 1], [1, 2]], **names, **extra)


def calendar(*arguments: Any) -> Callable[[], sk.rcpsp.Calendar]:
    return lambda: sk.rcpsp.Calendar(*arguments)


def of(**extra: Any) -> Callable[[], sk.rcpsp.Project]:
    return lambda: project(**extra)


BAD: dict[str, tuple[Callable[[], Any], type[sk.SchedkitError], str, Any, str]] = {
    "lag: sum of leads": (of(lag=[-(2**53), -1]), INVALID, "lag", 1, "2**53"),
    "lag: the least integer": (of(lag=[0, -(2**63)]), INVALID, "lag", 1, "2**53"),
    "relation: unknown": (of(relation=["FS", "fs"]), INVALID, "relation", 1, "expected 'FS', 'SS', 'FF' or 'SF'"),
    "relation: too few": (of(relation=["SS"]), INVALID, "relation", None, "length 1, expected 2"),
    "relation: number": (of(relation=["SS", 1]), TYPE, "relation", 1, "int"),
    "relation: None inside": (of(relation=["SS", None]), TYPE, "relation", 1, "None"),
    "relation: word": (of(relation="SS"), TYPE, "relation", None, "str"),
    "lag: too few": (of(lag=[1]), INVALID, "lag", None, "length 1, expected 2"),
    "lag: NaN": (of(lag=[NAN, 0]), INVALID, "lag", 0, "finite"),
    "lag: fraction": (of(lag=[0.5, 0]), INVALID, "lag", 0, "whole"),
    "lag: bool": (of(lag=[True, 0]), TYPE, "lag", 0, "bool"),
    "lag: None without a maximum": (of(lag=[None, 0]), INVALID, "lag", 0, "needs a max_lag"),
    "lag: word": (of(lag="no"), TYPE, "lag", None, "str"),
    "lag: sum": (of(lag=[2**53, 1]), INVALID, "lag", 1, "2**53"),
    "lag: beyond 64 bits": (of(lag=[2**63, 1]), INVALID, "lag", 0, "64"),
    "release_time: negative": (of(release_time=[0, 0, -2]), INVALID, "release_time", 2, "paint"),
    "release_time: too many": (of(release_time=[0] * 4), INVALID, "release_time", None, "length 4"),
    "release_time: NaN": (of(release_time=[NAN, 0, 0]), INVALID, "release_time", 0, "finite"),
    "release_time: fraction": (of(release_time=[0, 1.5, 0]), INVALID, "release_time", 1, "whole"),
    "release_time: word": (of(release_time=[0, "1", 0]), TYPE, "release_time", 1, "str"),
    "release_time: sum": (of(release_time=[2**53, 0, 0]), INVALID, "release_time", 0, "2**53"),
    "release_time: matrix": (of(release_time=[[0, 0, 0]]), INVALID, "release_time", None, "dimensions"),
    "deadline: negative": (of(deadline=[-1, 5, 5]), INVALID, "deadline", 0, "dig"),
    "deadline: -inf": (of(deadline=[-INF, 5, 5]), INVALID, "deadline", 0, "must not be minus infinity"),
    "deadline: NaN": (of(deadline=[5, NAN, 5]), INVALID, "deadline", 1, "must not be NaN"),
    "deadline: fraction": (of(deadline=[5, 5, 6.5]), INVALID, "deadline", 2, "whole"),
    "deadline: bool": (of(deadline=[5, 5, True]), TYPE, "deadline", 2, "bool"),
    "deadline: beyond 2**53": (of(deadline=[5, 5, 2**53 + 1]), INVALID, "deadline", 2, "2**53"),
    "deadline: too few": (of(deadline=[]), INVALID, "deadline", None, "length 0"),
    "calendars: list": (of(calendars=[CALENDAR]), TYPE, "calendars", None, "list"),
    "calendars: unknown name": (of(calendars={"crow": CALENDAR}), INVALID, "calendars", None, "unknown"),
    "calendars: unknown index": (of(calendars={2: CALENDAR}), INVALID, "calendars", None, "unknown"),
    "calendars: negative index": (of(calendars={-1: CALENDAR}), INVALID, "calendars", None, "unknown"),
    "calendars: bool index": (of(calendars={True: CALENDAR}), TYPE, "calendars", None, "bool"),
    "calendars: twice": (of(calendars={0: CALENDAR, "crew": CALENDAR}), INVALID, "calendars", 0, "more than once"),
    "calendars: no calendar": (of(calendars={0: [1, 2]}), TYPE, "calendars", 0, "Calendar"),
    "calendars: None": (of(calendars={0: None}), TYPE, "calendars", 0, "None"),
    "calendars: above capacity": (
        of(calendars={1: sk.rcpsp.Calendar([0], [2])}),
        INVALID,
        "calendars[1].capacity",
        0,
        "exceeds",
    ),
    "pausable: number": (of(pausable=[0, 2, 0]), INVALID, "pausable", 1, "True or False"),
    "pausable: fraction": (of(pausable=[0, 0.5, 0]), TYPE, "pausable", 1, "float"),
    "pausable: matrix": (of(pausable=np.zeros((3, 1), bool)), INVALID, "pausable", None, "dimensions"),
    "pausable: word": (of(pausable="yes"), TYPE, "pausable", None, "str"),
    "pausable: too few": (of(pausable=[True]), INVALID, "pausable", None, "length 1"),
    "pausable: None inside": (of(pausable=[True, None, True]), TYPE, "pausable", 1, "None"),
    "disjunctive: unknown": (of(disjunctive=[[0, 3]]), INVALID, "disjunctive", (0, 1), "unknown"),
    "disjunctive: negative": (of(disjunctive=[[0, 1], [-1, 1]]), INVALID, "disjunctive", (1, 0), "unknown"),
    "disjunctive: twice": (of(disjunctive=[[1, 1]]), INVALID, "disjunctive", (0, 1), "twice"),
    "disjunctive: alone": (of(disjunctive=[[1]]), INVALID, "disjunctive", 0, "two"),
    "disjunctive: empty": (of(disjunctive=[[]]), INVALID, "disjunctive", 0, "two"),
    "disjunctive: flat": (of(disjunctive=[0, 1]), TYPE, "disjunctive[0]", None, "int"),
    "disjunctive: word": (of(disjunctive="01"), TYPE, "disjunctive", None, "str"),
    "disjunctive: mapping": (of(disjunctive={0: 1}), TYPE, "disjunctive", None, "dict"),
    "disjunctive: fraction": (of(disjunctive=[[0, 1.5]]), INVALID, "disjunctive[0]", 1, "whole"),
    "calendar: lengths": (calendar([0, 1], [1]), INVALID, "capacity", None, "length 1"),
    "calendar: order": (calendar([3, 1], [1, 1]), INVALID, "time", 1, "later"),
    "calendar: twice": (calendar([3, 3], [1, 1]), INVALID, "time", 1, "later"),
    "calendar: negative": (calendar([3], [-1]), INVALID, "capacity", 0, ">= 0"),
    "calendar: NaN": (calendar([NAN], [1]), INVALID, "time", 0, "finite"),
    "calendar: far": (calendar([2**62], [1]), INVALID, "time", 0, "2**53"),
    "calendar: word": (calendar("x", [1]), TYPE, "time", None, "str"),
    "calendar: period 0": (calendar([0], [1], 0), INVALID, "period", None, "between"),
    "calendar: negative period": (calendar([0], [1], -7), INVALID, "period", None, "between"),
    "calendar: short period": (calendar([0, 7], [1, 0], 7), INVALID, "period", None, "exceed"),
    "calendar: fractional period": (calendar([0], [1], 7.5), INVALID, "period", None, "whole"),
    "calendar: period bool": (calendar([0], [1], True), TYPE, "period", None, "bool"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    call, error, field, index, words = BAD[name]
    with pytest.raises(error) as caught:
        call()
    assert (caught.value.field, caught.value.index) == (field, index)  # type: ignore[attr-defined]
    assert words in str(caught.value)


# --- files

FULL: dict[str, Any] = {
    "relation": ["SS", "FF"],
    "lag": [-1, 4],
    "release_time": [0, 8, 0],
    "deadline": [None, 40, None],
    "calendars": {"crew": [sk.rcpsp.Calendar([8, 16], [2, 0], 24), sk.rcpsp.Calendar([100], [1])], 1: CALENDAR},
    "pausable": [True, False, False],
    "disjunctive": [[2, 0], [0, 1, 2]],
}


def written(thing: sk.rcpsp.Project, folder: Path) -> dict[str, Any]:
    sk.rcpsp.write(thing, folder / "project.json")
    content: dict[str, Any] = json.loads((folder / "project.json").read_text())
    return content


def test_a_file_holds_every_constraint_in_names(tmp_path: Path) -> None:
    content = written(project(**FULL), tmp_path)
    assert content["schema_version"] == 2
    assert content["resources"][0]["calendars"] == [
        {"time": [8, 16], "capacity": [2, 0], "period": 24},
        {"time": [100], "capacity": [1]},
    ]
    dig, pour, paint = content["activities"]
    assert (dig["pausable"], pour["release_time"], pour["deadline"], paint["lag"]) == (True, 8, 40, {"pour": 4})
    assert (pour["relation"], pour["lag"], paint["relation"]) == ({"dig": "SS"}, {"dig": -1}, {"pour": "FF"})
    assert not {"release_time", "deadline", "relation", "lag"} & dig.keys()
    assert content["disjunctive"] == [["paint", "dig"], ["dig", "pour", "paint"]]
    assert sk.rcpsp.read(tmp_path / "project.json") == project(**FULL)
    assert pickle.loads(pickle.dumps(project(**FULL))) == project(**FULL)


@pytest.mark.parametrize("name", FULL)
def test_each_constraint_survives_alone_and_needs_version_2(name: str, tmp_path: Path) -> None:
    alone = project(**{name: FULL[name]})
    content = written(alone, tmp_path)
    assert content["schema_version"] == 2
    assert sk.rcpsp.read(tmp_path / "project.json") == alone
    (tmp_path / "old.json").write_text(json.dumps({**content, "schema_version": 1}))
    with pytest.raises(sk.FormatError, match=f"'{name}' needs schema_version 2"):
        sk.rcpsp.read(tmp_path / "old.json")


def test_projects_without_constraints_stay_readable_for_older_readers(tmp_path: Path) -> None:
    assert written(project(), tmp_path)["schema_version"] == 1
    assert (
        written(project(lag=[0, 0], release_time=[0] * 3, deadline=[None] * 3, calendars={}), tmp_path)["schema_version"] == 1
    )


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(constrained.projects())
def test_random_projects_survive(tmp_path: Path, thing: sk.rcpsp.Project) -> None:
    written(thing, tmp_path)
    back = sk.rcpsp.read(tmp_path / "project.json")
    for column in ("duration", "demand", "capacity", "release_time", "deadline", "pausable"):
        np.testing.assert_array_equal(getattr(back, column), getattr(thing, column))
    assert (back.calendars, back.disjunctive) == (thing.calendars, thing.disjunctive)
    edges = [sorted(zip(p.precedence.tolist(), p.relation, p.lag.tolist(), strict=True)) for p in (back, thing)]
    assert edges[0] == edges[1]


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "lag to a stranger": (lambda c: c["activities"][1]["lag"].update(paint=1), "lag to 'paint', which is no predecessor"),
    "long lead": (
        lambda c: c["activities"][2]["lag"].update(pour=-(2**60)),
        "activity 'paint': lag after activity 'pour' = -1",
    ),
    "unknown relation": (
        lambda c: c["activities"][2]["relation"].update(pour="XX"),
        'activity \'paint\': relation \'pour\': expected "FS", "SS", "FF" or "SF", found',
    ),
    "relation to a stranger": (
        lambda c: c["activities"][1]["relation"].update(paint="SS"),
        "relation to 'paint', which is no predecessor",
    ),
    "several relations": (
        lambda c: c["activities"][1]["relation"].update(dig=["SS", "FF"]),
        "activity 'pour' has 2 values of relation to 'dig', expected 1",
    ),
    "lag as a number": (lambda c: c["activities"][2].update(lag=4), "expected an object from predecessors to lags"),
    "fractional deadline": (lambda c: c["activities"][1].update(deadline=1.5), "1.5"),
    "deadline beyond 2**53": (lambda c: c["activities"][1].update(deadline=2**60), "2**53"),
    "negative release": (lambda c: c["activities"][1].update(release_time=-1), "activity 'pour': release_time = -1"),
    "pausable in a word": (lambda c: c["activities"][1].update(pausable="yes"), "expected true or false"),
    "calendar out of order": (
        lambda c: c["resources"][0]["calendars"][0].update(time=[16, 8]),
        "resource 'crew': a calendar: time[1] = 8",
    ),
    "calendar of two lengths": (
        lambda c: c["resources"][0]["calendars"][0].update(time=[8]),
        "resource 'crew': a calendar: capacity",
    ),
    "calendar above capacity": (lambda c: c["resources"][0]["calendars"][1].update(capacity=[3]), "exceeds the capacity 2"),
    "calendar with a typing error": (lambda c: c["resources"][0]["calendars"][1].update(perriod=3), "perriod"),
    "unknown in a group": (lambda c: c["disjunctive"][1].append("dog"), "disjunctive[1] names the unknown activity 'dog'"),
    "alone in a group": (lambda c: c["disjunctive"].append(["dig"]), "a group needs two activities"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_file_is_refused(name: str, tmp_path: Path) -> None:
    content = copy.deepcopy(written(project(**FULL), tmp_path))
    content["activities"][1].setdefault("lag", {})
    SPOILT[name][0](content)
    (tmp_path / "spoilt.json").write_text(json.dumps(content))
    with pytest.raises(sk.FormatError) as caught:
        sk.rcpsp.read(tmp_path / "spoilt.json")
    assert SPOILT[name][1] in str(caught.value)


def test_a_ladder_has_lists_of_relations_and_lags(tmp_path: Path) -> None:
    ladder = sk.rcpsp.Project(
        [4, 3],
        [[], []],
        [],
        precedence=[(0, 1), (0, 1)],
        relation=["FF", "SS"],
        lag=[2, -1],
        names=["dig", "pour"],
        resource_names=[],
    )
    pour = written(ladder, tmp_path)["activities"][1]
    assert (pour["predecessors"], pour["relation"], pour["lag"]) == (["dig"] * 2, {"dig": ["FF", "SS"]}, {"dig": [2, -1]})
    assert sk.rcpsp.read(tmp_path / "project.json") == ladder
    turned = sk.rcpsp.Project(
        [4, 3],
        [[], []],
        [],
        precedence=[(0, 1), (0, 1)],
        relation=["SS", "FF"],
        lag=[-1, 2],
        names=["dig", "pour"],
        resource_names=[],
    )
    assert (turned == ladder, hash(turned) == hash(ladder), pickle.loads(pickle.dumps(ladder)) == turned) == (True, True, True)


@pytest.mark.parametrize("name", ["relation", "lag", "release_time", "deadline", "calendars", "disjunctive"])
def test_psplib_has_no_place_for_constraints(name: str, tmp_path: Path) -> None:
    with pytest.raises(sk.InvalidInputError, match=f"no place for {name}$") as caught:
        sk.rcpsp.write(project(**{name: FULL[name]}), tmp_path / "x.sm")
    assert caught.value.field == "format"
    assert not (tmp_path / "x.sm").exists()


def test_the_example_with_calendars_has_one_of_each(tmp_path: Path) -> None:
    refit = sk.rcpsp.read(sk.example_path("refit.json"))
    assert refit.lag.any()
    assert refit.release_time.any()
    assert refit.deadline.min() < sk.rcpsp.NO_DEADLINE
    assert len(refit.calendars) == 4
    assert refit.pausable.any()
    assert refit.disjunctive
    schedule = sk.rcpsp.solve(refit, max_schedules=2000).schedule
    assert schedule is not None
    assert sk.check(refit, schedule) == []
    assert written(refit, tmp_path)["schema_version"] == 2
