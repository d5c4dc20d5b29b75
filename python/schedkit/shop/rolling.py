"""Rolling horizon: long shops are searched in windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .. import _core, _validation
from .._anytime import AnytimeCall, Improvement, OnInterrupt
from ._past import fixed_rows, moment
from .problem import Shop, core_of
from .search import ShopSolution, solution_of


def roll(
    shop: Shop,
    window: int = 100,
    step: int = 50,
    *,
    fixed: Mapping[int, tuple[int, int, int | None]] | None = None,
    now: int = 0,
    time_limit: float | None = None,
    max_moves: int | None = None,
    seed: int = 0,
    on_improvement: Callable[[Improvement], object] | None = None,
    stop: _core.CancelToken | None = None,
    on_interrupt: OnInterrupt = "raise",
) -> ShopSolution:
    """Rolling horizon for long shops, ``J, FJ | r_j | C_max``, also while they run.

    All operations are dispatched; the `window` operations that start first are searched, behind what is kept already; the
    `step` of these that start first are kept, and the rest is dispatched again.

    Parameters
    ----------
    shop : Shop
        Without setups, transport, blocking, `no_wait` and calendars.
    window : int, default 100
        Operations that are searched at a time.
    step : int, default 50
        Operations that are kept of each window, from 1 to `window`.
    fixed : mapping of operation to (machine, start, end), optional
        Operations that have started already, such as `schedkit.Fixed`; the others go behind them on their machines. None as end
        stands for the planned one, or `now` if that is later.
    now : int, default 0
        No other operation starts earlier.
    time_limit : float, optional
        Seconds for all windows together; 1 if no budget is given either.
    max_moves : int, optional
        Moves for all windows together. Without a time limit no clock is read, and equal seeds give equal answers.
    seed : int, default 0
    on_improvement : callable, optional
        Called with every `Improvement` of the whole schedule; its exception stops the search and propagates.
    stop : CancelToken, optional
        Set from anywhere, it ends the search with the best so far.
    on_interrupt : {"raise", "return"}, default "raise"
        Whether Ctrl-C raises `KeyboardInterrupt` with the best so far as its ``.result``, or returns that.

    Returns
    -------
    ShopSolution
        The shortest of the whole schedules that were seen. With a past, ``.lower_bound`` counts the jobs alone.

    Raises
    ------
    InvalidInputError
        A shop with features that the search does not know, a step beyond the window, a past that contradicts itself, negative
        limits.

    Notes
    -----
    N operations make about N / step windows, each of which has an equal share of the limits and takes O(N log N) beside its
    moves. One thread searches. Ties and draws depend on the seed alone. For a whole shop at once `solve` mostly finds
    shorter schedules, as it looks at the machines of all operations together; windows are for shops that run, and for
    answers that must stay near the present.

    References
    ----------
    Ovacik, I. M., Uzsoy, R. (1994). Rolling horizon algorithms for a single-machine dynamic scheduling problem with
    sequence-dependent setup times. International Journal of Production Research 32.

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[{0: 3, 1: 4}, (1, 2)], [(0, 2), {0: 5, 1: 4}], [(1, 4), (0, 1)]])
    >>> sk.shop.roll(shop, window=4, step=2, max_moves=1000).makespan
    10

    At time 5 the first operation takes longer than planned:

    >>> r = sk.shop.roll(shop, fixed={0: (0, 0, 7), 4: (1, 0, 4)}, now=5, max_moves=1000)
    >>> sk.check(shop, r, fixed={0: (0, 0, 7), 4: (1, 0, 4)}, now=5)
    []
    """
    native = core_of(shop)
    horizon = tuple(
        _validation.int_scalar(value, name, minimum=1, maximum=2**32) for name, value in (("window", window), ("step", step))
    )
    search = AnytimeCall.options(
        time_limit=time_limit,
        budget=max_moves,
        unit="max_moves",
        default_time=1.0,
        on_improvement=on_improvement,
        stop=stop,
        on_interrupt=on_interrupt,
    )
    seeded, past, present = _validation.seed(seed), fixed_rows(fixed), moment(now)
    return solution_of(search, native.roll((horizon[0], horizon[1]), past, present, seeded, search.request), shop)
