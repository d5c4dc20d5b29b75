"""The simulator of serving against a plain one, and against the theory of queues."""

from __future__ import annotations

import dataclasses
import os
import threading
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from . import reference

TRACES = int(os.environ.get("SCHEDKIT_INSTANCES", "150"))
POLICIES = ("future", "conservative", "aggressive")
VICTIMS = ("newest", "least_done", "least_recompute")
ORDERS = ("fcfs", "shortest_prompt", "slack_edf", "slo_density")


Case = tuple[sk.serving.Trace, dict[str, Any], list[reference.Request], reference.Model]


def random_case(rng: np.random.Generator) -> Case:
    """A small trace on a grid of quarters of a second, the options of the simulator, and the same for the plain one."""
    n = int(rng.integers(0, 14))
    arrival = rng.integers(0, 60, n) / 4 - float(rng.choice([0, 7, 1000]))
    prompt, output = rng.integers(1, 25, n), rng.integers(1, 14, n)
    most = None if rng.random() < 0.6 else int(rng.integers(1, 14))
    answer = output if most is None else np.minimum(output, most)
    capacity = int((prompt + answer).max(initial=1)) + int(rng.integers(0, 60))
    model = reference.Model(
        step=tuple((rng.integers(0, 4, 4) / 8).tolist()),
        capacity=capacity,
        policy=str(rng.choice(POLICIES)),
        victim=str(rng.choice(VICTIMS)),
        order=str(rng.choice(ORDERS)),
        max_batch=int(rng.choice([1, 3, 10**9])),
        chunk=int(rng.choice([1, 2, 4, 7, 10**9])),
        ttft=float(rng.integers(1, 40) / 4),
        cache_blocks=int(rng.choice([0, 3, 10**9])),
        block_tokens=int(rng.choice([1, 4])),
    )
    if model.step[0] == 0:
        model.step = (0.125, *model.step[1:])
    blocks = (
        [[int(rng.integers(3)), *range(10, 10 + int(rng.integers(0, 4)))] for _ in range(n)] if rng.random() < 0.4 else None
    )
    options = {
        "step": model.step,
        "capacity": model.capacity,
        "admission": model.policy,
        "victim": model.victim,
        "order": model.order,
        "max_batch": model.max_batch,
        "chunk": model.chunk,
        "ttft": model.ttft,
        "cache_blocks": model.cache_blocks,
        "max_new_tokens": most,
        "reserve": 0.0,
        "replicas": int(rng.integers(1, 4)),
    }
    requests = [
        reference.Request(
            k,
            float(arrival[k]),
            int(prompt[k]),
            int(answer[k]),
            int(answer[k]) if most is None else most,
            [] if blocks is None else blocks[k],
        )
        for k in range(n)
    ]
    trace = sk.serving.Trace(arrival, prompt, output, prefix=blocks, block_tokens=model.block_tokens)
    return trace, options, requests, model


def test_equals_a_plain_simulator() -> None:
    """``SCHEDKIT_INSTANCES=20000`` runs more."""
    rng = np.random.default_rng(1)
    evictions = 0
    for number in range(TRACES):
        trace, options, requests, model = random_case(rng)
        result = sk.serving.simulate(trace, **options)
        machines = reference.simulate(requests, model, options["replicas"])
        where = f"{number}: {options}"
        assert sk.check(trace, result) == [], where
        assert result.completion_time.tolist() == [r.completion for r in requests], where
        assert result.ttft.tolist() == [(r.first_token or 0.0) - r.arrival for r in requests], where
        assert result.evictions == sum(machine.evictions for machine in machines), where
        assert result.recomputed_tokens == sum(machine.recomputed for machine in machines), where
        assert result.steps == sum(machine.steps for machine in machines), where
        found = sum(machine.found for machine in machines)
        assert result.hit_rate == (found / int(trace.prompt_tokens.sum()) if requests else 0.0), where
        evictions += result.evictions
    assert evictions > TRACES // 10  # else victims would not be tried


