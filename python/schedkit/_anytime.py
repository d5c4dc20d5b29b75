"""Options, history and interruption of anytime methods."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from . import _validation
from ._core import CancelToken

OnInterrupt = Literal["raise", "return"]
R = TypeVar("R")


@dataclasses.dataclass(frozen=True, slots=True)
class Improvement:
    """An improvement of the answer or of the bound during a search.

    Attributes
    ----------
    objective, lower_bound : int or float
        The best values so far.
    budget_used : int
        Budget spent, in the unit of the method (schedules, moves, evaluations, nodes).
    elapsed : float
        Seconds since the start.
    """

    objective: float
    lower_bound: float
    budget_used: int
    elapsed: float


def cancel_token(stop: Any) -> CancelToken | None:
    """The token of an option ``stop``, or None."""
    if stop is not None and not isinstance(stop, CancelToken):
        raise _validation.refuse_type("stop", "must be a CancelToken", stop)
    return stop


def judge_interrupt_option(on_interrupt: Any) -> None:
    """Refuses an option ``on_interrupt`` that does not exist."""
    if not isinstance(on_interrupt, str) or on_interrupt not in ("raise", "return"):
        raise _validation.refuse("on_interrupt", "expected 'raise' or 'return'", value=on_interrupt)


@dataclasses.dataclass(slots=True)
class _Request:
    """The limits and callbacks that the core takes; see ``anytime.rs``."""

    time_limit: float | None
    budget: int | None
    stop: CancelToken | None
    record: Callable[[float, float, int, float], None] | None


@dataclasses.dataclass(slots=True)
class AnytimeCall:
    """The validated options of one call.

    ``default_time`` is the limit when neither a limit nor a budget is given (None: run to the end).
    """

    request: _Request
    on_interrupt: str
    record: Callable[[float, float, int, float], None]
    """Adds an improvement to the history and calls `on_improvement`; the core calls it if it is the request's."""
    _history: list[Improvement]

    @classmethod
    def options(
        cls,
        *,
        time_limit: float | None,
        budget: int | None = None,
        unit: str = "budget",
        default_time: float | None = None,
        on_improvement: Any = None,
        stop: Any,
        on_interrupt: str,
    ) -> AnytimeCall:
        """Validates the options of a call; `unit` is the name of its budget, such as ``max_schedules``."""
        if time_limit is None and budget is None:
            time_limit = default_time
        time_limit = _validation.time_limit(time_limit)
        if budget is not None:
            budget = _validation.int_scalar(budget, unit, minimum=0, maximum=2**63 - 1)
        stop = cancel_token(stop)
        if on_improvement is not None and not callable(on_improvement):
            raise _validation.refuse_type("on_improvement", "must be callable", on_improvement)
        judge_interrupt_option(on_interrupt)
        history: list[Improvement] = []

        def record(objective: float, lower_bound: float, budget_used: int, elapsed: float) -> None:
            history.append(Improvement(objective, lower_bound, budget_used, elapsed))
            if on_improvement is not None:
                on_improvement(history[-1])

        request = _Request(time_limit, budget, stop, None if on_improvement is None else record)
        return cls(request, on_interrupt, record, history)

    @contextlib.contextmanager
    def preparation(self) -> Iterator[None]:
        """Counts the time spent in the ``with`` block, before the core starts its clock, towards the time limit."""
        if self.request.time_limit is None:
            yield
            return
        begin = time.perf_counter()
        yield
        self.request.time_limit = max(0.0, self.request.time_limit - (time.perf_counter() - begin))

    def finish(self, report: Mapping[str, Any], build: Callable[[list[Improvement], float], R]) -> R:
        """Returns the result of ``build(history, runtime)``, or raises the interrupt with the result attached."""
        interrupted: BaseException | None = report["interrupted"]
        history = self._history or [Improvement(*row) for row in report["history"]]
        result = build(history, report["runtime"])
        if interrupted is not None and not (self.on_interrupt == "return" and isinstance(interrupted, KeyboardInterrupt)):
            interrupted.result = result  # type: ignore[attr-defined]
            raise interrupted
        return result
