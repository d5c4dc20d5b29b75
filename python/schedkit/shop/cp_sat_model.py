"""The CP-SAT model of a shop: an optional interval for each machine of each operation, of which one is present."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

from .. import _validation
from ..calendar import Calendar
from .problem import Shop
from .schedule import ShopSchedule

MOST_CLOSED_TIMES = 50_000
MOST_PAIRS = 2_000_000
FAR = 2**50
"""CP-SAT takes numbers below 2**63; sums of a thousand times of this size stay below."""
NO_DUE_DATE = 2**63 - 1


class ShopModel:
    """Variables, constraints, and the way back from a solution to machines and start times.

    With a schedule `best` the model holds schedules that are no worse.
    """

    def __init__(self, cp_model: Any, shop: Shop, objective: str, best: ShopSchedule | None) -> None:
        self._shop = shop
        self.model = cp_model.CpModel()
        self._job = shop.job.tolist()
        self._choices = [choices for job in shop.jobs for choices in job]
        self._transport = shop.transport
        best_end = best.makespan if best is not None and objective == "makespan" else None
        self._horizon = self._latest_end() if best_end is None else best_end
        if self._horizon > FAR:
            raise _validation.refuse("shop", f"its schedules may end as late as {self._horizon}, too late for CP-SAT")
        count = shop.num_operations
        self._start = [self.model.new_int_var(0, self._horizon, f"start {op}") for op in range(count)]
        self._end = [self.model.new_int_var(0, self._horizon, f"end {op}") for op in range(count)]
        self._leaves = self._end
        if shop.blocking:
            leaves = [self.model.new_int_var(0, self._horizon, f"leaves {op}") for op in range(count)]
            self._leaves = [leaves[op] if self._behind(op) else self._end[op] for op in range(count)]
        self._on: list[dict[int, Any]] = [{} for _ in range(count)]
        self._operations()
        self._routes()
        self._machines()
        self._objective(objective, best)
        if best is not None:
            for op in range(count):
                self.model.add_hint(self._start[op], int(best.start_time[op]))
                for machine, literal in self._on[op].items():
                    self.model.add_hint(literal, int(best.machine[op]) == machine)

    def _behind(self, op: int) -> bool:
        """Whether the job has another operation behind this one."""
        return op + 1 < len(self._job) and self._job[op + 1] == self._job[op]

    def _latest_end(self) -> int:
        """A time by which some best schedule ends.

        Behind the releases and the steps of calendars that do not repeat, each operation waits for the end of another one, its
        setup or transport, and at most for a period of a calendar.
        """
        shop = self._shop
        once = [
            int(calendar.time[-1]) for calendar in shop.calendars.values() if calendar.period is None and calendar.time.size
        ]
        begin = max([int(shop.release_time.max(initial=0)), *once])
        way = 0 if self._transport is None else int(self._transport.max(initial=0))
        tables = (*shop.setup.values(), *shop.initial_setup.values())
        setup = max((int(ticks.max(initial=0)) for ticks in tables), default=0)
        periods = [calendar.period for calendar in shop.calendars.values() if calendar.period is not None]
        period = (math.lcm(*periods) if shop.no_wait else max(periods)) if periods else 0
        longest = [max(duration for _, duration in choices) for choices in self._choices]
        return begin + sum(longest) + len(longest) * (way + setup + period)

    def _operations(self) -> None:
        """One machine for each operation, behind the release of its job."""
        for op, choices in enumerate(self._choices):
            for machine, duration in choices:
                literal = self._on[op][machine] = self.model.new_bool_var(f"{op} on {machine}")
                self.model.add(self._end[op] == self._start[op] + duration).only_enforce_if(literal)
            self.model.add_exactly_one(self._on[op].values())
            self.model.add(self._start[op] >= int(self._shop.release_time[self._job[op]]))

    def _ways(self, op: int) -> Iterator[tuple[int, list[Any]]]:
        """Ticks from the machine of an operation to that of the next one, and the literals under which they hold."""
        if self._transport is None:
            yield 0, []
            return
        for source, target in itertools.product(self._on[op], self._on[op + 1]):
            yield int(self._transport[source, target]), [self._on[op][source], self._on[op + 1][target]]

    def _routes(self) -> None:
        """The operations of a job one behind the other."""
        for op in range(len(self._job)):
            if not self._behind(op):
                continue
            if self._shop.blocking:
                self.model.add(self._leaves[op] >= self._end[op])
            for ticks, literals in self._ways(op):
                if self._shop.blocking:
                    constraint = self.model.add(self._start[op + 1] == self._leaves[op] + ticks)
                elif self._shop.no_wait:
                    constraint = self.model.add(self._start[op + 1] == self._end[op] + ticks)
                else:
                    constraint = self.model.add(self._start[op + 1] >= self._end[op] + ticks)
                if literals:
                    constraint.only_enforce_if(literals)

    def _machines(self) -> None:
        """Each machine has one job at a time, is open for it, and is set up for it."""
        shop = self._shop
        users: list[list[int]] = [[] for _ in range(shop.num_machines)]
        for op, choices in enumerate(self._choices):
            for machine, _ in choices:
                users[machine].append(op)
        in_order = [machine for machine in range(shop.num_machines) if self._needs_order(machine)]
        pairs = sum(len(users[machine]) ** 2 for machine in in_order)
        if pairs > MOST_PAIRS:
            raise _validation.refuse("shop", f"has {pairs} pairs of operations on machines with setups, too many for CP-SAT")
        self._rank = None
        if shop.blocking == "no_swap":
            count = len(self._job)
            self._rank = [self.model.new_int_var(0, count, f"rank {op}") for op in range(count)]
            for op in range(count):
                if self._behind(op):
                    self.model.add(self._rank[op + 1] > self._rank[op])
        closed = self._closed_times()
        for machine, ops in enumerate(users):
            self.model.add_no_overlap([self._interval(op, machine, self._leaves[op]) for op in ops])
            if machine in shop.setup or machine in shop.initial_setup:
                self._order(machine, ops)
            if self._rank is not None:
                for one, other in itertools.combinations(ops, 2):
                    self._exchange(one, other, self._on[one][machine], self._on[other][machine])
            if machine in closed:
                works = [op for op in ops if dict(self._choices[op])[machine] > 0]
                runs = [self._interval(op, machine, self._end[op]) for op in works]
                fixed_size = self.model.new_fixed_size_interval_var
                shut = [fixed_size(begin, end - begin, f"{machine} shut") for begin, end in closed[machine]]
                self.model.add_no_overlap([*runs, *shut])

    def _interval(self, op: int, machine: int, end: Any) -> Any:
        size = self.model.new_int_var(0, 2 * FAR, f"size {op}")
        return self.model.new_optional_interval_var(self._start[op], size, end, self._on[op][machine], f"{op} at {machine}")

    def _needs_order(self, machine: int) -> bool:
        shop = self._shop
        return shop.blocking == "no_swap" or machine in shop.setup or machine in shop.initial_setup

    def _order(self, machine: int, ops: list[int]) -> None:
        """A circuit through the operations of a machine in the order in which they run."""
        shop = self._shop
        setup, initial = shop.setup.get(machine), shop.initial_setup.get(machine)
        arcs: list[tuple[int, int, Any]] = [(0, 0, self.model.new_bool_var(f"{machine} is empty"))]
        for k, op in enumerate(ops, 1):
            here = self._on[op][machine]
            arcs.append((k, k, ~here))
            first, last = self.model.new_bool_var(f"{op} first"), self.model.new_bool_var(f"{op} last")
            arcs += [(0, k, first), (k, 0, last)]
            if initial is not None:
                self.model.add(self._start[op] >= int(initial[self._family(op)])).only_enforce_if(first)
            for i, after in enumerate(ops, 1):
                if i != k:
                    literal = self.model.new_bool_var(f"{op} before {after}")
                    arcs.append((k, i, literal))
                    ticks = 0 if setup is None else int(setup[self._family(op), self._family(after)])
                    self._one_behind_the_other(op, after, ticks, literal)
        self.model.add_circuit(arcs)

    def _exchange(self, one: int, other: int, *here: Any) -> None:
        """Of two operations on one machine the later one comes once the earlier one has left, even at one moment."""
        first = self.model.new_bool_var(f"{one} before {other}")
        for op, after, literal in ((one, other, first), (other, one, ~first)):
            self._one_behind_the_other(op, after, 0, literal, *here)
            if self._rank is not None and self._behind(op) and after != op + 1:
                self.model.add(self._rank[after] > self._rank[op + 1]).only_enforce_if(literal, *here)

    def _one_behind_the_other(self, op: int, after: int, ticks: int, *literals: Any) -> None:
        """What holds if an operation runs somewhere behind another one on their machine, with a setup of so many ticks."""
        self.model.add(self._start[after] >= self._leaves[op] + ticks).only_enforce_if(*literals)
        if op > after:  # of two operations without length at one moment the lower one goes first
            self.model.add(self._leaves[after] >= self._start[op] + 1).only_enforce_if(*literals)

    def _family(self, op: int) -> int:
        family = self._shop.family
        return int(self._job[op] if family is None else family[self._job[op]])

    def _closed_times(self) -> dict[int, list[tuple[int, int]]]:
        """For machines with calendars the times at which they are closed, up to the horizon."""
        found, count = {}, 0
        for machine, calendar in self._shop.calendars.items():
            found[machine] = list(itertools.islice(closed_times(calendar, 0, self._horizon), MOST_CLOSED_TIMES + 1))
            count += len(found[machine])
            if count > MOST_CLOSED_TIMES:
                raise _validation.refuse("calendars", f"close more than {MOST_CLOSED_TIMES} times, too often for CP-SAT")
        return found

    def _objective(self, name: str, best: ShopSchedule | None) -> None:
        shop = self._shop
        weights = shop.weight if "weighted" in name else None
        terms = [term for j, end in enumerate(self._completions()) if (term := self._of_job(name, j, end)) is not None]
        if name in {"makespan", "max_lateness"}:
            value: Any = self.model.new_int_var(-FAR, FAR, name) if terms else self.model.new_constant(0)
            for _, term in terms:
                self.model.add(value >= term)
        else:
            value = self.model.new_constant(0) + sum((1 if weights is None else int(weights[j])) * term for j, term in terms)
        if best is not None:
            self.model.add(value <= int(getattr(best, name)))
        self.model.minimize(value)

    def _completions(self) -> list[Any]:
        """When each job completes; one without operations at its release."""
        last = {self._job[op]: self._end[op] for op in range(len(self._job))}
        release = self._shop.release_time.tolist()
        return [last.get(j, release[j]) for j in range(self._shop.num_jobs)]

    def _of_job(self, name: str, j: int, end: Any) -> tuple[int, Any] | None:
        """A job, and what it adds to an objective, its weight not counted; None if it adds nothing."""
        if name == "makespan":
            return None if isinstance(end, int) else (j, end)
        if "flow" in name:
            return j, end - int(self._shop.release_time[j])
        if self._shop.due_date is None or self._shop.due_date[j] == NO_DUE_DATE:
            return None
        due = int(self._shop.due_date[j])
        if name == "max_lateness":
            return j, end - due
        if name == "num_tardy":
            late = self.model.new_bool_var(f"job {j} is late")
            self.model.add(end <= due).only_enforce_if(~late)
            return j, late
        tardiness = self.model.new_int_var(0, FAR, f"tardiness {j}")
        self.model.add(tardiness >= end - due)
        return j, tardiness

    def placement(self, value: Callable[[Any], int]) -> tuple[list[int], list[int]]:
        """Machines and start times of a solution."""
        machines = [next(machine for machine, literal in literals.items() if value(literal)) for literals in self._on]
        return machines, [value(start) for start in self._start]


def closed_times(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The times at which a calendar has no capacity, between two moments, in order.

    Parameters
    ----------
    calendar : Calendar
    begin, end : int

    Yields
    ------
    tuple of (int, int)
        Right-open.
    """
    steps = list(zip(calendar.time.tolist(), calendar.capacity.tolist(), strict=True))
    if not steps:
        return
    period = calendar.period
    repeat = 0 if period is None else (begin - steps[0][0]) // period
    while period is not None or repeat == 0:
        shift = 0 if period is None else repeat * period
        if steps[0][0] + shift >= end:
            return
        last = end if period is None else steps[0][0] + period
        for (time, capacity), until in zip(steps, [*(time for time, _ in steps[1:]), last], strict=True):
            first, past = max(time + shift, begin), min(until + shift, end)
            if capacity == 0 and first < past:
                yield first, past
        repeat += 1
