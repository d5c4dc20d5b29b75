"""Pools and event loops behind a dispatcher: order, exceptions, cancellation, retries."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import os
import pickle
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import AsyncDispatcher, BlockedError, DispatchExecutor

CALLS = int(os.environ.get("SCHEDKIT_DISPATCHER_CALLS", "4000"))


def boom() -> None:
    raise RuntimeError("boom")


class Flaky:
    """Raises some times, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures, self.attempts = failures, 0

    def __call__(self) -> int:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise OSError(f"attempt {self.attempts}")
        return self.attempts

    async def later(self) -> int:
        await asyncio.sleep(0)
        return self()


class Meter:
    """Counts how many calls run at a time."""

    def __init__(self) -> None:
        self.lock, self.running, self.most = threading.Lock(), 0, 0

    def __call__(self, answer: Any) -> Any:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.001)
        with self.lock:
            self.running -= 1
        return answer


# -- pools -------------------------------------------------------------------------------------------------------------------


def test_calls_run_after_those_that_they_need_and_within_the_capacity() -> None:
    meter = Meter()
    d: Any = sk.online.Dispatcher({"api": 3}, backfill="greedy")
    with ThreadPoolExecutor(8) as pool, DispatchExecutor(pool, d) as executor:
        first = [executor.submit(k, meter, k, demand={"api": 1}) for k in range(30)]
        total = executor.submit("sum", lambda: sum(f.result(timeout=0) for f in first), after=range(30))
        assert total.result(timeout=60) == sum(range(30))
    assert 1 <= meter.most <= 3
    assert d.stats().done == 31


def test_an_exception_blocks_what_needs_the_call() -> None:
    d: Any = sk.online.Dispatcher({})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        gate = threading.Event()
        executor.submit("gate", gate.wait)
        failing = executor.submit("fail", boom, after=["gate"])
        needs = executor.submit("needs", int, after=["fail"])
        deeper = executor.submit("deeper", int, after=["needs"])
        gate.set()
        with pytest.raises(RuntimeError, match="boom"):
            failing.result(timeout=60)
        for future, chain in ((needs, ("fail", "needs")), (deeper, ("fail", "needs", "deeper"))):
            with pytest.raises(BlockedError, match="needs 'fail'") as caught:
                future.result(timeout=60)
            assert caught.value.chain == chain
            assert pickle.loads(pickle.dumps(caught.value)).chain == chain
        late = executor.submit("late", int, after=["deeper"])
        with pytest.raises(BlockedError):
            late.result(timeout=60)


def test_calls_are_retried() -> None:
    d: Any = sk.online.Dispatcher({})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d, retries=2) as executor:
        assert executor.submit("a", Flaky(2)).result(timeout=60) == 3
        with pytest.raises(OSError, match="attempt 3"):
            executor.submit("b", Flaky(3)).result(timeout=60)
        with pytest.raises(OSError, match="attempt 1"):
            executor.submit("c", Flaky(1), retries=0).result(timeout=60)
    assert d.stats().retries == 4


def one_runs_and_two_wait(executor: DispatchExecutor) -> tuple[threading.Event, Future[None], Future[int], Future[int]]:
    """Three calls on one slot: a runs until the event is set, b waits for the slot, and c needs b."""
    gate, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        gate.wait(60)

    running = executor.submit("a", hold, demand={"slot": 1})
    waiting = executor.submit("b", int, demand={"slot": 1})
    needs = executor.submit("c", int, after=["b"])
    assert begun.wait(60)
    return gate, running, waiting, needs


def test_waiting_calls_can_be_cancelled_and_running_ones_cannot() -> None:
    d: Any = sk.online.Dispatcher({"slot": 1})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        gate, running, waiting, needs = one_runs_and_two_wait(executor)
        assert not running.cancel()
        assert waiting.cancel()
        with pytest.raises(BlockedError):
            needs.result(timeout=60)
        gate.set()
        running.result(timeout=60)
    assert d.state("b") == "cancelled"


