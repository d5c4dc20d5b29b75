"""Snakemake scheduler that starts the job with the longest path to the end of the workflow first, as resources allow."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from schedkit import SchedkitError
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_scheduler_plugins.base import SchedulerBase
from snakemake_interface_scheduler_plugins.settings import SchedulerSettingsBase

from .durations import Durations
from .standing import Standings

__all__ = ["Scheduler", "SchedulerSettings"]

_UNLIMITED = 2**62  # Snakemake uses sys.maxsize for unlimited resources, less the resources of running jobs
_FIRST_PORTION = 32
_BACKFILLS = ("greedy", "none")


@dataclass
class SchedulerSettings(SchedulerSettingsBase):
    """Command line: ``--scheduler-schedkit-`` and ``durations``, ``default-duration`` or ``backfill``."""

    durations: Path | None = field(
        default=None,
        metadata={"help": 'JSON file with seconds by rule, such as {"align": 3600}; beats the runtime resource.', "type": Path},
    )
    default_duration: float = field(
        default=60.0,
        metadata={"help": "Seconds of jobs whose rule is neither in the file nor has a fixed runtime resource.", "type": float},
    )

    backfill: str = field(
        default="greedy",
        metadata={"help": "'greedy': jobs that fit pass jobs that do not; 'none': wide jobs are not passed.", "type": str},
    )

    def __post_init__(self) -> None:
        if self.backfill not in _BACKFILLS:
            raise WorkflowError(f"--scheduler-schedkit-backfill is {self.backfill!r}, expected 'greedy' or 'none'")
        if not 0 <= self.default_duration < float("inf"):
            raise WorkflowError("--scheduler-schedkit-default-duration must be a finite number of seconds, 0 or more")


class Scheduler(SchedulerBase):
    """Takes ready jobs by Snakemake's own priority, then by bottom level, then by the name of their output.

    Each decision costs two passes over the ready jobs. What a job stands for (its place in the order, its resources) is looked
    up once and kept with the job object itself; jobs that appear later, after checkpoints, are ranked when they first show up.
    """

    def __post_init__(self) -> None:
        settings = self.settings or SchedulerSettings()
        self._is_strict = settings.backfill == "none"
        self._most: dict[str, int] = {}  # the most that has been free of each limited resource
        self._standings = Standings(self.dag, Durations.read(settings.durations, settings.default_duration))
        with contextlib.suppress(SchedkitError):  # `select_jobs` reports it
            self._standings.refresh()  # now, so that no decision waits for it

    def dag_updated(self) -> None:
        """Ranks all jobs anew."""
        self._standings.refresh()

    def select_jobs(
        self,
        selectable_jobs: Collection[Any],
        remaining_jobs: Sequence[Any],  # noqa: ARG002  # the graph of the workflow has more information
        available_resources: Mapping[str, int | str],
        input_sizes: Any,  # noqa: ARG002  # asking would touch every input file
    ) -> Sequence[Any] | None:
        """The jobs to start now; None, which makes Snakemake use its own scheduler, if ranks cannot be made."""
        try:
            places = self._standings.places(selectable_jobs)
        except SchedkitError as error:
            self.logger.warning(f"schedkit cannot rank these jobs, greedy takes over: {error}")
            return None
        free = {name: units for name, units in available_resources.items() if isinstance(units, int) and units < _UNLIMITED}
        for name, units in free.items():
            self._most[name] = max(units, self._most.get(name, units))
        selected = []
        refused: set[_Demand] = set()
        for place in self._ascending(places, refused):
            if free.get("_cores") == 0:  # as in Snakemake: no job starts then
                break
            job = self._standings.jobs[place]
            demand = _Demand.of(job)  # the present demand: a job may need more at its next attempt
            self._standings.demands[place] = demand
            if demand in refused:
                continue
            if demand.fits(free):
                selected.append(job)
                demand.take(free)
            elif self._is_strict and demand.fits(self._most):
                break  # a job that never fits would hold up all others for ever
            else:
                refused.add(demand)  # the free resources only shrink
        return selected

    def _ascending(self, places: list[int], refused: set[_Demand]) -> Iterator[int]:
        """The places in order, less and less of those whose demand was refused.

        Few are asked for as a rule: the first ones come from a heap, and before the next, larger portion all the refused go.
        """
        demands = self._standings.demands
        portion = _FIRST_PORTION
        while places:
            heapq.heapify(places)
            for _ in range(min(portion, len(places))):
                yield heapq.heappop(places)
            portion *= 4
            places = [place for place in places if demands[place] not in refused]


class _Demand:
    """The demand of a job for each numeric resource; equal demands are one object, so that comparing them is cheap."""

    __slots__ = ("_units",)
    _all: ClassVar[dict[tuple[tuple[str, int], ...], _Demand]] = {}

    def __init__(self, units: tuple[tuple[str, int], ...]) -> None:
        self._units = units

    @classmethod
    def of(cls, job: Any) -> _Demand:
        resources = job.scheduler_resources
        units = tuple(sorted((name, n) for name, n in resources.items() if isinstance(n, int) and n > 0))
        return cls._all.setdefault(units, cls(units))

    def fits(self, free: Mapping[str, int]) -> bool:
        return all(n <= free.get(name, n) for name, n in self._units)

    def take(self, free: dict[str, int]) -> None:
        for name, n in self._units:
            if name in free:
                free[name] -= n
