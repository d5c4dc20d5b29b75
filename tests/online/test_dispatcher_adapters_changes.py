"""Changes of a dispatcher through the executor that owns it, and what is refused there."""

from __future__ import annotations

import asyncio
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import AsyncDispatcher, BlockedError, DispatchExecutor

from .test_dispatcher_adapters import one_runs_and_two_wait


async def say(word: str) -> str:
    await asyncio.sleep(0)
    return word


def waiting_in_a_journal(path: Path) -> sk.online.Dispatcher[str]:
    """A resumed dispatcher in which a, b and c wait; b needs a."""
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"tool": 1}, journal=path)
    d.submit("a", demand={"tool": 1})
    d.submit("b", after=["a"])
    d.submit("c")
    del d
    return sk.online.Dispatcher.resume(path)


def test_more_capacity_starts_waiting_calls_of_a_pool() -> None:
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"slot": 1})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        gate = threading.Event()
        first = executor.submit("a", gate.wait, 60, demand={"slot": 1})
        second = executor.submit("b", gate.set, demand={"slot": 1})
        executor.set_capacity("slot", 2)
        assert second.result(timeout=60) is None
        assert first.result(timeout=60) is True
        with pytest.raises(sk.InvalidInputError, match="unknown resource"):
            executor.set_capacity("gpu", 2)


def test_more_capacity_starts_waiting_coroutines() -> None:
    async def main() -> None:
        tools = AsyncDispatcher(sk.online.Dispatcher({"slot": 1}))
        gate = asyncio.Event()
        first = tools.submit("a", gate.wait, demand={"slot": 1})
        second = tools.submit("b", say, "b", demand={"slot": 1})
        tools.set_capacity("slot", 2)
        assert await asyncio.wait_for(second, 60) == "b"
        gate.set()
        assert await first

    asyncio.run(main())


def test_a_call_of_a_pool_is_cancelled_by_its_key() -> None:
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"slot": 1})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        gate, running, waiting, needs = one_runs_and_two_wait(executor)
        assert not executor.cancel("a")
        assert executor.cancel("b")
        assert waiting.cancelled()
        with pytest.raises(BlockedError):
            needs.result(timeout=60)
        gate.set()
        running.result(timeout=60)
        assert [executor.cancel(key) for key in "abc"] == [False, False, False]
        with pytest.raises(sk.UnknownKeyError):
            executor.cancel("x")


def test_a_coroutine_is_cancelled_by_its_key() -> None:
    async def main() -> None:
        d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"slot": 1})
        tools = AsyncDispatcher(d)
        running = tools.submit("a", asyncio.sleep, 3600, demand={"slot": 1})
        waiting = tools.submit("b", say, "b", demand={"slot": 1})
        needs = tools.submit("c", say, "c", after=["b"])
        last = tools.submit("d", say, "d", demand={"slot": 1})
        await asyncio.sleep(0.01)
        assert tools.cancel("b")
        assert tools.cancel("a")
        assert await asyncio.wait_for(last, 60) == "d"
        assert running.cancelled()
        assert waiting.cancelled()
        with pytest.raises(BlockedError):
            await needs
        assert [tools.cancel(key) for key in "abcd"] == [False] * 4
        with pytest.raises(sk.UnknownKeyError):
            tools.cancel("x")

    asyncio.run(main())


def test_keys_from_before_can_be_cancelled_before_they_have_calls(tmp_path: Path) -> None:
    d = waiting_in_a_journal(tmp_path / "threads")
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        last = executor.submit("c", lambda: "c")
        assert executor.cancel("a")  # b is blocked by this, so both need no calls any more
        assert last.result(timeout=60) == "c"
        with pytest.raises(BlockedError):
            executor.submit("b", int).result(timeout=60)

    async def main() -> None:
        tools = AsyncDispatcher(waiting_in_a_journal(tmp_path / "loop"))
        last = tools.submit("c", say, "c")
        assert tools.cancel("a")
        assert await asyncio.wait_for(last, 60) == "c"
        with pytest.raises(BlockedError):
            await tools.submit("b", say, "b")

    asyncio.run(main())


