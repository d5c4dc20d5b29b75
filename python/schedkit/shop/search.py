"""Search for short schedules, and lower bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

from .. import _core, _validation
from .._anytime import AnytimeCall, Improvement, OnInterrupt
from ..checking import check
from .dispatching import OBJECTIVES
from .problem import Shop, core_of
from .schedule import ShopSchedule, schedule_of


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ShopSolution(ShopSchedule):
    """The result of a search: a `ShopSchedule` with its status, its lower bound and the history of the search.

    Attributes
    ----------
    objective : int or float
        The value that was to be as small as possible; float for weighted sums with float weights.
    objective_name : str
        Its name.
    status : {"optimal", "feasible"}
    lower_bound : int or float
        No schedule has a smaller objective.
    num_moves : int
        Moves made, and those that the effort of the prover stands for.
    runtime : float
        Seconds.
    history : list of Improvement
    """

    kind: ClassVar[str] = "shop_search"

    objective: float
    objective_name: str
    status: str
    lower_bound: float
    num_moves: int
    runtime: float
    history: list[Improvement]


def lower_bound(shop: Shop) -> int:
    """A bound that no schedule's makespan is below.

    Parameters
    ----------
    shop : Shop

    Returns
    -------
    int
        The largest of these: of each job its release time and its work; of each machine the least makespan of the operations
        that have no other machine, with what their jobs need before and behind them; the work of all operations, spread evenly
        over all machines.

    Raises
    ------
    InputTypeError
        Not a `Shop`.

    Notes
    -----
    O(N log N) for N operations, and some milliseconds for the tree searches of all machines; a machine whose tree takes longer
    counts with its preemptive bound. Setups, transport, blocking and calendars are left out, so the bound holds with them too.

    References
    ----------
    Carlier, J. (1982). The one-machine sequencing problem. European Journal of Operational Research 11. Carlier, J., Pinson, E.
    (1989). An algorithm for solving the job-shop problem. Management Science 35.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.shop.lower_bound(sk.shop.Shop([[(0, 3), (1, 2)], [(0, 4), (1, 1)]]))
    8
    """
    return core_of(shop).lower_bound()


def solve(
    shop: Shop,
    objective: str = "makespan",
    *,
    time_limit: float | None = None,
    max_moves: int | None = None,
    seed: int = 0,
    threads: int | None = 1,
    warm_start: ShopSchedule | None = None,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> ShopSolution:
    """Anytime search for ``J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j, ...``.

    Tabu search and path relinking for the makespan of shops without setups, transport, calendars, blocking and `no_wait`;
    simulated annealing or parallel tempering for all others. For the makespan a prover beside the search raises the lower
    bound and finds schedules of its own, in the shops that the notes name.

    Parameters
    ----------
    shop : Shop
        Of any kind.
    objective : str, default "makespan"
        One of `OBJECTIVES`.
    time_limit : float, optional
        Seconds; 1 if no budget is given either.
    max_moves : int, optional
        Moves to make, the effort of the prover included, or changes to try. Without a time limit no clock is read, and equal
        seeds give equal answers.
    seed : int, default 0
    threads : int or None, default 1
        None means all cores. Each thread searches on its own where time alone ends the search, and in shops of up to 450
        operations that have a prover the last one proves; with a budget one thread does everything.
    warm_start : ShopSchedule, optional
        A feasible schedule of this shop to begin with, if it is better than those of the rules.
    on_improvement : callable, optional
        Called with every `Improvement`; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    ShopSolution
        ``.status`` is "optimal" if the objective equals the lower bound. For the makespan that is the one of `lower_bound`, or
        what the prover has proved; for other objectives it is the value if no job waited.

    Raises
    ------
    InvalidInputError
        An unknown objective, a warm start that is not feasible, negative limits; with blocking or `no_wait`, a shop whose jobs
        cannot pass one after the other, because calendars close for ever or because of setups between operations of one job.
        `prove` decides such shops.
    InfeasibleError
        The machines of an operation are never open for as long as it takes; with `no_wait`, a job never passes while its
        machines are open.

    Notes
    -----
    The prover works on shops of up to 450 operations and 25,000 pairs of operations on the same machine, for the makespan
    without calendars and `no_wait`: job shops with setups and transport, or with blocking, and flexible shops with or without
    blocking, but without setups and transport. It learns a clause from each conflict (lazy clause generation). On one thread
    it takes turns with the search: it gets as much as the search at first, less while it brings nothing, and half as much
    once the search is stuck.

    Annealing and tempering change a list of all operations, each behind those before it in its job and on its machine. A change
    concerns the way by which a job that adds to the objective completes when it does: an operation goes before one that it
    waits for, or to another machine. It takes O(N). Tempering, for sums over jobs and for blocking shops, keeps ten lists
    at different temperatures, which exchange places.

    In blocking job shops a schedule is a complete selection in the alternative graph, and a change takes a job out and inserts
    it again nearest to where it was, so that it passes an operation of another job. In flexible blocking shops a list says in
    which order jobs enter machines. An entry into a machine that another job keeps brings that job's next entry forward, and so
    on; jobs that wait for each other in a cycle exchange their machines with ``blocking="swap"``. With ``"no_swap"`` such a
    list is no schedule, and the change is made larger until it is one: a job passes another one earlier or for longer. A change
    takes O(N (n + m)) for n jobs and m machines at most. Shops of more than 2 10^7 operations times jobs and machines are not
    searched: the answer is one job after the other, or `warm_start`.

    Flexible shops of 500 operations and more are searched with one machine for each operation first, chosen so that the busiest
    machine has little to do, for three tenths of the limits and at most 300 moves for each operation. A move takes time
    proportional to the number of operations at most. Ties and draws depend on the seed alone. The search is never worse than
    the best of a few dispatching rules.

    References
    ----------
    Zhang, C. Y., Li, P. G., Guan, Z. L., Rao, Y. Q. (2007). A tabu search algorithm with a new neighborhood structure for
    the job shop scheduling problem. Computers & Operations Research 34. Balas, E., Vazacopoulos, A. (1998). Guided local
    search with shifting bottleneck for job shop scheduling. Management Science 44. Peng, B., Lu, Z., Cheng, T. C. E.
    (2015). A tabu search/path relinking algorithm to solve the job shop scheduling problem. Computers & Operations Research
    53. Mastrolilli, M., Gambardella, L. M. (2000). Effective neighbourhood functions for the flexible job shop problem.
    Journal of Scheduling 3. Mascis, A., Pacciarelli, D. (2002). Job-shop scheduling with blocking and no-wait constraints.
    European Journal of Operational Research 143. Groeflin, H., Klinkert, A. (2009). A new neighborhood and tabu search for
    the blocking job shop. Discrete Applied Mathematics 157. Geyer, C. J. (1991). Markov chain Monte Carlo maximum likelihood.
    Computing Science and Statistics 23. Grimes, D., Hebrard, E. (2015). Solving variants of the job shop
    scheduling problem through conflict-directed search. INFORMS Journal on Computing 27 (the prover). Plotkin, S. A.,
    Shmoys, D. B., Tardos, E. (1995). Fast approximation algorithms for fractional packing and covering problems.
    Mathematics of Operations Research 20 (the machines of long shops).

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2), (2, 2)], [(0, 2), (2, 1), (1, 4)], [(1, 4), (2, 3)]])
    >>> s = sk.shop.solve(shop, max_moves=1000)
    >>> s.makespan, s.lower_bound
    (11, 11)
    >>> late = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]], due_date=[5, 6], setup={0: [[0, 2], [1, 0]]})
    >>> s = sk.shop.solve(late, "total_tardiness", max_moves=1000)
    >>> s.objective, s.start_time.tolist()
    (3, [3, 6, 0, 2])
    """
    native = core_of(shop)
    name = known_objective(objective)
    search = AnytimeCall.options(
        time_limit=time_limit,
        budget=max_moves,
        unit="max_moves",
        default_time=1.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    seeded, count = _validation.seed(seed), _validation.threads(threads)
    with search.preparation():
        start = None if warm_start is None else start_of(shop, warm_start)
    return solution_of(search, native.solve(name, start, seeded, count, search.request), shop, name)


def known_objective(objective: Any) -> str:
    """The name of an objective; refuses other words."""
    name = _validation.word(objective, "objective")
    if name not in OBJECTIVES:
        raise _validation.refuse("objective", f"unknown objective, expected one of {', '.join(OBJECTIVES)}", value=objective)
    return name


def solution_of(search: AnytimeCall, answer: dict[str, Any], shop: Shop, objective: str = "makespan") -> ShopSolution:
    """The answer of an anytime search that the core returned."""
    plan = schedule_of(answer["schedule"], shop)

    def build(history: list[Improvement], runtime: float) -> ShopSolution:
        columns = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
        about = {name: answer[name] for name in ("status", "lower_bound", "num_moves")}
        return ShopSolution(
            **columns, **about, objective=getattr(plan, objective), objective_name=objective, runtime=runtime, history=history
        )

    return search.finish(answer["report"], build)


def start_of(shop: Shop, warm_start: Any) -> tuple[Any, Any]:
    """The columns of a schedule to begin with; refuses one that is not feasible."""
    _validation.expect(warm_start, ShopSchedule, "warm_start", "a ShopSchedule")
    if warm_start.machine.size != shop.num_operations:
        raise _validation.refuse("warm_start", f"has {warm_start.machine.size} operations, expected {shop.num_operations}")
    if check(shop, warm_start):
        raise _validation.refuse("warm_start", "is not feasible; schedkit.check tells why")
    return warm_start.machine, warm_start.start_time
