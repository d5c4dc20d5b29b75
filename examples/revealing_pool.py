"""A pool of threads whose jobs reveal themselves step by step: a build that finds out what to compile while it runs.

Each job is a generator that announces its next operation and then does it; nobody knows how many will follow. Operation-level
SRPT sends the short next steps first, and the pool is an ordinary `ThreadPoolExecutor`.

    python examples/revealing_pool.py
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import schedkit as sk

UNIT = 0.002
"""Seconds that a unit of work takes."""

Steps = Generator[float, None, float]


def build(sizes: list[float], began: float) -> Steps:
    """Announces each operation by its size, then works on it; returns when it was done."""
    for size in sizes:
        yield size
        time.sleep(size * UNIT)  # what a compiler would do
    return time.monotonic() - began


def run(policy: str, jobs: list[list[float]]) -> list[float]:
    """Seconds until each job was done, through one worker."""
    gate = threading.Event()
    with ThreadPoolExecutor(1) as pool, sk.online.adapters.Executor(pool, policy) as executor:
        executor.submit_job(gate.wait, size=0.0)  # until all are in line
        began = time.monotonic()
        futures = [executor.submit_steps(build(sizes, began)) for sizes in jobs]
        gate.set()
        return [future.result() for future in futures]


def main() -> tuple[float, float]:
    """Prints and returns the mean time under FCFS and operation-level SRPT."""
    jobs = [[1, 20, 10], [1, 1], [1, 2], [1, 1, 1], [1, 15], [1, 1]]
    means = []
    for policy in ("fcfs", "op_srpt"):
        times = run(policy, [[float(size) for size in sizes] for sizes in jobs])
        means.append(sum(times) / len(times))
        print(f"{policy:8} mean {1000 * means[-1]:6.1f} ms, last {1000 * max(times):6.1f} ms")
    return means[0], means[1]


if __name__ == "__main__":
    main()
