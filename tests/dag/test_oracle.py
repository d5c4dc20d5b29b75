"""The fast algorithms against slow, obvious ones, on random small graphs."""

from __future__ import annotations

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from . import oracles, oracles_frontier, strategies
from .oracles import Instance

FAMILY = ("heft", "cpop", "peft", "ppts", "ippts", "lookahead_heft")


def plan(s: sk.dag.DagSchedule) -> dict[int, tuple[int, float, float]]:
    return dict(enumerate(zip(s.processor.tolist(), s.start_time.tolist(), s.completion_time.tolist(), strict=True)))


def compare(instance: Instance, name: str, insertion: bool) -> None:
    graph, network, past = strategies.problem(instance)
    s = sk.dag.ALGORITHMS[name](graph, network, insertion=insertion, **past)
    definition = getattr(oracles, name, None) or getattr(oracles_frontier, name)
    assert plan(s) == definition(instance, insertion)
    assert sk.check(graph, s, network=network, **past) == []


@pytest.mark.parametrize("insertion", [True, False])
@given(instance=strategies.instances(most=12))
@settings(max_examples=140, deadline=None)
def test_heft_equals_the_definition(instance: Instance, insertion: bool) -> None:
    compare(instance, "heft", insertion)


@given(instance=strategies.instances(most=25, uniform=True, forbid=False))
@settings(max_examples=70, deadline=None)
def test_heft_equals_the_definition_on_larger_uniform_networks(instance: Instance) -> None:
    compare(instance, "heft", True)


@pytest.mark.parametrize("name", ["heft", "cpop", "peft", "lookahead_heft"])
@given(instance=strategies.instances(past=True))
@settings(max_examples=70, deadline=None)
def test_the_family_equals_the_definition_with_a_past(name: str, instance: Instance) -> None:
    compare(instance, name, True)


@pytest.mark.parametrize("name", FAMILY)
@given(instance=strategies.instances(forbid=False))
@settings(max_examples=70, deadline=None)
def test_the_family_equals_the_definition(name: str, instance: Instance) -> None:
    compare(instance, name, True)
    compare(instance, name, False)


@pytest.mark.parametrize("name", ["etf", "dls", "min_min", "max_min", "duplex", "sufferage", "mct", "met", "olb", "fastest"])
@given(instance=strategies.instances(past=True), insertion=st.booleans())
@settings(max_examples=70, deadline=None)
def test_the_others_equal_their_definitions(name: str, instance: Instance, insertion: bool) -> None:
    compare(instance, name, insertion)


@pytest.mark.parametrize("rank", ["mean", "median", "best", "worst"])
@given(instance=strategies.instances(past=True), insertion=st.booleans())
@settings(max_examples=50, deadline=None)
def test_heft_equals_the_definition_by_any_rank(rank: str, instance: Instance, insertion: bool) -> None:
    graph, network, past = strategies.problem(instance)
    s = sk.dag.heft(graph, network, insertion=insertion, rank=rank, **past)
    expected = oracles.list_schedule(
        instance, instance.upward(rank), lambda t, j: oracles.best(t, j, lambda q: t.finish(j, q)), insertion
    )
    assert plan(s) == expected
    level = sk.dag.bottom_level(graph, cost=rank).tolist()
    assert level == instance.upward(rank, communication=False)
    assert sk.dag.upward_rank(graph, network, cost=rank).tolist() == instance.upward(rank)


@given(instance=strategies.instances(past=True), insertion=st.booleans())
@settings(max_examples=100, deadline=None)
def test_copies_of_entry_tasks_are_made_by_the_stated_rule(instance: Instance, insertion: bool) -> None:
    graph, network, past = strategies.problem(instance)
    s = sk.dag.heft(graph, network, insertion=insertion, entry_duplication=True, **past)
    expected, copies = oracles_frontier.heft_with_copies(instance, insertion)
    assert (plan(s), list(s.copies)) == (expected, copies)
    assert sk.check(graph, s, network=network, **past) == []


@given(instance=strategies.instances(past=True, most=10))
@settings(max_examples=50, deadline=None)
def test_every_algorithm_is_feasible_with_any_past(instance: Instance) -> None:
    graph, network, past = strategies.problem(instance)
    for function in sk.dag.ALGORITHMS.values():
        assert sk.check(graph, function(graph, network, **past), network=network, **past) == []
    for rank in ("mean", "median", "best", "worst"):
        s = sk.dag.heft(graph, network, rank=rank, entry_duplication=True, **past)
        assert sk.check(graph, s, network=network, **past) == []


@given(instance=strategies.instances(most=5, past=False))
@settings(max_examples=40, deadline=None)
def test_nothing_beats_the_optimum(instance: Instance) -> None:
    graph, network, _ = strategies.problem(instance)
    least = oracles.optimum(instance)
    for function in sk.dag.ALGORITHMS.values():
        assert function(graph, network).makespan >= least - 1e-9 * max(1.0, least)