STEPS_OF_A_SECOND: dict[str, Any] = {"step": (1, 0, 0, 0), "reserve": 0}


def test_a_prompt_in_chunks_holds_its_tokens_and_brings_none_until_its_last_one() -> None:
    """Small cases by hand, in which a chunk that counted as a token of the answer would change who leaves or joins."""
    aggressive = {"admission": "aggressive", **STEPS_OF_A_SECOND}
    # At 9 requests 0 and 1 have a token each, request 0 in a prompt that is computed anew: the newest of the two is request 1.
    trace = sk.serving.Trace([2, 6, 4], [4, 2, 1], [2, 2, 3])
    result = sk.serving.simulate(trace, capacity=8, chunk=1, victim="least_done", **aggressive)
    assert result.completion_time.tolist() == [12, 15, 7]
    # At 4 the tokens to compute again over those at the end are 3/5, 2/4 and 4/6.
    trace = sk.serving.Trace([2, 2, 4], [2, 2, 1], [3, 2, 2])
    result = sk.serving.simulate(trace, capacity=6, chunk=2, victim="least_recompute", **aggressive)
    assert result.completion_time.tolist() == reference_completions(trace, capacity=6, chunk=2, victim="least_recompute")
    # C + L is 4 and 2, and 6 is below 7.
    trace = sk.serving.Trace([1, 1], [3, 1], [1, 1])
    result = sk.serving.simulate(trace, capacity=7, chunk=1, admission="conservative", **STEPS_OF_A_SECOND)
    assert result.completion_time.tolist() == [4, 2]


def reference_completions(trace: sk.serving.Trace, **options: Any) -> list[float | None]:
    model = reference.Model(step=(1, 0, 0, 0), policy="aggressive", **options)
    rows = zip(trace.arrival.tolist(), trace.prompt_tokens.tolist(), trace.output_tokens.tolist(), strict=True)
    requests = [reference.Request(k, arrival, prompt, output, output) for k, (arrival, prompt, output) in enumerate(rows)]
    reference.simulate(requests, model)
    return [r.completion for r in requests]


def test_with_true_lengths_future_never_evicts() -> None:
    rng = np.random.default_rng(5)
    for _ in range(TRACES):
        trace, options, _, _ = random_case(rng)
        options |= {"admission": "future", "max_new_tokens": None, "capacity": int(options["capacity"]) + 14}
        result = sk.serving.simulate(trace, **options)
        assert (result.evictions, result.recomputed_tokens) == (0, 0), options


def test_tokens_computed_for_the_first_time_after_an_eviction_are_not_computed_again() -> None:
    """Request 1 has computed 3 of its 5 tokens when it is evicted, and finds these 3 in the cache afterwards."""
    trace = sk.serving.Trace([0, 0], [1, 5], [5, 1], prefix=[[], [7]], block_tokens=3)
    options: dict[str, Any] = {"capacity": 8, "chunk": 3, "admission": "aggressive", "reserve": 0}
    result = sk.serving.simulate(trace, step=(1, 0.125, 0, 0), **options)
    assert sk.check(trace, result) == []
    assert result.completion_time.tolist() == [5.5, 6.75]
    assert (result.evictions, result.recomputed_tokens) == (1, 0)
    without = sk.serving.simulate(trace, step=(1, 0.125, 0, 0), cache_blocks=0, **options)
    assert (without.evictions, without.recomputed_tokens) == (1, 3)


def test_arrivals_further_apart_than_floats_reach_are_refused() -> None:
    trace = sk.serving.Trace([-1e308, 1e308], [1, 1], [1, 1])
    with pytest.raises(sk.InvalidInputError, match="arrival"):
        sk.serving.simulate(trace, step=(1, 0, 0, 0))


