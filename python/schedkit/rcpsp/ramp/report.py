"""Evaluation of answers over the levels of a ramp."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ... import _validation
from ...schedule import Result
from .answers import KINDS, judge
from .instances import RampInstance, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Weights = Callable[[int], float] | Mapping[int, float] | None


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class RampReport(Result):
    """The share of feasible answers by level.

    Attributes
    ----------
    level : ndarray of int64, shape (k,)
        The levels that occur, in ascending order.
    num_instances : ndarray of int64, shape (k,)
    num_feasible : ndarray of int64, shape (k,)
        Number of answers without an error.
    wauc : float
        Weighted area under the curve: ``sum_k w_k F(k) / sum_k w_k`` over the levels that occur, F the share of feasible
        answers; 0.0 for nothing.
    degradation_threshold : int or None
        The first level at which F falls below `threshold`; None if it never does.
    threshold : float
    errors : dict of kind to int
        Number of answers in which each kind of error occurs.
    """

    kind: ClassVar[str] = "ramp_report"
    _row: ClassVar[str | None] = "row"

    level: NDArray[np.int64]
    num_instances: NDArray[np.int64]
    num_feasible: NDArray[np.int64]
    wauc: float
    degradation_threshold: int | None
    threshold: float
    errors: dict[str, int]

    @property
    def feasibility(self) -> NDArray[np.float64]:
        """The share F(k) of feasible answers at each level."""
        return _validation.readonly(self.num_feasible / np.maximum(self.num_instances, 1))

    def _columns(self) -> dict[str, Any]:
        """One row per level: number of instances, number of feasible answers, their share."""
        return {**super(RampReport, self)._columns(), "feasibility": self.feasibility}  # slots: no short form of super

    def plot(self, ax: Axes | None = None, label: str | None = None) -> Axes:
        """Draws feasibility over levels (needs matplotlib).

        Parameters
        ----------
        ax : matplotlib Axes, optional
            The axes to draw on; without it a new figure is made.
        label : str, optional
            The name of the solver, for the legend.
        """
        return self._draw(ax, label=label)


def evaluate(
    instances: Sequence[RampInstance],
    answers: Mapping[str, Any] | Sequence[Any],
    *,
    weights: Weights = None,
    threshold: float = 0.5,
) -> RampReport:
    """Judges answers to many instances.

    Parameters
    ----------
    instances : list of RampInstance
        Of one ramp or of several.
    answers : mapping of instance name to answer, or sequence in the order of the instances
        Each as in `judge`. An instance without an answer counts as not solved, with a ``parse_error``.
    weights : callable or mapping from level to weight, optional
        The w_k of the WAUC, >= 0; by default w_k = k, so that high levels count for more. The publication leaves the weights
        open, so state them beside numbers.
    threshold : float, default 0.5
        The share below which feasibility counts as degraded.

    Returns
    -------
    RampReport

    Raises
    ------
    InvalidInputError, InputTypeError
        More answers than instances, or under names that no instance has; negative weights.

    Examples
    --------
    >>> import schedkit as sk
    >>> ramp = sk.rcpsp.ramp.generate(20, 15)
    >>> report = sk.rcpsp.ramp.evaluate(ramp, {instance.name: instance.witness for instance in ramp[:10]})
    >>> report.degradation_threshold, round(report.wauc, 4)
    (11, 0.4583)
    """
    cases = listed(instances)
    limit = _validation.float_scalar(threshold, "threshold", minimum=0.0)
    given = _by_position(cases, answers)
    kinds = [{error.kind for error in judge(case, answer)} for case, answer in zip(cases, given, strict=True)]
    level, at = np.unique(np.array([case.level for case in cases], dtype=np.int64), return_inverse=True)
    num_instances = np.bincount(at, minlength=level.size).astype(np.int64)
    solved = np.array([not found for found in kinds], dtype=bool)
    num_feasible = np.bincount(at[solved], minlength=level.size).astype(np.int64)
    share = num_feasible / np.maximum(num_instances, 1)
    weight = [_weight(weights, k) for k in level.tolist()]
    total = sum(weight)
    below = level[share < limit].tolist()
    return RampReport(
        level=_validation.readonly(level),
        num_instances=_validation.readonly(num_instances),
        num_feasible=_validation.readonly(num_feasible),
        wauc=sum(w * f for w, f in zip(weight, share.tolist(), strict=True)) / total if total > 0 else 0.0,
        degradation_threshold=below[0] if below else None,
        threshold=limit,
        errors={kind: count for kind in KINDS if (count := sum(kind in found for found in kinds))},
    )


def _by_position(cases: list[RampInstance], answers: Any) -> list[Any]:
    if isinstance(answers, Mapping):
        unknown = [name for name in answers if name not in {case.name for case in cases}]
        if unknown:
            raise _validation.refuse("answers", "no instance has this name", value=unknown[0], more=len(unknown) - 1)
        return [answers.get(case.name) for case in cases]
    given = _validation.listed(answers, "answers", "answers")
    if len(given) > len(cases):
        raise _validation.refuse("answers", f"has length {len(given)}, expected at most {len(cases)}")
    return [*given, *[None] * (len(cases) - len(given))]


def _weight(weights: Any, level: int) -> float:
    if weights is None:
        return float(level)
    if isinstance(weights, Mapping):
        if level not in weights:
            raise _validation.refuse("weights", f"has none for level {level}")
        return _validation.float_scalar(weights[level], f"weights[{level}]", minimum=0.0)
    _validation.expect(weights, Callable, "weights", "callable or a mapping")  # type: ignore[arg-type]
    return _validation.float_scalar(weights(level), f"weights({level})", minimum=0.0)