def test_a_pool_that_is_gone_fails_its_calls() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    executor = DispatchExecutor(pool, sk.online.Dispatcher({}))
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit("a", int).result(timeout=60)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit("b", int)


def test_refused_submissions_leave_nothing_behind() -> None:
    d: Any = sk.online.Dispatcher({"slot": 1})
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, d) as executor:
        with pytest.raises(sk.InvalidInputError, match="exceeds the capacity"):
            executor.submit("a", int, demand={"slot": 2})
        assert executor.submit("a", int).result(timeout=60) == 0
        with pytest.raises(sk.InvalidInputError, match="was submitted before"):
            executor.submit("a", int)
    with pytest.raises(sk.InputTypeError):
        DispatchExecutor(d, d)
    with pytest.raises(sk.InputTypeError):
        AsyncDispatcher({})  # type: ignore[arg-type]


def test_shutdown_can_cancel_what_waits() -> None:
    d: Any = sk.online.Dispatcher({"slot": 1})
    with ThreadPoolExecutor(1) as pool:
        executor = DispatchExecutor(pool, d)
        gate = threading.Event()
        first = executor.submit("a", gate.wait, demand={"slot": 1})
        rest = [executor.submit(k, int, demand={"slot": 1}, after=["a"] if k else []) for k in range(9)]
        timer = threading.Timer(0.05, gate.set)
        timer.start()
        executor.shutdown(cancel_futures=True)
        assert first.result(timeout=60)
        assert all(future.cancelled() or isinstance(future.exception(), BlockedError) for future in rest)


