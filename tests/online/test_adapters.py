"""The adapters against the standard library's contracts, under load, cancellation and exceptions."""

from __future__ import annotations

import asyncio
import concurrent.futures
import dataclasses
import fractions
import os
import queue
import random
import threading
from collections.abc import Generator
from typing import Any

import pytest
import schedkit as sk
from schedkit.online.adapters import AsyncQueue, Executor, PriorityQueue, Ticket

JOBS = int(os.environ.get("SCHEDKIT_QUEUE_JOBS_ASYNC", "5000"))

# --- asyncio ---------------------------------------------------------------------------------------------------------------


def test_async_queue_loses_nothing_under_cancellations_and_exceptions() -> None:
    """``SCHEDKIT_QUEUE_JOBS_ASYNC=100000`` runs as many jobs as the documentation claims."""
    asyncio.run(asyncio.wait_for(storm(JOBS), 600))


async def storm(jobs: int) -> None:
    rng = random.Random(1)
    line: AsyncQueue[int] = AsyncQueue("srpt", maxsize=50)
    entered: set[int] = set()
    left: list[int] = []
    withdrawn: list[int] = []

    async def produce(first: int) -> None:
        for job in range(first, jobs, 10):
            try:
                if rng.random() < 0.05:  # a put that may be cancelled while the queue is full
                    await asyncio.wait_for(line.put(job, size=rng.random()), 0.0001)
                    entered.add(job)
                else:
                    ticket = await line.put(job, size=rng.random())
                    entered.add(job)
                    if rng.random() < 0.05 and line.withdraw(ticket):
                        withdrawn.append(job)
            except TimeoutError:
                pass

    async def consume() -> None:
        while True:
            try:
                job = await asyncio.wait_for(line.get(), 0.0001) if rng.random() < 0.05 else await line.get()
            except TimeoutError:
                continue
            try:
                left.append(job)
                if rng.random() < 0.05:
                    raise ZeroDivisionError
                if rng.random() < 0.1:
                    await asyncio.sleep(0)
            except ZeroDivisionError:
                pass
            finally:
                line.task_done()

    consumers = [asyncio.create_task(consume()) for _ in range(8)]
    chaos = asyncio.create_task(replace(consumers, consume, rng))
    await asyncio.gather(*(produce(k) for k in range(10)))
    await line.join()
    chaos.cancel()
    for task in consumers:
        task.cancel()
    await asyncio.gather(*consumers, chaos, return_exceptions=True)
    assert line.empty()
    assert len(left) == len(set(left))
    assert entered <= set(left) | set(withdrawn)
    assert not set(left) & set(withdrawn)


async def replace(consumers: list[asyncio.Task[None]], consume: Any, rng: random.Random) -> None:
    """Cancels consumers while they wait, and puts others in their place."""
    while True:
        await asyncio.sleep(0.001)
        k = rng.randrange(len(consumers))
        if not consumers[k].done():
            consumers[k].cancel()
        consumers[k] = asyncio.create_task(consume())


def test_async_queue_refuses_facts_before_the_item_is_in_line() -> None:
    async def main() -> None:
        line: AsyncQueue[str] = AsyncQueue("srpt", maxsize=1)
        with pytest.raises(sk.InvalidInputError, match="size"):
            await line.put("a")
        await line.put("a", size=1)
        with pytest.raises(sk.InvalidInputError, match="size"):
            await line.put("b", size=-1)  # the queue is full: nobody waits to hear it
        with pytest.raises(asyncio.QueueFull):
            line.put_nowait("b", size=1)
        assert await line.get() == "a"
        line.task_done()
        await line.join()

    asyncio.run(main())


