"""Generation of ramp instances from a seed."""

from __future__ import annotations

import dataclasses

from ... import _core, _validation
from ..problem import Project
from ..schedule import ProjectSchedule

FLAVOURS = ("plain", "migration")
"""The names of tasks and resources: numbers, or the phases and crews of a data-centre migration."""


@dataclasses.dataclass(frozen=True, slots=True)
class RampInstance:
    """An instance of a ramp.

    Attributes
    ----------
    seed : int
        Of the ramp.
    level : int
        Number of precedence pairs.
    project : Project
        The problem: any feasible schedule solves it.
    witness : ProjectSchedule
        A feasible schedule, by which the instance was made.
    """

    seed: int
    level: int
    project: Project
    witness: ProjectSchedule

    @property
    def name(self) -> str:
        """The name of the instance in files and answers."""
        return f"seed{self.seed}_level{self.level:03d}"


def generate(
    num_tasks: int = 30,
    num_levels: int | None = None,
    *,
    seed: int = 0,
    num_layers: int | None = None,
    num_resources: int = 3,
    max_duration: int = 10,
    windowed: float = 0.75,
    slack: float = 1.0,
    downtime: float = 0.75,
    disjunctive: float = 0.5,
    witness_ratio: float = 1.3,
    flavour: str = "plain",
) -> list[RampInstance]:
    """Generates a ramp: one instance of ``PS | prec, r_j, d_j, calendars, disjunctions | -`` for each level from 1 on.

    All levels stand on the same tasks. Level k has exactly k precedence pairs, those of the level below and one more, and none
    of them follows from the others. Then a schedule is drawn, the witness, and around it downtimes, windows and disjunctions.

    Parameters
    ----------
    num_tasks : int, default 30
        2 to 1,000.
    num_levels : int, optional
        As many as tasks by default.
    seed : int, default 0
    num_layers : int, optional
        Edges lead from earlier to later layers; about the square root of `num_tasks` by default.
    num_resources : int, default 3
        1 to 64, of 4 to 8 units each; a task holds one or two of them, at most half the units.
    max_duration : int, default 10
        Durations are uniform from 1 to this number, at most 1,000.
    windowed : float, default 0.75
        Share of tasks with release time and deadline.
    slack : float, default 1.0
        A window opens before the witness's start, and closes after its completion, by up to so many mean durations, each drawn.
    downtime : float, default 0.75
        Probability with which a resource is down once, for up to a mean duration; unless 0, one is for certain.
    disjunctive : float, default 0.5
        Disjunctive groups of two or three, as a share of half the number of tasks; their members could meet but for the group.
    witness_ratio : float, default 1.3
        The witness's makespan is at most this many times the larger of critical path and work over capacity.
    flavour : {"plain", "migration"}, default "plain"
        Names: numbers, or the phases and crews of a data-centre migration.

    Returns
    -------
    list of RampInstance
        By level. `schedkit.check` has found nothing wrong with any witness.

    Raises
    ------
    InvalidInputError
        A value out of range; settings with which no ramp is found: more levels than necessary edges fit, too small a ratio.

    Notes
    -----
    The published benchmark leaves the distributions open; these are those of schedkit. Equal arguments give equal ramps on
    every machine. O(n^4 / 64) in the worst case, much less as long as levels are about as many as tasks.

    References
    ----------
    Jain, R., Wetter, M. (2025). R-ConstraintBench: evaluating LLMs on NP-complete scheduling. arXiv 2508.15204.

    Examples
    --------
    >>> import schedkit as sk
    >>> ramp = sk.rcpsp.ramp.generate(20, 15, seed=1)
    >>> ramp[6].name, ramp[6].project
    ('seed1_level007', Project(activities=20, resources=3, precedence=7))
    >>> sk.check(ramp[6].project, ramp[6].witness)
    []
    """
    tasks = _count(num_tasks, "num_tasks")
    levels = tasks if num_levels is None else _count(num_levels, "num_levels")
    layers = max(2, round(tasks**0.5)) if num_layers is None else _count(num_layers, "num_layers")
    _validation.expect(flavour, str, "flavour", "a string")
    number = _validation.seed(seed)
    shares = {
        "windowed": windowed,
        "slack": slack,
        "downtime": downtime,
        "disjunctive": disjunctive,
        "witness_ratio": witness_ratio,
    }
    settings = {
        "num_tasks": tasks,
        "num_levels": levels,
        "num_layers": layers,
        "num_resources": _count(num_resources, "num_resources"),
        "max_duration": _count(max_duration, "max_duration"),
        **{name: _validation.float_scalar(share, name) for name, share in shares.items()},
        "flavour": flavour,
    }
    instances = []
    for row in _core.ramp_generate(settings, number):
        project = Project._from_native(row["project"])
        schedule = ProjectSchedule.from_start_time(project, row["start_time"])
        instances.append(RampInstance(number, row["level"], project, schedule))
    return instances


def _count(value: object, field: str) -> int:
    return _validation.int_scalar(value, field, minimum=0, maximum=10**6)


def listed(instances: object) -> list[RampInstance]:
    """Validates a list of instances."""
    cases = _validation.listed(instances, "instances", "instances of a ramp")
    for k, case in enumerate(cases):
        _validation.expect(case, RampInstance, "instances", "a RampInstance", index=(k,))
    return cases
