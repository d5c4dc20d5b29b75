"""Replay: a stream of jobs through the queue, event by event, as a scheduler with one server would do it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from .policies import SLF, BuiltIn
from .problem import Jobs
from .queue import PolicyQueue

_ROUNDING = 1e-12


def replay(jobs: Jobs, policy: str | BuiltIn = "srpt") -> NDArray[np.float64]:
    """Completion times of a stream that goes through a `PolicyQueue`; those of `simulate` on one server, by other means.

    Parameters
    ----------
    jobs : Jobs
    policy : str or policy object, default "srpt"

    Returns
    -------
    ndarray of float64, shape (n,)
        Completion times; those of `simulate`, but for rounding.

    Raises
    ------
    InvalidInputError
        As `PolicyQueue` does.

    Notes
    -----
    Where several jobs share the server, amounts are fractions, and what differs by a part of 10^12 of the time that the server
    has been busy counts as equal; `simulate` has more digits. Jobs keep their index, by which ties are broken, whatever order
    they arrive in. A job of size 0 leaves when the queue gives it the server; an operation of size 0 beside others of its job
    is over as soon as it is reached. At one instant arrivals come first, then what ends, then decisions.
    Some ten calls of the queue an event: made to be read and to be compared with, not for speed.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.replay(jobs, "srpt").tolist()
    [16.0, 3.0, 4.0, 9.0, 5.0]
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse_type("jobs", "must be a Jobs", jobs)
    return _Server(jobs, PolicyQueue(policy)).run()


def _listed(column: NDArray[np.float64] | None, total: list[float], default: Any) -> list[Any]:
    """A column's numbers, or the default for each job."""
    return [default] * len(total) if column is None else column.tolist()


class _Server:
    """One server, its clock, and what the policy may not know."""

    def __init__(self, jobs: Jobs, queue: PolicyQueue[int]) -> None:
        self.queue = queue
        self.release = jobs.release_time.tolist()
        total = jobs.processing_time.tolist()
        operations = jobs.operations
        gradual = queue.policy is not None and queue.policy.information == "operation"
        if gradual and operations is not None:
            self.steps = [row.tolist() for row in operations]
        else:
            self.steps = [[size] for size in total]
        self.weight = _listed(jobs.weight, total, 1.0)
        self.estimate = _listed(jobs.estimate, total, None)
        self.deadline = _listed(jobs.deadline, total, math.inf)
        # The service at which a size becomes known, for the policy that learns it late.
        late = isinstance(queue.policy, SLF)
        part = 1 - queue.policy.epsilon if isinstance(queue.policy, SLF) else 1.0
        self.known_at = [part * size if late else math.inf for size in total]
        self.total = total
        self.served = [0.0] * len(total)
        self.step = [0] * len(total)
        self.left = [0.0] * len(total)
        self.completion = np.zeros(len(total))
        # When the server became busy; times are counted from there, because a clock may have few digits to spare.
        self.begun = 0.0

    def run(self) -> NDArray[np.float64]:
        arrivals = sorted(range(len(self.release)), key=lambda job: (self.release[job], job))
        now, arrived = 0.0, 0
        while arrived < len(arrivals) or self.queue:
            if not self.queue:
                self.begun, now = self.release[arrivals[arrived]], 0.0
            shares = self.queue.allocation(self.begun + now) if self.queue else []
            stretch = self._stretch(shares, now)
            until = self.release[arrivals[arrived]] - self.begun if arrived < len(arrivals) else math.inf
            then = now + stretch
            if then > until * (1 + _ROUNDING):
                then, stretch = until, until - now
            elif then >= until * (1 - _ROUNDING):
                then = until
            while arrived < len(arrivals) and self.release[arrivals[arrived]] - self.begun <= then:
                self._arrive(arrivals[arrived])
                arrived += 1
            for job, rate in shares:
                self._serve(job, stretch * rate, then)
            now = then
        return self.completion

    def _stretch(self, shares: list[tuple[int, float]], now: float) -> float:
        """How long the decision stands if no job arrives."""
        if not shares:
            return math.inf
        horizon = self.queue.horizon(self.begun + now)
        return min(min(horizon, self.left[job], self._unknown(job)) / rate for job, rate in shares)

    def _unknown(self, job: int) -> float:
        """Service until the size becomes known."""
        return self.known_at[job] - self.served[job]

    def _arrive(self, job: int) -> None:
        step = next((k for k, size in enumerate(self.steps[job]) if size > 0), len(self.steps[job]) - 1)
        self.step[job], self.left[job] = step, self.steps[job][step]
        now = self.release[job]
        self.queue._add_job(job, step, self.left[job], now, self.weight[job], self.estimate[job], self.deadline[job])

    def _serve(self, job: int, amount: float, now: float) -> None:
        """A job has been served. A rest of work or of hidden size within rounding counts as zero."""
        rounding, now = _ROUNDING * now, self.begun + now
        if self.left[job] - amount > rounding:
            self.left[job] -= amount
            if abs(self._unknown(job) - amount) <= rounding:
                amount, self.known_at[job] = self._unknown(job), math.inf
                self.queue.progress(job, amount, now)
                self.queue.reveal(job, self.total[job], now)
            else:
                self.queue.progress(job, amount, now)
            self.served[job] += amount
            return
        self.queue.progress(job, self.left[job], now)
        self.served[job] += self.left[job]
        self.left[job] = 0.0
        for step in self.steps[job][self.step[job] + 1 :]:
            self.step[job] += 1
            self.queue.reveal(job, step, now)
            if step > 0:
                self.left[job] = step
                return
        self.queue.remove(job)
        self.completion[job] = now
