"""Jobs and graphs as the interface describes them, without Snakemake's own machinery."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from snakemake.io import AnnotatedString
from snakemake_scheduler_plugin_schedkit import Scheduler, SchedulerSettings

UNLIMITED = 2**63 - 1


class Rule:
    def __init__(self, name: str, resources: dict[str, Any]) -> None:
        self.name = name
        self.resources = resources


class Job:
    def __init__(self, name: str, cores: int = 1, priority: int = 0, rule: str = "work", **resources: Any) -> None:
        self.name = name
        self.priority = priority
        self.rule = Rule(rule, resources)
        self.scheduler_resources = {"_cores": cores, "_nodes": 1, "_job_count": 1, **resources}
        self.input = [AnnotatedString(f"in/{name}")]
        self.output = [AnnotatedString(f"out/{name}")]
        self.asked = 0

    def __repr__(self) -> str:
        return self.name


class Group:
    """A group as Snakemake has it: `jobs` is an attribute, in the interface it is a method."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = frozenset(jobs)
        self.scheduler_resources = {"_cores": max(job.scheduler_resources["_cores"] for job in jobs), "_job_count": 1}
        self.priority = 0


class Dag:
    def __init__(self, jobs: Iterable[Job], before: dict[Job, list[Job]] | None = None) -> None:
        self.jobs = list(jobs)
        self.before = before or {}
        self.done: set[Job] = set()

    def needrun_jobs(self) -> Iterable[Job]:
        return (job for job in self.jobs if job not in self.done)

    def job_dependencies(self, job: Job) -> Iterable[Job]:
        return self.before.get(job, [])

    def finished(self, job: Job) -> bool:
        return job in self.done


def scheduler(dag: Any, **settings: Any) -> Scheduler:
    return Scheduler(dag, SchedulerSettings(**settings), logging.getLogger("test"))


def select(chosen: Scheduler, ready: Iterable[Any], **free: Any) -> list[Any]:
    resources = {"_cores": UNLIMITED, "_nodes": UNLIMITED, "_job_count": UNLIMITED, **free}
    return list(chosen.select_jobs(list(ready), list(ready), resources, defaultdict(int)) or [])
