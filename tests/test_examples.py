"""The examples run, and show what they say."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import schedkit as sk

EXAMPLES = Path(__file__).parent.parent / "examples"
LIVE_PAGE = (EXAMPLES.parent / "docs" / "howto" / "live-dispatching.md").read_text(encoding="utf-8")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its classes say that they come from
    spec.loader.exec_module(module)
    return module


def test_model_server(capsys: pytest.CaptureFixture[str]) -> None:
    table = load("model_server").main()
    fcfs, srpt, ageing, fairer = (table[name] for name in ("fcfs", "srpt", "ageing, rate 1", "ageing, rate 4"))
    assert ageing[0] < 0.7 * fcfs[0]  # most requests are quicker by far,
    assert ageing[2] < 0.7 * srpt[2]  # and the longest wait less than under plain SRPT
    assert fairer[2] < 1.5 * fcfs[2]
    assert fairer[0] < fcfs[0]
    page = EXAMPLES.parent / "docs" / "reference" / "online" / "queue.md"
    assert capsys.readouterr().out in page.read_text(encoding="utf-8")


def test_revealing_pool() -> None:
    fcfs, op_srpt = load("revealing_pool").main()
    assert fcfs > 0
    assert op_srpt > 0


def test_batch_queue(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    example, drawn = load("batch_queue"), tmp_path / "figure.png"
    table = example.main(path=str(drawn))  # which checks the schedules
    served, requested, exact = table.values()
    assert requested[0] < served[0]  # EASY's mean bounded slowdown is below that of first come, first served
    assert exact[0] < served[0]
    assert exact[2] == 0  # with exact estimates nobody starts after a reservation
    assert requested[2] == 0  # nor with estimates that are never too short
    assert capsys.readouterr().out in LIVE_PAGE
    assert drawn.stat().st_size > 10_000


def test_batch_queue_finds_a_bad_replay_and_reads_logs() -> None:
    example = load("batch_queue")
    log = example.read("; a comment\n1 0 -1 5 2 -1 -1 -1 -1 -1 1\n2 1 -1 0 2 -1 -1 2 9 -1 0\n3 1 -1 4 3 -1 -1 3 9 -1 1\n")
    assert log.submitted.tolist() == [0, 1]  # the second did not run
    assert log.processors.tolist() == [2, 3]
    assert log.requested.tolist() == [5, 9]
    replay = example.replay(log, "easy", 4)
    assert replay.start.tolist() == [0, 5]
    assert example.bounded_slowdown(log, replay.start).tolist() == [1.0, 1.0]  # 5 s count as 10, and 8 s as 10
    assert example.problems(log, replay.start, 4) == []
    assert [problem.kind for problem in example.problems(log, np.array([0, 0]), 4)] == ["capacity", "release"]


def checked_attempts(limits: dict[str, int], attempts: list[tuple[int, int, dict[str, int]]]) -> list[sk.Violation]:
    """What the checker finds if each attempt is an activity of its own."""
    start, end, demand = zip(*attempts, strict=True)
    rows = [[needed.get(name, 0) for name in limits] for needed in demand]
    project = sk.rcpsp.Project(np.subtract(end, start), rows, list(limits.values()))
    return sk.check(project, sk.rcpsp.ProjectSchedule.from_start_time(project, start))


def test_agent_tools(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    example, drawn = load("agent_tools"), tmp_path / "figure.png"
    tiers, dispatched = example.main(path=str(drawn))
    assert dispatched < 0.8 * tiers
    assert capsys.readouterr().out in LIVE_PAGE
    assert drawn.stat().st_size > 10_000
    for seed in range(50):
        calls = example.plan(seed)
        for way in (example.run, example.tier_by_tier):
            runs = way(calls, example.LIMITS)
            attempts = [(run.start, run.end, dict.fromkeys(run.call.tools, 1)) for run in runs]
            assert checked_attempts(example.LIMITS, attempts) == []
            done = {run.call.name: run.end for run in runs if not run.failed}
            assert set(done) == {call.name for call in calls}
            assert len(runs) == len(calls) + sum(call.failures for call in calls)
            assert all(run.start >= done[name] for run in runs for name in run.call.after)


def test_agent_tools_live() -> None:
    example = load("agent_tools")
    calls = example.plan(3)
    answers = asyncio.run(example.live(calls, example.LIMITS, speed=10_000.0))
    assert answers == {call.name: f"{call.name}: attempt {call.failures + 1}" for call in calls}


def test_ci_runner(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    example, drawn = load("ci_runner"), tmp_path / "figure.png"
    table = example.main(path=str(drawn))
    in_order, filled, _ = table.values()
    assert filled[0] < in_order[0]  # filling gaps is quicker,
    assert filled[2] > in_order[2]  # and more pushes are deployed before the next one
    assert capsys.readouterr().out in LIVE_PAGE
    assert drawn.stat().st_size > 10_000


@pytest.mark.parametrize(("policy", "backfill"), [("fcfs", "none"), ("fcfs", "easy"), ("critical_path", "conservative")])
def test_pipelines_keep_limits_and_order(policy: str, backfill: str) -> None:
    example = load("ci_runner")
    history = example.pushes(120, seed=5)
    attempts, deployed = example.run(history, policy, backfill)
    demands = [(attempt.start, attempt.end, example.STEPS[attempt.step.name][1]) for attempt in attempts]
    assert checked_attempts(example.LIMITS, demands) == []
    passed = {attempt.step: attempt.end for attempt in attempts if attempt.outcome == "passed"}
    for attempt in attempts:
        after = example.STEPS[attempt.step.name][0]
        assert all(passed[attempt.step._replace(name=before)] <= attempt.start for before in after)
        assert attempt.start >= history[attempt.step.push].time
    newest = {push.branch: number for number, push in enumerate(history)}
    assert all(example.Step(number, "deploy") in passed for number in newest.values())
    assert len(deployed) == sum(step.name == "deploy" for step in passed)


def test_learned_rule(capsys: pytest.CaptureFixture[str]) -> None:
    example = load("learned_rule")
    assert example.main() > 0.02  # a rule that is learned beats the one that it began with on shops that it has not seen
    assert "200 unseen shops of 10 x 10" in capsys.readouterr().out
    shops = example.random_shops(3, seed=7)
    usual = np.zeros((1, example.FEATURES))
    usual[0, 0] = 1.0
    expected = [sk.shop.dispatch(shop, "mwkr", "non_delay").makespan for shop in shops]
    assert example.makespans(shops, usual)[0].tolist() == expected
