"""The policies of the stream simulator for programs that run the tasks themselves."""

from __future__ import annotations

from typing import Any

from .. import _core, _validation
from ..errors import InputTypeError
from ._past import moment
from .network import Network, native_network
from .problem import TaskGraph, core_of


class StreamScheduler:
    """The policies of `simulate_stream` for programs that run the tasks themselves.

    Parameters
    ----------
    num_processors : int
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    policy, key, delta, phi
        As in `simulate_stream`.
    strict_time : bool, default False
        Whether a time before the last one is an error; otherwise the last time is used, and `clock_skew` counts it.

    Raises
    ------
    InvalidInputError
        Unknown policies or keys, thresholds below 0, a network of another size.

    Notes
    -----
    Tasks are pairs ``(job, task)``. Calls are safe from several threads; each may read its own clock, and a time that comes a
    little late counts as the last one. Jobs that have ended take no memory. The cost of a call grows with the number of tasks
    that wait in plans. A scheduler that was pickled or copied continues independently of the original.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
    >>> scheduler = sk.dag.StreamScheduler(2)
    >>> scheduler.submit(graph, now=0.0)
    0
    >>> scheduler.next_assignments(now=0.0)
    [((0, 0), 0)]
    >>> scheduler.started((0, 0), now=0.0)
    >>> scheduler.finished((0, 0), now=2.5)
    False
    >>> scheduler.next_assignments(now=2.5), scheduler.next_wake(now=2.5)
    ([], 3.5)
    >>> scheduler.next_assignments(now=3.5)
    [((0, 1), 1)]
    """

    __slots__ = ("_native", "_options", "network", "num_processors", "strict_time")

    def __init__(
        self,
        num_processors: int,
        network: Network | None = None,
        *,
        policy: str = "plan_on_arrival",
        key: str = "upward_rank",
        delta: float = 0.1,
        phi: float = 0.1,
        strict_time: bool = False,
    ) -> None:
        self.num_processors = _validation.int_scalar(num_processors, "num_processors", minimum=1, maximum=2**20)
        self.network = network
        self.strict_time = _validation.flag(strict_time, "strict_time")
        late, long = _validation.float_scalar(delta, "delta"), _validation.float_scalar(phi, "phi")
        words = {"policy": _validation.word(policy, "policy"), "key": _validation.word(key, "key")}
        self._options: dict[str, Any] = {**words, "delta": late, "phi": long}
        self._native = _core.StreamPlanner(
            self.num_processors, native_network(network), **self._options, strict_time=self.strict_time
        )

    def submit(self, graph: TaskGraph, now: float) -> int:
        """A job arrives; returns its number, counted from 0.

        Parameters
        ----------
        graph : TaskGraph
            The job's tasks, with costs on each processor.
        now : float
            The time of the event, in the units of the costs.
        """
        return self._native.submit(core_of(graph), moment(now))

    def started(self, task: tuple[int, int], now: float) -> None:
        """A task that was assigned has started on its processor.

        Parameters
        ----------
        task : (int, int)
            The job's number and the task's index.
        now : float
            The time of the event, in the units of the costs.
        """
        self._native.started(*_pair(task), moment(now))

    def finished(self, task: tuple[int, int], now: float) -> bool:
        """A task has ended; True if its job has ended with it.

        Parameters
        ----------
        task : (int, int)
            The job's number and the task's index.
        now : float
            The time of the event, in the units of the costs.
        """
        return self._native.finished(*_pair(task), moment(now))

    def next_assignments(self, now: float) -> list[tuple[tuple[int, int], int]]:
        """The tasks that may start now, as ``((job, task), processor)``; they stay until reported as started.

        Parameters
        ----------
        now : float
            The time of the decision, in the units of the costs.
        """
        rows, _ = self._native.next_assignments(moment(now))
        return [((job, task), processor) for job, task, processor in rows]

    def next_wake(self, now: float) -> float:
        """When to ask again: the next arrival of data that an idle processor waits for, or ``inf``.

        Parameters
        ----------
        now : float
            The time of the question, in the units of the costs.
        """
        return self._native.next_assignments(moment(now))[1]

    @property
    def num_plans(self) -> int:
        """Number of times that planned tasks were planned anew."""
        return self._native.num_plans()

    @property
    def clock_skew(self) -> int:
        """Number of times that lay before the last one and counted as it."""
        return self._native.clock_skew()

    def __repr__(self) -> str:
        return f"StreamScheduler({self.num_processors}, policy={self._options['policy']!r}, key={self._options['key']!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        state = self._native.save()
        state["graphs"] = [TaskGraph._from_native(native) for native in state["graphs"]]
        return _restore, (self.num_processors, self.network, self._options, self.strict_time, state)


def _restore(
    num_processors: int, network: Network | None, options: dict[str, Any], strict_time: bool, state: dict[str, Any]
) -> StreamScheduler:
    scheduler = StreamScheduler(num_processors, network, **options, strict_time=strict_time)
    scheduler._native.load({**state, "graphs": [core_of(graph) for graph in state["graphs"]]})
    return scheduler


def _pair(task: Any) -> tuple[int, int]:
    if not isinstance(task, (tuple, list)) or len(task) != 2:
        raise _validation.refuse("task", "must be a pair (job, task)", value=task, kind=InputTypeError)
    job, index = (_validation.int_scalar(value, "task", minimum=0, maximum=2**63 - 1) for value in task)
    return job, index
