"""Keys from before that get no calls: executors say so instead of waiting for ever."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import AsyncDispatcher, DispatchExecutor

REASON = "dispatcher: these keys wait from before and have no calls, so nothing starts: 'old0', 'old1'; submit or cancel each"


async def answer() -> int:
    return 1


def with_old_keys(count: int = 2) -> sk.online.Dispatcher[str]:
    d: sk.online.Dispatcher[str] = sk.online.Dispatcher({"cpu": 1})
    for k in range(count):
        d.submit(f"old{k}")
    d.submit("known", demand={"cpu": 1})
    return d


def outcome(executor: DispatchExecutor, **arguments: Any) -> Any:
    """What `shutdown` raises; fails if it does not return."""
    found: list[Any] = []

    def leave() -> None:
        try:
            executor.shutdown(**arguments)
            found.append(None)
        except sk.InvalidInputError as error:
            found.append(error)

    thread = threading.Thread(target=leave, daemon=True)
    thread.start()
    thread.join(60)
    assert found, "shutdown does not return"
    return found[0]


@pytest.mark.parametrize("wait", [True, False])
def test_shutdown_names_the_keys_and_ends_all_futures(wait: bool) -> None:
    d = with_old_keys()
    with ThreadPoolExecutor(1) as pool:
        executor = DispatchExecutor(pool, d)
        assert executor.without_call == ["old0", "old1", "known"]
        futures = [executor.submit("known", int), executor.submit("new", int, after=["known"])]
        assert executor.without_call == ["old0", "old1"]
        error = outcome(executor, wait=wait)
        assert str(error).startswith(REASON)
        assert [future.exception(timeout=60) for future in futures] == [error, error]
        assert outcome(executor) is None  # it has said so
        assert d.waiting == ["old0", "old1", "known", "new"]
        with DispatchExecutor(pool, d) as again:
            answers = [again.submit(key, str, key) for key in d.waiting]
        assert [future.result(timeout=60) for future in answers] == ["old0", "old1", "known", "new"]


def test_five_of_twenty_keys_are_named() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert "'old3', 'old4' and 16 more; submit" in str(outcome(DispatchExecutor(pool, with_old_keys(20))))


def test_leaving_with_says_so_unless_it_is_left_by_another_error() -> None:
    with ThreadPoolExecutor(1) as pool:

        def use(error: Exception | None, futures: list[Any]) -> None:
            with DispatchExecutor(pool, with_old_keys()) as executor:
                futures.append(executor.submit("known", int))
                if error is not None:
                    raise error

        for error, kind in ((None, sk.InvalidInputError), (OSError("other"), OSError)):
            futures: list[Any] = []
            with pytest.raises(kind):
                use(error, futures)
            assert isinstance(futures[0].exception(timeout=60), sk.InvalidInputError)
        with DispatchExecutor(pool, with_old_keys()) as executor:
            waits = executor.submit("known", int)
            executor.shutdown(cancel_futures=True)
        assert waits.cancelled()


def test_old_keys_that_are_cancelled_stop_nothing() -> None:
    d = with_old_keys()
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, d) as executor:
        future = executor.submit("known", int)
        for key in executor.without_call:
            assert executor.cancel(key)
        assert future.result(timeout=60) == 0
        assert executor.without_call == []


def test_join_names_the_keys() -> None:
    async def main() -> None:
        tools = AsyncDispatcher(with_old_keys())
        known = tools.submit("known", answer)
        with pytest.raises(sk.InvalidInputError) as caught:
            await asyncio.wait_for(tools.join(), 60)
        assert str(caught.value).startswith(REASON)
        assert tools.without_call == ["old0", "old1"]
        assert not known.done()  # it can still be started
        old = tools.submit("old1", answer)
        assert tools.cancel("old0")
        await asyncio.wait_for(tools.join(), 60)
        assert (known.result(), old.result(), tools.without_call) == (1, 1, [])

    asyncio.run(main())