def test_check_reports_replicas_and_steps_that_cannot_be() -> None:
    trace = sk.serving.Trace([0, 0], [1, 5], [5, 1])
    result = sk.serving.simulate(trace, step=(1, 0, 0, 0), replicas=2)
    assert sk.check(trace, result) == []
    for wrong in ([0, 2], [-1, 1]):
        changed = dataclasses.replace(result, replica=np.array(wrong))
        assert [v.kind for v in sk.check(trace, changed)] == ["forbidden_processor"]
    assert [v.kind for v in sk.check(trace, dataclasses.replace(result, step=(1, 0, 0, -1)))] == ["objective"]


def test_a_request_that_goes_back_before_its_first_step_found_and_lost_nothing() -> None:
    """The third request joins a full cache at once and leaves it at once, again and again, before it finds 39 of its tokens."""
    blocks = [[1, 2, 3, 4], [], [1, 2, 3, 4]]
    trace = sk.serving.Trace([0, 1.5, 59], [40, 1, 40], [1, 90, 1], prefix=blocks, block_tokens=10)
    result = sk.serving.simulate(trace, capacity=100, admission="aggressive", **STEPS_OF_A_SECOND)
    assert result.hit_rate == 39 / 81
    assert (result.evictions, result.recomputed_tokens) == (0, 0)
    several = sk.serving.Trace(
        [0, 1.5, *[30] * 12], [40, 1, *[40] * 12], [1, 90, *[30] * 12], prefix=[*blocks[:2], *[blocks[0]] * 12], block_tokens=10
    )
    for capacity in range(91, 180, 8):
        result = sk.serving.simulate(several, capacity=capacity, admission="aggressive", **STEPS_OF_A_SECOND)
        assert result.hit_rate <= 12 * 39 / 521


@pytest.mark.parametrize("order", ORDERS)
def test_times_have_no_origin(order: Any) -> None:
    """Deadlines before and after 0 are kept in the same order."""
    rng = np.random.default_rng(6)
    for _ in range(TRACES):
        trace, options, _, _ = random_case(rng)
        options |= {"order": order, "max_batch": 1, "chunk": None}
        earlier = sk.serving.Trace(trace.arrival - 2**10, trace.prompt_tokens, trace.output_tokens)
        later = sk.serving.Trace(trace.arrival + 2**10, trace.prompt_tokens, trace.output_tokens)
        first, second = (sk.serving.simulate(each, **options) for each in (earlier, later))
        assert first.latency.tolist() == second.latency.tolist(), options


def test_times_of_a_result_belong_together() -> None:
    rng = np.random.default_rng(2)
    for _ in range(TRACES):
        trace, options, _, model = random_case(rng)
        options |= {"tpot": 0.5, "admission": "past_future", "router": "two_choices"}
        result = sk.serving.simulate(trace, **options)
        assert sk.check(trace, result) == []
        most = options["max_new_tokens"]
        answer = trace.output_tokens if most is None else np.minimum(trace.output_tokens, most)
        assert np.allclose(result.latency, result.completion_time - trace.arrival)
        assert np.allclose(result.ttft + result.tpot * (answer - 1), result.latency)
        assert (result.ttft > 0).all()
        assert set(result.replica.tolist()) <= set(range(options["replicas"]))
        good = ((result.ttft <= model.ttft) & (result.tpot <= 0.5)).sum()
        span = (result.completion_time.max() - trace.arrival.min()) if trace.num_requests else 1.0
        assert result.goodput == pytest.approx(good / span)


def test_one_request_at_a_time_is_a_queue_of_which_the_theory_knows_the_mean() -> None:
    """M/G/1: one replica, one request in the batch, and steps whose time depends on the prompt alone."""
    rng = np.random.default_rng(3)
    n, load = 300_000, 0.7
    size = sk.online.workloads.Bimodal(1.0, 6.0, 0.3)
    prompt = np.where(rng.random(n) < 0.3, 6, 1)
    trace = sk.serving.Trace(np.cumsum(rng.exponential(size.mean / load, n)), prompt, np.ones(n, np.int64))
    result = sk.serving.simulate(trace, step=(0, 1, 0, 0), max_batch=1)
    assert result.latency.mean() == pytest.approx(sk.online.theory.mg1_fcfs(load, size), rel=0.03)


