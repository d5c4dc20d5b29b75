"""Calls of one function on threads, in processes and on clusters; a call that ends its worker costs no other call's result."""

from __future__ import annotations

import contextlib
import inspect
import multiprocessing
import pickle
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from . import _validation
from ._core import CancelToken
from ._stopping import Relay, relay_for
from .errors import InputTypeError, LostCallError, SchedkitError

_JOBLIB_NAMES = {"threads": "threading", "processes": "loky"}
_AHEAD = 4  # calls in a cluster's queues for each of its threads

Task = tuple[tuple[Any, ...], dict[str, Any]]


class Failed:
    """An exception in the place of a call's result."""

    def __init__(self, error: BaseException, index: int) -> None:
        if not isinstance(error, Exception):  # SystemExit and its like must not end the caller
            error = lost(index, f"ended with {_text(error)}")
        note = f"while solving problem {index}"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        self.error: Exception = error


def lost(index: int, reason: str) -> LostCallError:
    """The error that stands for a call without a result."""
    return LostCallError(f"the call of problem {index} was lost: {reason}", index=index)


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of this name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters


def run(
    function: Callable[..., Any],
    tasks: Sequence[Task],
    workers: int | None,
    backend: str | None,
    stop: CancelToken | None,
) -> Generator[Any]:
    """First the relay that cancels calls, then ``(index, result)`` as calls finish; a result may be `Failed`."""
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
        yield relay
        calls = _Calls(function, tasks, relay)
        if type(active).__name__ == "DaskDistributedBackend":
            yield from _on_cluster(calls, active.client)
        elif getattr(active, "supports_sharedmem", False):
            yield from _drained(calls, joblib, workers, list(range(len(tasks))))
        elif active.effective_n_jobs(workers) == 1 and not multiprocessing.current_process().daemon:
            yield from _in_one_process(calls)  # joblib would make the calls in this one
        else:
            yield from _in_processes(calls, joblib, workers)


