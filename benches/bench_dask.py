"""The planner inside Dask against Dask alone: the same graphs on the same cluster, in alternation within one run.

Tasks sleep, so a cluster of four workers does not need four cores. Each turn uses new task names, so at its start neither Dask
nor the planner has measured a duration; only the durations of the last two graphs are given. Every answer is compared first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

MODES = ("alone", "loose", "strict", "none")
TURNS = 5
TURNS_OF_SHORT_TASKS = 8  # a busy moment weighs more where tasks take 20 ms
Job = Callable[[Any, str], list[int]]
DAG = 24  # tasks of the layered graph


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=4, **options) as cluster, distributed.Client(cluster) as client:
        yield client


def work(value: int, seconds: float, *_: Any) -> int:
    time.sleep(seconds)
    return value


def eight_submits(client: Any, name: str) -> list[int]:
    futures = [client.submit(work, k, 0.2, key=f"{name}-{k}") for k in range(8)]
    return [int(value) for value in client.gather(futures)]


def as_they_complete(client: Any, name: str) -> list[int]:
    from distributed import as_completed  # noqa: PLC0415  # optional

    futures = [client.submit(work, k, 0.2, key=f"{name}-{k}") for k in range(8)]
    stream, left, found = as_completed(futures), iter(range(8, 20)), []
    for future in stream:
        found.append(int(future.result()))
        for k in left:
            stream.add(client.submit(work, k, 0.2, key=f"{name}-{k}"))
            break
    return sorted(found)


def twenty(client: Any, name: str) -> list[int]:
    from distributed import as_completed  # noqa: PLC0415  # optional

    futures = [client.submit(work, k, 0.2, key=f"{name}-{k}") for k in range(20)]
    return sorted(int(future.result()) for future in as_completed(futures))


def unequal_submits(client: Any, name: str) -> list[int]:
    """Every fourth task is long: a plan that takes all for equal puts the long ones on one of four workers."""
    futures = [client.submit(work, k, 0.05 if k % 4 else 0.4, key=f"{name}-{k}") for k in range(16)]
    return [int(value) for value in client.gather(futures)]


def two_chains(client: Any, name: str) -> list[int]:
    import dask  # noqa: PLC0415  # optional

    ends = []
    for chain in "ab":
        last = None
        for k in range(6):
            last = dask.delayed(work)(k, 0.2, last, dask_key_name=f"{name}-{chain}{k}")
        ends.append(last)
    return [int(value) for value in client.gather(client.compute(ends))]


def map_of_200(client: Any, name: str) -> list[int]:
    futures = client.map(lambda k: work(k, 0.02), range(200), key=[f"{name}-{k}" for k in range(200)])
    return [int(value) for value in client.gather(futures)]


def unequal_map(client: Any, name: str) -> list[int]:
    seconds = np.random.default_rng(1).exponential(0.05, 60)
    futures = client.map(work, range(60), seconds.tolist(), key=[f"{name}-{k}" for k in range(60)])
    return [int(value) for value in client.gather(futures)]


def layered(client: Any, name: str) -> list[int]:
    """A random layered graph whose longest path is not where the first task is."""
    import dask  # noqa: PLC0415  # optional

    tasks: list[Any] = []
    for k, (seconds, parents) in enumerate(layers()):
        tasks.append(dask.delayed(work)(k, seconds, *(tasks[a] for a in parents), dask_key_name=f"{name}{_letters(k)}-0"))
    return [int(value) for value in client.gather(client.compute(tasks))]


def chain_beside_short_tasks(client: Any, name: str) -> list[int]:
    """The longest path is one chain, which is submitted behind forty short tasks."""
    import dask  # noqa: PLC0415  # optional

    short = [dask.delayed(work)(k, 0.1, dask_key_name=f"{name}short-{k}") for k in range(40)]
    last = None
    for k in range(6):
        last = dask.delayed(work)(40, 0.2, last, dask_key_name=f"{name}long-{k}")
    return [int(value) for value in client.gather(client.compute([*short, last]))]


def layers() -> list[tuple[float, list[int]]]:
    rng = np.random.default_rng(4)
    found: list[tuple[float, list[int]]] = []
    for k in range(DAG):
        first = max(0, k // 6 * 6 - 6)
        parents = [] if k < 6 else sorted(rng.choice(range(first, k // 6 * 6), 2, replace=False).tolist())
        found.append((float(rng.choice([0.05, 0.1, 0.4])), parents))
    return found


def _letters(k: int) -> str:
    return chr(ord("a") + k // 26) + chr(ord("a") + k % 26)


def durations(name: str) -> dict[str, float]:
    layered = {f"{name}{_letters(k)}": seconds for k, (seconds, _) in enumerate(layers())}
    return {**layered, f"{name}short": 0.1, f"{name}long": 0.2}


JOBS: dict[str, tuple[Job, int]] = {
    "8 submits of 0.2 s": (eight_submits, 8),
    "20 submits of 0.2 s, read by as_completed": (twenty, 20),
    "20 submits of 0.2 s, the next when one has ended": (as_they_complete, 20),
    "16 submits, every fourth of 0.4 s, the others of 0.05 s": (unequal_submits, 16),
    "2 delayed chains of 6 x 0.2 s": (two_chains, 2),
    "map of 200 x 0.02 s": (map_of_200, 200),
    "map of 60 unequal tasks of 0.05 s on average": (unequal_map, 60),
    f"layered graph of {DAG} tasks, durations given": (layered, DAG),
    "chain of 6 x 0.2 s behind 40 x 0.1 s, durations given": (chain_beside_short_tasks, 41),
}


def installed(client: Any, mode: str, name: str) -> Any:
    from schedkit.integrations import dask as adapter  # noqa: PLC0415  # optional

    return None if mode == "alone" else adapter.install(client, restrictions=mode, durations=durations(name))  # type: ignore[arg-type]


def turn(client: Any, job: Job, mode: str, name: str) -> tuple[float, list[int]]:
    planner = installed(client, mode, name)
    start = time.perf_counter()
    answer = job(client, name)
    seconds = time.perf_counter() - start
    if planner is not None:
        planner.check()
        planner.uninstall()
    return seconds, answer


def record(benchmark: Any, instance: str, seconds: dict[str, list[float]]) -> None:
    best = {mode: min(times) for mode, times in seconds.items()}
    benchmark.extra_info |= {
        "family": "embedding",
        "kind": "dask",
        "instance": instance,
        "seconds, Dask alone": round(best["alone"], 2),
        "turns": len(seconds["alone"]),
        **{f"times Dask alone, {mode}": round(best[mode] / best["alone"], 2) for mode in MODES[1:]},
    }


@pytest.mark.parametrize("instance", JOBS)
def test_against_dask_alone(benchmark: Any, cluster: Any, instance: str) -> None:
    job, size = JOBS[instance]
    seconds: dict[str, list[float]] = {mode: [] for mode in MODES}
    for k in range(TURNS_OF_SHORT_TASKS if "0.02 s" in instance else TURNS):
        for mode in MODES:
            name = f"{mode}{_letters(k)}{_letters(list(JOBS).index(instance))}"
            taken, answer = turn(cluster, job, mode, name)
            assert len(answer) == size
            assert answer == list(range(size)) or instance.startswith("2 delayed")
            seconds[mode].append(taken)
    record(benchmark, instance, seconds)
    benchmark.pedantic(lambda: None, rounds=1)  # the row is written even if the assertion fails
    assert min(seconds["loose"]) <= 1.2 * min(seconds["alone"])
    assert min(seconds["strict"]) <= 1.2 * min(seconds["alone"])


@pytest.mark.parametrize("shape", ["independent", "chains"])
def test_workers_that_join(benchmark: Any, shape: str) -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    dask = pytest.importorskip("dask")
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "silence_logs": 50}
    seconds: dict[str, list[float]] = {mode: [] for mode in MODES}
    for k in range(3):
        for mode in MODES:
            with (
                distributed.LocalCluster(n_workers=1, processes=False, **options) as cluster,
                distributed.Client(cluster) as client,
            ):
                planner = installed(client, mode, "none")
                start = time.perf_counter()
                if shape == "independent":
                    futures = client.map(work, range(60), [0.1] * 60, key=[f"join{_letters(k)}-{i}" for i in range(60)])
                else:
                    ends = []
                    for chain in range(12):
                        last = None
                        for step in range(5):
                            last = dask.delayed(work)(step, 0.1, last, dask_key_name=f"join-{chain}-{step}")
                        ends.append(last)
                    futures = client.compute(ends)
                time.sleep(0.3)
                cluster.scale(4)
                client.gather(futures)
                seconds[mode].append(time.perf_counter() - start)
                if planner is not None:
                    planner.check()
    record(benchmark, f"60 tasks of 0.1 s ({shape}), 1 worker, then 4", seconds)
    benchmark.pedantic(lambda: None, rounds=1)  # the row is written even if the assertion fails
    assert min(seconds["loose"]) <= 1.2 * min(seconds["alone"])