def test_async_tickets_can_be_changed_and_withdrawn() -> None:
    async def main() -> None:
        line: AsyncQueue[Any] = AsyncQueue("srpt", maxsize=2)
        first = await line.put(["not", "hashable"], size=1)
        second = line.put_nowait("b", size=2)
        waiting = asyncio.create_task(line.put("c", size=3))
        await asyncio.sleep(0)
        line.reprioritise(second, size=0.5)
        assert line.withdraw(first)
        assert not line.withdraw(first)
        third = await waiting  # the place that became free
        assert isinstance(third, Ticket)
        assert [await line.get(), await line.get()] == ["b", "c"]

    asyncio.run(main())


# --- queue.PriorityQueue ---------------------------------------------------------------------------------------------------


def test_priority_queue_gives_the_order_of_the_standard_library() -> None:
    rng = random.Random(2)
    ours: PriorityQueue[Any] = PriorityQueue()
    theirs: queue.PriorityQueue[Any] = queue.PriorityQueue()
    for k in range(2000):
        item = (rng.randrange(-50, 50), k)
        ours.put(item)
        theirs.put(item)
        if rng.random() < 0.4:
            assert ours.get() == theirs.get()
    assert ours.qsize() == theirs.qsize()
    while not theirs.empty():
        assert ours.get_nowait() == theirs.get_nowait()
    with pytest.raises(queue.Empty):
        ours.get_nowait()


@dataclasses.dataclass(order=True)
class Prioritised:
    """The recipe of the manual of the standard library."""

    priority: int
    item: Any = dataclasses.field(compare=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda k, p: (p, k % 3, f"{k}"),
        lambda k, p: Prioritised(p, k),
        lambda _, p: f"{p}",
        lambda k, p: [p, (k % 2, k)],
        lambda _, p: fractions.Fraction(p, 7),
        lambda k, p: 2**80 + p * k,
    ],
    ids=["tuples", "dataclass", "text", "lists", "fractions", "large integers"],
)
def test_priority_queue_is_a_drop_in(make: Any) -> None:
    """Whole items are compared, equals leave as heapq would have it: the standard library is the oracle, item by item."""
    rng = random.Random(7)
    ours: PriorityQueue[Any] = PriorityQueue()
    theirs: queue.PriorityQueue[Any] = queue.PriorityQueue()
    assert isinstance(ours, queue.PriorityQueue)
    for k in range(3000):
        item = make(k, rng.randrange(8))
        ours.put(item)
        theirs.put(item)
        if rng.random() < 0.6:
            assert ours.get() is theirs.get()
    assert ours.queue == theirs.queue
    while not theirs.empty():
        assert ours.get() is theirs.get()


def test_items_that_cannot_be_compared_are_not_in_line() -> None:
    line: PriorityQueue[Any] = PriorityQueue()
    for item in ((1, "a"), (2, "b")):
        line.put(item)
    with pytest.raises(TypeError):
        line.put((1, 5))
    assert [line.get(), line.get(), line.qsize()] == [(1, "a"), (2, "b"), 0]


def test_priority_queue_between_threads() -> None:
    line: PriorityQueue[int] = PriorityQueue(8, policy="srpt", facts=lambda item: {"size": item % 7})
    got: list[int] = []

    def consume() -> None:
        while (item := line.get()) >= 0:
            got.append(item)
            line.task_done()

    threads = [threading.Thread(target=consume) for _ in range(4)]
    for thread in threads:
        thread.start()
    for item in range(4000):
        line.put(item)
    line.join()
    for _ in threads:
        line._facts = lambda _: {"size": 1}
        line.put(-1)
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(4000))
    with pytest.raises(sk.InputTypeError, match="priority"):
        PriorityQueue[Any](policy="edf").put("text")


def test_priorities_that_rounding_would_put_out_of_order_are_refused() -> None:
    line: PriorityQueue[Any] = PriorityQueue(policy="edf")
    line.put((2**53, "a"))
    line.put((2.0**70, "b"))
    with pytest.raises(sk.InvalidInputError, match="priority = 9007199254740993"):
        line.put((2**53 + 1, "c"))
    assert [line.get(), line.get()] == [(2**53, "a"), (2.0**70, "b")]
    with pytest.raises(sk.InvalidInputError, match="maxsize"):
        PriorityQueue(1.5)  # type: ignore[arg-type]


