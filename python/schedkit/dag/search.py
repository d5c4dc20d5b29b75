"""Anytime search for better schedules than the list schedulers give, and a lower bound on all schedules."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

from .. import _validation
from .._anytime import AnytimeCall, Improvement
from .._core import CancelToken
from ..checking import check
from ._past import fixed_rows, moment
from .algorithms import ALGORITHMS
from .network import Network, native_network
from .problem import TaskGraph, core_of
from .schedule import DagSchedule, schedule_of

_FALLBACK = "heft"
_START_SHARE = 0.5  # of the time limit


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ImprovedSchedule(DagSchedule):
    """A schedule with its lower bound and the history of the search.

    Attributes
    ----------
    processor, start_time, completion_time, makespan, copies, graph, network
        As in `DagSchedule`.
    status : {"optimal", "feasible"}
    lower_bound : float
        No schedule ends earlier; minus infinity where a past makes the bound meaningless.
    runtime : float
        Seconds.
    history : list of Improvement
        Every improvement with the evaluations and seconds it took.
    """

    kind: ClassVar[str] = "dag_improved"

    status: str = "feasible"
    lower_bound: float = 0.0
    runtime: float = 0.0
    history: list[Improvement] = dataclasses.field(default_factory=list)


def lower_bound(graph: TaskGraph, network: Network | None = None) -> float:
    """A time before which no schedule of ``R | prec, c_ij | C_max`` ends.

    Parameters
    ----------
    graph : TaskGraph
    network : Network, optional
        None stands for bandwidth 1 and latency 0.

    Returns
    -------
    float
        The largest of the critical path (earliest ends on processors that are never busy, data included), the load (least costs
        shared out evenly) and their mix (the work that cannot start before a moment, or that some length must follow);
        rounded up where all times are whole numbers.

    Raises
    ------
    InvalidInputError
        A network of another size.

    Notes
    -----
    O(m P^2 + n log n), on uniform networks O(m P + n log n). Copies of entry tasks could undercut it; nothing else can.

    References
    ----------
    Fernandez, E. B., Bussell, B. (1973). Bounds on the number of processors and time for multiprocessor optimal schedules. IEEE
    Transactions on Computers 22. Kwok, Y.-K., Ahmad, I. (1999). Static scheduling algorithms for allocating directed task
    graphs to multiprocessors. ACM Computing Surveys 31.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.lower_bound(graph)
    4.0
    """
    return core_of(graph).lower_bound(native_network(network))


def improve(
    graph: TaskGraph,
    network: Network | None = None,
    start: str | DagSchedule = "heft",
    *,
    fixed: Any = None,
    now: float = 0.0,
    time_limit: float | None = None,
    max_evaluations: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: DagSchedule | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: CancelToken | None = None,
    on_interrupt: str = "raise",
) -> ImprovedSchedule:
    """Anytime search for ``R | prec, c_ij | C_max``, never worse than its start.

    Simulated annealing over the order of the tasks and their processors, from the best of `start` and the list algorithms; each
    step moves one task, mostly one of the critical chain, to another processor or to another place on its own.

    Parameters
    ----------
    graph, network, fixed, now
        As in `heft`.
    start : str or DagSchedule, default "heft"
        An algorithm's name, or a feasible schedule of this graph without copies.
    time_limit : float, optional
        Seconds; 1 if no budget is given either.
    max_evaluations : int, optional
        Schedules to evaluate, list schedules included. Without a time limit no clock is read, and equal seeds give equal
        answers.
    seed : int, default 0
    threads : int or None, default 1
        None means all cores. Each thread runs a chain of its own where time alone ends the search; with a budget there is one
        chain, and the answer does not depend on this.
    warm_start : DagSchedule, optional
        A feasible schedule in place of `start`.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    ImprovedSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`; an unknown algorithm, a start of another size or with copies.

    Notes
    -----
    Ties and draws depend on the seed alone. A start that is given by name and takes more than half of the time limit is
    replaced by that of `heft`, which is made as a whole, however short the limit. Of the lower bound, what is not done within
    four tenths of the limit is left out.

    References
    ----------
    Kirkpatrick, S., Gelatt, C. D., Vecchi, M. P. (1983). Optimization by simulated annealing. Science 220. Moves on the
    critical chain: van Laarhoven, P. J. M., Aarts, E. H. L., Lenstra, J. K. (1992). Job shop scheduling by simulated
    annealing. Operations Research 40.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> s = sk.dag.improve(graph, max_evaluations=100)
    >>> s.makespan, s.status
    (4.0, 'optimal')
    """
    native, links = core_of(graph), native_network(network)
    past, present = fixed_rows(fixed), moment(now)
    search = AnytimeCall.options(
        time_limit=time_limit,
        budget=max_evaluations,
        unit="max_evaluations",
        default_time=1.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    with search.preparation():
        first = _start(graph, network, start if warm_start is None else warm_start, fixed, now, search.request.time_limit)
    answer = native.improve(links, first, _validation.seed(seed), _validation.threads(threads), past, present, search.request)
    plan = schedule_of(answer["schedule"], graph, network)

    def build(history: list[Improvement], runtime: float) -> ImprovedSchedule:
        columns: dict[str, Any] = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
        proven: dict[str, Any] = {"status": answer["status"], "lower_bound": answer["lower_bound"]}
        return ImprovedSchedule(**columns, **proven, runtime=runtime, history=history)

    return search.finish(answer["report"], build)


def _start(
    graph: TaskGraph, network: Network | None, start: Any, fixed: Any, now: float, time_limit: float | None
) -> DagSchedule:
    if isinstance(start, DagSchedule):
        if start.processor.size != graph.num_tasks:
            raise _validation.refuse("start", f"has {start.processor.size} tasks, expected {graph.num_tasks}")
        if start.copies:
            raise _validation.refuse("start", "a schedule with copies cannot be improved")
        if check(graph, start, network=network, fixed=fixed, now=now):
            raise _validation.refuse("start", "is not feasible; schedkit.check tells why")
        return start
    if not isinstance(start, str) or start not in ALGORITHMS:
        names = ", ".join(ALGORITHMS)
        raise _validation.refuse("start", f"unknown algorithm, expected a schedule or one of {names}", value=start)
    if time_limit is None or start == _FALLBACK:
        return ALGORITHMS[start](graph, network, fixed=fixed, now=now)
    arguments = (native_network(network), start, fixed_rows(fixed), moment(now), _START_SHARE * time_limit)
    columns = core_of(graph).start_within(*arguments)
    if columns is None:
        return ALGORITHMS[_FALLBACK](graph, network, fixed=fixed, now=now)
    return schedule_of(columns, graph, network)
