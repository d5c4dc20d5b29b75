"""Prints the tables of ``docs/results/online.md`` that do not measure time: ``python -m benches.report_online``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import schedkit as sk
from schedkit.online import theory, workloads
from schedkit.online.workloads import Bimodal, Exponential, LogNormal, Pareto


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" for _ in header) + " |")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def ratio(jobs: sk.online.Jobs, policy: str) -> str:
    result = sk.online.simulate(jobs, policy, segments=jobs.num_jobs <= 5000)
    if result.segments is not None:
        assert sk.check(jobs, result) == []
    return f"{result.ratio:.3f}"


def operations() -> None:
    """Ratio to the optimum against the number of operations."""
    families: dict[str, Callable[[int], sk.online.Jobs]] = {
        "stress A": workloads.stress_a,
        "stress B": workloads.stress_b,
        "random, load 0.9": lambda m: workloads.split(workloads.queue(100_000, load=0.9, seed=1), m, seed=2),
    }
    for name, family in families.items():
        streams = [(m, family(m)) for m in (1, 2, 4, 8, 16, 32)]
        policies = ("op_srpt", "chunk_balance", "las")
        table(name, ["operations", *policies], [[m, *(ratio(jobs, policy) for policy in policies)] for m, jobs in streams])


def errors() -> None:
    """Ratio to the optimum against the error of the estimates."""
    base = workloads.queue(100_000, load=0.9, size=Pareto(2.5, 1.0), seed=3)
    rows = []
    for sigma in (0.0, 0.25, 0.5, 1.0, 2.0):
        estimate = workloads.log_normal_noise(base.processing_time, sigma, seed=4)
        jobs = sk.online.Jobs(base.release_time, base.processing_time, estimate=estimate)
        rows.append([sigma, *(ratio(jobs, policy) for policy in ("srpt_e", "psjf_e", "srpt_b", "balance", "las"))])
    table("Pareto 2.5, load 0.9, log-normal noise", ["sigma", "srpt_e", "psjf_e", "srpt_b", "balance", "las"], rows)


def queues() -> None:
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
    table("Simulated mean response over the formula, 2 million jobs", ["size", "load", *formulas], rows)


if __name__ == "__main__":
    operations()
    errors()
    queues()