def test_facts_are_made_without_the_lock_and_have_to_be_facts() -> None:
    line: PriorityQueue[str] = PriorityQueue(facts=lambda text: {"deadline": line.qsize()})  # this would wait for itself

    def fill() -> None:
        for text in "abc":
            line.put(text)

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert [line.get() for _ in range(3)] == ["a", "b", "c"]
    careless: PriorityQueue[Any] = PriorityQueue(facts=lambda _: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(sk.InputTypeError, match="facts: must make a dict, not None"):
        careless.put(1)
    assert careless.empty()
    assert careless.unfinished_tasks == 0


# --- concurrent.futures ----------------------------------------------------------------------------------------------------


def test_executor_runs_what_waits_in_the_order_of_the_policy() -> None:
    order: list[float] = []
    gate = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool, Executor(pool, "srpt") as executor:
        first = executor.submit_job(gate.wait, size=9)
        rest = [executor.submit_job(order.append, size, size=size) for size in (5, 1, 4, 2)]
        assert rest[2].cancel()
        gate.set()
        assert first.result()
    assert order == [1, 2, 5]
    assert [future.cancelled() for future in rest] == [False, False, True, False]


def test_executor_survives_exceptions_cancellations_and_many_tasks() -> None:
    rng = random.Random(3)

    def work(k: int) -> int:
        if k % 7 == 0:
            raise ZeroDivisionError
        return k

    with concurrent.futures.ThreadPoolExecutor(4) as pool, Executor(pool, "srpt") as executor:
        futures = [executor.submit_job(work, k, size=rng.random()) for k in range(3000)]
        for future in rng.sample(futures, 300):
            future.cancel()
        _, waiting = concurrent.futures.wait(futures, timeout=60)
    assert not waiting
    for k, future in enumerate(futures):
        if future.cancelled():
            continue
        if k % 7 == 0:
            assert isinstance(future.exception(), ZeroDivisionError)
        else:
            assert future.result() == k


def test_executor_takes_plain_submits_with_facts() -> None:
    with (
        concurrent.futures.ThreadPoolExecutor(2) as pool,
        Executor(pool, "srpt", facts=lambda _, args, __: {"size": args[0]}) as executor,
    ):
        assert list(executor.map(abs, [3, 1, 2])) == [3, 1, 2]
        with pytest.raises(sk.InvalidInputError):
            executor.submit(abs, -1)
    with pytest.raises(RuntimeError, match="shutdown"):
        executor.submit(abs, 1)


def test_steps_go_back_to_the_line() -> None:
    log: list[str] = []
    gate = threading.Event()

    def job(name: str, sizes: list[float]) -> Generator[float, Any, str]:
        for size in sizes:
            yield size
            log.append(f"{name}{size}")
        return name

    def failing() -> Generator[float, Any, None]:
        yield 1
        yield -1

    with concurrent.futures.ThreadPoolExecutor(1) as pool, Executor(pool, "op_srpt") as executor:
        blocked = executor.submit_job(gate.wait, size=0)
        futures = [executor.submit_steps(job("a", [2, 7])), executor.submit_steps(job("b", [3, 1]))]
        bad, nothing = executor.submit_steps(failing()), executor.submit_steps(job("c", []))
        gate.set()
        assert blocked.result()
        assert [future.result() for future in [*futures, nothing]] == ["a", "b", "c"]
        assert isinstance(bad.exception(), sk.InvalidInputError)
    assert log == ["a2", "b3", "b1", "a7"]


def test_executor_of_a_closed_pool() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    executor = Executor(pool, "fcfs")
    pool.shutdown()
    assert isinstance(executor.submit(abs, 1).exception(timeout=5), RuntimeError)
    executor.shutdown()
    with pytest.raises(sk.InputTypeError, match="pool"):
        Executor(3)  # type: ignore[arg-type]
