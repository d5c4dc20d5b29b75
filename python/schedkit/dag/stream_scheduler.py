"""The policies of the stream simulator for programs that run the tasks themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

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
    that wait in plans. A scheduler that was pickled or copied continues independently of the original. A call that is refused
    changes nothing.

    The data of a task lie on the processor where it ran, until that is lost. Copies that were sent to other tasks do not count,
    and a task without successors has delivered its result when it ends. Whatever happens, a task is only assigned after all its
    predecessors have data on a present processor: tasks whose data are lost and needed run again.

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

    Processor 0 is lost, and with it the data of task 0, which runs again on processor 1:

    >>> scheduler.processor_lost(0, now=3.5)
    [(0, 0)]
    >>> scheduler.next_assignments(now=3.5)
    [((0, 0), 1)]
    """

    __slots__ = ("_native", "_network", "_options", "strict_time")

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
        width = _validation.int_scalar(num_processors, "num_processors", minimum=1, maximum=2**20)
        self._network = network
        self.strict_time = _validation.flag(strict_time, "strict_time")
        late, long = _validation.float_scalar(delta, "delta"), _validation.float_scalar(phi, "phi")
        words = {"policy": _validation.word(policy, "policy"), "key": _validation.word(key, "key")}
        self._options: dict[str, Any] = {**words, "delta": late, "phi": long}
        self._native = _core.StreamPlanner(width, native_network(network), **self._options, strict_time=self.strict_time)

    def submit(self, graph: TaskGraph, now: float) -> int:
        """A job arrives; returns its number, counted from 0.

        Parameters
        ----------
        graph : TaskGraph
            The job's tasks, with costs on each of the `num_processors` processors. Finite costs on lost ones count in the ranks
            alone.
        now : float
            The time of the event, in the units of the costs.
        """
        return self._native.submit(core_of(graph), moment(now))

    def started(self, task: tuple[int, int], now: float, processor: int | None = None) -> None:
        """A task whose predecessors have ended has started.

        Parameters
        ----------
        task : (int, int)
            The job's number and the task's index.
        now : float
            The time of the event, in the units of the costs.
        processor : int, optional
            Where it has started: an idle processor that can run it, whatever was assigned. By default the assigned one.

        Raises
        ------
        InvalidInputError
            The task is unknown, waits for predecessors, runs or has ended; the processor is unknown, lost or busy, or cannot
            run it.
        """
        place = None if processor is None else _number(processor, "processor")
        self._native.started(*_pair(task), moment(now), place)

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

    def failed(self, task: tuple[int, int], now: float) -> list[tuple[int, int]]:
        """A running task has failed, and is planned again.

        Predecessors whose data are lost with their processor run again before it. Attempts are not limited: a program that
        gives up calls `cancel`.

        Parameters
        ----------
        task : (int, int)
            The job's number and the task's index.
        now : float
            The time of the event, in the units of the costs.

        Returns
        -------
        list of (int, int)
            The tasks that had ended and run again, in order.

        Raises
        ------
        InvalidInputError
            The task does not run.
        """
        return self._native.failed(*_pair(task), moment(now))

    def cancel(self, job: int, now: float) -> None:
        """A job is given up: its running tasks end now, and no other task of it starts.

        Parameters
        ----------
        job : int
            The job's number.
        now : float
            The time of the event, in the units of the costs.

        Raises
        ------
        InvalidInputError
            The job was never submitted, or has ended.
        """
        self._native.cancel(_number(job, "job"), moment(now))

    def processor_lost(self, processor: int, now: float) -> list[tuple[int, int]]:
        """A processor is lost, with what runs there and the data that lie there.

        The program drops the running task without a report. Tasks that were to run on the processor are planned elsewhere.
        Tasks that ran there run again if a task that has not started needs their data. Tasks that no other processor can run
        wait until one joins that can (`unrunnable`).

        Parameters
        ----------
        processor : int
            Its number, which is not used again; later graphs keep a column for it.
        now : float
            The time of the event, in the units of the costs.

        Returns
        -------
        list of (int, int)
            The tasks that had ended and run again, in order.

        Raises
        ------
        InvalidInputError
            There is no such processor, or it was lost before.
        """
        return self._native.processor_lost(_number(processor, "processor"), moment(now))

    def processor_joined(
        self,
        cost: Mapping[int, ArrayLike],
        now: float,
        *,
        bandwidth: float | ArrayLike | None = None,
        latency: float | ArrayLike | None = None,
    ) -> int:
        """A processor joins; returns its number, the next one.

        Everything that has not started is planned anew, so the processor can have work at the next decision. Graphs that are
        submitted later have one more column.

        Parameters
        ----------
        cost : mapping of int to array_like of float, shape (n,)
            For each unfinished job the costs of its tasks there, infinite where one cannot run. A job that is not named cannot
            run there.
        now : float
            The time of the event, in the units of the costs.
        bandwidth, latency : float or array_like, shape (P,) or (2, P), optional
            The links between the new processor and the P others, lost ones included: one number, one for each of them, or a row
            of links to the new processor above a row of links from it. By default those of all other links, if these are equal.

        Raises
        ------
        InvalidInputError
            Costs of a job that was never submitted or has ended, of another length, negative or NaN; links that are not given
            although the others differ, or that `Network` would refuse.
        InputTypeError
            Anything that is not a number where numbers belong.
        """
        _validation.expect(cost, Mapping, "cost", "a mapping of jobs to costs")
        columns = [
            (_number(job, "cost"), _validation.float_array(column, f"cost[{job}]", infinite=True))
            for job, column in cost.items()
        ]
        return self._native.processor_joined(columns, moment(now), _links(bandwidth, "bandwidth"), _links(latency, "latency"))

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
    def num_processors(self) -> int:
        """Number of processors, lost ones included: the columns of the next graph."""
        return self._native.num_processors()

    @property
    def lost_processors(self) -> list[int]:
        """The processors that were lost, in that order."""
        return self._native.lost_processors()

    @property
    def unrunnable(self) -> list[tuple[int, int]]:
        """The tasks that have not started and that no present processor can run, in order."""
        return self._native.unrunnable()

    @property
    def network(self) -> Network | None:
        """The links of all processors, lost ones included; None stands for bandwidth 1 and latency 0."""
        return _network(self._network, self._native.links())

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
        state, links = self._native.save()
        state["graphs"] = [TaskGraph._from_native(native) for native in state["graphs"]]
        width = len(state["running"])
        return _restore, (width, _network(self._network, links), self._options, self.strict_time, state)


