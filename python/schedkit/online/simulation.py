"""Simulation of a stream of jobs under a policy."""

from __future__ import annotations

from typing import Any, Literal

from .. import _validation
from .custom import Policy, questions
from .policies import BuiltIn, from_name
from .problem import Jobs
from .schedule import FlowResult, Segments

Preempt = Literal["anywhere", "operation", "never"]


def simulate(
    jobs: Jobs,
    policy: str | BuiltIn | Policy = "srpt",
    *,
    servers: int = 1,
    segments: bool = False,
    preempt: Preempt = "anywhere",
    switch_cost: float = 0.0,
) -> FlowResult:
    """Simulates a stream of jobs under a policy: ``1, P | pmtn, r_j, online | sum F_j``.

    Parameters
    ----------
    jobs : Jobs
    policy : str or policy object, default "srpt"
        One of `schedkit.online.POLICIES` (``fb`` and ``setf`` mean ``las``), an object with parameters such as
        ``sk.online.ChunkBalance(theta=4.0)``, or a `Policy` of your own.
    servers : int, default 1
        Identical servers; jobs migrate for free. Policies defined for one server refuse more.
    segments : bool, default False
        Whether to record which job ran when and where; `schedkit.check` needs this.
    preempt : {"anywhere", "operation", "never"}, default "anywhere"
        Where a running job may lose its server: at any time, only between two of its operations, or not at all.
    switch_cost : float, default 0.0
        Time that a server loses when it starts a job other than the one it ran last (its first job included). If a switch is
        interrupted, it has to be made again.

    Returns
    -------
    FlowResult

    Raises
    ------
    InvalidInputError
        An unknown policy (the message lists the names), parameters out of range, zero servers, a policy on estimates for jobs
        without estimates, a machine that the policy is not defined for.

    Notes
    -----
    At one instant arrivals come first, then completions, then decisions. The interpreter is free while the core runs, except
    for policies written in Python. Ctrl-C raises `KeyboardInterrupt` within a few hundredths of a second. O(n log n) for the
    policies of this package.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> f = sk.online.simulate(jobs, "srpt", segments=True)
    >>> f.completion_time.tolist(), f.total_flow_time
    ([16.0, 3.0, 4.0, 9.0, 5.0], 28.0)
    >>> sk.check(jobs, f)
    []
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse_type("jobs", "must be a Jobs", jobs)
    machine: dict[str, Any] = {
        "servers": _validation.int_scalar(servers, "servers", minimum=1, maximum=2**32),
        "switch_cost": _validation.float_scalar(switch_cost, "switch_cost", minimum=0.0),
        "preempt": _validation.word(preempt, "preempt"),
    }
    chosen: Any = from_name(policy) if isinstance(policy, str) else policy
    if isinstance(chosen, BuiltIn):
        machine["segments"] = _validation.flag(segments, "segments")
        outcome = jobs._native.simulate(chosen._native(), **machine)
        name = chosen.name
    elif isinstance(chosen, Policy):
        rank, review = questions(chosen)
        machine["segments"] = _validation.flag(segments, "segments")
        outcome = jobs._native.simulate_custom(rank, review, chosen.information, **machine)
        name = type(chosen).__name__
    else:
        raise _validation.refuse_type("policy", "must be a name, a policy of this package or a sk.online.Policy", policy)
    columns = outcome.pop("segments")
    return FlowResult(
        **outcome,
        segments=None if columns is None else Segments(**columns),
        policy=name,
        servers=machine["servers"],
        preempt=preempt,
        _jobs=jobs,
    )
