"""Tables of the functions that check, draw, trace and write objects, or make pages of them, by type.

Problems and results call them by table and so import neither checkers nor charts. A family adds one line per verb. An entry
names a class as ``module.Class`` and a function as ``module:function``. A class that is not listed is served by the entry of
its nearest base class. Modules are imported on first use.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

CHECK = {
    "schedkit.rcpsp.problem.Project": "schedkit.rcpsp._check:violations",
    "schedkit.dag.problem.TaskGraph": "schedkit.dag._check:violations",
    "schedkit.online.problem.Jobs": "schedkit.online._check:violations",
    "schedkit.tardiness.problem.Instance": "schedkit.tardiness._check:violations",
    "schedkit.shop.problem.Shop": "schedkit.shop._check:violations",
    "schedkit.plan.problem.Plan": "schedkit.plan._check:violations",
    "schedkit.serving.problem.Trace": "schedkit.serving._check:violations",
}
"""Problems: ``violations(problem, schedule, **options)`` returns rows (kind, subject, detail)."""

CHECK_RESULT = {
    "schedkit.packing.bin_packing.BinResult": "schedkit.packing._check:bin_violations",
    "schedkit.packing.memory_offsets.OffsetResult": "schedkit.packing._check_offsets:offset_violations",
    "schedkit.packing.placement.PlacementResult": "schedkit.packing._check_placement:placement_violations",
    "schedkit.packing.repacking.RepackResult": "schedkit.packing._check_placement:repack_violations",
    "schedkit.packing.partitioning.PartitionResult": "schedkit.packing._check:partition_violations",
    "schedkit.packing.replication.ReplicationResult": "schedkit.packing._check_replication:violations",
}
"""Results that hold their problem: ``violations(result)`` returns rows (kind, subject, detail)."""

PLOT = {
    "schedkit.rcpsp.schedule.ProjectSchedule": "schedkit.rcpsp.plot:project_gantt",
    "schedkit.rcpsp.search.ProjectSolution": "schedkit.rcpsp.plot:solution_convergence",
    "schedkit.rcpsp.ramp.report.RampReport": "schedkit.rcpsp.plot:ramp_curve",
    "schedkit.dag.schedule.DagSchedule": "schedkit.dag.plot:dag_gantt",
    "schedkit.online.schedule.FlowResult": "schedkit.online.plots:flow_chart",
    "schedkit.tardiness.schedule.SequenceSchedule": "schedkit.tardiness.plot:sequence_chart",
    "schedkit.shop.schedule.ShopSchedule": "schedkit.shop.plot:shop_gantt",
    "schedkit.shop.graph.DisjunctiveGraph": "schedkit.shop.graph_plot:disjunctive_chart",
    "schedkit.packing.bin_packing.BinResult": "schedkit.packing.plot:bin_chart",
    "schedkit.packing.memory_offsets.OffsetResult": "schedkit.packing.plot_offsets:offset_chart",
    "schedkit.packing.partitioning.PartitionResult": "schedkit.packing.plot:partition_chart",
    "schedkit.packing.placement.PlacementResult": "schedkit.packing.plot:placement_chart",
    "schedkit.packing.replication.ReplicationResult": "schedkit.packing.plot:replication_chart",
    "schedkit.plan.solution.PlanSolution": "schedkit.plan.plot:plan_gantt",
    "schedkit.serving.schedule.ServingResult": "schedkit.serving.plots:result_chart",
}
"""Results: ``chart(result, ax, **options)`` returns the axes it has drawn on."""

TRACE = {
    "schedkit.rcpsp.schedule.ProjectSchedule": "schedkit.rcpsp.trace:write_project_trace",
    "schedkit.dag.schedule.DagSchedule": "schedkit.dag.plot:write_dag_trace",
    "schedkit.online.schedule.FlowResult": "schedkit.online.trace:write_flow_trace",
}
"""Results: ``write(result, path)`` writes a Chrome trace file."""

PAGE = {
    "schedkit.plan.solution.PlanSolution": "schedkit.plan.html_page:write",
}
"""Results: ``write(result, path, baseline)`` writes a page for browsers."""

WRITE = {
    "schedkit.plan.problem.Plan": "schedkit.plan.files:write",
}
"""Problems whose method ``write`` writes them: ``write(problem, path)``."""


def function_for(table: dict[str, str], value: object) -> Callable[..., Any] | None:
    """The function that a table holds for an object's class or its nearest base class; None if it holds none."""
    for cls in type(value).__mro__:
        target = table.get(f"{cls.__module__}.{cls.__qualname__}")
        if target is not None:
            return load(target)
    return None


def load(target: str) -> Callable[..., Any]:
    """The function behind ``module:function``."""
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def call(table: dict[str, str], value: object, *arguments: Any, **options: Any) -> Any:
    """Calls the function that a table holds for an object, with the object as the first argument."""
    function = function_for(table, value)
    if function is None:
        raise TypeError(f"there is no function for a {type(value).__name__}")
    return function(value, *arguments, **options)