def _restore(
    num_processors: int, network: Network | None, options: dict[str, Any], strict_time: bool, state: dict[str, Any]
) -> StreamScheduler:
    scheduler = StreamScheduler(num_processors, network, **options, strict_time=strict_time)
    scheduler._native.load({**state, "graphs": [core_of(graph) for graph in state["graphs"]]})
    return scheduler


def _network(given: Network | None, links: tuple[Any, Any]) -> Network | None:
    """The network that was given, unless processors that have joined have made it larger."""
    if all(isinstance(value, float) for value in links):
        return given
    found = Network(*links)
    return given if found == given else found


def _links(value: Any, field: str) -> Any:
    """One number, one for each processor, or two rows; the core checks them."""
    if value is None:
        return None
    if getattr(value, "ndim", 0) == 0 and not hasattr(value, "__len__"):
        return _validation.float_scalar(value, field, infinite=True)
    first = next(iter(_validation.rows(value, field, "a number or a list of numbers")), None)
    if not hasattr(first, "__len__"):
        return _validation.float_array(value, field, infinite=True)
    rows = _validation.float_array(value, field, ndim=2, infinite=True)
    if len(rows) != 2:
        raise _validation.refuse(field, f"has {len(rows)} rows, expected 2: to the new processor, and from it")
    return rows


def _number(value: Any, field: str) -> int:
    return _validation.int_scalar(value, field, minimum=0, maximum=2**63 - 1)


def _pair(task: Any) -> tuple[int, int]:
    if not isinstance(task, (tuple, list)) or len(task) != 2:
        raise _validation.refuse("task", "must be a pair (job, task)", value=task, kind=InputTypeError)
    job, index = (_number(value, "task") for value in task)
    return job, index
