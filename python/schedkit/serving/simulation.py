"""Simulation of replicas with continuous batching."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .. import _core, _validation
from .._anytime import cancel_token
from .._core import CancelToken
from ..errors import StoppedError
from .admission import RESERVE, SAMPLES, WINDOW, AdmissionPolicy, Victim
from .admission import read_options as read_admission
from .problem import Trace
from .router import EPSILON, RoutingPolicy
from .router import read_options as read_router
from .schedule import ServingResult

LineOrder = Literal["fcfs", "shortest_prompt", "slack_edf", "slo_density"]
_UNLIMITED = 2**53


def simulate(
    trace: Trace,
    *,
    replicas: int = 1,
    router: RoutingPolicy = "round_robin",
    order: LineOrder = "fcfs",
    admission: AdmissionPolicy = "future",
    victim: Victim = "newest",
    capacity: int | None = None,
    max_batch: int | None = None,
    chunk: int | None = None,
    cache_blocks: int | None = None,
    step: tuple[float, float, float, float],
    max_new_tokens: int | None = None,
    reserve: float = RESERVE,
    ttft: float | None = None,
    tpot: float | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    stop: CancelToken | None = None,
) -> ServingResult:
    """Simulates model servers with continuous batching under a latency model that the caller gives.

    A replica works in steps. A step computes a chunk of each prompt that has joined the batch and is not computed yet, and one
    token for each other request; the last chunk of a prompt yields the first token. A step takes
    ``a + b * (tokens of prompts computed) + c * (requests in the batch) + d * (tokens in the cache)``. Requests are routed when
    they arrive, and wait at their replica. Before each step they join in their order, as far as `admission` allows, one at
    least if the batch is empty. If the tokens of the next step would not fit into the cache, requests are evicted; they wait
    again, and their tokens are computed again. At one moment steps end first, then requests arrive, then steps begin.

    Parameters
    ----------
    trace : Trace
        The requests. An answer of m tokens takes at least m steps.
    replicas : int, default 1
        How many replicas there are, each with its own cache; at most 65,536.
    router : str, default "round_robin"
        A policy of `Router` with its default options. A request counts with the tokens of its prompt. `ttft` does not reach the
        router: under ``"dual_hash"`` a replica answers in time while it is below the bound.
    order : str, default "fcfs"
        The order in which requests wait: ``"fcfs"``; ``"shortest_prompt"`` first, by the prompts as they arrived, also
        after an eviction; ``"slack_edf"``, the earliest deadline first among those that can still meet it, then the others, the
        latest deadline first; ``"slo_density"``, the largest value over remaining time first, where the value is 1, and 0.1
        past the deadline. The deadline is arrival + `ttft`. Remaining time is predicted as if the request ran alone and d were
        0: to its first token for ``"slack_edf"``, to its last one, if the answer is as long as `max_new_tokens` allows, for
        ``"slo_density"``; tokens in the cache for later requests do not count. Ties: earlier arrival, then lower index.
    admission, victim, reserve
        As in `Admission`.
    capacity : int, optional
        Tokens that the cache of a replica holds; 2**53 by default, of which `reserve` stays free as of any capacity.
    max_batch : int, optional
        Requests in a batch at most; no limit by default.
    chunk : int, optional
        Tokens of a prompt that a step computes at most, for each request; no limit by default.
    cache_blocks : int, optional
        Blocks of prompts that a replica keeps for later requests; no limit by default. They do not count as tokens in the
        cache. A block is there for requests that join after the first step of one that has it.
    step : tuple of four float
        The latency model ``(a, b, c, d)``, in seconds, each >= 0. A request has its whole prompt in the cache from the moment
        at which it joins, and its answer so far.
    max_new_tokens : int, optional
        The longest answer, which admission counts with and at which answers end; by default the true length of each.
    ttft, tpot : float, optional
        Objectives in seconds, each > 0: the time to the first token, and for each further token.
    seed : int, default 0
        Seed of the random draws of routing and admission.
    time_limit : float, optional
        Seconds after which the simulation is given up; no limit by default.
    stop : CancelToken, optional
        Gives the simulation up from another thread.

    Returns
    -------
    ServingResult

    Raises
    ------
    InvalidInputError
        Numbers out of range; a request that does not fit into the cache even alone; an unknown policy or order; steps so long
        that times get beyond the floats.
    InputTypeError
        Anything but a `Trace`, numbers and words where these belong.
    StoppedError
        The time limit has passed, or `stop` was cancelled: a part of a simulation says nothing about the whole.

    Notes
    -----
    O(log n) for each step and each request that joins or leaves, and O(1) for each chunk of a prompt that a step computes. The
    interpreter is free meanwhile, and Ctrl-C raises `KeyboardInterrupt` within a few hundredths of a
    second. Networks, memory of weights, stragglers and preemption within a step are not simulated.

    Source: Yu et al. (2022), "Orca", OSDI, for continuous batching; those of `Admission` and `Router` for the policies.

    Examples
    --------
    >>> import schedkit as sk
    >>> trace = sk.serving.Trace([0.0, 0.0, 1.0], [100, 100, 50], [3, 1, 2])
    >>> r = sk.serving.simulate(trace, step=(0.5, 0.01, 0, 0), capacity=300, reserve=0)
    >>> r.completion_time
    array([4. , 2.5, 4. ])
    """
    _validation.expect(trace, Trace, "trace", "a Trace")
    objectives = {"ttft": ttft, "tpot": tpot}
    for field, value in objectives.items():
        objectives[field] = None if value is None else _positive(value, field)
    capacity = _UNLIMITED if capacity is None else capacity
    model: dict[str, Any] = {
        "replicas": _validation.int_scalar(replicas, "replicas", minimum=1, maximum=2**16),
        "router": read_router(router, seed, EPSILON, cache_blocks, None, None, field="router"),
        "order": _validation.word(order, "order"),
        "admission": read_admission(capacity, admission, WINDOW, SAMPLES, reserve, victim, seed, field="admission"),
        "step": _step(step),
        "ttft": objectives["ttft"],
    }
    for field, count in (("max_batch", max_batch), ("chunk", chunk), ("max_new_tokens", max_new_tokens)):
        model[field] = None if count is None else _validation.int_scalar(count, field, minimum=1, maximum=2**53)
    columns = {
        "arrival": trace.arrival,
        "prompt_tokens": trace.prompt_tokens,
        "output_tokens": trace.output_tokens,
        "blocks": None if trace._blocks is None else trace._blocks.view(np.uint64),
        "begin": trace._begin,
        "block_tokens": trace.block_tokens,
    }
    found = _core.simulate_serving(columns, model, _validation.time_limit(time_limit), cancel_token(stop))
    if found is None:
        raise StoppedError("the simulation was stopped before its end by its time limit or its token")
    return _result(trace, found, model, max_new_tokens, objectives)


def _positive(value: Any, field: str) -> float:
    number = _validation.float_scalar(value, field)
    if number <= 0:
        raise _validation.refuse(field, "must be > 0", value=value)
    return number


def _step(step: Any) -> tuple[float, float, float, float]:
    numbers = _validation.float_array(step, "step").tolist()
    if len(numbers) != 4:
        raise _validation.refuse("step", f"has length {len(numbers)}, expected (a, b, c, d)")
    return tuple(numbers)


def _result(
    trace: Trace,
    found: dict[str, Any],
    model: dict[str, Any],
    most: int | None,
    objectives: dict[str, float | None],
) -> ServingResult:
    arrival, last = trace.arrival, found["completion_time"]
    output = trace.output_tokens if most is None else np.minimum(trace.output_tokens, most)
    ttft = found["first_token"] - arrival
    tpot = (last - found["first_token"]) / np.maximum(output - 1, 1)
    good = np.ones(arrival.size, bool)
    for times, objective in ((ttft, objectives["ttft"]), (tpot, objectives["tpot"])):
        if objective is not None:
            good &= times <= objective
    with np.errstate(over="ignore"):
        span = float(last.max() - arrival.min()) if arrival.size else 0.0
    if not np.isfinite(span):
        raise _validation.refuse("arrival", "requests arrive so far apart that the time between them gets beyond the floats")
    prompts = int(trace.prompt_tokens.sum())
    return ServingResult(
        ttft=_validation.readonly(ttft),
        tpot=_validation.readonly(tpot),
        latency=_validation.readonly(last - arrival),
        completion_time=last,
        replica=found["replica"],
        goodput=float(good.sum()) / span if span > 0 else 0.0,
        evictions=found["evictions"],
        recomputed_tokens=found["recomputed_tokens"],
        hit_rate=found["found_tokens"] / prompts if prompts else 0.0,
        steps=found["steps"],
        step=model["step"],
        num_replicas=model["replicas"],
    )
