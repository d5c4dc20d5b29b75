"""Slow, obvious versions of the schedulers that compare all ready tasks, of simple mappings, and of HEFT with copies."""

from __future__ import annotations

from collections.abc import Callable

from .oracles import INF, Instance, Table, best, list_schedule

Plan = dict[int, tuple[int, float, float]]


def _frontier(instance: Instance, insertion: bool, merit: Callable[[Table, int], tuple[float, float, int]]) -> Plan:
    """Always the ready task of largest merit (two numbers), ties by lower task, on the processor that its merit names."""
    table = Table(instance, insertion)
    while len(table.where) < instance.n:
        ready = [j for j in range(instance.n) if j not in table.where and all(i in table.where for i in instance.parents(j))]
        first, second, j, q = max((*merit(table, j)[:2], -j, merit(table, j)[2]) for j in ready)
        assert first > -INF
        assert second > -INF
        table.place(-int(j), int(q))
    return table.where


def etf(instance: Instance, insertion: bool = True) -> Plan:
    level = instance.upward(communication=False)

    def merit(t: Table, j: int) -> tuple[float, float, int]:
        q = best(t, j, lambda q: t.start(j, q))
        return -t.start(j, q), level[j], q

    return _frontier(instance, insertion, merit)


def dls(instance: Instance, insertion: bool = True) -> Plan:
    median = [instance.typical_cost(i, "median") for i in range(instance.n)]
    level = instance.upward("median", communication=False)

    def merit(t: Table, j: int) -> tuple[float, float, int]:
        def dynamic(q: int) -> float:
            return level[j] - t.start(j, q) + (median[j] - instance.cost[j][q])

        q = best(t, j, lambda q: -dynamic(q))
        return dynamic(q), 0.0, q

    return _frontier(instance, insertion, merit)


def _by_finish(instance: Instance, insertion: bool, sign: float) -> Plan:
    def merit(t: Table, j: int) -> tuple[float, float, int]:
        q = best(t, j, lambda q: t.finish(j, q))
        return sign * t.finish(j, q), 0.0, q

    return _frontier(instance, insertion, merit)


def min_min(instance: Instance, insertion: bool = True) -> Plan:
    return _by_finish(instance, insertion, -1.0)


def max_min(instance: Instance, insertion: bool = True) -> Plan:
    return _by_finish(instance, insertion, 1.0)


def duplex(instance: Instance, insertion: bool = True) -> Plan:
    plans = [min_min(instance, insertion), max_min(instance, insertion)]
    return min(plans, key=lambda plan: max((end for _, _, end in plan.values()), default=0.0))


def sufferage(instance: Instance, insertion: bool = True) -> Plan:
    def merit(t: Table, j: int) -> tuple[float, float, int]:
        first, second = sorted([*(t.finish(j, q) for q in range(instance.m)), INF])[:2]
        return second - first, 0.0, best(t, j, lambda q: t.finish(j, q))

    return _frontier(instance, insertion, merit)


def _by_index(instance: Instance, insertion: bool, choose: Callable[[Table, int], int]) -> Plan:
    return list_schedule(instance, [0.0] * instance.n, choose, insertion)


def mct(instance: Instance, insertion: bool = True) -> Plan:
    return _by_index(instance, insertion, lambda t, j: best(t, j, lambda q: t.finish(j, q)))


def met(instance: Instance, insertion: bool = True) -> Plan:
    return _by_index(instance, insertion, lambda t, j: best(t, j, lambda q: instance.cost[j][q]))


def olb(instance: Instance, insertion: bool = True) -> Plan:
    def free(t: Table, q: int) -> float:
        return max([instance.now, *(end for _, end in t.busy[q])])

    return _by_index(instance, insertion, lambda t, j: best(t, j, lambda q: free(t, q)))


def fastest(instance: Instance, insertion: bool = True) -> Plan:
    def demerit(q: int) -> tuple[int, float]:
        column = [row[q] for row in instance.cost]
        total = 0.0
        for cost in column:
            total += cost if cost < INF else 0.0
        return column.count(INF), total

    home = min(range(instance.m), key=demerit, default=0)
    return _by_index(
        instance, insertion, lambda t, j: home if instance.cost[j][home] < INF else best(t, j, lambda q: instance.cost[j][q])
    )


Copy = tuple[int, int, float, float]


def heft_with_copies(instance: Instance, insertion: bool = True) -> tuple[Plan, list[Copy]]:
    """Where the last data to arrive are an entry task's, a copy of it is made if that ends before they do, again and again."""
    copies: list[Copy] = []

    def attempt(t: Table, j: int, q: int) -> tuple[float, list[Copy]]:
        trial, new = Table(instance, insertion), list[Copy]()
        trial.busy = [list(lane) for lane in t.busy]
        while True:
            late, sender = instance.now, -1
            for i in instance.parents(j):
                p, _, end = t.where[i]
                runs = [(p, end), *((at, until) for k, at, _, until in [*copies, *new] if k == i)]
                arrival = min(until + instance.comm(i, at, j, q) for at, until in runs)
                if arrival > late or (arrival == late and sender == -1):
                    late, sender = arrival, i
            known = sender == -1 or instance.parents(sender) or t.where[sender][0] == q
            if known or any((k, at) == (sender, q) for k, at, _, _ in [*copies, *new]):
                break
            start = trial.earliest(q, instance.now, instance.cost[sender][q])
            end = start + instance.cost[sender][q]
            if end >= late:
                break
            new.append((sender, q, start, end))
            trial.busy[q] = sorted([*trial.busy[q], (start, end)])
        return trial.earliest(q, late, instance.cost[j][q]), new

    table = Table(instance, insertion)
    rank = instance.upward()
    while len(table.where) < instance.n:
        ready = [j for j in range(instance.n) if j not in table.where and all(i in table.where for i in instance.parents(j))]
        j = min(ready, key=lambda j: (-rank[j], j))
        tries = {q: attempt(table, j, q) for q in range(instance.m) if instance.cost[j][q] < INF}
        q = min(tries, key=lambda q: (tries[q][0] + instance.cost[j][q], q))
        start, new = tries[q]
        for _, _, begin, end in new:
            table.busy[q] = sorted([*table.busy[q], (begin, end)])
        copies += new
        table.put(j, q, start, start + instance.cost[j][q])
    return table.where, copies
