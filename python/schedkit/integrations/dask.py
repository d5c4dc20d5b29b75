"""Plans task graphs by HEFT when they arrive at a Dask scheduler, and turns plans into placements and priorities."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .. import _validation
from ..errors import SchedkitError
from ._dask_internals import TESTED
from ._dask_planner import NAME, Base, Planner, Restrictions
from ._dask_report import PlanReport

__all__ = ["Adapter", "PlanReport", "Planner", "install"]


@dataclasses.dataclass(frozen=True, slots=True)
class Adapter:
    """The client's access to the planner in its scheduler."""

    _client: Any

    def report(self) -> PlanReport:
        """The report on all plans so far. It includes failures, and never raises them."""
        found: PlanReport = self._client.run_on_scheduler(_report)
        return found

    def check(self) -> PlanReport:
        """Returns the report, or raises a `SchedkitError` with the first traceback if the planner has failed."""
        report = self.report()
        if report.failures:
            raise SchedkitError(f"{len(report.failures)} graphs were not planned; the first because of\n{report.failures[0]}")
        return report

    def uninstall(self) -> None:
        """Removes the planner from the scheduler; tasks that are placed keep their workers."""
        self._client.unregister_scheduler_plugin(NAME)


def _report(dask_scheduler: Any) -> PlanReport:
    found: PlanReport = dask_scheduler.plugins[NAME].report()
    return found


def install(
    client: Any,
    *,
    durations: Mapping[str, float] | None = None,
    sizes: Mapping[str, float] | None = None,
    default_duration: float = 0.5,
    restrictions: Restrictions = "loose",
) -> Adapter:
    """Puts a `Planner` into the scheduler of a Dask client (needs dask.distributed there and here).

    Parameters
    ----------
    client : distributed.Client
    durations : mapping of str to float, optional
        Seconds by task prefix (the function's name); without, what Dask has measured so far.
    sizes : mapping of str to float, optional
        Bytes of results by task prefix. By default the sizes that Dask knows, and 0 for tasks that have not run yet.
    default_duration : float, default 0.5
        Seconds of tasks whose duration is neither given nor measured.
    restrictions : {"loose", "strict", "none"}, default "loose"
        ``"loose"``: a task's worker is decided when its predecessors have ended, and the task may go elsewhere if that worker
        is not available. ``"strict"``: a task's worker is decided when its graph arrives, and the task waits for it, unless
        workers join or leave; independent tasks are placed as with ``"loose"``. ``"none"``: priorities alone.

    Returns
    -------
    Adapter
        With ``.report()``, ``.check()`` and ``.uninstall()``.

    Raises
    ------
    SchedkitError
        dask.distributed is not installed, or not of a version whose internals are known.
    InvalidInputError, InputTypeError
        Negative or infinite durations and sizes, unknown restrictions.

    Notes
    -----
    Plans count the work that each worker has already, sent to it or planned on it, and the data that lie there. Ties go to
    the worker with the least such work, then to the lower address. A plan costs O(n log n + m P) in the scheduler's event loop,
    a loose decision O(W) for W workers. Tasks with restrictions, resources or actors of their own keep theirs and get
    priorities alone.

    ``"loose"`` leaves the workers of large groups of tasks without dependencies to Dask, which hands them out one by one as
    threads become free, so wrong durations do little harm. ``"strict"`` does so for independent tasks, which can start at once
    and for which no other task waits; all others wait behind wrong durations.

    Tasks of a worker that goes away are released from the plan in every mode. Workers that join get work: strict plans of tasks
    that have not started are recomputed (tasks that wait on other workers move there unless Dask's work stealing is turned
    off), loose decisions count the new worker from the next one on.
    """
    if _validation.word(restrictions, "restrictions") not in ("loose", "strict", "none"):
        raise _validation.refuse("restrictions", "expected 'loose', 'strict' or 'none'", value=restrictions)
    planner = Planner(
        _numbers(durations, "durations"),
        _numbers(sizes, "sizes"),
        _validation.float_scalar(default_duration, "default_duration", minimum=0.0),
        restrictions,
    )
    if Base is object:
        raise SchedkitError("planning for Dask needs dask.distributed: pip install 'schedkit[dask]'")
    from distributed import __version__ as version  # noqa: PLC0415  # optional

    if not TESTED[0] <= _release(version) < TESTED[1]:
        tested = " to ".join(".".join(map(str, bound)) for bound in TESTED)
        raise SchedkitError(f"dask.distributed {version} is outside of what is tested ({tested}, the latter excluded)")
    client.register_plugin(planner)
    return Adapter(client)


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("+", 1)[0].split(".")[:2])


def _numbers(mapping: Mapping[str, float] | None, field: str) -> dict[str, float]:
    return {str(k): _validation.float_scalar(v, f"{field}[{k!r}]", minimum=0.0) for k, v in (mapping or {}).items()}
