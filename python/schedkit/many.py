"""Many problems, or many attempts at one, on many cores and many machines, over the joblib protocol."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from . import _validation
from ._core import CancelToken
from ._stopping import Relay, relay_for
from .errors import InputTypeError, SchedkitError

Backend = Literal["threads", "processes", "dask"]
_JOBLIB_NAMES = {"threads": "threading", "processes": "loky"}


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
    """``[function(problem, **options) for problem in problems]``, on as many workers as there are (needs joblib).

    Parameters
    ----------
    function : callable
        Any function of this package, or of yours. For processes and clusters it must be importable by the workers.
    problems : iterable
        One call each; a tuple gives several positional arguments, such as ``(graph, network)`` or ``(p, d)``.
    workers : int, optional
        Calls at a time; without it, what the surrounding ``joblib.parallel_config`` says, else one for each core. A Dask
        cluster always uses all that it has.
    backend : {"threads", "processes", "dask"} or any name that joblib knows, optional
        Where the calls run; without it, what the surrounding ``joblib.parallel_config`` says, else threads, because the core
        runs with the interpreter detached. ``"dask"`` needs an open ``dask.distributed.Client``.
    time_limit : float, optional
        Seconds for each call, counted from its start on its worker; handed to `function`, which must take it.
    stop : CancelToken, optional
        Ends all calls, running ones as well, wherever they run; `function` must take a `stop`. Anytime methods then return
        their best so far.
    on_error : {"raise", "return"}, default "raise"
        Raise the exception of the problem with the lowest index, or put exceptions where the results would be.
    progress : bool or callable, default False
        True draws a bar on standard error (needs rich); a callable gets ``(done, total)`` on the calling thread.
    **options
        Handed to every call.

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
        Bad options, or `stop` and `time_limit` for a function that does not take them.
    Exception
        What a call raised, with a note that names the problem's index.

    Notes
    -----
    After an error calls with a lower index are completed, all others are cancelled; that makes the answer deterministic. If a
    worker of a Dask cluster dies its calls run again elsewhere. Each call that takes a `stop` gets a token of its own, also
    without the argument, so that Ctrl-C ends running searches too. Problems travel to processes as a few arrays.

    Examples
    --------
    >>> import schedkit as sk
    >>> projects = [sk.rcpsp.Project([d, 2], [[1], [1]], [1]) for d in (1, 2, 3)]
    >>> [s.makespan for s in sk.solve_many(sk.rcpsp.serial_sgs, projects, priority="spt")]
    [3, 4, 5]
    """
    calls = [problem if isinstance(problem, tuple) else (problem,) for problem in _iterable(problems)]
    if time_limit is not None:
        time_limit = _validation.time_limit(time_limit)
        _must_take(function, "time_limit")
        options = {**options, "time_limit": time_limit}
    if stop is not None:
        if not isinstance(stop, CancelToken):
            raise _validation.refuse("stop", f"must be a CancelToken, not {type(stop).__name__}", kind=InputTypeError)
        _must_take(function, "stop")
    if _validation.word(on_error, "on_error") not in ("raise", "return"):
        raise _validation.refuse("on_error", "expected 'raise' or 'return'", value=on_error)
    tasks = [(args, options) for args in calls]
    results: list[Any] = [None] * len(tasks)
    first_error: int | None = None
    with contextlib.closing(_run(function, tasks, workers, backend, stop, progress)) as finished:
        relay = next(finished)
        for index, result in finished:
            results[index] = result.error if isinstance(result, _Failed) else result
            if isinstance(result, _Failed) and on_error == "raise" and (first_error is None or index < first_error):
                first_error = index
                relay.abandon_above(index)
    if first_error is not None:
        raise results[first_error]
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
    """The best of several attempts at one problem: the lowest objective, then the lowest index (needs joblib).

    Parameters
    ----------
    function : callable
        An anytime method such as `rcpsp.solve`, or anything whose results have a `makespan`, `total_tardiness` (with weights
        `total_weighted_tardiness`) or `total_flow_time`.
    problem
        One problem; a tuple gives several positional arguments.
    variants : int or iterable of mappings
        The options that differ from attempt to attempt; a number stands for that many seeds, ``seed + 0, seed + 1, ...``.
    workers, backend, time_limit, stop, progress, **options
        As for `solve_many`.

    Returns
    -------
    result
        The winner's, unchanged.

    Raises
    ------
    InvalidInputError, InputTypeError
        No variants, bad options, results without an objective.

    Notes
    -----
    When an attempt is proved optimal those with a higher index are cancelled: they could not win any more. With a budget and
    without a time limit the answer therefore depends on the options alone, for any number of workers and any backend.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.read(sk.example_path("migration.json"))
    >>> best = sk.solve_portfolio(sk.rcpsp.solve, project, 3, max_schedules=500)
    >>> best.makespan == min(sk.rcpsp.solve(project, seed=seed, max_schedules=500).makespan for seed in range(3))
    True
    """
    if isinstance(variants, Iterable):
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
    best: tuple[float, int] | None = None
    winner: Any = None
    with contextlib.closing(_run(function, tasks, workers, backend, stop, progress)) as finished:
        relay = next(finished)
        for index, result in finished:
            if isinstance(result, _Failed):
                raise result.error
            key = (_objective(result), index)
            if best is None or key < best:
                best, winner = key, result
            if getattr(result, "status", None) == "optimal":
                relay.abandon_above(index)
    return winner


class _Failed:
    """An exception on its way home."""

    def __init__(self, error: Exception, index: int) -> None:
        error.add_note(f"while solving problem {index}")
        self.error = error


def _call(function: Callable[..., Any], index: int, task: tuple[tuple[Any, ...], dict[str, Any]], relay: Relay | None) -> Any:
    """One call on its worker."""
    args, options = task
    try:
        if relay is None:
            return index, function(*args, **options)
        with relay.token(index) as token:
            return index, function(*args, stop=token, **options)
    except Exception as error:  # travels home and is raised or returned there
        return index, _Failed(error, index)


def _run(
    function: Callable[..., Any],
    tasks: Sequence[tuple[tuple[Any, ...], dict[str, Any]]],
    workers: int | None,
    backend: str | None,
    stop: CancelToken | None,
    progress: bool | Callable[[int, int], object],
) -> Generator[Any]:
    """First the relay that cancels calls, then ``(index, result)`` as calls finish."""
    if not callable(function):
        raise _validation.refuse("function", f"must be callable, not {type(function).__name__}", kind=InputTypeError)
    if workers is not None:
        workers = _validation.int_scalar(workers, "workers", minimum=1)
    try:
        import joblib  # noqa: PLC0415  # an extra
        from joblib.parallel import get_active_backend  # noqa: PLC0415
    except ImportError as error:
        raise SchedkitError("many workers need joblib: pip install 'schedkit[parallel]'") from error
    with contextlib.ExitStack() as stack:
        if backend is not None:
            try:
                stack.enter_context(joblib.parallel_config(backend=_JOBLIB_NAMES.get(backend, backend)))
            except (ValueError, TypeError, ImportError) as error:
                raise _validation.refuse("backend", f"joblib refuses it: {error}", value=backend) from error
        active, _ = get_active_backend(prefer="threads")
        if workers is None:
            _, configured = get_active_backend()
            workers = -1 if configured is None else configured
        relay = stack.enter_context(relay_for(active, stop, len(tasks)))
        tell = stack.enter_context(_progress(progress, len(tasks)))
        yield relay
        passed = relay if _takes(function, "stop") else None
        pool = joblib.Parallel(n_jobs=workers, prefer="threads", return_as="generator_unordered")
        finished = pool(joblib.delayed(_call)(function, k, task, passed) for k, task in enumerate(tasks) if not relay.abandoned)
        try:
            for done, pair in enumerate(finished, 1):
                tell(done)
                yield pair
        except BaseException:
            relay.abandon_above(-1)
            for _ in finished:  # those that were under way end now
                pass
            raise


@contextlib.contextmanager
def _progress(progress: bool | Callable[[int, int], object], total: int) -> Iterator[Callable[[int], object]]:
    if callable(progress):
        yield lambda done: progress(done, total)
    elif not _validation.flag(progress, "progress"):
        yield lambda done: None  # noqa: ARG005
    else:
        try:
            from rich.console import Console  # noqa: PLC0415  # an extra
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415
        except ImportError as error:
            raise SchedkitError("progress bars need rich: pip install 'schedkit[parallel]'") from error
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=total)
            yield lambda done: bar.update(task, completed=done)


def _iterable(problems: Any) -> Iterable[Any]:
    if isinstance(problems, (str, bytes, Mapping)) or not isinstance(problems, Iterable):
        reason = f"must be a list of problems, not {type(problems).__name__}"
        raise _validation.refuse("problems", reason, kind=InputTypeError)
    return problems


def _mapping(variant: Any, k: int) -> dict[str, Any]:
    if not isinstance(variant, Mapping):
        reason = f"must be a mapping of options, not {type(variant).__name__}"
        raise _validation.refuse("variants", reason, index=(k,), value=variant, kind=InputTypeError)
    return dict(variant)


def _takes(function: Callable[..., Any], name: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters


def _must_take(function: Callable[..., Any], name: str) -> None:
    if callable(function) and not _takes(function, name):
        called = getattr(function, "__name__", repr(function))
        raise _validation.refuse(name, f"{called} does not take it", kind=InputTypeError)


def _objective(result: Any) -> float:
    names = ("makespan", "total_weighted_tardiness", "total_tardiness", "total_flow_time")
    for name in names:
        value: float | None = getattr(result, name, None)
        if value is not None:
            return value
    raise _validation.refuse("function", f"its result, a {type(result).__name__}, has no objective", kind=InputTypeError)