def test_without_a_limit_of_the_cache_nothing_is_evicted() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        trace, options, _, _ = random_case(rng)
        for policy in (*POLICIES, "past_future"):
            options |= {"capacity": None, "admission": policy}
            assert sk.serving.simulate(trace, **options).evictions == 0


def long_trace() -> sk.serving.Trace:
    """Hours of steps: one request after the other, each with a million tokens."""
    return sk.serving.Trace(np.zeros(10_000), np.ones(10_000, np.int64), np.full(10_000, 10**6))


def test_a_simulation_that_is_stopped_has_no_result() -> None:
    trace = long_trace()
    with pytest.raises(sk.StoppedError):
        sk.serving.simulate(trace, step=(0.1, 0, 0, 0), max_batch=1, time_limit=0.05)
    token = sk.CancelToken()
    timer = threading.Timer(0.05, token.cancel)
    timer.start()
    with pytest.raises(sk.StoppedError):
        sk.serving.simulate(trace, step=(0.1, 0, 0, 0), max_batch=1, stop=token)
    timer.join()
    small = sk.serving.Trace([0.0], [5], [2])
    for options in ({"time_limit": 0}, {"stop": token}):  # before its start, however short it would be
        with pytest.raises(sk.StoppedError):
            sk.serving.simulate(small, step=(0.1, 0, 0, 0), **options)
    free = sk.serving.simulate(small, step=(0.1, 0, 0, 0), time_limit=float("inf"), stop=sk.CancelToken())
    assert free.steps == 2


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"stop": "x"}, sk.InputTypeError, "stop"),
    ({"time_limit": -1}, sk.InvalidInputError, "time_limit = -1"),
    ({"time_limit": float("nan")}, sk.InvalidInputError, "time_limit"),
    ({"replicas": 2**16 + 1}, sk.InvalidInputError, "replicas = 65537"),
    ({"replicas": True}, sk.InputTypeError, "replicas"),
    ({"step": (1, 2, 3)}, sk.InvalidInputError, "step"),
    ({"step": (1e308, 1e308, 0, 0)}, sk.InvalidInputError, "step: times get beyond"),
    ({"step": (-1, 0, 0, 0)}, sk.InvalidInputError, r"step\[0\] = -1"),
    ({"step": (float("nan"), 0, 0, 0)}, sk.InvalidInputError, "step"),
    ({"step": "abcd"}, sk.InputTypeError, "step"),
    ({"capacity": 11}, sk.InvalidInputError, r"prompt_tokens\[0\] = 10: with its answer it needs 12 tokens"),
    ({"max_batch": 0}, sk.InvalidInputError, "max_batch = 0"),
    ({"chunk": 0}, sk.InvalidInputError, "chunk = 0"),
    ({"order": "no"}, sk.InvalidInputError, "slack_edf"),
    ({"router": "no"}, sk.InvalidInputError, "round_robin"),
    ({"admission": "no"}, sk.InvalidInputError, "past_future"),
    ({"ttft": 0}, sk.InvalidInputError, "ttft"),
    ({"tpot": float("nan")}, sk.InvalidInputError, "tpot"),
    ({"max_new_tokens": 0}, sk.InvalidInputError, "max_new_tokens = 0"),
    ({"seed": -1}, sk.InvalidInputError, "seed = -1"),
]


@pytest.mark.parametrize(("options", "kind", "message"), BAD, ids=[str(row[0]) for row in BAD])
def test_bad_options(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        sk.serving.simulate(sk.serving.Trace([0.0], [10], [2]), **{"step": (1, 0, 0, 0), **options})
