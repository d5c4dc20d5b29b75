"""Which of several processors of equal merit gets a task: by hand, against slow definitions, and through every entry."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from schedkit import _core
from schedkit.cli import main

from . import oracles, oracles_frontier, strategies
from .oracles import Instance
from .test_oracle import plan

WITH_TIE = ("peft", "ppts", "ippts", "lookahead_heft", "etf", "dls", "met", "olb")


def test_exactly_the_algorithms_whose_merit_is_not_the_finish_take_the_option() -> None:
    takes = {name for name, function in sk.dag.ALGORITHMS.items() if "tie" in inspect.signature(function).parameters}
    assert takes == set(WITH_TIE)


@pytest.mark.parametrize(("tie", "processor", "makespan"), [("index", [0], 9.0), ("finish", [1], 2.0)])
@pytest.mark.parametrize("name", ["etf", "olb"])
def test_a_task_that_could_start_anywhere_at_once(name: str, tie: str, processor: list[int], makespan: float) -> None:
    # By hand: both processors are free at 0, so the start ties; the first one takes 9, the second one 2.
    graph = sk.dag.TaskGraph([[9.0, 2.0]], [])
    s = sk.dag.ALGORITHMS[name](graph, tie=tie)
    assert (s.processor.tolist(), s.makespan) == (processor, makespan)
    assert sk.check(graph, s) == []


def test_met_with_equal_costs_goes_where_there_is_time() -> None:
    # By hand: every cost is 3, so all three tasks go to the first processor, one after the other, or are shared out.
    graph = sk.dag.TaskGraph([[3.0, 3.0]] * 3, [])
    assert [sk.dag.met(graph, tie=tie).makespan for tie in ("index", "finish")] == [9.0, 6.0]


@pytest.mark.parametrize("name", WITH_TIE)
@given(instance=strategies.instances(forbid=False), insertion=st.booleans())
@settings(max_examples=150, deadline=None)
def test_ties_by_finish_equal_the_definition(name: str, instance: Instance, insertion: bool) -> None:
    instance = dataclasses.replace(instance, tie="finish")
    graph, network, past = strategies.problem(instance)
    s = sk.dag.ALGORITHMS[name](graph, network, insertion=insertion, tie="finish", **past)
    definition = getattr(oracles, name, None) or getattr(oracles_frontier, name)
    assert plan(s) == definition(instance, insertion)
    assert sk.check(graph, s, network=network, **past) == []


def test_every_entry_takes_the_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = sk.dag.TaskGraph([[9.0, 2.0], [9.0, 2.0]], [(0, 1)])
    assert sk.dag.schedule_many([graph], algorithm="etf", tie="finish").tolist() == [4.0]
    assert sk.dag.schedule_many(graph, algorithm="etf", tie="finish", factor=[[1, 2]]).tolist() == [6.0]
    assert sk.evaluate("etf", [graph], tie="finish").objective.tolist() == [4.0]
    assert sk.evaluate("etf", [graph]).objective.tolist() == [18.0]
    stg, platform = tmp_path / "a.STG", tmp_path / "p.json"
    stg.write_text("1\n0 0 0\n1 6 1 0\n2 0 1 1\n")
    processors = [{"name": "slow", "speed": 1.0}, {"name": "fast", "speed": 3.0}]
    platform.write_text(json.dumps({"schedkit": "platform", "schema_version": 1, "processors": processors}))
    for tie, makespan in (("index", 6.0), ("finish", 2.0)):
        options = ["--algorithm", "etf", "--platform", str(platform), "--tie", tie, "--json"]
        assert main(["solve", str(stg), *options]) == 0
        assert json.loads(capsys.readouterr().out)["makespan"] == makespan
    assert main(["solve", str(stg), "--algorithm", "heft", "--platform", str(platform), "--tie", "finish"]) == 2
    assert "tie: is not an option of heft" in capsys.readouterr().err


def test_a_rule_that_would_be_ignored_is_refused() -> None:
    graph = sk.dag.TaskGraph([[1.0]], [])
    call: Any = sk.dag.etf
    with pytest.raises(sk.InvalidInputError, match="tie = 'fastest': unknown rule for ties, expected one of index, finish"):
        call(graph, tie="fastest")
    with pytest.raises(sk.InvalidInputError, match="tie = 'finish': is not an option of heft, only of peft, ppts"):
        sk.dag.schedule_many([graph], algorithm="heft", tie="finish")
    with pytest.raises(sk.InputTypeError, match="tie: must be a name, not int"):
        call(graph, tie=1)


@pytest.mark.parametrize("entry", _core.list_schedulers(), ids=lambda entry: entry["name"])
def test_functions_take_a_rule_for_ties_where_the_table_says_so(entry: dict[str, Any]) -> None:
    parameters = inspect.signature(getattr(sk.dag, entry["name"])).parameters
    assert ("tie" in parameters) == entry["takes_tie"]
