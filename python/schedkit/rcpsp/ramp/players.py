"""Solvers that play the ramp, for comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import _validation
from ..._core import CancelToken
from ...errors import InfeasibleError
from ..algorithms import serial_sgs
from ..bounds import critical_path
from ..constraints import CONSTRAINTS
from ..problem import Project
from ..search import solve
from .instances import RampInstance, listed
from .report import RampReport, Weights, evaluate

Player = Callable[[Project, float], Any]


def _solver(project: Project, time_limit: float) -> Any:
    """Runs `solve` until its first feasible schedule."""
    stop = CancelToken()
    return solve(project, time_limit=time_limit, stop=stop, on_improvement=lambda _: stop.cancel()).schedule


def _serial_lft(project: Project, time_limit: float) -> Any:  # noqa: ARG001
    """Runs one pass of the serial scheme by latest finish; if it misses a deadline, one more pass that ignores deadlines."""
    try:
        return serial_sgs(project, "lft")
    except InfeasibleError:
        columns = {constraint.name: getattr(project, constraint.name) for constraint in CONSTRAINTS}
        del columns["deadline"]
        given = {name: value for name, value in columns.items() if value is not None}
        late = Project(project.duration, project.demand, project.capacity, precedence=project.precedence, **given)
        return serial_sgs(late, critical_path(project).latest_finish)


PLAYERS: dict[str, Player] = {"solve": _solver, "lft": _serial_lft}
"""The solvers by name: `solve`, stopped at its first feasible schedule, and one pass of the serial scheme by latest finish."""


def play(
    instances: Sequence[RampInstance],
    player: str | Player = "solve",
    *,
    time_limit: float = 1.0,
    weights: Weights = None,
    threshold: float = 0.5,
) -> RampReport:
    """Runs a solver on all instances and judges its answers.

    Parameters
    ----------
    instances : list of RampInstance
    player : {"solve", "lft"} or callable, default "solve"
        The search, stopped at its first feasible schedule; one pass of the serial scheme, latest finish first; or a function of
        a project and a time limit that returns an answer as `judge` takes it.
    time_limit : float, default 1.0
        Seconds for each instance.
    weights, threshold
        As in `evaluate`.

    Returns
    -------
    RampReport

    Examples
    --------
    >>> import schedkit as sk
    >>> ramp = sk.rcpsp.ramp.generate(20, 15)
    >>> sk.rcpsp.ramp.play(ramp, "solve").wauc
    1.0
    """
    _validation.expect(player, (str, Callable), "player", "a name or callable")  # type: ignore[arg-type]
    if isinstance(player, str) and player not in PLAYERS:
        raise _validation.refuse("player", f"unknown, expected one of {', '.join(PLAYERS)}", value=player)
    answer = PLAYERS[player] if isinstance(player, str) else player
    limit = _validation.float_scalar(time_limit, "time_limit", minimum=0.0)
    cases = listed(instances)
    return evaluate(cases, [answer(case.project, limit) for case in cases], weights=weights, threshold=threshold)
