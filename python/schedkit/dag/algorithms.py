"""The list schedulers: HEFT, and one function for each entry of the core's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from .. import _core, _validation
from .._text import documented
from ._past import fixed_rows, moment
from .network import Network, native_network
from .problem import TaskGraph, core_of
from .schedule import DagSchedule, schedule_of

__all__ = [
    "cpop",
    "dls",
    "duplex",
    "etf",
    "fastest",
    "heft",
    "ippts",
    "lookahead_heft",
    "max_min",
    "mct",
    "met",
    "min_min",
    "olb",
    "peft",
    "ppts",
    "random",
    "sufferage",
]


class ListScheduler(Protocol):
    """A function that schedules a task graph, with the options that all list schedulers share."""

    def __call__(
        self,
        graph: TaskGraph,
        network: Network | None = None,
        *,
        fixed: Any = None,
        now: float = 0.0,
        insertion: bool = True,
    ) -> DagSchedule:
        """The schedule of `graph`."""


class TieListScheduler(Protocol):
    """A list scheduler whose ties between processors have a rule."""

    def __call__(
        self,
        graph: TaskGraph,
        network: Network | None = None,
        *,
        fixed: Any = None,
        now: float = 0.0,
        insertion: bool = True,
        tie: str = "index",
    ) -> DagSchedule:
        """The schedule of `graph`."""


_ENTRIES = {entry["name"]: entry for entry in _core.list_schedulers()}

_DOCUMENTATION = """\
{title}, ``R | prec, c_ij | C_max``.

{rule}

Parameters
----------
graph, network, fixed, now, insertion
    As in `heft`.
{options}
Returns
-------
DagSchedule

Raises
------
InvalidInputError
    As in `heft`{raises}.

Notes
-----
{notes}

References
----------
{source}

Examples
--------
>>> import schedkit as sk
>>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
>>> sk.dag.{name}(graph).makespan
{example}
"""

_TIE = """\
tie : {"index", "finish"}, default "index"
    Which of several processors of equal score gets the task: the one of lower index, even if the task ends later there, or the
    one where it ends first, then the lower index.
"""

_SEED = """\
seed : int, default 0
    Equal seeds give equal schedules.
"""


def _run(
    algorithm: str,
    graph: TaskGraph,
    network: Network | None,
    fixed: Any,
    now: float,
    insertion: bool,
    *,
    rank: str = "mean",
    entry_duplication: bool = False,
    tie: str = "index",
    seed: int = 0,
) -> DagSchedule:
    """Validates the arguments, calls the core and wraps the answer."""
    native, links = core_of(graph), native_network(network)
    options = (
        _validation.word(rank, "rank"),
        _validation.flag(insertion, "insertion"),
        _validation.flag(entry_duplication, "entry_duplication"),
        _validation.word(tie, "tie"),
        seed,
    )
    return schedule_of(native.schedule(links, algorithm, *options, fixed_rows(fixed), moment(now)), graph, network)


def _documented(function: Any, name: str, options: str = "", raises: str = "") -> Any:
    """Gives a function the name and the documentation of its entry."""
    entry = _ENTRIES[name]
    return documented(
        function, _DOCUMENTATION, entry, notes=f"{entry['notes']} {entry['cost']}", options=options, raises=raises
    )


def _listed(name: str) -> ListScheduler:
    """The function of an entry that takes the common options."""

    def scheduler(
        graph: TaskGraph, network: Network | None = None, *, fixed: Any = None, now: float = 0.0, insertion: bool = True
    ) -> DagSchedule:
        return _run(name, graph, network, fixed, now, insertion)

    function: ListScheduler = _documented(scheduler, name)
    return function


def _listed_with_tie(name: str) -> TieListScheduler:
    """The function of an entry that takes a rule for ties as well."""

    def scheduler(
        graph: TaskGraph,
        network: Network | None = None,
        *,
        fixed: Any = None,
        now: float = 0.0,
        insertion: bool = True,
        tie: str = "index",
    ) -> DagSchedule:
        return _run(name, graph, network, fixed, now, insertion, tie=tie)

    function: TieListScheduler = _documented(scheduler, name, _TIE, "; an unknown rule for ties")
    return function


def heft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    rank: str = "mean",
    entry_duplication: bool = False,
) -> DagSchedule:
    """Heterogeneous Earliest Finish Time for ``R | prec, c_ij | C_max``.

    Takes the tasks by decreasing upward rank, each to the processor where it ends first, in the earliest gap that holds it.

    Parameters
    ----------
    graph : TaskGraph
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    fixed : mapping of task to (processor, start, end), optional
        The tasks that have started already. They are kept; their times may differ from the costs; an end of None stands for
        the planned end, at least `now`. Predecessors of fixed tasks must be fixed.
    now : float, default 0
        Nothing that is not fixed starts earlier.
    insertion : bool, default True
        Whether a task may go into a gap between tasks placed before, or only behind the last one of the processor.
    rank : {"mean", "median", "best", "worst"}, default "mean"
        The number that stands for the costs of a task in its rank.
    entry_duplication : bool, default False
        Whether an entry task may run again on a successor's processor where its data would arrive later than such a copy ends;
        additional runs are listed in ``.copies``.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        A network of another size, an unknown rank, times that add up beyond 1e290, a contradictory past: unknown tasks or
        processors, fixed tasks that overlap or precede their predecessors.

    Notes
    -----
    Ties: lower task, then lower processor. Costs of processors where a task cannot run are left out of its rank. On a uniform
    network O(n log n + m + n P), else O(m P), plus the search for gaps.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). Performance-effective and low-complexity task scheduling for heterogeneous
    computing. IEEE Transactions on Parallel and Distributed Systems 13. Entry duplication: Wang, G., Wang, Y., Liu, H., Guo, H.
    (2016). HSIP: a novel task scheduling algorithm for heterogeneous computing. Scientific Programming 2016.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> s = sk.dag.heft(graph)
    >>> s.processor.tolist(), s.start_time.tolist(), s.makespan
    ([0, 1, 0], [0.0, 3.0, 2.0], 4.0)
    """
    return _run("heft", graph, network, fixed, now, insertion, rank=rank, entry_duplication=entry_duplication)


def random(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    seed: int = 0,
) -> DagSchedule:
    """Each task anywhere it can run; the entry's documentation replaces this text."""
    return _run("random", graph, network, fixed, now, insertion, seed=_validation.seed(seed))


_documented(random, "random", _SEED, "; a seed outside 0 to 2**64 - 1")

cpop = _listed("cpop")
peft = _listed_with_tie("peft")
ppts = _listed_with_tie("ppts")
ippts = _listed_with_tie("ippts")
lookahead_heft = _listed_with_tie("lookahead_heft")
etf = _listed_with_tie("etf")
dls = _listed_with_tie("dls")
mct = _listed("mct")
met = _listed_with_tie("met")
olb = _listed_with_tie("olb")
min_min = _listed("min_min")
max_min = _listed("max_min")
duplex = _listed("duplex")
sufferage = _listed("sufferage")
fastest = _listed("fastest")

ALGORITHMS: Mapping[str, Callable[..., DagSchedule]] = MappingProxyType({name: globals()[name] for name in _ENTRIES})
"""Every list scheduler by name, in the order of the core's table."""
