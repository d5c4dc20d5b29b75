"""Every public class of results: its plain data, its table, its text. Classes are found by inspection, so none is forgotten."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.schedule import Result

NAMES = ["dig", "pour", "paint"]
PROJECT = sk.rcpsp.Project([2, 3, 1], [[1], [2], [1]], [2], successors=[[2], [], []], names=NAMES, resource_names=["crew"])
PLAIN = sk.rcpsp.Project([2, 3, 1], [[1], [2], [1]], [2])
TIGHT = sk.rcpsp.Project([2, 2, 2], [[1]] * 3, [1], deadline=[5, 5, 5])
GRAPH = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 1.0], names=NAMES)
JOBS = sk.online.Jobs([0, 1, 1], [3, 1, 2], names=NAMES)
JOB_COLUMNS = ["release_time", "processing_time", "completion_time", "flow_time", "slowdown"]
SEQUENCE_COLUMNS = ["position", "start_time", "completion_time", "lateness", "tardiness"]
TIMES = ["earliest_start", "earliest_finish", "latest_start", "latest_finish", "slack"]
P, D = [4, 2, 3], [5, 3, 9]
SHOP = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2)]])


def queue_stats() -> sk.online.queue.QueueStats:
    queue: sk.online.PolicyQueue[str] = sk.online.PolicyQueue()
    queue.add("a", size=2.0, now=0.0)
    queue.add("b", size=1.0, now=1.0)
    queue.pop(now=4.0)
    return queue.stats()


def dispatcher_stats() -> sk.online.dispatcher.DispatcherStats:
    dispatcher: sk.online.Dispatcher[str] = sk.online.Dispatcher({"cpu": 1})
    dispatcher.submit("a", now=0.0)
    dispatcher.next(now=0.0)
    return dispatcher.stats()


def ramp_report() -> sk.rcpsp.ramp.RampReport:
    instances = sk.rcpsp.ramp.generate(12, 3)
    return sk.rcpsp.ramp.evaluate(instances, {i.name: i.witness.to_dict() for i in instances})


def edd(p: Any, d: Any, w: Any = None) -> Any:
    return sk.tardiness.edd(p, d).sequence


Sample = tuple[str, Callable[[], Any], int, list[str], str | None]
"""Name of the class, how one is made, number of rows, columns, name of the index: all written down by hand."""
SAMPLES: list[Sample] = [
    ("ProjectSchedule", lambda: sk.rcpsp.serial_sgs(PROJECT), 3, ["name", "start_time", "completion_time"], "activity"),
    ("ProjectSchedule", lambda: sk.rcpsp.serial_sgs(PLAIN), 3, ["start_time", "completion_time"], "activity"),
    ("ProjectSolution", lambda: sk.rcpsp.solve(PROJECT), 3, ["name", "start_time", "completion_time"], "activity"),
    ("ProjectSolution", lambda: sk.rcpsp.solve(PLAIN), 3, ["start_time", "completion_time"], "activity"),
    ("ProjectSolution", lambda: sk.rcpsp.solve(TIGHT), 0, ["start_time", "completion_time"], "activity"),
    ("ScheduleBatch", lambda: sk.rcpsp.serial_sgs_many(PROJECT, [[0, 1, 2]] * 2, starts=True), 2, ["makespan"], "schedule"),
    ("CriticalPath", lambda: sk.rcpsp.critical_path(PROJECT), 3, ["name", *TIMES], "activity"),
    ("CriticalPath", lambda: sk.rcpsp.critical_path(PLAIN), 3, TIMES, "activity"),
    ("RampReport", ramp_report, 3, ["level", "num_instances", "num_feasible", "feasibility"], "row"),
    ("DagSchedule", lambda: sk.dag.heft(GRAPH), 3, ["name", "processor", "start_time", "completion_time"], "task"),
    (
        "ImprovedSchedule", lambda: sk.dag.improve(GRAPH, max_evaluations=20), 3,
        ["name", "processor", "start_time", "completion_time"], "task",
    ),
    ("Workflow", lambda: sk.dag.read_stg(sk.example_path("tiny.stg")), 5, ["name", "work", "cores"], "task"),
    (
        "StreamResult", lambda: sk.dag.simulate_stream([GRAPH], release_time=[0.0, 1.0, 2.0]), 3,
        ["release_time", "completion_time", "latency", "slowdown", "job_template"], "job",
    ),
    ("FlowResult", lambda: sk.online.simulate(JOBS), 3, ["name", *JOB_COLUMNS], "job"),
    ("FlowResult", lambda: sk.online.simulate(sk.online.Jobs([0], [1]), segments=True), 1, JOB_COLUMNS, "job"),
    (
        "Segments", lambda: sk.online.simulate(JOBS, "srpt", segments=True).segments, 4,
        ["job", "server", "start", "end", "rate"], "segment",
    ),
    ("QueueStats", queue_stats, 1, ["waiting", "oldest", "served", "mean_flow_time"], None),
    (
        "DispatcherStats", dispatcher_stats, 1,
        ["waiting", "ready", "running", "done", "failed", "cancelled", "blocked", "retries"], None,
    ),
    ("SequenceSchedule", lambda: sk.tardiness.edd(P, D), 3, SEQUENCE_COLUMNS, "job"),
    (
        "SequenceSchedule", lambda: sk.tardiness.edd([P, P], [D, D]), 2,
        ["total_tardiness", "total_weighted_tardiness", "max_lateness", "max_tardiness", "num_tardy"], "instance",
    ),
    (
        "ServingResult", lambda: sk.serving.simulate(sk.serving.Trace([0.0, 1.0], [9, 8], [2, 3]), step=(1, 0, 0, 0)), 2,
        ["ttft", "tpot", "latency", "completion_time", "replica"], "request",
    ),
    ("BinResult", lambda: sk.packing.bins([3, 2, 1], 4), 3, ["size", "bin"], "item"),
    ("ExactBinResult", lambda: sk.packing.bins([3, 2, 1], 4, method="exact"), 3, ["size", "bin"], "item"),
    ("PartitionResult", lambda: sk.packing.partition([3, 2, 1], 2), 3, ["size", "bin"], "item"),
    ("ExactPartitionResult", lambda: sk.packing.partition([3, 2, 1], 2, method="exact"), 3, ["size", "bin"], "item"),
    (
        "OffsetResult", lambda: sk.packing.offsets([0, 1], [2, 3], [4, 3]), 2,
        ["start", "end", "size", "offset"], "buffer",
    ),
    ("PlacementResult", lambda: sk.packing.place([[1], [2]], [[2]]), 2, ["priority", "current", "node"], "item"),
    (
        "RepackResult", lambda: sk.packing.repack([[4], [12], [4]], [[16], [16], [32]], [0, 1, 2], max_moves=1), 1,
        ["item", "source", "target"], "move",
    ),
    ("ReplicationResult", lambda: sk.packing.replicate([3, 2, 1], 4, devices=2), 4, ["device", "expert"], "slot"),
    ("SearchSchedule", lambda: sk.tardiness.improve(P, D, max_moves=10), 3, SEQUENCE_COLUMNS, "job"),
    ("ShopSchedule", lambda: sk.shop.dispatch(SHOP), 3, ["job", "machine", "start_time", "completion_time"], "operation"),
    (
        "ShopSimulation",
        lambda: sk.shop.simulate(SHOP, breakdowns=[(0, 1, 2)]),
        3,
        ["job", "machine", "start_time", "completion_time"],
        "operation",
    ),
    (
        "ShopSolution", lambda: sk.shop.solve(SHOP, max_moves=10), 3,
        ["job", "machine", "start_time", "completion_time"], "operation",
    ),
    (
        "DisjunctiveGraph",
        lambda: sk.shop.disjunctive_graph(SHOP),
        3,
        ["job", "machine", "duration", "earliest_completion", "placed"],
        "operation",
    ),
    ("ShopBatch", lambda: sk.shop.dispatch_many(SHOP, [[0, 1, 2]] * 2), 2, ["objective"], "schedule"),
    (
        "Evaluation", lambda: sk.evaluate(edd, [sk.tardiness.Instance(P, D)], isolate=False), 1,
        ["status", "objective", "reference", "gap", "runtime", "detail"], "instance",
    ),
]  # fmt: skip


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(sk.__path__, "schedkit."):
        if found.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(found.name)
        except ImportError as error:  # an extra that is not installed
            if str(error.name).startswith("schedkit"):
                raise


def result_classes() -> set[type]:
    """What is exported as data or as a table, or says that it is a result."""
    found: set[type] = set()
    for module in modules():
        for value in vars(module).values():
            ours = inspect.isclass(value) and value.__module__.startswith("schedkit")
            if ours and (issubclass(value, Result) or hasattr(value, "to_dict") or hasattr(value, "to_pandas")):
                found.add(value)
    plans = {sk.plan.Plan, sk.plan.PlanSolution, sk.plan.PlanReason}  # whose dates and names tests/plan covers
    return found - {Result, *plans}


def test_every_class_of_results_has_a_sample() -> None:
    assert {cls.__name__ for cls in result_classes()} == {name for name, *_ in SAMPLES}


def identify(sample: Sample) -> str:
    return f"{sample[0]} {sample[2]} x {len(sample[3])}"


@pytest.mark.parametrize("sample", SAMPLES, ids=identify)
def test_tables_have_a_row_for_each_thing_and_the_columns_that_it_has(sample: Sample) -> None:
    name, make, rows, columns, index = sample
    result = make()
    assert type(result).__name__ == name
    table = result.to_pandas()
    assert list(table.columns) == columns
    assert len(table) == rows
    assert table.index.name == index
    assert table.index.tolist() == list(range(rows))
    for column in columns:
        if column == "name":
            names = table["name"].tolist()
            assert names == NAMES or names == list(getattr(result, "names", ()))
        elif rows and column not in ("status", "detail", "release_time", "processing_time", "position"):
            owner = result.schedule if name == "ProjectSolution" else result
            assert np.array_equal(np.atleast_1d(getattr(owner, column)), table[column].to_numpy(), equal_nan=True), column


@pytest.mark.parametrize("sample", SAMPLES, ids=identify)
def test_plain_data_are_strict_json_under_the_names_of_the_attributes(sample: Sample) -> None:
    result = sample[1]()
    plain = result.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["schema_version"] == 1
    assert plain["kind"] == type(result).kind
    keys = plain.keys() - {"schedkit", "schema_version", "kind"}
    assert keys >= {field.name for field in dataclasses.fields(result) if not field.name.startswith("_")}
    for key in keys:
        value = getattr(result, key)
        if isinstance(value, (int, str)):
            assert plain[key] == value, key
        elif isinstance(value, np.ndarray):
            assert np.array_equal(np.array(plain[key], dtype=value.dtype), value, equal_nan=value.dtype.kind == "f"), key


@pytest.mark.parametrize("sample", SAMPLES, ids=identify)
def test_texts_name_the_class_and_stay_short(sample: Sample) -> None:
    result = sample[1]()
    text = repr(result)
    assert text.startswith(f"{sample[0]}(")
    assert "\n" not in text
    assert len(text) < 1500


N = 5000
LARGE: dict[str, Callable[[], Any]] = {
    "project": lambda: sk.rcpsp.Project([1] * N, [[1]] * N, [2], names=[f"activity with a long name {i}" for i in range(N)]),
    "schedule": lambda: sk.rcpsp.serial_sgs(LARGE["project"]()),
    "solution": lambda: sk.rcpsp.solve(LARGE["project"](), max_schedules=1),
    "batch": lambda: sk.rcpsp.serial_sgs_many(LARGE["project"](), np.tile(np.arange(N), (20, 1)), starts=True),
    "graph": lambda: sk.dag.TaskGraph(np.ones((N, 2)), [], []),
    "network": lambda: sk.dag.Network(np.ones((100, 100)), np.zeros((100, 100))),
    "placement": lambda: sk.dag.heft(LARGE["graph"]()),
    "jobs": lambda: sk.online.Jobs(np.arange(N), np.ones(N)),
    "flow": lambda: sk.online.simulate(LARGE["jobs"](), segments=True),
    "instance": lambda: sk.tardiness.Instance([1] * N, [3] * N),
    "sequence": lambda: sk.tardiness.edd([1] * N, [3] * N),
    "sequences": lambda: sk.tardiness.edd([[1] * N] * 3, [[3] * N] * 3),
    "calendar": lambda: sk.rcpsp.Calendar(range(N), [0, 1] * (N // 2)),
    "fixed": lambda: sk.Fixed(range(N), range(N)),
    "workflow": lambda: sk.dag.read_stg(sk.example_path("tiny.stg")),
    "platform": lambda: sk.dag.Platform(tuple(map(str, range(N))), (1.0,) * N, sk.dag.Network()),
    "reason": lambda: sk.Reason("deadline_missed", tuple(range(N)), (), 3, "late " * N),
    "violation": lambda: sk.Violation("disjunctive", tuple(range(N)), "late " * N),
}


@pytest.mark.parametrize("name", LARGE)
def test_texts_of_large_objects_fit_on_a_screen(name: str) -> None:
    text = repr(LARGE[name]())
    assert len(text) < 24 * 80
    assert "\n" not in text


def test_escape_sequences_in_names_do_not_reach_a_text() -> None:
    project = sk.rcpsp.Project([1, 1], [[], []], [], names=["\x1b[31mred", "b\u202ec"], precedence=[(0, 1)])
    with pytest.raises(sk.InvalidInputError) as caught:
        sk.rcpsp.Project([-1], [[]], [], names=["\x1b[31mred\r"])
    with pytest.raises(sk.CycleError) as cyclic:
        sk.rcpsp.Project([1, 1], [[], []], [], names=project.names, precedence=[(0, 1), (1, 0)])
    for text in (str(caught.value), str(cyclic.value), repr(sk.rcpsp.solve(project))):
        assert text.isprintable(), text
    assert "\\x1b[31mred" in str(cyclic.value)
    assert "\\u202e" in str(cyclic.value)
