"""Calls a function on threads, in processes and on clusters. If a call ends its worker, all other results are kept."""

from __future__ import annotations

import contextlib
import inspect
import multiprocessing
import pickle
import signal
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from . import _validation
from ._core import CancelToken
from ._extras import load
from ._stopping import Relay, relay_for
from .errors import LostCallError

_JOBLIB_NAMES = {"threads": "threading", "processes": "loky"}
_AHEAD = 4  # calls in a cluster's queues for each of its threads

Task = tuple[tuple[Any, ...], dict[str, Any]]


class Failed:
    """Takes the place of a result if the call raised an exception."""

    def __init__(self, error: BaseException, index: int) -> None:
        if not isinstance(error, Exception):  # SystemExit and similar exceptions must not end the caller
            error = lost(index, f"ended with {_text(error)}")
        note = f"while solving problem {index}"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        self.error: Exception = error


def lost(index: int, reason: str) -> LostCallError:
    """The error for a call without a result."""
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
    """Yields the relay that cancels calls, then ``(index, result)`` for each finished call; a result may be `Failed`."""
    if not callable(function):
        raise _validation.refuse_type("function", "must be callable", function)
    if workers is not None:
        workers = min(_validation.int_scalar(workers, "workers", minimum=1), max(len(tasks), 2))  # more would have no call
    joblib = load("joblib", "many workers need joblib: pip install 'schedkit[parallel]'")
    get_active_backend = joblib.parallel.get_active_backend
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
        calls = _Calls(function, tasks, relay, stack.enter_context(_presses()))
        if type(active).__name__ == "DaskDistributedBackend":
            yield from _on_cluster(calls, active.client)
        elif getattr(active, "supports_sharedmem", False):
            yield from _drained(calls, joblib, workers, list(range(len(tasks))))
        elif active.effective_n_jobs(workers) == 1 and not multiprocessing.current_process().daemon:
            yield from _in_one_process(calls)  # joblib would make the calls in this one
        else:
            yield from _in_processes(calls, joblib, workers)


class _Calls:
    """The calls in the form in which workers get them.

    Threads get the objects themselves. Other processes get bytes, so that each call has its own pickling errors.
    """

    def __init__(self, function: Callable[..., Any], tasks: Sequence[Task], relay: Relay, pressed: Callable[[], bool]) -> None:
        self.function = function
        self.pressed = pressed
        self.tasks = tasks
        self.relay = relay
        self.stoppable = takes(function, "stop")
        self.broken: list[Exception] = []
        """The errors that ended the workers."""

    def here(self, index: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """The function and the arguments for a worker in this process."""
        return _call_here, (self.function, index, self.tasks[index], self.relay, self.stoppable, self.pressed)

    def there(self, index: int) -> tuple[Callable[..., Any], tuple[Any, ...]] | Failed:
        """The function and the arguments for a worker in another process."""
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


@contextlib.contextmanager
def _presses() -> Iterator[Callable[[], bool]]:
    """Tells whether the user has pressed Ctrl-C since, because a call may raise `KeyboardInterrupt` by itself.

    Where a program handles the signal in its own way, or another thread would have to, every such exception counts as pressed.
    """
    handler = signal.default_int_handler
    present: Any = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or present is not handler:
        yield lambda: True
        return
    pressed = False

    def note(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, handler)


def _call_here(
    function: Callable[..., Any], index: int, task: Task, relay: Relay, stoppable: bool, pressed: Callable[[], bool]
) -> Any:
    """Makes one call on a thread of the caller's process."""
    try:
        return index, _call(function, index, task, relay, stoppable)
    except BaseException as error:  # is sent to the caller, and raised or returned there
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread() and pressed():
            raise
        return index, Failed(error, index)


def _call_there(payload: Any, index: int, relay: Relay, stoppable: bool) -> Any:
    """Makes one call in another process; the result is returned as bytes."""
    try:
        with relay.mark(index):
            function, args, options = pickle.loads(payload)
            result = _call(function, index, (args, options), relay, stoppable)
    except BaseException as error:  # is sent to the caller, and raised or returned there
        result = Failed(error, index)
    try:
        return index, _dumps(result)
    except Exception as error:  # whatever pickling of the user's objects raises
        what = result.error if isinstance(result, Failed) else result
        reason = f"its {'exception' if what is not result else 'result'}, a {type(what).__name__}, cannot be sent back"
        reason += f" ({_text(error)})" if what is result else f": {_text(what)}"
        return index, _dumps(Failed(lost(index, reason), index))


def _dumps(value: Any) -> bytes:
    from joblib.externals.loky.backend.reduction import dumps  # noqa: PLC0415  # an extra; it also pickles functions of scripts

    return bytes(dumps(value))


def _home(pair: tuple[int, Any]) -> tuple[int, Any]:
    """Unpickles the answer of a worker in another process."""
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
    """Yields answers in the order in which joblib's workers finish. If the workers die, `calls.broken` holds the error."""
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
            for _ in finished:  # running calls end now
                pass
        raise


def _in_processes(calls: _Calls, joblib: Any, workers: int) -> Iterator[Any]:
    """Yields answers from processes. Calls that ran when a process died are repeated, each alone in a new process."""
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
    """Yields answers from one process, which is replaced when it dies; each call is made at most two times."""
    with contextlib.closing(_Alone()) as alone:
        for index in range(len(calls.tasks)):
            if not calls.relay.skips(index):
                yield index, alone.answer(calls, index, attempts=2)


class _Alone:
    """A process that makes one call at a time, and is replaced after it has died."""

    def __init__(self) -> None:
        self._executor: Any = None

    def answer(self, calls: _Calls, index: int, attempts: int = 1) -> Any:
        """The result of the call, or the reason why it is lost if its process has died in each attempt."""
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
    """Yields answers from a Dask cluster, which repeats the calls of workers that die.

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
            wait(list(numbers))  # running calls end now
        raise
