"""Pools that break or are shut down under a dispatcher: every future ends, and no key is lost."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import DispatchExecutor


def leave(executor: DispatchExecutor) -> None:
    """Shuts the executor down; fails if that does not return."""
    thread = threading.Thread(target=executor.shutdown, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def error(future: Future[Any]) -> BaseException | None:
    return future.exception(timeout=60)


def make_again(d: sk.online.Dispatcher[Any]) -> None:
    """Another executor makes all calls that wait in the dispatcher."""
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, d) as executor:
        futures = [executor.submit(key, int, key) for key in d.waiting]
        assert [future.result(timeout=60) for future in futures] == [future.result() for future in futures]
    assert d.stats().waiting == 0


@pytest.mark.parametrize("retries", [0, 2])
def test_calls_that_wait_for_a_pool_that_is_shut_down_fail(retries: int) -> None:
    d: Any = sk.online.Dispatcher({"cpu": 1})
    pool = ThreadPoolExecutor(1)
    executor = DispatchExecutor(pool, d, retries=retries)
    gate = threading.Event()
    first = executor.submit(0, gate.wait, 60, demand={"cpu": 1})
    rest = [executor.submit(k, int, demand={"cpu": 1}, after=[k - 1] if k > 2 else []) for k in (1, 2, 3, 4)]
    pool.shutdown(wait=False)
    gate.set()
    assert first.result(timeout=60) is True
    for future in rest:
        assert isinstance(error(future), RuntimeError)
        assert "after shutdown" in str(error(future))
    with pytest.raises(RuntimeError, match="the pool is broken or shut down"):
        executor.submit(5, int)
    leave(executor)
    assert (d.stats().done, d.stats().waiting, 5 in d) == (1, 4, False)
    make_again(d)


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("cpus", [1, 3])
def test_calls_fail_with_the_error_of_a_pool_that_breaks(retries: int, cpus: int) -> None:
    d: Any = sk.online.Dispatcher({"cpu": cpus})
    with ProcessPoolExecutor(1) as pool:
        executor = DispatchExecutor(pool, d, retries=retries)
        futures = [executor.submit(0, os._exit, 1, demand={"cpu": 1})]
        futures += [executor.submit(k, abs, -k, demand={"cpu": 1}, after=[0] if k > 3 else []) for k in range(1, 6)]
        assert [type(error(future)) for future in futures] == [BrokenProcessPool] * 6
        leave(executor)
    assert (d.stats().waiting, d.running) == (6, [])
    make_again(d)


def broken_initializer() -> None:
    raise OSError("no licence")


def test_calls_fail_if_the_threads_of_a_pool_cannot_begin() -> None:
    pool = ThreadPoolExecutor(1, initializer=broken_initializer)
    d: Any = sk.online.Dispatcher({"cpu": 3})
    executor = DispatchExecutor(pool, d, retries=1)
    futures = [executor.submit(0, int, demand={"cpu": 1})]
    with contextlib.suppress(RuntimeError):  # as soon as the pool is broken
        futures += [executor.submit(k, int, demand={"cpu": 1}) for k in range(1, 9)]
    assert all(isinstance(error(future), BrokenExecutor) for future in futures)
    leave(executor)
    pool.shutdown()


def test_calls_end_if_the_pool_cancels_what_waits_in_it() -> None:
    d: Any = sk.online.Dispatcher({"cpu": 3})
    pool = ThreadPoolExecutor(1)
    executor = DispatchExecutor(pool, d, retries=1)
    gate, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        gate.wait(60)

    first = executor.submit(0, hold, demand={"cpu": 1})
    rest = [executor.submit(k, int, demand={"cpu": 1}) for k in range(1, 6)]  # 1 and 2 wait in the pool, the others for cores
    assert begun.wait(60)
    closing = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
    closing.start()
    assert all(isinstance(error(future), CancelledError) for future in rest)
    gate.set()
    assert first.result(timeout=60) is None
    leave(executor)
    closing.join(60)
    assert not closing.is_alive()
    make_again(d)


def test_a_call_may_raise_the_error_of_another_pool() -> None:
    attempts: list[int] = []

    def use_another_pool() -> int:
        attempts.append(0)
        if len(attempts) < 3:
            raise BrokenProcessPool("another pool")
        return len(attempts)

    d: Any = sk.online.Dispatcher({"cpu": 1})
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, d, retries=1) as executor:
        first = executor.submit("a", use_another_pool, demand={"cpu": 1}, retries=2)
        second = executor.submit("b", int, demand={"cpu": 1})
        assert (first.result(timeout=60), second.result(timeout=60)) == (3, 0)
        attempts.clear()
        assert isinstance(error(executor.submit("c", use_another_pool)), BrokenProcessPool)
        assert executor.submit("d", int).result(timeout=60) == 0
    assert (d.state("c"), d.stats().retries) == ("failed", 3)


class Choosy(Executor):
    """A pool that refuses some calls."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if fn.func is str:
            raise TypeError("this function does not travel")
        return self.pool.submit(fn, *args, **kwargs)


def test_a_call_that_the_pool_refuses_fails_alone() -> None:
    d: Any = sk.online.Dispatcher({"cpu": 1})
    pool = Choosy()
    executor = DispatchExecutor(pool, d)
    gate = threading.Event()
    executor.submit("a", gate.wait, 60, demand={"cpu": 1})
    refused = executor.submit("b", str, demand={"cpu": 1})
    last = executor.submit("c", int, demand={"cpu": 1})
    gate.set()
    assert isinstance(error(refused), TypeError)
    assert last.result(timeout=60) == 0
    leave(executor)
    pool.pool.shutdown()


class Late(sk.online.Dispatcher[Any]):
    """Grows, and so starts keys, at the moment when one is cancelled."""

    executor: DispatchExecutor

    def cancel(self, key: Any, now: float | None = None) -> list[Any]:
        self.executor.set_capacity("cpu", 2)
        return super().cancel(key, now)


def test_a_call_that_is_cancelled_while_it_is_started_ends() -> None:
    d: Any = Late({"cpu": 1})
    with ThreadPoolExecutor(2) as pool:
        executor = d.executor = DispatchExecutor(pool, d)
        gate = threading.Event()
        first = executor.submit("a", gate.wait, 60, demand={"cpu": 1})
        second = executor.submit("b", int, demand={"cpu": 1})
        assert second.cancel()
        gate.set()
        assert first.result(timeout=60) is True
        leave(executor)
    assert (d.state("a"), d.state("b")) == ("done", "cancelled")
