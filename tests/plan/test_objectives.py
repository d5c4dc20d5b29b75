"""Plans scheduled for little lateness: values in people's units, their check, the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit import cli
from schedkit.plan.verdict import verdict

HOUR = timedelta(hours=1)
NAMES = [name for name in sk.rcpsp.OBJECTIVES if name != "makespan"]


def plan(**keys: Any) -> sk.plan.Plan:
    """One crew, 8 hours a day: 12 hours due on the first day, 4 hours due at its noon and worth three."""
    return sk.plan.Plan(
        start="2026-03-25",
        resources=[{"name": "crew"}],
        activities=[
            {"name": "dig", "duration": "1d 4h", "resources": "crew", "due": "2026-03-25"},
            {"name": "pour", "duration": "4h", "resources": "crew", "due": "2026-03-25 12:00", "weight": 3},
            {"name": "paint", "duration": "4h", "resources": "crew"},
        ],
        **keys,
    )


def test_values_are_dates_lengths_and_numbers() -> None:
    """Pour first: dig ends on Thursday at 17:00, 17 hours after its due date at midnight."""
    found = {name: plan().solve(objective=name, max_schedules=1000) for name in sk.rcpsp.OBJECTIVES}
    values = {name: r.objective for name, r in found.items()}
    assert values == {
        "makespan": found["makespan"].end,
        "total_tardiness": 17 * HOUR,
        "total_weighted_tardiness": 17 * HOUR,
        "num_tardy": 1,
        "max_lateness": 17 * HOUR,
    }
    for name, r in found.items():
        assert r.objective_name == name
        assert r.lower_bound <= r.objective
        assert sk.check(plan(), r) == []
        assert sk.check(plan(), r.to_dict()) == []
    assert [str(row["late"]) for row in found["total_tardiness"].table()] == ["17:00:00", "0:00:00", "0:00:00"]
    assert found["max_lateness"].to_dict()["objective"] == 17
    assert verdict(found["num_tardy"]) == "num tardy 1, the least possible"


def test_early_plans_have_negative_lateness() -> None:
    early = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2h", "due": "2026-03-25 12:00"}])
    r = early.solve(objective="max_lateness")
    assert (r.objective, r.lower_bound, r.status) == (-2 * HOUR, -2 * HOUR, "optimal")
    assert verdict(r) == "max lateness 2 hours early, the least possible"
    late = early.solve(objective="max_lateness", late=True)
    assert late.table()[0]["end"] == r.table()[0]["end"]
    pulled = early.solve(objective="total_tardiness", late=True)  # the end of the plan holds it
    assert pulled.end == r.end


def test_facts_between_two_ticks_count_as_the_later_one() -> None:
    done = plan(tick="1h").update(
        {"pour": {"actual_start": "2026-03-25 08:00", "actual_end": "2026-03-25 13:20"}}, now="2026-03-25 14:00"
    )
    r = done.solve(objective="total_weighted_tardiness", max_schedules=500)
    assert r.objective == 3 * 2 * HOUR + 33 * HOUR  # pour counts as ended at 14:00; dig ends on Friday at 09:00
    assert sk.check(done, r) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_check_computes_the_value_from_dates(name: str) -> None:
    r = plan().solve(objective=name, max_schedules=500)
    wrong = r.to_dict() | {"objective": 3}
    assert [v.kind for v in sk.check(plan(), wrong)] == ["objective"]


def test_improvements_carry_the_value() -> None:
    seen: list[sk.plan.PlanImprovement] = []
    r = plan().solve(objective="total_tardiness", max_schedules=500, on_improvement=seen.append)
    assert (seen[-1].objective, seen[-1].end) == (r.objective, None)
    plan().solve(max_schedules=500, on_improvement=seen.append)
    assert seen[-1].end == seen[-1].objective


def test_soft_deadlines_go_first() -> None:
    keys: dict[str, Any] = {"start": "2026-03-25", "resources": [{"name": "crew"}]}
    both = sk.plan.Plan(
        activities=[
            {"name": "a", "duration": "4h", "resources": "crew", "deadline": "2026-03-25 12:00"},
            {"name": "b", "duration": "4h", "resources": "crew", "due": "2026-03-25 12:00"},
        ],
        **keys,
    )
    r = both.solve(objective="total_tardiness", soft_deadlines=True, max_schedules=500)
    assert (r.objective, r.table()[0]["late"]) == (5 * HOUR, timedelta(0))


def test_refusals_name_the_objective() -> None:
    with pytest.raises(sk.InvalidInputError, match="objective = 'cost': unknown, expected one of makespan, total_tardiness"):
        plan().solve(objective="cost")
    bare = sk.plan.Plan(start="2026-03-25", activities=[{"name": "dig", "duration": "2h", "weight": 4}])
    with pytest.raises(sk.InvalidInputError, match="counts from due dates, but no activity has one"):
        bare.solve(objective="num_tardy")


def test_the_commands_take_objectives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "plan.json")
    plan().write(path)
    options = ["--objective", "total_tardiness", "--max-schedules", "500"]
    assert cli.main(["plan", "solve", path, *options, "-o", str(tmp_path / "out")]) == 0
    assert "total tardiness 17 hours" in capsys.readouterr().out
    assert "otal tardiness 17 hours" in (tmp_path / "out" / "plan.html").read_text("utf-8")
    assert cli.main(["plan", "solve", path, *options, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["objective"], answer["objective_name"]) == (17, "total_tardiness")

    project = sk.rcpsp.Project([4, 2], [[1], [1]], [1], due_date=[4, 3], names=["a", "b"], resource_names=["m"])
    path = str(tmp_path / "project.json")
    sk.rcpsp.write(project, path)
    assert cli.main(["solve", path, "--objective", "num_tardy", "--max-schedules", "100", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["objective"], answer["objective_name"], answer["status"]) == (1, "num_tardy", "optimal")
    schedule = tmp_path / "schedule.json"
    schedule.write_text(json.dumps(answer), "utf-8")
    assert cli.main(["check", path, str(schedule)]) == 0
    assert cli.main(["solve", path, "--objective", "max_lateness", "--max-schedules", "100"]) == 0
    assert "max lateness 2, lower bound 2, optimal; makespan 6" in capsys.readouterr().out
    assert cli.main(["solve", path, "--objective", "num_tardy", "--algorithm", "serial"]) == 2


def test_the_gap_is_what_a_better_schedule_could_win() -> None:
    for name in sk.rcpsp.OBJECTIVES:
        solved = plan().solve(objective=name, max_schedules=100)
        assert solved.gap == solved.objective - solved.lower_bound
        assert (not solved.gap) == (solved.status == "optimal")
        stated = solved.to_dict()["gap"]
        assert stated == (solved.gap if name == "num_tardy" else solved.gap / HOUR)
    impossible = sk.plan.Plan(start="2026-03-25", activities=[{"name": "a", "duration": "2d", "deadline": "2026-03-25"}])
    assert impossible.solve(max_schedules=100).gap is None
