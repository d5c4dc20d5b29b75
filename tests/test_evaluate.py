"""`sk.evaluate`: honest rules of every family, and rules that cheat."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.evaluation._placing import place_by_priority

RNG = np.random.default_rng(11)
SEQUENCES = [sk.tardiness.Instance(RNG.integers(1, 20, n), RNG.integers(0, 60, n)) for n in (1, 5, 9)]
WEIGHTED = [sk.tardiness.Instance(RNG.integers(1, 20, n), RNG.integers(0, 60, n), RNG.integers(1, 9, n)) for n in (4, 8)]
PROJECTS = [sk.rcpsp.read(sk.example_path("migration.json")), sk.rcpsp.Project([2, 3], [[1], [1]], [1], successors=[[1], []])]
GRAPHS = [sk.dag.TaskGraph(RNG.random((n, 3)) + 0.1, [(i, n - 1) for i in range(n - 1)], RNG.random(n - 1)) for n in (2, 7)]
SHOPS = [
    sk.shop.Shop([[(0, 3), (1, 2)], [(1, 4), {0: 2, 1: 1}], [(0, 1)]]),
    sk.shop.Shop([[(0, 2), (1, 2)]] * 3, release_time=[0, 1, 5]),
]
STREAMS = [sk.online.Jobs(RNG.random(n) * 9, RNG.random(n) + 0.1) for n in (3, 12)]


def in_every_way(rule: Any, instances: Any, **options: Any) -> sk.evaluation.Evaluation:
    """With and without a process of its own, twice: all equal."""
    found = [sk.evaluate(rule, instances, isolate=isolate, **options) for isolate in (True, False, True)]
    assert found[0] == found[1] == found[2]
    return found[0]


# --- honest rules


def test_sequence_builders() -> None:
    e = in_every_way(lambda instance: np.argsort(instance.due_date, kind="stable"), SEQUENCES)
    assert e.verdict == "valid"
    edd = [sk.tardiness.evaluate(i.processing_time, i.due_date, np.argsort(i.due_date, kind="stable")) for i in SEQUENCES]
    assert e.objective.tolist() == [s.total_tardiness for s in edd]
    optima = [sk.tardiness.solve_exact(i.processing_time, i.due_date).total_tardiness for i in SEQUENCES]
    assert e.reference.tolist() == optima
    assert e.total_gap == (sum(e.objective.tolist()) - sum(optima)) / sum(optima)
    assert (e.runtime >= 0).all()


def test_rules_on_columns_and_functions_of_this_package() -> None:
    assert in_every_way(lambda p, d: p.argsort(kind="stable"), SEQUENCES).objective.tolist() == [
        sk.tardiness.spt(i.processing_time, i.due_date).total_tardiness for i in SEQUENCES
    ]
    for rule in (sk.tardiness.mdd, sk.tardiness.mddc, sk.tardiness.solve_exact):
        assert in_every_way(rule, SEQUENCES).verdict == "valid"
    weighted = in_every_way(sk.tardiness.wspt, WEIGHTED)
    assert weighted.objective.tolist() == [
        sk.tardiness.wspt(i.processing_time, i.due_date, i.weight).total_weighted_tardiness for i in WEIGHTED
    ]
    assert np.isnan(weighted.reference).all()
    assert np.isnan(weighted.mean_gap)


def test_static_and_dynamic_priorities_of_jobs() -> None:
    edd = in_every_way(lambda p, d: d, SEQUENCES, kind="priority")
    dispatched = in_every_way(lambda now, p, d: d, SEQUENCES, kind="dispatch")
    assert edd.objective.tolist() == dispatched.objective.tolist()
    mdd = in_every_way(lambda now, p, d: np.maximum(now + p, d), SEQUENCES, kind="dispatch")
    assert mdd.objective.tolist() == [sk.tardiness.mdd(i.processing_time, i.due_date).total_tardiness for i in SEQUENCES]
    assert in_every_way(lambda now, p, d, w: -w / p, WEIGHTED, kind="dispatch").verdict == "valid"


def test_projects() -> None:
    lft = in_every_way(lambda project: sk.rcpsp.critical_path(project).latest_finish, PROJECTS)
    assert lft.objective.tolist() == [sk.rcpsp.serial_sgs(p, "lft").makespan for p in PROJECTS]
    assert lft.reference.tolist() == [sk.rcpsp.lower_bound(p) for p in PROJECTS]
    assert lft.mean_gap == np.mean(lft.gap)
    parallel = in_every_way(lambda project: sk.rcpsp.critical_path(project).latest_finish, PROJECTS, scheme="parallel")
    assert parallel.objective.tolist() == [sk.rcpsp.parallel_sgs(p, "lft").makespan for p in PROJECTS]
    assert in_every_way(sk.rcpsp.parallel_sgs, PROJECTS).objective.tolist() == [
        sk.rcpsp.parallel_sgs(p).makespan for p in PROJECTS
    ]
    starts = in_every_way(lambda p: sk.rcpsp.serial_sgs(p).start_time.tolist(), PROJECTS, kind="start_time")
    assert starts.objective.tolist() == [sk.rcpsp.serial_sgs(p).makespan for p in PROJECTS]


@pytest.mark.parametrize("network", [None, sk.dag.Network(bandwidth=0.5, latency=0.2)])
def test_task_graphs(network: sk.dag.Network | None) -> None:
    heft = in_every_way(sk.dag.heft, GRAPHS, network=network)
    ranked = in_every_way(lambda graph: sk.dag.upward_rank(graph, network), GRAPHS, network=network)
    assert heft.verdict == ranked.verdict == "valid"
    assert ranked.objective == pytest.approx(heft.objective, rel=1e-12)
    assert (heft.objective >= heft.reference - 1e-9).all()
    pair = in_every_way(
        lambda g: (sk.dag.heft(g, network).processor, sk.dag.heft(g, network).start_time), GRAPHS, network=network
    )
    assert pair.objective.tolist() == heft.objective.tolist()


def test_placing_by_upward_rank_is_heft() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        n, processors = int(rng.integers(1, 20)), int(rng.integers(1, 5))
        edges = [(a, b) for a in range(n) for b in range(a + 1, n) if rng.random() < 0.2]
        graph = sk.dag.TaskGraph(rng.integers(1, 9, (n, processors)).astype(float), edges, rng.random(len(edges)) * 5)
        network = sk.dag.Network(rng.random((processors, processors)) + 0.5, rng.random((processors, processors)))
        rank = sk.dag.upward_rank(graph, network)
        mine, theirs = place_by_priority(graph, rank, network), sk.dag.heft(graph, network)
        assert sk.check(graph, mine, network=network) == []
        assert mine.makespan == pytest.approx(theirs.makespan, rel=1e-9)


def test_policies() -> None:
    class Shortest(sk.online.Policy):
        information = "size"

        def rank(self, now: float, job: Any) -> float:
            return float(job.remaining)

    expected = [sk.online.simulate(jobs, "srpt").total_flow_time for jobs in STREAMS]
    for rule in (Shortest, Shortest(), lambda now, job: job.remaining, "srpt", sk.online.SRPT()):
        e = in_every_way(rule, STREAMS)
        assert e.objective == pytest.approx(expected)
        assert e.mean_gap == pytest.approx(0.0, abs=1e-9)
    assert in_every_way("fcfs", STREAMS, servers=2).verdict == "valid"
    blind = in_every_way(lambda now, job: job.size, STREAMS, information="nothing")
    assert {o.status for o in blind.outcomes} == {"error"}  # sizes are not for it to see


@pytest.mark.parametrize("scheme", ["active", "non_delay"])
def test_shops(scheme: Any) -> None:
    expected = [sk.shop.dispatch(shop, "lpt", scheme) for shop in SHOPS]
    by_name = in_every_way("lpt", SHOPS, scheme=scheme)
    longest = in_every_way(lambda shop: [-min(d for _, d in c) for job in shop.jobs for c in job], SHOPS, scheme=scheme)
    assert by_name.verdict == longest.verdict == "valid"
    assert by_name.objective.tolist() == [s.makespan for s in expected]
    assert by_name.reference.tolist() == [sk.shop.lower_bound(shop) for shop in SHOPS]
    found = in_every_way(lambda shop: sk.shop.dispatch(shop, "lpt", scheme), SHOPS)
    pair = in_every_way(
        lambda shop: (sk.shop.dispatch(shop, "lpt", scheme).machine, sk.shop.dispatch(shop, "lpt", scheme).start_time),
        SHOPS,
        kind="placement",
    )
    assert found.objective.tolist() == pair.objective.tolist() == by_name.objective.tolist()
    at_once = in_every_way(lambda shop: (np.zeros(shop.num_operations), np.zeros(shop.num_operations)), SHOPS)
    assert {outcome.status for outcome in at_once.outcomes} == {"wrong"}
    few = in_every_way(lambda shop: [1.0], SHOPS)
    assert {outcome.detail for outcome in few.outcomes} == {
        "priority: has length 1, expected 5",
        "priority: has length 1, expected 6",
    }
    with pytest.raises(sk.InvalidInputError, match="scheme = 'serial': expected one of active, non_delay"):
        sk.evaluate("lpt", SHOPS, scheme="serial")


# --- rules that cheat, or fail


def changes_hidden_state(instance: sk.tardiness.Instance) -> list[int]:
    object.__setattr__(instance, "due_date", instance.due_date + 10**6)
    return list(range(instance.num_jobs))


def changes_arrays(instance: sk.tardiness.Instance) -> list[int]:
    instance.due_date.flags.writeable = True
    instance.due_date[:] = 10**6
    return list(range(instance.num_jobs))


def loops(_: Any) -> Any:
    while True:
        pass


def swallows_and_loops(_: Any) -> Any:
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue


def sorts_in_place(p: Any, d: Any) -> Any:
    d.sort()
    return np.arange(d.size)


_calls = [0]


def changes_its_mind(instance: Any) -> Any:
    _calls[0] += 1
    return np.roll(np.arange(instance.num_jobs), _calls[0])


def raises(_: Any) -> Any:
    raise ZeroDivisionError("oh")


SIX = [sk.tardiness.Instance([3, 4, 5, 6, 7, 8], [5] * 6)]


@pytest.mark.parametrize(
    ("rule", "status", "detail"),
    [
        (lambda i: [0, 1, 2, 3, 4], "wrong", "missing"),
        (lambda i: [0, 1, 2, 3, 4, 4], "wrong", ""),
        (lambda i: [0, 1, 2, 3, 4, 9], "wrong", ""),
        (lambda i: [0, 1, 2, 3, 4, -1], "wrong", ""),
        (lambda i: [0, 1, 2, 3, 4, 5, 5], "wrong", "duplicate"),
        (lambda i: [0.5, 1, 2, 3, 4, 5], "wrong", "whole number"),
        (lambda i: [float("nan"), 1, 2, 3, 4, 5], "wrong", "finite"),
        (lambda i: [True, 1, 2, 3, 4, 5], "wrong", "bool"),
        (lambda i: [10**30, 1, 2, 3, 4, 5], "wrong", ""),
        (lambda i: [[0, 1], [2, 3], [4, 5]], "wrong", "dimensions"),
        (lambda i: ["a", "b"], "wrong", ""),
        (lambda i: None, "error", "TypeError"),
        (lambda i: 7, "error", "TypeError"),
        (lambda i: [1j] * 6, "error", "TypeError"),
        (raises, "error", "ZeroDivisionError: oh"),
        (lambda i: (_ for _ in ()).throw(SystemExit(0)), "error", "SystemExit"),
        (changes_hidden_state, "changed_input", ""),
        (changes_arrays, "changed_input", ""),
        (sorts_in_place, "error", "read-only"),
        (changes_its_mind, "not_repeatable", ""),
    ],
)
def test_bad_rules(rule: Callable[..., Any], status: str, detail: str) -> None:
    before = SIX[0].due_date.tolist()
    for isolate in (True, False):
        e = sk.evaluate(rule, SIX, isolate=isolate)
        assert e.verdict == "invalid"
        assert e.outcomes[0].status == status, e.outcomes
        assert detail in e.outcomes[0].detail
        assert np.isnan(e.objective).all()
        assert np.isnan([e.mean_gap, e.total_gap]).all()
        assert e.failures == [(0, e.outcomes[0])]
    assert SIX[0].due_date.tolist() == before


@pytest.mark.parametrize("rule", [loops, swallows_and_loops])
def test_rules_that_never_end_are_killed(rule: Callable[..., Any]) -> None:
    def sometimes(instance: sk.tardiness.Instance) -> Any:
        return rule(instance) if instance.num_jobs == 6 else range(instance.num_jobs)

    e = sk.evaluate(sometimes, [SEQUENCES[0], *SIX, SEQUENCES[1]], time_limit=0.1)
    assert [o.status for o in e.outcomes] == ["ok", "too_slow", "ok"]
    assert e.num_valid == 2


def test_slow_rules_are_named_without_a_process_too() -> None:
    def slow(_: Any) -> Any:
        time.sleep(0.05)
        return range(6)

    e = sk.evaluate(slow, SIX, time_limit=0.01, isolate=False)
    assert e.outcomes[0].status == "too_slow"


def test_a_rule_that_kills_its_process_fails_alone() -> None:
    e = sk.evaluate(lambda i: os._exit(3) if i.num_jobs == 6 else range(i.num_jobs), [*SIX, SEQUENCES[1]])
    assert e.outcomes[0] == sk.evaluation.Outcome("crashed", "its process ended with exit code 3")
    assert e.outcomes[1].status == "ok"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="the system knows no groups of processes")
def test_what_a_rule_starts_ends_with_it() -> None:
    alive, theirs = os.pipe()  # at its end as soon as nobody holds the other side

    def forks(instance: sk.tardiness.Instance) -> Any:
        if os.fork() == 0:
            time.sleep(600)
        return range(instance.num_jobs)

    assert sk.evaluate(forks, SIX).verdict == "valid"
    os.close(theirs)
    assert select.select([alive], [], [], 60)[0], "a process of the rule lives on"
    assert os.read(alive, 1) == b""
    os.close(alive)


@pytest.mark.parametrize(
    ("rule", "instances", "options"),
    [
        (lambda p: [float("nan")] * p.num_activities, PROJECTS, {}),
        (lambda p: [1.0], PROJECTS, {}),
        (lambda p: [0] * p.num_activities, PROJECTS, {"kind": "start_time"}),
        (lambda p: [-1] * p.num_activities, PROJECTS, {"kind": "start_time"}),
        (lambda p: [2**62] * p.num_activities, PROJECTS, {"kind": "start_time"}),
        (lambda g: [0.0], GRAPHS, {}),
        (lambda g: ([0] * g.num_tasks, [0.0] * g.num_tasks), GRAPHS, {}),
        (lambda g: ([99] * g.num_tasks, [0.0] * g.num_tasks), GRAPHS, {}),
        (lambda g: ([0], [0.0]), GRAPHS, {}),
        (lambda g: ([0] * g.num_tasks,), GRAPHS, {}),
        (lambda now, job: float("nan"), STREAMS, {}),
        (lambda now, job: "first", STREAMS, {}),
        (lambda now, job: job.attained.__class__.__dict__[0], STREAMS, {}),
    ],
)
def test_bad_rules_of_other_families(rule: Any, instances: Any, options: Any) -> None:
    e = in_every_way(rule, instances, **options)
    assert e.verdict == "invalid"
    assert {o.status for o in e.outcomes} <= {"wrong", "error"}
    assert all(o.detail for o in e.outcomes)


def test_rules_from_text() -> None:
    scope: dict[str, Any] = {}
    exec("def rule(p, d):\n    return sorted(range(len(p)), key=lambda j: (d[j], j))", scope)
    assert sk.evaluate(scope["rule"], SEQUENCES).verdict == "valid"


def test_no_instances_and_references() -> None:
    e = sk.evaluate(raises, [])
    assert (e.verdict, e.objective.size) == ("valid", 0)
    given = sk.evaluate(lambda i: range(6), SIX, reference=[40])
    objective = sk.tardiness.evaluate(SIX[0].processing_time, SIX[0].due_date, range(6)).total_tardiness
    assert given.gap.tolist() == [(objective - 40) / 40]
    frame = given.to_pandas()
    assert frame.columns.tolist() == ["status", "objective", "reference", "gap", "runtime", "detail"]
    assert given.to_dict()["outcomes"] == [{"status": "ok", "detail": ""}]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"rule": 3}, "rule"),
        ({"instances": SIX[0]}, "instances"),
        ({"instances": [1]}, "instances"),
        ({"instances": [*SIX, *PROJECTS]}, "instances"),
        ({"kind": "policy"}, "kind"),
        ({"reference": [1, 2]}, "reference"),
        ({"time_limit": -1}, "time_limit"),
        ({"repeats": 0}, "repeats"),
        ({"isolate": 1}, "isolate"),
        ({"network": sk.dag.Network()}, "network"),
        ({"instances": PROJECTS, "scheme": "sideways"}, "scheme"),
    ],
)
def test_bad_input(arguments: dict[str, Any], field: str) -> None:
    given = {"rule": raises, "instances": SIX, **arguments}
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.evaluate(given.pop("rule"), given.pop("instances"), **given)
    assert caught.value.field == field