def test_keys_that_others_have_submitted_to_the_dispatcher_are_refused() -> None:
    reason = "got keys from another program than this executor"

    async def main() -> None:
        d: sk.online.Dispatcher[str] = sk.online.Dispatcher({})
        tools = AsyncDispatcher(d)
        assert await tools.submit("a", say, "a") == "a"
        d.submit("stranger")
        with pytest.raises(sk.InvalidInputError, match=reason):
            tools.submit("b", say, "b")

    asyncio.run(main())
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, d) as executor:
        d.submit("stranger")
        with pytest.raises(sk.InvalidInputError, match=reason):
            executor.submit("b", int)


def test_executors_read_the_clock_themselves_and_pools_run_no_coroutines() -> None:
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, sk.online.Dispatcher({})) as executor:
        with pytest.raises(sk.InvalidInputError, match="now = 5: the executor reads the clock itself, leave it out"):
            executor.submit("a", int, now=5)
        with pytest.raises(sk.InputTypeError, match="fn: makes a coroutine, which a pool does not run: use Async"):
            executor.submit("a", say, "a")
        assert executor.submit("a", int).result(timeout=60) == 0

    async def main() -> None:
        tools = AsyncDispatcher(sk.online.Dispatcher({}))
        with pytest.raises(sk.InvalidInputError, match="now = 5: the executor reads the clock itself, leave it out"):
            tools.submit("a", say, "a", now=5)
        assert await tools.submit("a", say, "a") == "a"

    asyncio.run(main())


def test_functions_that_make_no_coroutine_are_named() -> None:
    async def main() -> None:
        tools = AsyncDispatcher(sk.online.Dispatcher({}))
        plain: Any = lambda: 3  # noqa: E731
        with pytest.raises(sk.InputTypeError, match="fn: must be a coroutine function: its answer must be awaitable, not int"):
            await tools.submit("a", plain)
        coroutine: Any = say("b")
        with pytest.raises(sk.InputTypeError, match="fn: is a coroutine already: give the function"):
            tools.submit("b", coroutine)
        coroutine.close()
        assert await tools.submit("c", lambda: say("c")) == "c"

    asyncio.run(main())


def test_plain_functions_run_once_and_all_kinds_of_coroutine_functions_run() -> None:
    attempts: list[str] = []

    def plain() -> int:
        attempts.append("plain")
        return 3

    class Tool:
        async def __call__(self, word: str) -> str:
            attempts.append(word)
            if attempts.count(word) < 3:
                raise OSError(word)
            return word

        async def method(self, word: str) -> str:
            return await say(word)

        def later(self, word: str) -> Any:
            return asyncio.ensure_future(say(word))

    async def stream() -> Any:
        yield 1

    async def main() -> None:
        d: sk.online.Dispatcher[str] = sk.online.Dispatcher({})
        tools = AsyncDispatcher(d, retries=3)
        wrong: Any = plain
        future, needs = tools.submit("a", wrong), tools.submit("b", say, "b", after=["a"])
        with pytest.raises(sk.InputTypeError, match="fn: must be a coroutine function: its answer must be awaitable, not int"):
            await future
        with pytest.raises(BlockedError):
            await needs
        assert (attempts, d.state("a"), d.stats().retries) == (["plain"], "failed", 0)
        wrong = stream
        with pytest.raises(sk.InputTypeError, match="fn: makes an asynchronous generator"):
            tools.submit("c", wrong)
        assert "c" not in d
        kinds: list[Any] = [
            say,
            Tool(),
            Tool().method,
            Tool().later,
            lambda *words: say("".join(words)),
            functools.partial(say),
        ]
        kinds += [functools.partial(Tool(), "6"), functools.partial(functools.partial(say, "7"))]
        answers = [tools.submit(str(k), kind, *([str(k)] if k < 6 else [])) for k, kind in enumerate(kinds)]
        assert await asyncio.gather(*answers) == [str(k) for k in range(8)]
        assert d.stats().retries == 4

    asyncio.run(main())
