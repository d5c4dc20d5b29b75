"""Gaps to optima and best known values over published instances. Every schedule is checked.

Budgets are counted, not timed, wherever a method has one, so these rows are the same on every machine. `SCHEDKIT_BENCH_QUICK`
takes every fifth instance.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from benches.report_dag import SPEEDS, checked, workflow
from tests import data

STEP = 5 if os.environ.get("SCHEDKIT_BENCH_QUICK") else 1


def record(benchmark: Any, family: str, call: str, instances: str, gaps: dict[str, float], **more: Any) -> None:
    benchmark.extra_info |= {
        "family": family,
        "kind": "quality",
        "call": call,
        "instance": instances,
        "percent": {against: round(gap, 3) for against, gap in gaps.items()},
        **more,
    }


@pytest.mark.parametrize("rule", ["edd", "mdd", "mddc", "augmented_mddc"])
@pytest.mark.parametrize("name", ["n100", "n500"])
def test_rules_over_optima(benchmark: Any, name: str, rule: str) -> None:
    with np.load(data.find("smtt", f"{name}.npz"), allow_pickle=False) as file:
        p, d, optimal = (file[key].astype(np.int64)[::STEP] for key in ("p", "d", "opt"))
    run = getattr(sk.tardiness, rule)
    batch = benchmark.pedantic(run, args=(p, d), rounds=1)
    for k in range(len(p)):
        assert sk.check(sk.tardiness.Instance(p[k], d[k]), batch[k]) == []
    assert (batch.total_tardiness >= optimal).all()
    gap = 100 * (batch.total_tardiness.sum() / optimal.sum() - 1)
    record(benchmark, "tardiness", f"tardiness.{rule}", f"{len(p)} of smtt/{name}", {"sum over optima": gap})


@pytest.mark.parametrize("budget", [1000, 5000] if STEP > 1 else [1000, 5000, 50_000])
@pytest.mark.parametrize("name", ["j30", "j60", "j120"])
def test_searches_over_best_known(benchmark: Any, name: str, budget: int) -> None:
    rows = [row for row in data.table("psplib", "bks.csv") if row["set"] == name][::STEP]
    paths = data.files(("psplib", f"{name}.tar.gz"), ".sm")

    def run() -> list[tuple[int, bool]]:
        found = []
        for row in rows:
            project = sk.rcpsp.read(paths[row["file"]])
            answer = sk.rcpsp.solve(project, max_schedules=budget)
            assert answer.makespan is not None
            assert sk.check(project, answer.schedule) == []
            found.append((answer.makespan, answer.status == "optimal"))
        return found

    found = benchmark.pedantic(run, rounds=1)
    columns = ("cpm_lb", "upper_bound", "lower_bound")
    critical, best, bound = (np.array([int(row[column]) for row in rows]) for column in columns)
    makespan = np.array([value for value, _ in found])
    assert (makespan >= bound).all()
    gaps = {
        "mean over critical path": 100 * (makespan / critical - 1).mean(),
        "mean over best known": 100 * (makespan / best - 1).mean(),
    }
    proved = sum(optimal for _, optimal in found)
    call = f"rcpsp.solve, {budget} schedules"
    record(
        benchmark,
        "rcpsp",
        call,
        f"{len(rows)} of psplib/{name}",
        gaps,
        proved=proved,
        at_best_known=int((makespan <= best).sum()),
    )


def test_search_against_cp_sat(benchmark: Any) -> None:
    """The same projects, the same seconds, one thread: OR-Tools CP-SAT through PyJobShop."""
    pyjobshop = pytest.importorskip("pyjobshop", reason="pyjobshop is not installed")
    limit = 2.0
    files = ("j1201_1.sm", "j12026_3.sm", "j12038_4.sm", "j12051_5.sm")[: 2 if STEP > 1 else 4]
    paths = data.files(("psplib", "j120.tar.gz"), ".sm")
    best = {row["file"]: int(row["upper_bound"]) for row in data.table("psplib", "bks.csv")}
    ours, theirs = [], []
    for file in files:
        project = sk.rcpsp.read(paths[file])
        answer = sk.rcpsp.solve(project, time_limit=limit)
        assert sk.check(project, answer.schedule) == []
        assert answer.makespan is not None
        ours.append(answer.makespan)
        model = pyjobshop.Model()
        resources = [model.add_renewable(capacity=int(units)) for units in project.capacity]
        tasks = [model.add_task() for _ in range(project.num_activities)]
        for i, task in enumerate(tasks):
            needed = [r for r in range(project.num_resources) if project.demand[i, r] > 0]
            demands = [int(project.demand[i, r]) for r in needed]
            model.add_mode(task, [resources[r] for r in needed], int(project.duration[i]), demands)
        for before, after in project.precedence.tolist():
            model.add_end_before_start(tasks[before], tasks[after])
        start = time.perf_counter()
        result = model.solve(solver="ortools", time_limit=limit, display=False, num_workers=1)
        assert time.perf_counter() - start < 5 * limit + 10
        starts = [task.start for task in result.best.tasks] if np.isfinite(result.objective) else None
        if starts is None:  # no schedule at all within the limit
            theirs.append(int(project.duration.sum()))
            continue
        schedule = sk.rcpsp.ProjectSchedule.from_start_time(project, starts)
        assert sk.check(project, schedule) == []
        assert schedule.makespan == result.objective
        theirs.append(schedule.makespan)
    known = sum(best[file] for file in files)
    gaps = {
        "sum over best known": 100 * (sum(ours) / known - 1),
        "CP-SAT, sum over best known": 100 * (sum(theirs) / known - 1),
    }
    record(benchmark, "rcpsp", f"rcpsp.solve, {limit:g} s", ", ".join(files), gaps, makespan=ours, makespan_cp_sat=theirs)
    benchmark.pedantic(lambda: None, rounds=1)


@pytest.mark.parametrize("algorithm", ["heft", "peft", "lookahead_heft", "dls"])
@pytest.mark.parametrize("ratio", [0.1, 1.0])
def test_lists_over_lower_bounds(benchmark: Any, algorithm: str, ratio: float) -> None:
    names = [row["file"] for row in data.table("workflows", "index.csv")][::STEP]
    function = sk.dag.ALGORITHMS[algorithm]

    def run() -> list[float]:
        gaps = []
        for name in names:
            graph, network = workflow(name, ratio, SPEEDS)
            gaps.append(checked(graph, function(graph, network), network) / sk.dag.lower_bound(graph, network) - 1)
        return gaps

    gap = 100 * float(np.mean(benchmark.pedantic(run, rounds=1)))
    what = f"{len(names)} recorded workflows, communication over cost {ratio:g}"
    record(benchmark, "dag", f"dag.{algorithm}", what, {"mean over lower bound": gap})


@pytest.mark.parametrize("algorithm", ["heft", "etf", "dls"])
def test_lists_over_best_known(benchmark: Any, algorithm: str) -> None:
    rows = data.table("stg", "index.csv")[::STEP]
    folders = ("stg50", "stg100")
    paths = {f"{size}/{n}": p for size in folders for n, p in data.files(("stg", f"{size}.tar.gz"), ".stg").items()}
    function = sk.dag.ALGORITHMS[algorithm]

    def run() -> list[float]:
        gaps = []
        for row in rows:
            task_graph = sk.dag.read_stg(paths[row["file"]])
            for m in (2, 4, 8, 16):
                graph = task_graph.on([1.0] * m)
                gaps.append(checked(graph, function(graph)) / float(row[f"ub_{m}"]) - 1)
        return gaps

    gap = 100 * float(np.mean(benchmark.pedantic(run, rounds=1)))
    record(
        benchmark,
        "dag",
        f"dag.{algorithm}",
        f"{len(rows)} Standard Task Graphs, 2 to 16 processors",
        {"mean over best known": gap},
    )


@pytest.mark.parametrize("policy", ["srpt", "psjf", "las", "ps", "fcfs"])
def test_policies_over_the_optimum(benchmark: Any, policy: str) -> None:
    jobs = sk.online.workloads.queue(100_000, load=0.9, size=sk.online.workloads.Pareto(2.5, 1.0), seed=4)
    flow = benchmark.pedantic(sk.online.simulate, args=(jobs, policy), kwargs={"segments": True}, rounds=1)
    assert sk.check(jobs, flow) == []
    gap = 100 * (flow.total_flow_time / sk.online.lower_bound(jobs) - 1)
    record(
        benchmark, "online", f"online.simulate {policy}", "M/G/1, Pareto 2.5, load 0.9, 10^5 jobs", {"over the optimum": gap}
    )
    if policy == "srpt":
        assert abs(gap) < 1e-6  # SRPT is optimal
