"""The place of every job in one order. Snakemake's jobs hash by identity, groups by their members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import schedkit as sk

from .durations import Durations


class Standings:
    """The order of all jobs that still have to run: priority, then bottom level, then name; a job's place is a number."""

    def __init__(self, dag: Any, durations: Durations) -> None:
        self._dag = dag
        self._durations = durations
        self._place: dict[Any, int] = {}
        self.jobs: list[Any] = []  # by place
        self.demands: list[Any] = []  # by place: the first known demand of the job, None before

    def places(self, jobs: Iterable[Any]) -> list[int]:
        """The place of each job; a lower one is more urgent."""
        try:
            return list(map(self._place.__getitem__, jobs))
        except KeyError:
            self.refresh()
            return [self._of(job) for job in jobs]

    def refresh(self) -> None:
        """Ranks all jobs of the workflow that still have to run."""
        jobs = list(self._dag.needrun_jobs())
        index = {job: k for k, job in enumerate(jobs)}
        needed = ((index.get(before), k) for k, job in enumerate(jobs) for before in self._dag.job_dependencies(job))
        edges = list({pair for pair in needed if pair[0] is not None})
        graph = sk.dag.TaskGraph.from_work([self._durations.of(job) for job in jobs], [1.0], edges)
        level = sk.dag.bottom_level(graph).tolist()
        order = sorted(range(len(jobs)), key=lambda k: (-jobs[k].priority, -level[k], _name(jobs[k])))
        self.jobs = [jobs[k] for k in order]
        self._place = {job: place for place, job in enumerate(self.jobs)}
        self.demands = [None] * len(jobs)

    def _of(self, job: Any) -> int:
        place = self._place.get(job)
        if place is None:
            # A group takes the place of its most urgent member, which does not run alone; unknown jobs go last.
            members = getattr(job, "jobs", ())
            members = members() if callable(members) else members
            places = [self._place[member] for member in members if member in self._place]
            place = min(places, default=len(self.jobs))
            self.jobs[place : place + 1] = [job]
            self.demands[place : place + 1] = [None]
            self._place[job] = place
        return place


def _name(job: Any) -> tuple[str, ...]:
    """The files of a job, which identify it in every run of a workflow."""
    return (*map(str, job.output), "", *map(str, job.input))
