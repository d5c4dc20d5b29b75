"""The errors of calls that are blocked: their chains, and how much of the dispatcher is read for them."""

from __future__ import annotations

import asyncio
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import AsyncDispatcher, BlockedError, DispatchExecutor


class Counting(sk.online.Dispatcher[Any]):
    """Counts how often all chains are read."""

    reads = 0

    @property
    def blocked(self) -> Any:
        type(self).reads += 1
        return super().blocked


def boom() -> None:
    raise RuntimeError("boom")


async def fail() -> None:
    raise RuntimeError("boom")


def test_calls_behind_a_failed_one_read_no_other_chains() -> None:
    Counting.reads, n = 0, 2000
    d: Any = Counting({"cpu": 1})
    with ThreadPoolExecutor(1) as pool, DispatchExecutor(pool, d) as executor:
        assert executor.submit(0, boom).exception(timeout=60)
        futures: list[Any] = [executor.submit(k, int, after=[k - 1]) for k in range(1, n)]
        assert futures[-1].exception(timeout=60).chain == tuple(range(n))
    e: Any = Counting({"cpu": 1})

    async def main() -> None:
        tools = AsyncDispatcher(e)
        futures = [tools.submit(k, fail, after=[k - 1] if k else []) for k in range(n)]  # blocked at once, when 0 fails
        await asyncio.wait(futures)
        assert isinstance(futures[0].exception(), RuntimeError)
        last = futures[-1].exception()
        assert isinstance(last, BlockedError)
        assert last.chain == tuple(range(n))
        assert pickle.loads(pickle.dumps(last)).chain == last.chain

    asyncio.run(main())
    assert Counting.reads == 0
    assert d.blocked == {k: tuple(range(k + 1)) for k in range(1, n)} == e.blocked


@pytest.mark.parametrize("seed", range(20))
def test_chains_are_those_of_the_dispatcher(seed: int) -> None:
    rng = random.Random(seed)
    plan = [(k, rng.sample(range(k), min(k, rng.randint(0, 3))), rng.random() < 0.15, rng.random() < 0.1) for k in range(60)]
    pauses = {k for k in range(60) if rng.random() < 0.2}

    async def coroutine(fails: bool) -> None:
        await asyncio.sleep(0)
        if fails:
            boom()

    async def main() -> tuple[Any, list[Any]]:
        d: Any = sk.online.Dispatcher({"cpu": 2})
        tools, futures = AsyncDispatcher(d), []
        for k, after, fails, cancels in plan:
            needs: Any = iter(after) if k % 2 else after
            futures.append(tools.submit(k, coroutine, fails, after=needs, demand={"cpu": 1}))
            if k in pauses:
                await asyncio.sleep(0.001)
            if cancels:
                tools.cancel(k)
        await tools.join()
        return d, futures

    d, futures = asyncio.run(main())
    errors = {k: f.exception() for k, f in enumerate(futures) if not f.cancelled()}
    blocked = {
        k: chain for k, chain in d.blocked.items() if k in errors
    }  # others were cancelled when they were blocked already
    assert {k: e.chain for k, e in errors.items() if isinstance(e, BlockedError)} == blocked

    e: Any = sk.online.Dispatcher({"cpu": 2})
    with ThreadPoolExecutor(2) as pool, DispatchExecutor(pool, e) as executor:
        threads = []
        for k, after, fails, cancels in plan:
            threads.append(executor.submit(k, boom if fails else int, after=after, demand={"cpu": 1}))
            if cancels:
                executor.cancel(k)
    found = {k: f.exception() for k, f in enumerate(threads) if not f.cancelled()}
    blocked = {k: chain for k, chain in e.blocked.items() if k in found}
    assert {k: error.chain for k, error in found.items() if isinstance(error, BlockedError)} == blocked


def test_keys_from_before_have_their_chains(tmp_path: Path) -> None:
    d: Any = sk.online.Dispatcher({}, journal=tmp_path / "journal")
    d.submit("gone")
    d.submit("behind", after=["gone"])
    d.cancel("gone")
    d.submit("a")
    d.submit("b", after=["a"])
    d.submit("c", after=["b"])
    del d
    resumed: Any = sk.online.Dispatcher.resume(tmp_path / "journal")

    async def main() -> dict[str, Any]:
        tools = AsyncDispatcher(resumed)
        futures = {"d": tools.submit("d", fail, after=["gone"]), "e": tools.submit("e", fail, after=iter(["behind"]))}
        futures |= {key: tools.submit(key, fail) for key in "abc"}
        futures["f"] = tools.submit("f", fail, after=["c"])
        await asyncio.wait(futures.values())
        return {key: future.exception() for key, future in futures.items()}

    errors = asyncio.run(main())
    assert type(errors.pop("a")) is RuntimeError
    chains = {key: error.chain for key, error in errors.items()}
    assert chains == {
        "b": ("a", "b"),
        "c": ("a", "b", "c"),
        "d": ("gone", "d"),
        "e": ("gone", "behind", "e"),
        "f": ("a", "b", "c", "f"),
    }
    assert resumed.blocked == {**chains, "behind": ("gone", "behind")}