def test_thousands_of_calls_from_eight_threads_run_once_each() -> None:
    counts: dict[Any, int] = {}
    lock = threading.Lock()

    def count(key: Any, fail: bool) -> Any:
        with lock:
            counts[key] = counts.get(key, 0) + 1
            if fail and counts[key] == 1:
                raise OSError("once")
        return key

    d: Any = sk.online.Dispatcher({"cpu": 6}, backfill="greedy")
    with ThreadPoolExecutor(6) as pool, DispatchExecutor(pool, d, retries=1) as executor:
        futures: list[concurrent.futures.Future[Any]] = []

        def submit(thread: int) -> None:
            rng = random.Random(thread)
            for k in range(CALLS // 8):
                after = [(thread, k - 1)] if k and rng.random() < 0.5 else []
                key, fail = (thread, k), rng.random() < 0.1
                futures.append(executor.submit(key, count, key, fail, after=after, demand={"cpu": rng.randint(1, 6)}))

        threads = [threading.Thread(target=submit, args=(t,)) for t in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers = [future.result(timeout=300) for future in futures]
    assert sorted(answers) == sorted((t, k) for t in range(8) for k in range(CALLS // 8))
    assert sum(counts.values()) == len(answers) + d.stats().retries


# -- event loops -------------------------------------------------------------------------------------------------------------


async def settle(future: asyncio.Future[Any]) -> Any:
    """The answer or the exception."""
    return (await asyncio.gather(future, return_exceptions=True))[0]


def test_coroutines_run_after_those_that_they_need_and_within_the_capacity() -> None:
    running, most = 0, 0

    async def tool(answer: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return answer

    async def main() -> None:
        tools = AsyncDispatcher(sk.online.Dispatcher({"search": 2}, backfill="greedy"))
        futures = [tools.submit(k, tool, k, demand={"search": 1}, after=[k - 2] if k > 1 else []) for k in range(20)]
        assert await asyncio.gather(*futures) == list(range(20))
        await tools.join()

    asyncio.run(main())
    assert most == 2


def test_coroutines_that_raise_are_retried_then_block() -> None:
    async def main() -> None:
        d: Any = sk.online.Dispatcher({})
        tools = AsyncDispatcher(d, retries=1)
        good, bad = tools.submit("good", Flaky(1).later), tools.submit("bad", Flaky(2).later)
        needs = tools.submit("needs", Flaky(0).later, after=["bad"])
        assert await good == 2
        assert isinstance(await settle(bad), OSError)
        blocked = await settle(needs)
        assert isinstance(blocked, BlockedError)
        assert blocked.chain == ("bad", "needs")
        assert isinstance(await settle(tools.submit("late", Flaky(0).later, after=["needs"])), BlockedError)
        assert d.stats().retries == 2
        await tools.join()

    asyncio.run(main())


def test_cancelling_a_future_cancels_the_task_or_takes_the_key_back() -> None:
    stopped = []

    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            stopped.append(True)

    async def main() -> None:
        d: Any = sk.online.Dispatcher({"slot": 1})
        tools = AsyncDispatcher(d)
        running = tools.submit("a", forever, demand={"slot": 1})
        waiting = tools.submit("b", forever, demand={"slot": 1})
        needs = tools.submit("c", forever, after=["b"])
        last = tools.submit("d", Flaky(0).later, demand={"slot": 1})
        await asyncio.sleep(0.01)
        waiting.cancel()
        assert isinstance(await settle(needs), BlockedError)
        running.cancel()
        assert await asyncio.wait_for(last, 60) == 1
        assert (d.state("a"), d.state("b"), d.running) == ("cancelled", "cancelled", [])

    asyncio.run(main())
    assert stopped == [True]


def test_a_coroutine_that_cannot_be_made_is_a_failure() -> None:
    async def main() -> None:
        tools = AsyncDispatcher(sk.online.Dispatcher({}))
        assert isinstance(await settle(tools.submit("a", Flaky(1).later, 5)), TypeError)

    asyncio.run(main())
    gc.collect()


def journalled(path: Path) -> sk.online.Dispatcher[str]:
    """A dispatcher whose first process has ended with one key that runs and one that needs it."""
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"tool": 1}, journal=path)
    d.submit("a", demand={"tool": 1})
    d.submit("b", after=["a"], demand={"tool": 1})
    assert d.next() == ["a"]
    del d
    return sk.online.Dispatcher.resume(path)


def test_keys_of_a_resumed_dispatcher_get_their_calls_again(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        executor = sk.online.adapters.DispatchExecutor(pool, journalled(tmp_path / "threads"))
        later = executor.submit("c", lambda: "c", after=["b"])
        with pytest.raises(sk.InvalidInputError, match="the facts of this key are known already, leave out demand"):
            executor.submit("a", lambda: "a", demand={"tool": 1})
        first = executor.submit("a", lambda: "a")
        assert not first.done()  # b has no call yet, so nothing starts
        second = executor.submit("b", lambda: "b")
        assert [future.result(timeout=30) for future in (first, second, later)] == ["a", "b", "c"]
        executor.shutdown()

    async def coroutines() -> list[str]:
        tools = sk.online.adapters.AsyncDispatcher(journalled(tmp_path / "loop"))

        async def say(word: str) -> str:
            return word

        futures = [tools.submit(key, say, key) for key in ("b", "a")]
        return [await future for future in futures]

    assert asyncio.run(coroutines()) == ["b", "a"]


def test_executors_refuse_running_keys_and_what_cannot_be_called() -> None:
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"tool": 1})
    d.submit("a")
    d.next()
    with pytest.raises(sk.InvalidInputError, match="must have no running keys"):
        sk.online.adapters.AsyncDispatcher(d)

    async def wrong() -> int:
        tools = sk.online.adapters.AsyncDispatcher(sk.online.Dispatcher({"tool": 1}))
        broken: Any = None
        with pytest.raises(sk.InputTypeError, match="fn: must be a function"):
            tools.submit("k", broken, demand={"tool": 1})

        async def five() -> int:
            return 5

        return int(await tools.submit("k", five, demand={"tool": 1}))  # the refused call has left nothing behind

    assert asyncio.run(wrong()) == 5
