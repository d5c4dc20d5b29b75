"""A slow and obvious simulation, tick by tick, of shops whose machines stop and come back."""

from __future__ import annotations

import math
from typing import Any

import schedkit as sk

Row = tuple[int, int, int]  # machine, start, end


class Simulation:
    """Looks at every job and machine at every tick."""

    def __init__(self, shop: sk.shop.Shop, rule: Any, rows: list[Row], restart: bool) -> None:
        self.shop, self.rule, self.restart = shop, rule, restart
        self.jobs = [[dict(choices) for choices in job] for job in shop.jobs]
        self.number = [sum(map(len, self.jobs[:j])) for j in range(len(self.jobs))]
        self.down = [{t for m, a, b in rows if m == k for t in range(a, b)} for k in range(shop.num_machines)]
        self.family = list(range(len(self.jobs))) if shop.family is None else shop.family.tolist()
        self.step = [0] * len(self.jobs)  # operations that have started
        self.left = [0] * len(self.jobs)  # ticks of work left in the operation under way
        self.complete: list[int | None] = shop.release_time.tolist()  # of the operation that started last; None while it runs
        self.on: list[int | None] = [None] * len(self.jobs)
        self.log: dict[int, list[int]] = {}
        self.last: list[tuple[int, int] | None] = [None] * shop.num_machines  # job and step of the last start on a machine
        self.now = 0

    def run(self) -> list[tuple[int, int, int]]:
        """Machine, start and completion of each operation."""
        while any(self.step[j] < len(job) or self.complete[j] is None for j, job in enumerate(self.jobs)):
            for m, down in enumerate(self.down):
                if self.now in down and self.now - 1 not in down and self.restart and self.working(m) is not None:
                    j = self.working(m)
                    assert j is not None
                    self.left[j] = self.jobs[j][self.step[j] - 1][m]
            self.decide()
            self.now += 1
            for m, down in enumerate(self.down):
                j = self.working(m)
                if j is not None and self.now - 1 not in down:
                    self.left[j] -= 1
                    if self.left[j] == 0:
                        self.finish(j)
            assert self.now < 100_000
        return [tuple(self.log[k]) for k in range(len(self.log))]  # type: ignore[misc]

    def working(self, machine: int) -> int | None:
        """The job whose operation is under way on a machine."""
        return next((j for j, at in enumerate(self.on) if at == machine and self.complete[j] is None), None)

    def finish(self, j: int) -> None:
        self.complete[j] = self.now
        self.log[self.number[j] + self.step[j] - 1][2] = self.now
        if not self.shop.blocking or self.step[j] == len(self.jobs[j]):
            self.on[j] = None

    def start(self, j: int, machine: int) -> None:
        self.log[self.number[j] + self.step[j]] = [machine, self.now, -1]
        self.left[j] = self.jobs[j][self.step[j]][machine]
        self.last[machine] = (j, self.step[j])
        self.step[j] += 1
        self.on[j], self.complete[j] = machine, None
        if self.left[j] == 0:
            self.finish(j)

    def waiting(self) -> list[int]:
        """Jobs whose next operation is not under way, and whose last one is complete."""
        done = [(j, self.complete[j]) for j, job in enumerate(self.jobs) if self.step[j] < len(job)]
        return [j for j, complete in done if complete is not None and complete <= self.now]

    def decide(self) -> None:
        """Starts everything that can start at this tick."""
        while True:
            options = [(self.key(j, m), j, m) for j in self.waiting() if (m := self.machine(j)) is not None]
            if options:
                _, j, m = min(options)
                self.start(j, m)
            elif self.shop.blocking == "swap" and (cycle := self.cycle()):
                for j, m in cycle:
                    self.start(j, m)
            else:
                return

    def up(self, machine: int) -> int:
        """When a machine runs next."""
        t = self.now
        while t in self.down[machine]:
            t += 1
        return t

    def arrival(self, j: int, machine: int) -> int:
        ready = self.complete[j]
        assert ready is not None
        before = self.log[self.number[j] + self.step[j] - 1][0] if self.step[j] else None
        return ready + (0 if before is None or self.shop.transport is None else int(self.shop.transport[before, machine]))

    def machine(self, j: int) -> int | None:
        """The machine on which the next operation of a job starts now, if it does."""
        choices = self.jobs[j][self.step[j]]
        if self.shop.blocking:
            held = {at for i, at in enumerate(self.on) if at is not None and i != j}
            empty = [(d, m) for m, d in choices.items() if m not in held and self.up(m) == self.now]
            if self.shop.blocking == "no_swap":
                empty = [(d, m) for d, m in empty if self.is_safe(j, m)]
            return min(empty)[1] if empty else None
        ends = []
        for m, duration in choices.items():
            start = max(self.now, self.arrival(j, m), self.up(m), self.free(m) + self.setup(m, j))
            ends.append((start + duration, m, start))
        _, m, start = min(ends)
        return m if start == self.now else None

    def free(self, machine: int) -> int:
        """When the last operation of a machine is complete, as far as known."""
        last = self.last[machine]
        if last is None:
            return 0
        j, step = last
        end = self.log[self.number[j] + step][2]
        return end if end >= 0 else self.up(machine) + self.left[j]

    def setup(self, machine: int, j: int) -> int:
        last = self.last[machine]
        if last is None:
            return int(self.shop.initial_setup[machine][self.family[j]]) if machine in self.shop.initial_setup else 0
        return int(self.shop.setup[machine][self.family[last[0]], self.family[j]]) if machine in self.shop.setup else 0

    def cycle(self) -> list[tuple[int, int]]:
        """Jobs that wait for each other, with the machines that they want: the first cycle from the lowest job on."""
        blocked = [j for j in self.waiting() if self.on[j] is not None]
        holder = {self.on[j]: j for j in blocked}
        wants = {}
        for j in blocked:
            choices = [(d, m) for m, d in self.jobs[j][self.step[j]].items() if m in holder and self.up(m) == self.now]
            if choices:
                wants[j] = min(choices)[1]
        for first in sorted(wants):
            path = [first]
            while path[-1] in wants and holder[wants[path[-1]]] not in path:
                path.append(holder[wants[path[-1]]])
            if path[-1] in wants:
                round_trip = path[path.index(holder[wants[path[-1]]]) :]
                return [(j, wants[j]) for j in round_trip]
        return []

    def is_safe(self, j: int, machine: int) -> bool:
        """Whether the jobs in the shop can leave it one after the other, when a job has entered a machine."""
        on = {i: at for i, at in enumerate(self.on) if at is not None} | {j: machine}
        step = [k + (i == j) for i, k in enumerate(self.step)]
        while on:
            for i, at in on.items():
                others = {other for k, other in on.items() if k != i}
                if all(set(choices) - others for choices in self.jobs[i][step[i] :]):
                    del on[i]
                    break
                assert at is not None
            else:
                return False
        return True

    def key(self, j: int, machine: int) -> tuple[Any, int]:
        """What the rule says of the next operation of a job, and the job."""
        step, job = self.step[j], self.jobs[j]
        shortest = [min(choices.values()) for choices in job]
        work, total, p = sum(shortest[step:]), sum(shortest), job[step][machine]
        due = total + total // 2
        if self.shop.due_date is not None and self.shop.due_date[j] != 2**63 - 1:
            due = int(self.shop.due_date[j])
        if not isinstance(self.rule, str):
            return self.rule[self.number[j] + step], j
        if self.rule == "cr":
            late = due - self.now
            return (late / work if work else math.copysign(math.inf, late) if late else 0.0), j
        keys = {"spt": p, "mwkr": -work, "lopnr": len(job) - step, "fifo": self.arrival(j, machine), "edd": due}
        return keys[self.rule], j
