"""Solves many problems, or makes many attempts at one, on many cores and machines, over the joblib protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from . import _validation
from ._calls import Failed, Task, run, takes
from ._core import CancelToken
from ._extras import load
from .errors import InputTypeError, LostCallError

Backend = Literal["threads", "processes", "dask"]


def solve_many(
    function: Callable[..., Any],
    problems: Iterable[Any],
    *,
    workers: int | None = None,
    backend: Backend | str | None = None,
    time_limit: float | None = None,
    stop: CancelToken | None = None,
    on_error: Literal["raise", "return"] = "raise",
    progress: bool | Callable[[int, int], object] = False,
    **options: Any,
) -> list[Any]:
    """Calls ``function(problem, **options)`` for each problem, on many workers (needs joblib).

    Parameters
    ----------
    function : callable
        Any function of this package, or of yours. For processes and clusters it must be importable by the workers.
    problems : iterable
        The problems, one for each call. A tuple gives several positional arguments, such as ``(graph, network)`` or ``(p, d)``.
    workers : int, optional
        Number of simultaneous calls. By default the surrounding ``joblib.parallel_config`` decides, else one for each core. A
        Dask cluster always uses all its workers.
    backend : {"threads", "processes", "dask"} or any name that joblib knows, optional
        The place where the calls run. By default the surrounding ``joblib.parallel_config`` decides, else threads, because the
        core runs with the interpreter detached. ``"dask"`` needs an open ``dask.distributed.Client``.
    time_limit : float, optional
        Seconds for each call, counted from its start on its worker; passed to `function`, which must take it.
    stop : CancelToken, optional
        Token that ends all calls, running ones as well; `function` must take a `stop`. Anytime methods then return their best
        result so far.
    on_error : {"raise", "return"}, default "raise"
        Whether the exception of the problem with the lowest index is raised, or exceptions take the places of results, with a
        `LostCallError` for each lost call.
    progress : bool or callable, default False
        True draws a bar on standard error (needs rich). A callable gets ``(done, total)`` on the calling thread.
    **options
        Options that are passed to every call.

    Returns
    -------
    list
        Results in the order of `problems`, equal for any number of workers and any backend, as long as each call is
        deterministic; searches are if they have a budget and no time limit.

    Raises
    ------
    SchedkitError
        joblib, or rich for the bar, is not installed.
    InvalidInputError, InputTypeError
        Bad options; or `stop` or `time_limit` for a function that does not take it.
    LostCallError
        A call was lost: its process died, it called ``sys.exit``, or its arguments or its result cannot be pickled. The error
        has the ``.index`` and the ``.results`` so far.
    Exception
        The exception of a call, with a note that names the index of the problem.

    Notes
    -----
    After an error, calls with a lower index are completed and all others are cancelled, so the answer is deterministic.

    If a call kills its process, the results of all other calls are kept. The calls that ran at that moment are repeated, each
    alone in a new process. If that process dies too, the call is lost; all others are completed in new processes. A Dask
    cluster repeats the calls of a worker that died on another worker; a call whose workers die each time is lost. Threads
    share the caller's process, so ``os._exit`` or a signal in a call ends it. Each call that takes a `stop` gets its own
    token, even without the argument, so that Ctrl-C also ends running searches. Problems are sent to processes as arrays.

    Examples
    --------
    >>> import schedkit as sk
    >>> projects = [sk.rcpsp.Project([d, 2], [[1], [1]], [1]) for d in (1, 2, 3)]
    >>> [s.makespan for s in sk.solve_many(sk.rcpsp.serial_sgs, projects, priority="spt")]
    [3, 4, 5]
    """
    calls = [
        problem if isinstance(problem, tuple) else (problem,)
        for problem in _validation.iterable(problems, "problems", "a list of problems")
    ]
    if time_limit is not None:
        time_limit = _validation.time_limit(time_limit)
        _must_take(function, "time_limit")
        options = {**options, "time_limit": time_limit}
    if stop is not None:
        if not isinstance(stop, CancelToken):
            raise _validation.refuse_type("stop", "must be a CancelToken", stop)
        _must_take(function, "stop")
    if _validation.word(on_error, "on_error") not in ("raise", "return"):
        raise _validation.refuse("on_error", "expected 'raise' or 'return'", value=on_error)
    tasks = [(args, options) for args in calls]
    results, _ = _results(function, tasks, workers, backend, stop, progress, raises=on_error == "raise")
    return results


def solve_portfolio(
    function: Callable[..., Any],
    problem: Any,
    variants: int | Iterable[Mapping[str, Any]],
    *,
    workers: int | None = None,
    backend: Backend | str | None = None,
    time_limit: float | None = None,
    stop: CancelToken | None = None,
    progress: bool | Callable[[int, int], object] = False,
    **options: Any,
) -> Any:
    """Makes several attempts at one problem and returns the best: lowest objective, then lowest index (needs joblib).

    Parameters
    ----------
    function : callable
        An anytime method such as `rcpsp.solve`, or a function whose results have a `makespan`, `total_tardiness` (with weights
        `total_weighted_tardiness`) or `total_flow_time`.
    problem
        One problem; a tuple gives several positional arguments.
    variants : int or iterable of mappings
        The options that differ between attempts. A number means that many seeds: ``seed + 0, seed + 1, ...``.
    workers, backend, time_limit, stop, progress, **options
        As for `solve_many`.

    Returns
    -------
    result
        The result of the best attempt, unchanged.

    Raises
    ------
    InvalidInputError, InputTypeError
        No variants, bad options, results without an objective.
    LostCallError, Exception
        As for `solve_many`.

    Notes
    -----
    When an attempt is proved optimal, attempts with a higher index are cancelled, because they cannot win. With a budget and
    without a time limit the answer therefore depends on the options alone, for any number of workers and any backend.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.read(sk.example_path("migration.json"))
    >>> best = sk.solve_portfolio(sk.rcpsp.solve, project, 3, max_schedules=500)
    >>> best.makespan == min(sk.rcpsp.solve(project, seed=seed, max_schedules=500).makespan for seed in range(3))
    True
    """
    if isinstance(variants, Iterable) and getattr(variants, "ndim", 1) != 0:
        attempts = [_mapping(variant, k) for k, variant in enumerate(variants)]
    else:
        seed = _validation.seed(options.pop("seed", 0))
        attempts = [{"seed": seed + k} for k in range(_validation.int_scalar(variants, "variants", minimum=1))]
    if not attempts:
        raise _validation.refuse("variants", "must not be empty")
    if time_limit is not None:
        options = {**options, "time_limit": _validation.time_limit(time_limit)}
    args = problem if isinstance(problem, tuple) else (problem,)
    tasks = [(args, {**options, **attempt}) for attempt in attempts]
    results, finished = _results(function, tasks, workers, backend, stop, progress, raises=True, ends=_is_optimal)
    return results[min(finished, key=lambda index: (_objective(results[index]), index))]


def _results(
    function: Callable[..., Any],
    tasks: Sequence[Task],
    workers: int | None,
    backend: str | None,
    stop: CancelToken | None,
    progress: bool | Callable[[int, int], object],
    *,
    raises: bool,
    ends: Callable[[Any], bool] = lambda _: False,
) -> tuple[list[Any], list[int]]:
    """Returns all results in order, and the indices of the finished calls.

    A result for which `ends` is true cancels all calls with a higher index.
    """
    results: list[Any] = [None] * len(tasks)
    finished: list[int] = []
    first_error: int | None = None
    first_end = len(tasks)
    with contextlib.closing(run(function, tasks, workers, backend, stop)) as answers, _progress(progress, len(tasks)) as tell:
        relay = next(answers)
        for done, (index, result) in enumerate(answers, 1):
            tell(done)
            failed = isinstance(result, Failed)
            results[index] = result.error if failed else result
            if not failed:
                finished.append(index)
            if failed and raises and (first_error is None or index < first_error):
                first_error = index
            if not failed and ends(result):
                first_end = min(first_end, index)
            if (failed and raises) or index == first_end:
                relay.abandon_above(index)
    if first_error is not None and first_error < first_end:
        error = results[first_error]
        if isinstance(error, LostCallError):
            error.results = [results[k] if k in set(finished) else None for k in range(len(tasks))]
        raise error
    return results, finished


def _is_optimal(result: Any) -> bool:
    return getattr(result, "status", None) == "optimal"


@contextlib.contextmanager
def _progress(progress: bool | Callable[[int, int], object], total: int) -> Iterator[Callable[[int], object]]:
    if callable(progress):
        yield lambda done: progress(done, total)
    elif not _validation.flag(progress, "progress"):
        yield lambda done: None  # noqa: ARG005
    else:
        missing = "progress bars need rich: pip install 'schedkit[parallel]'"
        console, rich = load("rich.console", missing), load("rich.progress", missing)
        columns = (rich.BarColumn(), rich.MofNCompleteColumn(), rich.TimeRemainingColumn())
        with rich.Progress(*columns, console=console.Console(stderr=True)) as bar:
            task = bar.add_task("", total=total)
            yield lambda done: bar.update(task, completed=done)


def _mapping(variant: Any, k: int) -> dict[str, Any]:
    if not isinstance(variant, Mapping):
        reason = f"must be a mapping of options, not {_validation.type_name(variant)}"
        raise _validation.refuse("variants", reason, index=(k,), value=variant, kind=InputTypeError)
    return dict(variant)


def _must_take(function: Callable[..., Any], name: str) -> None:
    if callable(function) and not takes(function, name):
        called = getattr(function, "__name__", repr(function))
        raise _validation.refuse(name, f"{called} does not take it", kind=InputTypeError)


def _objective(result: Any) -> float:
    names = ("makespan", "total_weighted_tardiness", "total_tardiness", "total_flow_time")
    sought = getattr(result, "objective_name", None)
    for name in names if sought is None else ("objective",):
        value: float | None = getattr(result, name, None)
        if value is not None:
            return value
    raise _validation.refuse("function", f"its result, a {type(result).__name__}, has no objective", kind=InputTypeError)
