"""The tables of docs/results/online.md that the simulator alone makes (minutes)."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import schedkit as sk
from schedkit.online import theory, workloads
from schedkit.online.workloads import Bimodal, Exponential, LogNormal, Pareto

from benches.tables import Makers, Table, producer, table


def ratio(jobs: sk.online.Jobs, policy: str) -> str:
    result = sk.online.simulate(jobs, policy, segments=jobs.num_jobs <= 5000)
    if result.segments is not None:
        assert sk.check(jobs, result) == []
    return f"{result.ratio:.3f}"


def random_cuts(m: int) -> sk.online.Jobs:
    """A stream at load 0.9 whose jobs are cut into `m` operations."""
    return workloads.split(workloads.queue(100_000, load=0.9, seed=1), m, seed=2)


def operations(family: Callable[[int], sk.online.Jobs]) -> Table:
    """Ratio to the optimum against the number of operations."""
    streams = [(m, family(m)) for m in (1, 2, 4, 8, 16, 32)]
    policies = ("op_srpt", "chunk_balance", "las")
    return table(("operations", *policies), ((m, *(ratio(jobs, policy) for policy in policies)) for m, jobs in streams))


def errors() -> Table:
    """Ratio to the optimum against the error of the estimates."""
    base = workloads.queue(100_000, load=0.9, size=Pareto(2.5, 1.0), seed=3)
    rows = []
    for sigma in (0.0, 0.25, 0.5, 1.0, 2.0):
        estimate = workloads.log_normal_noise(base.processing_time, sigma, seed=4)
        jobs = sk.online.Jobs(base.release_time, base.processing_time, estimate=estimate)
        rows.append([sigma, *(ratio(jobs, policy) for policy in ("srpt_e", "psjf_e", "srpt_b", "balance", "las"))])
    return table(("sigma", "srpt_e", "psjf_e", "srpt_b", "balance", "las"), rows)


def queues() -> Table:
    """Simulated means over the formulas."""
    sizes = {
        "exponential": Exponential(1.0),
        "Pareto 4": Pareto(4.0, 1.0),
        "bimodal": Bimodal(1.0, 10.0, 0.1),
        "log-normal 0.75": LogNormal(0.0, 0.75),
    }
    formulas = {
        "fcfs": theory.mg1_fcfs,
        "ps": theory.mg1_ps,
        "las": theory.mg1_fb,
        "psjf": theory.mg1_psjf,
        "srpt": theory.mg1_srpt,
    }
    rows = []
    for name, size in sizes.items():
        for load in (0.5, 0.8, 0.9):
            jobs = workloads.queue(2_000_000, load=load, size=size, seed=5)
            means = [float(np.mean(sk.online.simulate(jobs, policy).flow_time[20_000:])) for policy in formulas]
            expected = [formula(load, size) for formula in formulas.values()]
            rows.append([name, load, *(f"{m / e:.4f}" for m, e in zip(means, expected, strict=True))])
    return table(("size", "load", *formulas), rows)


SIZES = {"exponential": Exponential(1.0), "Pareto 1.5": Pareto(1.5, 1.0)}
LOADS = (0.5, 0.9, 0.95, 1.2, 2.0)
ONE = """
import sys, time
import schedkit as sk
from benches.report_online import SIZES
jobs = sk.online.workloads.queue(10**6, load=float(sys.argv[2]), size=SIZES[sys.argv[1]], seed=1)
times = []
for _ in range(15):
    start = time.process_time()
    sk.online.simulate(jobs, "srpt")
    times.append(time.process_time() - start)
sys.stdout.write(str(1000 * min(times)))
"""


def registers() -> Table:
    """Milliseconds of processor time of SRPT for a million jobs, with vector registers and without them."""
    cells = []
    for name in SIZES:
        for label, environment in (("registers", {}), ("plain", {"SCHEDKIT_PORTABLE": "1"})):
            runs = [
                subprocess.run(
                    [sys.executable, "-c", ONE, name, str(load)],
                    check=True,
                    capture_output=True,
                    text=True,
                    env={**os.environ, **environment},
                ).stdout
                for load in LOADS
            ]
            cells.append((f"{name}, {label}", *(f"{float(run):.1f}" for run in runs)))
    return table(("sizes", *(f"load {load}" for load in LOADS)), cells)


TAKES = "minutes"
TABLES: Makers = {
    "online-stress-a": functools.partial(operations, workloads.stress_a),
    "online-stress-b": functools.partial(operations, workloads.stress_b),
    "online-random-cuts": functools.partial(operations, random_cuts),
    "online-errors": errors,
    "online-formulas": queues,
    "online-registers": registers,
}
tables = producer(TABLES)