class _Calls:
    """The calls as they travel: in this process as they are, elsewhere as bytes, so that each answers for its own pickling."""

    def __init__(self, function: Callable[..., Any], tasks: Sequence[Task], relay: Relay) -> None:
        self.function = function
        self.tasks = tasks
        self.relay = relay
        self.stoppable = takes(function, "stop")
        self.broken: list[Exception] = []
        """Why the workers are gone, if they are."""

    def here(self, index: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """A function and its arguments for a worker in this process."""
        return _call_here, (self.function, index, self.tasks[index], self.relay, self.stoppable)

    def there(self, index: int) -> tuple[Callable[..., Any], tuple[Any, ...]] | Failed:
        """A function and its arguments for a worker in another process."""
        try:
            payload = _dumps((self.function, *self.tasks[index]))
        except Exception as error:  # whatever pickling of the user's objects raises
            return Failed(lost(index, f"its arguments cannot be sent to a worker ({_text(error)})"), index)
        return _call_there, (payload, index, self.relay, self.stoppable)


def _call(function: Callable[..., Any], index: int, task: Task, relay: Relay, stoppable: bool) -> Any:
    args, options = task
    if not stoppable:
        return function(*args, **options)
    with relay.token(index) as token:
        return function(*args, stop=token, **options)


def _call_here(function: Callable[..., Any], index: int, task: Task, relay: Relay, stoppable: bool) -> Any:
    """One call on a thread of the caller's process."""
    try:
        return index, _call(function, index, task, relay, stoppable)
    except BaseException as error:  # travels home and is raised or returned there
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise  # it was the user
        return index, Failed(error, index)


def _call_there(payload: Any, index: int, relay: Relay, stoppable: bool) -> Any:
    """One call in another process; its result travels as bytes."""
    try:
        with relay.mark(index):
            function, args, options = pickle.loads(payload)
            result = _call(function, index, (args, options), relay, stoppable)
    except BaseException as error:  # travels home and is raised or returned there
        result = Failed(error, index)
    try:
        return index, _dumps(result)
    except Exception as error:  # whatever pickling of the user's objects raises
        what = result.error if isinstance(result, Failed) else result
        reason = f"its {'exception' if what is not result else 'result'}, a {type(what).__name__}, cannot be sent back"
        reason += f" ({_text(error)})" if what is result else f": {_text(what)}"
        return index, _dumps(Failed(lost(index, reason), index))


def _dumps(value: Any) -> bytes:
    from joblib.externals.loky.backend.reduction import dumps  # noqa: PLC0415  # an extra; functions of scripts travel as well

    return bytes(dumps(value))


def _home(pair: tuple[int, Any]) -> tuple[int, Any]:
    """What a worker in another process has sent."""
    index, answer = pair
    if isinstance(answer, bytes):
        try:
            answer = pickle.loads(answer)
        except Exception as error:  # whatever unpickling of the user's objects raises
            answer = Failed(lost(index, f"its result cannot be read ({_text(error)})"), index)
    return index, answer


def _text(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")[:1000]
    except Exception:  # an exception that cannot be shown
        return type(error).__name__


def _drained(calls: _Calls, joblib: Any, workers: int, wanted: Iterable[int], *, elsewhere: bool = False) -> Iterator[Any]:
    """Answers as joblib's workers give them; if these die, `calls.broken` says why and the answers end."""
    refused: list[tuple[int, Failed]] = []

    def handed_out() -> Iterator[Any]:
        for index in wanted:
            if calls.relay.skips(index):
                continue
            call = calls.there(index) if elsewhere else calls.here(index)
            if isinstance(call, Failed):
                refused.append((index, call))
            else:
                yield joblib.delayed(call[0])(*call[1])

    pool = joblib.Parallel(n_jobs=workers, prefer="threads", return_as="generator_unordered")
    finished = pool(handed_out())
    try:
        while True:
            try:
                pair = next(finished)
            except StopIteration:
                break
            except Exception as error:
                if not elsewhere:
                    raise
                calls.broken.append(error)
                break
            yield _home(pair)
        yield from refused
    except BaseException:
        calls.relay.abandon_above(-1)
        with contextlib.suppress(Exception):
            for _ in finished:  # those that were under way end now
                pass
        raise


def _in_processes(calls: _Calls, joblib: Any, workers: int) -> Iterator[Any]:
    """Answers from processes; the calls that ran when one died are made once more, each alone in a process of its own."""
    left = dict.fromkeys(range(len(calls.tasks)))
    while left:
        calls.broken.clear()
        for index, answer in _drained(calls, joblib, workers, list(left), elsewhere=True):
            del left[index]
            yield index, answer
        if not calls.broken:
            return
        suspects = [index for index in sorted(calls.relay.marked()) if index in left] or list(left)
        with contextlib.closing(_Alone()) as alone:
            for index in suspects:
                del left[index]
                if calls.relay.skips(index):
                    continue
                yield index, alone.answer(calls, index)


def _in_one_process(calls: _Calls) -> Iterator[Any]:
    """Answers from one process, which is replaced when it dies; a call is made twice at most."""
    with contextlib.closing(_Alone()) as alone:
        for index in range(len(calls.tasks)):
            if not calls.relay.skips(index):
                yield index, alone.answer(calls, index, attempts=2)


class _Alone:
    """One process for one call at a time; a new one follows where one was lost."""

    def __init__(self) -> None:
        self._executor: Any = None

    def answer(self, calls: _Calls, index: int, attempts: int = 1) -> Any:
        """The call's result, or why it is lost when its process has died in each attempt."""
        from joblib.externals import loky  # noqa: PLC0415  # an extra

        call = calls.there(index)
        if isinstance(call, Failed):
            return call
        reason = ""
        for _ in range(attempts):
            if self._executor is None:
                self._executor = loky.ProcessPoolExecutor(max_workers=1)
            try:
                return _home(self._executor.submit(call[0], *call[1]).result())[1]
            except Exception as error:  # the process died
                self.close()
                reason = f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
            except BaseException:
                calls.relay.abandon_above(-1)
                raise
        return Failed(lost(index, f"its process died, and again when the call ran alone ({reason})"), index)

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(kill_workers=True)
            self._executor = None


def _on_cluster(calls: _Calls, client: Any) -> Iterator[Any]:
    """Answers from a Dask cluster, which repeats the calls of workers that die.

    Calls that it gives up because their workers died again and again are made once more, one at a time, if there are several:
    all but the one that kills its workers have only been beside it.
    """
    from distributed import as_completed, wait  # noqa: PLC0415  # an extra

    group = f"schedkit-{uuid.uuid4().hex}"  # calls of one group wait at the scheduler, not behind each other on workers
    given_up: list[int] = []
    waiting = iter(range(len(calls.tasks)))
    numbers: dict[Any, int] = {}
    stream = as_completed([])

    def hand_out(room: int) -> Iterator[tuple[int, Failed]]:
        for index in waiting:
            if calls.relay.skips(index):
                continue
            call = calls.there(index)
            if isinstance(call, Failed):
                yield index, call
                continue
            future = client.submit(call[0], *call[1], key=(group, index))
            numbers[future] = index
            stream.add(future)
            room -= 1
            if room <= 0:
                return

    try:
        yield from hand_out(_AHEAD * max(16, sum(client.nthreads().values())))
        for future in stream:
            index = numbers.pop(future)
            error = future.exception()
            if error is None:
                yield _home(future.result())
            elif type(error).__name__ == "KilledWorker":
                given_up.append(index)
            else:
                yield index, Failed(lost(index, f"the cluster could not run it ({_text(error)})"), index)
            future.release()
            yield from hand_out(1)
        for index in sorted(given_up):
            if calls.relay.skips(index):
                continue
            if len(given_up) > 1:
                call = calls.there(index)
                assert not isinstance(call, Failed)
                future = client.submit(call[0], *call[1], pure=False)
                numbers[future] = index
                if future.exception() is None:
                    yield _home(future.result())
                    continue
            yield index, Failed(lost(index, "its workers died each time it ran"), index)
    except BaseException:
        calls.relay.abandon_above(-1)
        with contextlib.suppress(Exception):
            wait(list(numbers))  # those that were under way end now
        raise
