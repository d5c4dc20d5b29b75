"""Random problems of every family, and the answers of one installed package to them.

`compare_with` runs this module in two processes, one for each of the two packages that it compares. The problems are drawn by
NumPy alone, so that both packages get the same ones. An answer is the content of all results that a case produces, as bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import schedkit as sk

Answer = Iterator[Any]


def digest(values: Answer) -> str:
    """A fingerprint of arrays, numbers and lists."""
    seen = hashlib.sha256()
    for value in values:
        array = np.ascontiguousarray(value)
        seen.update(f"{array.dtype.str}{array.shape}".encode())
        seen.update(array.tobytes())
    return seen.hexdigest()[:16]


# --- projects


def project_columns(random: np.random.Generator, least: int = 1, most: int = 60) -> dict[str, Any]:
    """Durations, demands, capacities and precedence of a project whose indices are in no special order."""
    n = int(random.integers(least, most))
    width = int(random.integers(0, 5))
    capacity = random.integers(1, random.choice([6, 40, 2**18]), width)
    scale = int(random.choice([6, 11, 60, 600]))
    duration = random.integers(0, scale, n)
    demand = (random.random((n, width)) * random.choice([0.3, 0.6, 1.0]) * (capacity + 1)).astype(np.int64)
    demand = np.where(random.random((n, width)) < 0.3, 0, np.minimum(demand, capacity))
    order = random.permutation(n)
    count = int(random.integers(0, 2 * n)) if n > 1 else 0
    ends = np.sort(random.integers(0, n, (count, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    return {"duration": duration, "demand": demand, "capacity": capacity, "precedence": order[ends]}


def project_passes(random: np.random.Generator) -> Answer:
    """Both schemes by rules and by numbers, justification, time analysis, bound."""
    project = sk.rcpsp.Project(**project_columns(random))
    n = project.num_activities
    floats, integers = random.random((3, n)), random.integers(-3, 4, (3, n))
    for rule in sk.rcpsp.RULES:
        yield sk.rcpsp.serial_sgs(project, rule).start_time
        yield sk.rcpsp.parallel_sgs(project, rule).start_time
    for rows in (floats, integers):
        many = sk.rcpsp.serial_sgs_many(project, rows, starts=True)
        yield from (many.makespan, many.start_time)
        yield sk.rcpsp.parallel_sgs(project, rows[0]).start_time
    yield sk.rcpsp.justify(project, sk.rcpsp.serial_sgs(project)).start_time
    path = sk.rcpsp.critical_path(project)
    yield from (path.earliest_start, path.earliest_finish, path.latest_start, path.latest_finish, path.slack, path.length)
    yield sk.rcpsp.lower_bound(project)


def project_search(random: np.random.Generator) -> Answer:
    """The anytime search with a budget, on one and two threads."""
    project = sk.rcpsp.Project(**project_columns(random, 20, 90))
    budget, seed = int(random.choice([1, 50, 500, 3000])), int(random.integers(100))
    for threads in (1, 2):
        found = sk.rcpsp.solve(project, max_schedules=budget, seed=seed, threads=threads)
        assert found.schedule is not None
        yield from (found.schedule.start_time, found.lower_bound, found.num_schedules, found.status)
        yield [(step.objective, step.lower_bound, step.budget_used) for step in found.history]


def project_constraints(random: np.random.Generator) -> Answer:
    """One-pass methods under lags, windows, calendars, pauses, disjunctions and a fixed past."""
    columns = project_columns(random, 2, 30)
    n, width = len(columns["duration"]), len(columns["capacity"])
    if random.random() < 0.5:
        columns["lag"] = random.integers(0, 9, len(columns["precedence"]))
    if random.random() < 0.5:
        columns["release_time"] = random.integers(0, 40, n)
    if width and random.random() < 0.6:
        period = int(random.integers(20, 60))
        time = np.sort(random.choice(period, 3, replace=False))
        share = np.array([1.0, random.choice([0.0, 0.5]), 1.0])
        units = np.where(share < 1, (share * columns["capacity"][:, None]).astype(np.int64), columns["capacity"][:, None])
        columns["calendars"] = {r: sk.rcpsp.Calendar(time, units[r], period) for r in range(width)}
        columns["pausable"] = random.random(n) < random.choice([0.5, 1.0])
    if random.random() < 0.4:
        columns["disjunctive"] = [random.choice(n, min(n, 4), replace=False)]
    project = sk.rcpsp.Project(**columns)
    for method in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        for rule in ("lft", "spt", "fcfs"):
            try:
                found = method(project, rule)
            except sk.InfeasibleError:
                yield -1
                continue
            yield from (found.start_time, found.completion_time)
            if method is sk.rcpsp.serial_sgs and rule == "lft":
                yield sk.rcpsp.justify(project, found).start_time


# --- task graphs


def graph_and_network(random: np.random.Generator, most: int = 60) -> tuple[Any, Any]:
    """A task graph on unlike processors and a network, or None for the usual one."""
    n, width = int(random.integers(1, most)), int(random.integers(1, 7))
    whole = random.random() < 0.5
    cost = random.integers(1, 20, (n, width)).astype(float) if whole else random.random((n, width)) * 10
    if random.random() < 0.3:
        forbidden = random.random((n, width)) < 0.2
        forbidden[np.arange(n), random.integers(0, width, n)] = False
        cost[forbidden] = np.inf
    count = int(random.integers(0, 3 * n)) if n > 1 else 0
    ends = np.sort(random.integers(0, n, (count, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    data = random.integers(0, 20, len(ends)).astype(float) if whole else random.random(len(ends)) * 15
    graph = sk.dag.TaskGraph(cost, random.permutation(n)[ends], data)
    if random.random() < 0.5:
        return graph, None
    return graph, sk.dag.Network(1 + random.random((width, width)), random.random((width, width)))


def graph_lists(random: np.random.Generator) -> Answer:
    """Every list scheduler and every rank."""
    graph, network = graph_and_network(random)
    for name, algorithm in sorted(sk.dag.ALGORITHMS.items()):
        if name != "lookahead_heft" or graph.num_tasks < 25:
            found = algorithm(graph, network)
            yield from (found.processor, found.start_time, found.completion_time)
    yield from (sk.dag.upward_rank(graph, network), sk.dag.downward_rank(graph, network), sk.dag.bottom_level(graph))
    yield sk.dag.lower_bound(graph, network)


def graph_search(random: np.random.Generator) -> Answer:
    """The anytime search with a budget."""
    graph, network = graph_and_network(random, 40)
    found = sk.dag.improve(graph, network, max_evaluations=int(random.choice([1, 100, 1000])), seed=int(random.integers(100)))
    yield from (found.processor, found.start_time, found.lower_bound, found.status)


def graph_stream(random: np.random.Generator) -> Answer:
    """Task graphs that arrive one after the other, in every mode, with and without noise."""
    width = int(random.integers(1, 5))
    graphs = []
    for _ in range(3):
        n = int(random.integers(1, 12))
        ends = np.sort(random.integers(0, n, (2 * n, 2)), axis=1)
        ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
        graphs.append(sk.dag.TaskGraph(random.integers(1, 20, (n, width)), ends, random.integers(0, 9, len(ends))))
    for policy in ("plan_on_arrival", "reschedule", "frontier", "repair"):
        noise, seed = float(random.choice([0.0, 0.3])), int(random.integers(100))
        found = sk.dag.simulate_stream(graphs, policy=policy, num_jobs=20, rate=0.05, noise=noise, seed=seed)
        yield from (found.release_time, found.completion_time, found.busy_time)


# --- streams of jobs


def jobs_columns(random: np.random.Generator, most: int = 80) -> dict[str, Any]:
    """Jobs with the facts that any policy needs; whole numbers make ties. No job has size 0."""
    n = int(random.integers(1, most))
    whole = random.random() < 0.5
    size = random.integers(1, 12, n).astype(float) if whole else random.exponential(3.0, n) + 1e-3
    release = np.cumsum(random.integers(0, 6, n)).astype(float) if whole else np.cumsum(random.exponential(2.5, n))
    return {
        "release_time": release,
        "processing_time": size,
        "weight": random.integers(1, 5, n).astype(float),
        "estimate": size * np.exp(random.normal(0, 0.5, n)),
        "deadline": release + size * (1 + random.random(n) * 5),
    }


NEW_POLICIES = {"slack_edf", "slo_density"}
"""Policies that older packages do not have, so that there is nothing to compare."""


def jobs_simulation(random: np.random.Generator) -> Answer:
    """Every policy, on one and on several servers, with every kind of preemption that it takes."""
    jobs = sk.online.Jobs(**jobs_columns(random))
    servers = int(random.choice([1, 1, 2, 3]))
    for name in sorted(set(sk.online.POLICIES) - NEW_POLICIES):
        for preempt in ("anywhere", "never"):
            try:
                found = sk.online.simulate(jobs, name, servers=servers, preempt=preempt)
            except sk.InvalidInputError:
                yield -1
                continue
            yield from (found.completion_time, found.num_preemptions)


def jobs_operations(random: np.random.Generator) -> Answer:
    """Jobs whose size is revealed operation by operation."""
    n = int(random.integers(1, 30))
    operations = [random.integers(1, 9, int(random.integers(1, 6))).tolist() for _ in range(n)]
    jobs = sk.online.Jobs(np.cumsum(random.integers(0, 9, n)), operations=operations)
    for name in ("op_srpt", "chunk_balance", "srpt", "las", "fcfs"):
        for preempt in ("anywhere", "operation"):
            try:
                yield sk.online.simulate(jobs, name, preempt=preempt).completion_time
            except sk.InvalidInputError:
                yield -1


def jobs_queue(random: np.random.Generator) -> Answer:
    """A policy queue that is filled, asked and emptied."""
    columns = jobs_columns(random, 40)
    for name in ("fcfs", "srpt", "sjf", "psjf", "hdf", "edf", "srpt_e", "balance", "las", "hrrn"):
        queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue(name)
        order = []
        for j, release in enumerate(columns["release_time"]):
            keep: dict[str, Any] = {k: float(columns[k][j]) for k in ("weight", "estimate", "deadline")}
            queue.add(j, size=float(columns["processing_time"][j]), now=float(release), **keep)
            if j % 3 == 2:
                order.append(queue.peek(now=float(release)))
                order.append(queue.pop(now=float(release)))
        end = float(columns["release_time"][-1])
        while True:
            try:
                order.append(queue.pop(now=end))
            except IndexError:
                break
        yield order


# --- sequences


def sequence_rules(random: np.random.Generator) -> Answer:
    """Every rule, for one instance and for several at once."""
    n = int(random.integers(1, 120))
    most = int(random.choice([9, 100, 10**6]))
    p = random.integers(1, most, (2, n))
    d = (random.random((2, n)) * p.sum(axis=1, keepdims=True)).astype(np.int64)
    w = random.integers(1, 10, n)
    for name in sorted(sk.tardiness.RULES):
        rule: Callable[..., Any] = getattr(sk.tardiness, name)
        weights = {"weight": w} if name in {"atc", "wmdd", "wspt"} else {}
        yield rule(p[0], d[0], **weights).sequence
        if not weights:
            found = rule(p, d)
            yield from (found.sequence, found.total_tardiness)


def sequence_search(random: np.random.Generator) -> Answer:
    """Local search with a budget, and proofs."""
    n = int(random.integers(1, 40))
    p = random.integers(1, 100, n)
    d = (random.random(n) * p.sum() * random.choice([0.3, 0.6, 1.0])).astype(np.int64)
    w = random.integers(1, 10, n) if random.random() < 0.5 else None
    found = sk.tardiness.improve(p, d, weight=w, max_moves=int(random.choice([10, 1000])), seed=int(random.integers(100)))
    yield from (found.sequence, found.total_weighted_tardiness)
    exact = sk.tardiness.solve_exact(p, d)
    yield from (exact.sequence, exact.total_tardiness, exact.num_nodes)


CASES: dict[str, tuple[Callable[[np.random.Generator], Answer], int]] = {
    "projects: passes": (project_passes, 20),
    "projects: search": (project_search, 5),
    "projects: constraints, one pass": (project_constraints, 10),
    "task graphs: list schedulers": (graph_lists, 20),
    "task graphs: search": (graph_search, 5),
    "task graphs: streams": (graph_stream, 5),
    "streams: policies": (jobs_simulation, 15),
    "streams: operations": (jobs_operations, 5),
    "streams: policy queue": (jobs_queue, 5),
    "sequences: rules": (sequence_rules, 8),
    "sequences: search and proofs": (sequence_search, 2),
}
"""Every case with its share, in percent, of the answers that are compared."""
