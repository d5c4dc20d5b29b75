"""A step environment of one shop in plain Python: the oracle of `schedkit.shop.Environment`."""

from __future__ import annotations

from typing import Any

import schedkit as sk


class PlainEnvironment:
    """Places operations one by one; every number is computed from the whole schedule each time."""

    def __init__(self, shop: sk.shop.Shop) -> None:
        self.shop = shop
        self.jobs = shop.jobs
        self.release = shop.release_time.tolist()
        self.family = list(range(shop.num_jobs)) if shop.family is None else shop.family.tolist()
        self.runs: list[list[tuple[int, int, int]]] = [[] for _ in self.jobs]
        self.order: list[list[int]] = [[] for _ in range(shop.num_machines)]
        self.free = [0] * shop.num_machines

    def legal(self) -> list[int]:
        return [j for j, job in enumerate(self.jobs) if len(self.runs[j]) < len(job)]

    def place(self, job: int, machine: int, duration: int) -> tuple[int, int, int]:
        """Completion, machine and start of a job's next operation."""
        ready = self.release[job]
        if self.runs[job]:
            before, _, ready = self.runs[job][-1]
            ready += 0 if self.shop.transport is None else int(self.shop.transport[before, machine])
        free = self.free[machine]
        if self.order[machine]:
            if machine in self.shop.setup:
                free += int(self.shop.setup[machine][self.family[self.order[machine][-1]], self.family[job]])
        elif machine in self.shop.initial_setup:
            free += int(self.shop.initial_setup[machine][self.family[job]])
        start = max(ready, free)
        return start + duration, machine, start

    def step(self, job: int, machine: int | None = None) -> None:
        choices = self.jobs[job][len(self.runs[job])]
        end, machine, start = min(self.place(job, m, d) for m, d in choices if machine in (None, m))
        self.runs[job].append((machine, start, end))
        self.order[machine].append(job)
        self.free[machine] = end

    def bound(self, objective: str) -> Any:
        """The objective if each job goes on without waiting; for the makespan also if each machine does."""
        done, release, due = [], self.release, self.shop.due_date
        for j, job in enumerate(self.jobs):
            ready = self.runs[j][-1][2] if self.runs[j] else release[j]
            done.append(ready + sum(min(d for _, d in choices) for choices in job[len(self.runs[j]) :]))
        weight: Any = [1] * len(done) if self.shop.weight is None else self.shop.weight.tolist()
        late = [] if due is None else [(j, done[j] - int(due[j])) for j in range(len(done)) if due[j] != 2**63 - 1]
        if objective == "makespan":
            loads = list(self.free)
            for j, job in enumerate(self.jobs):
                for choices in job[len(self.runs[j]) :]:
                    if len(choices) == 1:
                        loads[choices[0][0]] += choices[0][1]
            return max([*[done[j] for j, job in enumerate(self.jobs) if job], *loads], default=0)
        if objective == "max_lateness":
            return max((lateness for _, lateness in late), default=0)
        if objective == "num_tardy":
            return sum(lateness > 0 for _, lateness in late)
        if objective.endswith("flow_time"):
            values = [(j, end - release[j]) for j, end in enumerate(done)]
        else:
            values = [(j, max(lateness, 0)) for j, lateness in late]
        return sum((weight[j] if "weighted" in objective else 1) * value for j, value in values)
