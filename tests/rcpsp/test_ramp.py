"""The constraint ramp: instances are what they promise, and any answer is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit.cli import main
from schedkit.rcpsp import ramp

SIZES = [(2, 1), (3, 2), (8, 6), (12, 12), (25, 25), (40, 60), (60, 60)]


def plain(project: sk.rcpsp.Project) -> sk.rcpsp.Project:
    """The same work with precedence and constant capacities alone."""
    return sk.rcpsp.Project(project.duration, project.demand, project.capacity, precedence=project.precedence)


def reachable(edges: list[tuple[int, int]], n: int) -> set[tuple[int, int]]:
    """Pairs joined by a path, by going on until nothing is new."""
    found = set(edges)
    while True:
        more = {(i, k) for i, j in found for jj, k in edges if j == jj} - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize(("tasks", "levels"), SIZES)
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_every_instance_carries_a_short_witness(tasks: int, levels: int, seed: int) -> None:
    instances = ramp.generate(tasks, levels, seed=seed)
    assert [instance.level for instance in instances] == list(range(1, levels + 1))
    for instance in instances:
        project = instance.project
        assert sk.check(project, instance.witness) == []
        assert instance.witness.makespan <= 1.3 * sk.rcpsp.lower_bound(plain(project))
        assert len(project.precedence) == instance.level


@pytest.mark.parametrize(("tasks", "levels"), SIZES[:5])
def test_levels_add_one_necessary_precedence_each(tasks: int, levels: int) -> None:
    for seed in range(5):
        instances = ramp.generate(tasks, levels, seed=seed)
        last = [tuple(edge) for edge in instances[-1].project.precedence.tolist()]
        for instance in instances:
            assert [tuple(edge) for edge in instance.project.precedence.tolist()] == last[: instance.level]
            assert np.array_equal(instance.project.duration, instances[0].project.duration)
            assert np.array_equal(instance.project.demand, instances[0].project.demand)
        for edge in last:
            assert edge not in reachable([other for other in last if other != edge], tasks)


def test_defaults_have_every_kind_of_constraint() -> None:
    for instance in (i for seed in range(4) for i in ramp.generate(60, seed=seed)):
        project, start, end = instance.project, instance.witness.start_time, instance.witness.completion_time
        windowed = project.deadline < sk.rcpsp.NO_DEADLINE
        slack = int(project.duration.mean())
        assert windowed.sum() == 45
        assert not project.release_time[~windowed].any()
        assert (start - project.release_time)[windowed].max() <= slack
        assert (project.deadline - end)[windowed].max() <= slack
        assert len(project.disjunctive) >= 10
        assert project.calendars
        for calendar in project.calendars.values():
            assert isinstance(calendar, sk.rcpsp.Calendar)
            assert calendar.capacity[0] == 0
            assert calendar.time[1] - calendar.time[0] <= slack
        related = reachable([tuple(edge) for edge in project.precedence.tolist()], 60)
        for i, j in ((i, j) for group in project.disjunctive for i in group for j in group if i < j):
            assert not {(i, j), (j, i)} & related
            assert max(project.release_time[[i, j]]) < min(project.deadline[[i, j]])  # but for the group they could meet


def test_the_same_arguments_give_the_same_ramp_and_others_another() -> None:
    first = ramp.generate(20, 20, seed=3)
    assert ramp.generate(20, 20, seed=3) == first
    assert ramp.generate(20, 20, seed=4) != first
    assert ramp.generate(20, 8, seed=3) == first[:8]


def test_options_do_what_they_say() -> None:
    bare = ramp.generate(20, 10, windowed=0, downtime=0, disjunctive=0)
    assert all(not i.project.calendars and not i.project.disjunctive for i in bare)
    assert all((i.project.deadline == sk.rcpsp.NO_DEADLINE).all() for i in bare)
    tight = ramp.generate(20, 10, windowed=1, slack=0)
    assert all(np.array_equal(i.project.deadline, i.witness.completion_time) for i in tight)
    wide = ramp.generate(20, 10, num_resources=64, max_duration=1000, num_layers=3, witness_ratio=3)
    assert (wide[0].project.num_resources, wide[0].project.duration.max() > 500) == (64, True)
    assert ramp.generate(5, 0) == []


def test_the_migration_of_a_data_centre_has_names() -> None:
    instance = ramp.generate(60, 40, seed=1, flavour="migration")[-1]
    names = instance.project.names or ()
    assert len(set(names)) == 60
    assert names[0].startswith("survey ")
    assert names[-1].startswith("decommission ")
    assert (instance.project.resource_names or ())[:2] == ("network engineers", "storage engineers")
    answer = [
        {"task": name, "start": s, "end": e}
        for name, s, e in zip(
            names, instance.witness.start_time.tolist(), instance.witness.completion_time.tolist(), strict=True
        )
    ]
    assert ramp.judge(instance, json.dumps(answer)) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"num_tasks": 1}, "num_tasks"),
        ({"num_tasks": 1001}, "num_tasks"),
        ({"num_tasks": 2.5}, "num_tasks"),
        ({"num_tasks": "x"}, "num_tasks"),
        ({"num_levels": -1}, "num_levels"),
        ({"num_tasks": 6, "num_levels": 40}, "num_levels"),
        ({"num_layers": 1}, "num_layers"),
        ({"num_resources": 0}, "num_resources"),
        ({"num_resources": 65}, "num_resources"),
        ({"max_duration": 0}, "max_duration"),
        ({"max_duration": 10**9}, "max_duration"),
        ({"windowed": 1.5}, "windowed"),
        ({"windowed": float("nan")}, "windowed"),
        ({"slack": -1}, "slack"),
        ({"downtime": True}, "downtime"),
        ({"disjunctive": float("inf")}, "disjunctive"),
        ({"witness_ratio": 0.9}, "witness_ratio"),
        ({"witness_ratio": 1.0}, "witness_ratio"),
        ({"flavour": "sweet"}, "flavour"),
        ({"flavour": 3}, "flavour"),
        ({"seed": -1}, "seed"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        ramp.generate(**{"num_tasks": 30, "num_levels": 20, **arguments})
    assert caught.value.field == field


# --- answers


@pytest.fixture(name="instance", scope="module")
def _instance() -> ramp.RampInstance:
    return ramp.generate(30, 30, seed=2, flavour="migration")[20]


def rows(instance: ramp.RampInstance) -> list[dict[str, Any]]:
    starts, ends = instance.witness.start_time.tolist(), instance.witness.completion_time.tolist()
    return [{"activity": i, "start": s, "end": e} for i, (s, e) in enumerate(zip(starts, ends, strict=True))]


def test_every_readable_form_of_an_answer_is_read(instance: ramp.RampInstance) -> None:
    entries = rows(instance)
    named = [
        {"name": (instance.project.names or ())[row["activity"]], "start": row["start"], "end": row["end"]} for row in entries
    ]
    text = [{"id": str(row["activity"]), "start": float(row["start"]), "end": row["end"], "note": "?"} for row in entries]
    forms = [
        instance.witness,
        instance.witness.to_dict(),
        json.dumps(instance.witness.to_dict()),
        entries,
        {"schedule": entries},
        {"schedule": {"activities": entries}},
        {"tasks": named, "makespan": -1},
        json.dumps(text),
        f"Here is my plan:\n```json\n{json.dumps(entries, indent=1)}\n```\nGood luck!",
        b"\xef\xbb\xbf" + json.dumps({"activities": entries}).encode(),
    ]
    for form in forms:
        assert ramp.judge(instance, form) == []


MALFORMED: dict[str, Any] = {
    "nothing": None,
    "no text": "",
    "prose": "First I would survey the halls.",
    "half of it": '[{"activity": 0, "start": 1',
    "no UTF-8": b"\xff\xfe[",
    "endless brackets": "[" * 200_000,
    "endless digits": "9" * 5000,
    "endless lines": "```json" + "\n" * 200_000,
    "a number": 7,
    "a word": '"done"',
    "null": "null",
    "true": True,
    "NaN": '[{"activity": 0, "start": NaN, "end": 1}]',
    "infinity": [{"activity": 0, "start": float("inf"), "end": 1}],
    "a fraction": [{"activity": 0, "start": 1.5, "end": 2}],
    "words for times": [{"activity": 0, "start": "Monday", "end": 2}],
    "bool": [{"activity": True, "start": 1, "end": 2}],
    "no end": [{"activity": 0, "start": 1}],
    "nobody": [{"start": 1, "end": 2}],
    "beyond 64 bits": [{"activity": 0, "start": 10**30, "end": 10**30 + 1}],
    "entries that are none": [1, 2, 3],
    "an object of objects": {"activities": {"a": 1}},
    "empty object": {},
    "columns of two lengths": {"start_time": [1, 2], "completion_time": [3]},
    "an alien": object(),
    "an alien that cannot be shown": type("Shy", (), {"__repr__": lambda self: None})(),
    "a generator": iter([]),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_a_parse_error(name: str, instance: ramp.RampInstance) -> None:
    found = ramp.judge(instance, MALFORMED[name])
    assert [error.kind for error in found] == ["parse_error"]
    assert found[0].detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["activities", "schedule", "tasks", "activity", "start", "end", "start_time", "completion_time"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_no_answer_raises(answer: Any) -> None:
    instance = ramp.generate(6, 3)[2]
    for form in (answer, json.dumps(answer)):
        found = ramp.judge(instance, form)
        assert found
        assert {error.kind for error in found} <= set(ramp.KINDS)


def spoil(instance: ramp.RampInstance, kind: str) -> list[dict[str, Any]]:
    """An answer with that kind of error, and perhaps others that follow from it."""
    entries, project = rows(instance), instance.project
    windowed = [i for i in range(project.num_activities) if project.release_time[i] > 0]
    if kind == "missing_task":
        entries.pop(3)
    elif kind == "duplicate":
        entries.append(entries[3])
    elif kind == "unknown_id":
        entries.append({"activity": "lunch", "start": 0, "end": 1})
    elif kind == "bad_duration":
        entries[3]["end"] += 1
    elif kind == "window_early":
        entries[windowed[0]].update(start=0, end=int(project.duration[windowed[0]]))
    elif kind == "window_late":
        entries[windowed[0]].update(start=500, end=500 + int(project.duration[windowed[0]]))
    elif kind == "precedence":
        before, after = project.precedence[0].tolist()
        entries[after].update(start=0, end=int(project.duration[after]))
        entries[before].update(start=0, end=int(project.duration[before]))
    elif kind == "capacity":
        for row in entries:
            row.update(start=40, end=40 + int(project.duration[row["activity"]]))
    elif kind == "downtime":
        r, calendar = next(iter(project.calendars.items()))
        assert isinstance(calendar, sk.rcpsp.Calendar)
        i = int(np.flatnonzero(project.demand[:, r])[0])
        start = int(calendar.time[0])
        entries[i].update(start=start, end=start + int(project.duration[i]))
    elif kind == "disjunctive_overlap":
        i, j = project.disjunctive[0][:2]
        entries[i].update(start=entries[j]["start"], end=entries[j]["start"] + int(project.duration[i]))
    return entries


@pytest.mark.parametrize("kind", [kind for kind in ramp.KINDS if kind != "parse_error"])
def test_every_kind_of_error_has_its_name(kind: str, instance: ramp.RampInstance) -> None:
    found = ramp.judge(instance, spoil(instance, kind))
    assert kind in {error.kind for error in found}
    assert [ramp.KINDS.index(error.kind) for error in found] == sorted(ramp.KINDS.index(error.kind) for error in found)


def test_a_report_counts_by_level() -> None:
    first, second = ramp.generate(10, 6, seed=0), ramp.generate(10, 6, seed=1)
    answers: dict[str, Any] = {i.name: i.witness for i in first[:4]} | {i.name: i.witness for i in second[:2]}
    answers[second[2].name] = "no idea"
    report = ramp.evaluate([*first, *second], answers)
    assert report.level.tolist() == [1, 2, 3, 4, 5, 6]
    assert report.feasibility.tolist() == [1, 1, 0.5, 0.5, 0, 0]
    assert report.degradation_threshold == 5
    assert report.wauc == pytest.approx((1 + 2 + 1.5 + 2) / 21)
    assert report.errors == {"parse_error": 6}
    assert ramp.evaluate(first, answers={}, weights=lambda _: 1.0).wauc == 0
    assert ramp.evaluate(first, [i.witness for i in first], weights=dict.fromkeys(range(1, 7), 2.0)).wauc == 1
    assert ramp.evaluate([*first, *second], answers, weights=lambda level: float(level == 3)).wauc == 0.5
    assert ramp.evaluate([*first, *second], answers, threshold=0.8).degradation_threshold == 3
    empty = ramp.evaluate([], [])
    assert (empty.wauc, empty.degradation_threshold, empty.level.size, empty.errors) == (0.0, None, 0, {})
    assert json.loads(json.dumps(report.to_dict()))["wauc"] == report.wauc


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda r: ramp.evaluate(r, {"seed9_level001": None}), "answers"),
        (lambda r: ramp.evaluate(r, [None] * 99), "answers"),
        (lambda r: ramp.evaluate(r, "answers"), "answers"),
        (lambda r: ramp.evaluate([r[0].project], []), "instances"),
        (lambda r: ramp.evaluate(r, [], weights={1: 1.0}), "weights"),
        (lambda r: ramp.evaluate(r, [], weights=lambda _: -1.0), "weights(1)"),
        (lambda r: ramp.evaluate(r, [], weights=3), "weights"),  # type: ignore[arg-type]
        (lambda r: ramp.evaluate(r, [], threshold="x"), "threshold"),  # type: ignore[arg-type]
        (lambda r: ramp.play(r, "chess"), "player"),
        (lambda r: ramp.play(r, 3), "player"),  # type: ignore[arg-type]
        (lambda r: ramp.play(r, time_limit=-1), "time_limit"),
        (lambda r: ramp.judge(3, None), "project"),  # type: ignore[arg-type]
    ],
)
def test_bad_calls_are_named(call: Any, field: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        call(ramp.generate(6, 3))
    assert caught.value.field == field


def test_any_player_can_play() -> None:
    instances = ramp.generate(10, 6)
    witness = {instance.project: instance.witness for instance in instances}
    assert ramp.play(instances, lambda project, _: witness[project]).wauc == 1


# --- files and the command line


def test_the_command_makes_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ramp"
    assert main(["ramp", "generate", str(folder), "--tasks", "10", "--levels", "4", "--ramps", "2", "--json"]) == 0
    names = json.loads(capsys.readouterr().out)["instances"]
    assert len(names) == len(set(names)) == 8
    instances = ramp.read_instances(folder)
    assert [i.name for i in instances] == names
    assert instances == [*ramp.generate(10, 4, seed=0), *ramp.generate(10, 4, seed=1)]
    answers = tmp_path / "answers"
    answers.mkdir()
    for instance in instances:
        (answers / f"{instance.name}.txt").write_text(json.dumps(instance.witness.to_dict()))
    assert main(["ramp", "evaluate", str(folder), str(answers), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wauc"] == 1
    (answers / f"{names[0]}.txt").write_bytes(b"\xff nothing")
    picture = tmp_path / "curve.png"
    assert main(["ramp", "evaluate", str(folder), str(answers), "-o", str(picture)]) == 1
    out = capsys.readouterr().out
    assert "parse_error: 1 answers" in out
    assert picture.stat().st_size > 1000
    together = tmp_path / "answers.json"
    together.write_text(json.dumps({i.name: i.witness.to_dict() for i in instances[:4]}))
    assert main(["ramp", "evaluate", str(folder), str(together)]) == 1
    assert "WAUC 0.5000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil_it", "words"),
    [
        (lambda folder: [path.unlink() for path in folder.iterdir()], "holds no instances"),
        (lambda folder: (folder / "seed0_level001.witness.json").unlink(), "the witness is missing"),
        (lambda folder: (folder / "seed0_level001.witness.json").write_text("{"), "line 1: is not JSON"),
        (lambda folder: (folder / "seed0_level001.witness.json").write_text('{"start_time": [1]}'), "not a witness"),
        (lambda folder: (folder / "seed0_level001.json").write_text("{}"), "not a project"),
    ],
)
def test_spoilt_folders_are_refused(spoil_it: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ramp.write_instances(ramp.generate(6, 2), tmp_path)
    spoil_it(tmp_path)
    with pytest.raises(sk.FormatError, match=words):
        ramp.read_instances(tmp_path)
    assert main(["ramp", "play", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_missing_folders_and_files_are_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ramp.read_instances(tmp_path / "nowhere")
    ramp.write_instances(ramp.generate(6, 2), tmp_path)
    assert main(["ramp", "evaluate", str(tmp_path), str(tmp_path / "nowhere")]) == 2
    assert main(["ramp", "generate", str(tmp_path), "--ramps", "-1"]) == 2
    (tmp_path / "list.json").write_text("[]")
    assert main(["ramp", "evaluate", str(tmp_path), str(tmp_path / "list.json")]) == 2
