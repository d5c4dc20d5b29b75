"""Model servers: admission, victims, orders and routing on recorded traces, and how long decisions take (minutes).

All numbers but times follow from the traces, the latency model and the seed.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk
from schedkit.serving import plots

from benches.bench_serving import (
    ADMISSION,
    ROUTING,
    admit_from_line,
    admit_none,
    admit_one,
    admit_several,
    advance_one,
    route_one,
)
from benches.tables import ROOT, Makers, Table, picture, producer, table

STEP = (0.02, 3e-5, 1e-4, 2e-7)
"""Seconds for a step, for each token of a prompt, for each request, for each token in the cache."""
LONG = 8
"""Answers of the variant with long answers have so many times the tokens."""
REQUESTS = 6000
#: Trace, times the length of answers: replicas, tokens of a cache, step, objectives, speeds of the arrivals.
SETTINGS: dict[tuple[str, int], tuple[int, int, tuple[float, float, float, float], tuple[float, float], tuple[float, ...]]] = {
    ("conversation", 1): (4, 60_000, STEP, (5.0, 0.1), (2.0, 2.5, 3.0)),
    ("conversation", LONG): (8, 60_000, STEP, (10.0, 0.1), (0.3, 0.4, 0.5)),
    ("mooncake", 1): (8, 150_000, (0.02, 1e-5, 1e-4, 2e-7), (10.0, 0.1), (0.8, 1.0, 1.2)),
    ("mooncake", LONG): (8, 150_000, (0.02, 1e-5, 1e-4, 2e-7), (10.0, 0.1), (0.08, 0.12, 0.15)),
}
FILES = {"conversation": "splitwise_conv.csv.gz", "mooncake": "mooncake_conversation.jsonl.gz"}
ROUTED = (0.02, 1e-4, 1e-4, 0.0)


@functools.cache
def trace(name: str) -> sk.serving.Trace:
    """A recorded trace."""
    base = Path(os.environ.get("SCHEDKIT_DATA") or ROOT.parent / "shared" / "data")
    return sk.serving.read_trace(base / "serving" / FILES[name])


def scaled(name: str, times: int) -> sk.serving.Trace:
    """The first requests of a trace with answers of so many times the tokens."""
    whole = trace(name)
    n = min(REQUESTS, whole.num_requests)
    return sk.serving.Trace(whole.arrival[:n], whole.prompt_tokens[:n], whole.output_tokens[:n] * times)


def admitted(name: str, times: int, speed: float, policy: Any, victim: Any = "newest", order: Any = "fcfs") -> Any:
    """A simulation in which admission counts with the longest answer of the trace."""
    replicas, capacity, step, (ttft, tpot), _ = SETTINGS[name, times]
    requests = scaled(name, times)
    options: dict[str, Any] = {
        "capacity": capacity,
        "admission": policy,
        "victim": victim,
        "order": order,
        "ttft": ttft,
        "tpot": tpot,
    }
    most = int(requests.output_tokens.max())
    return sk.serving.simulate(
        requests.faster(speed),
        replicas=replicas,
        router="least_loaded",
        step=step,
        max_new_tokens=most,
        **options,
    )


def answers(times: int) -> str:
    """The name of a variant by the length of its answers."""
    return "as recorded" if times == 1 else f"{times} times as long"


def admission() -> Table:
    """Both traces at three rates, as recorded and with long answers, by policy. Draws goodput against rate."""
    rows, found = [], {}
    for (name, times), (*_, speeds) in SETTINGS.items():
        requests = scaled(name, times)
        for speed in speeds:
            rate = float((requests.num_requests - 1) / np.ptp(requests.arrival)) * speed
            for policy in ADMISSION:
                result = admitted(name, times, speed, policy)
                found[name, times, policy, speed] = (rate, result)
                wait = result.summary()["ttft"]
                rows.append(
                    (
                        name,
                        answers(times),
                        f"{rate:.2f}",
                        f"`{policy}`",
                        result.evictions,
                        f"{result.recomputed_tokens:,}",
                        f"{wait['p50']:.1f} s",
                        f"{wait['p99']:.1f} s",
                        f"{result.goodput:.2f}",
                    )
                )
    draw(found)
    header = ("trace", "answers", "requests a second", "admission", "evictions", "tokens computed again")
    return table((*header, "first token, median", "99 %", "goodput"), rows)


def draw(found: Mapping[tuple[str, int, str, float], tuple[float, Any]]) -> None:
    """Goodput over rate, one picture for each trace and length of answers."""
    import matplotlib as mpl  # noqa: PLC0415  # for the picture alone

    mpl.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    for ax, ((name, times), (*_, speeds)) in zip(axes.flat, SETTINGS.items(), strict=True):
        rates = [found[name, times, ADMISSION[0], speed][0] for speed in speeds]
        results = {policy: [found[name, times, policy, speed][1] for speed in speeds] for policy in ADMISSION}
        plots.goodput(results, rates, ax=ax)
        ax.set_title(f"{name}, answers {answers(times)}")
    figure.savefig(picture("serving.png"), dpi=80)
    pyplot.close(figure)


def ratios() -> Table:
    """The goodput of `past_future` over the lower one of `aggressive` and `conservative`, at the highest rate."""
    rows = []
    policies = ("past_future", "aggressive", "conservative")
    for (name, times), (*_, speeds) in SETTINGS.items():
        drawn, *others = (admitted(name, times, speeds[-1], policy).goodput for policy in policies)
        numbers = (f"{drawn:.4f}", *(f"{other:.4f}" for other in others), f"{drawn / min(others):.2f}")
        rows.append((name, answers(times), *numbers))
    return table(("trace", "answers", *(f"`{policy}`" for policy in policies), "over the lower one"), rows)


def victims() -> Table:
    """The rules for victims, with long answers at the highest rate under aggressive admission."""
    rows = []
    for name in FILES:
        speed = SETTINGS[name, LONG][-1][-1]
        for victim in ("newest", "least_done", "least_recompute"):
            result = admitted(name, LONG, speed, "aggressive", victim)
            share = result.recomputed_tokens / int((scaled(name, LONG).prompt_tokens + scaled(name, LONG).output_tokens).sum())
            summary = result.summary()
            rows.append(
                (
                    name,
                    f"`{victim}`",
                    result.evictions,
                    f"{result.recomputed_tokens:,}",
                    f"{100 * share:.1f} %",
                    f"{summary['latency']['p99']:.0f} s",
                    f"{result.goodput:.2f}",
                )
            )
    return table(("trace", "victim", "evictions", "tokens computed again", "of all tokens", "latency, 99 %", "goodput"), rows)


def orders() -> Table:
    """The orders of the line, at the highest rate of the traces as recorded under the exact rule for the peak."""
    rows = []
    for name in FILES:
        speed = SETTINGS[name, 1][-1][-1]
        for order in ("fcfs", "shortest_prompt", "slack_edf", "slo_density"):
            result = admitted(name, 1, speed, "future", order=order)
            wait = result.summary()["ttft"]
            rows.append((name, f"`{order}`", f"{wait['p50']:.1f} s", f"{wait['p99']:.1f} s", f"{result.goodput:.2f}"))
    return table(("trace", "order", "first token, median", "99 %", "goodput"), rows)


def routing() -> Table:
    """Eight replicas of 4,000 blocks on the trace that knows its prefixes."""
    requests, rows = trace("mooncake"), []
    turns = None
    for router in ROUTING:
        result = sk.serving.simulate(requests, replicas=8, router=router, cache_blocks=4000, step=ROUTED)
        turns = result.hit_rate if turns is None else turns
        work = np.bincount(result.replica, requests.prompt_tokens, minlength=8)
        wait = result.summary()["ttft"]
        rows.append(
            (
                f"`{router}`",
                f"{100 * result.hit_rate:.1f} %",
                f"{result.hit_rate / turns:.2f}",
                f"{work.max() / work.mean():.2f}",
                f"{wait['p50']:.2f} s",
                f"{wait['p99']:.1f} s",
            )
        )
    header = ("router", "found in caches", "over round robin", "most over mean tokens", "first token, median", "99 %")
    return table(header, rows)


def speed() -> Table:
    """Decisions from Python, and simulations."""
    rows = [(f"`admit` with 256 running, `{policy}`", f"{1e6 * admit_one(policy):.2f} us") for policy in ADMISSION]
    rows += [("`admit` of no request, which is what the call takes from Python", f"{1e6 * admit_none('future'):.2f} us")]
    rows += [(f"`admit` of 8 that join 256, `{policy}`", f"{1e6 * admit_several(policy):.2f} us") for policy in ADMISSION]
    rows += [
        (f"`advance` and `admit` with 256 running, `{policy}`", f"{1e6 * advance_one(policy):.2f} us") for policy in ADMISSION
    ]
    rows += [(f"`admit` with 10,000 waiting, `{policy}`", f"{1e6 * admit_from_line(policy):.2f} us") for policy in ADMISSION]
    rows += [
        (f"`route` and `finished` among 256 replicas, `{policy}`", f"{1e6 * route_one(policy):.2f} us") for policy in ROUTING
    ]
    requests = trace("conversation")
    begun = time.perf_counter()
    result = sk.serving.simulate(requests, replicas=4, router="least_loaded", step=STEP, capacity=60_000)
    spent = time.perf_counter() - begun
    tokens = int(requests.output_tokens.sum())
    rows.append((f"simulation of {requests.num_requests:,} requests, {result.steps:,} steps", f"{spent:.2f} s"))
    rows.append(("tokens of answers simulated a second", f"{tokens / spent / 1e6:.1f} million"))
    return table(("what", "time"), rows)


GROWING: tuple[tuple[str, str, Callable[..., float], tuple[str, ...]], ...] = (
    ("admit", "running", admit_one, ("past_future", "future", "conservative")),
    ("advance and admit", "running", advance_one, ("past_future", "future", "conservative")),
    ("admit", "waiting", admit_from_line, ("past_future", "future")),
    ("route", "replicas", functools.partial(route_one, calls=5000), ("two_choices", "bounded_load", "prefix")),
)
"""A decision, what it grows with, the function that measures it for a policy and a size, and the policies."""
SIZES = (16, 64, 256, 1024, 4096)
Growth = dict[tuple[str, str, str], list[float]]
"""Microseconds for each size, by decision, what it grows with, and policy."""


def growth() -> Table:
    """How decisions grow with the batch, the line and the replicas. Draws them."""
    found: Growth = {
        (what, number, policy): [1e6 * measure(policy, n) for n in SIZES]
        for what, number, measure, policies in GROWING
        for policy in policies
    }
    draw_growth(found)
    header = ("n", *(f"`{what}`, n {number}, `{policy}`" for what, number, policy in found))
    return table(header, [(f"{n:,}", *(f"{times[k]:.2f} us" for times in found.values())) for k, n in enumerate(SIZES)])


def draw_growth(found: Growth) -> None:
    """Microseconds of a decision over what it grows with, one part for each kind of decision."""
    import matplotlib as mpl  # noqa: PLC0415  # for the picture alone

    mpl.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.4), sharey=True, layout="constrained")
    for ax, (what, number, _, policies) in zip(axes.flat, GROWING, strict=True):
        for policy in policies:
            ax.loglog(SIZES, found[what, number, policy], "o-", label=policy)
        ax.set(title=what, xlabel=number, ylabel="microseconds")
        ax.legend(fontsize="small", frameon=False)
    figure.savefig(picture("serving-growth.png"), dpi=80)
    pyplot.close(figure)


TAKES = "minutes"
TABLES: Makers = {
    "serving-admission": admission,
    "serving-ratios": ratios,
    "serving-victims": victims,
    "serving-orders": orders,
    "serving-routing": routing,
    "serving-speed": speed,
    "serving-growth": growth,
}
tables = producer(TABLES)
