"""CP-SAT, the solver of OR-Tools, in a thread of its own, so that the calling thread can listen to signals."""

from __future__ import annotations

import importlib.util
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from . import _validation
from ._core import CancelToken
from ._extras import load
from .errors import SchedkitError

_POLL = 0.02
"""Seconds between two looks at signals and the stop token."""
_MOST_WORKERS = 256
"""As many threads as our own searches start; CP-SAT refuses far larger numbers."""


def available() -> Any:
    """The solver's module, or an error that says how to get it."""
    return load("ortools.sat.python.cp_model", "proofs by CP-SAT need OR-Tools: pip install 'schedkit[exact]'")


def require() -> None:
    """An error that says how to get the solver if it is not installed; otherwise nothing is loaded yet."""
    if importlib.util.find_spec("ortools") is None:
        available()


class Stopping(Protocol):
    """What ends a run from outside, such as a `CancelToken`."""

    @property
    def cancelled(self) -> bool:
        """Whether the run should end."""


class SearchBeside(Protocol):
    """A search of our own that runs beside CP-SAT in another thread."""

    @property
    def token(self) -> CancelToken:
        """Ends the search."""

    @property
    def done(self) -> threading.Event:
        """Set when the search has ended."""

    @property
    def proved(self) -> bool:
        """Whether it has ended with a proof."""

    def start(self, found: queue.SimpleQueue[tuple[Any, ...]]) -> None:
        """Begins; improvements go to `found`."""


class SolverRun:
    """One model being solved.

    Parameters
    ----------
    model : CpModel
    value : callable
        Turns the solver's objective, or its bound, into the value that users know.
    field : str
        The argument that messages about a refused model name.
    seed : int
    threads : int or None
        Workers; None means all cores.
    read : callable, optional
        Reads a solution from the solver's callback; what it returns is the third argument of `found`.
    """

    def __init__(
        self,
        model: Any,
        value: Callable[[float], int],
        field: str,
        seed: int,
        threads: int | None,
        read: Callable[[Any], Any] | None = None,
    ) -> None:
        self._cp_model = available()
        self._model, self._value, self._field, self._read = model, value, field, read
        self.solver = self._cp_model.CpSolver()
        self.solver.parameters.random_seed = seed % 2**31
        self.solver.parameters.num_workers = min(threads or 0, _MOST_WORKERS)
        self.solver.parameters.catch_sigint_signal = False
        self._found: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._done = threading.Event()
        self.failure: BaseException | None = None
        self.status: Any = None

    def wait(
        self,
        seconds: float | None,
        stop: Stopping | None,
        found: Callable[..., None],
        beside: SearchBeside | None = None,
        *,
        complete: bool = True,
    ) -> BaseException | None:
        """Solves, until CP-SAT or the search beside it has a proof; `found` gets each better value with the bound.

        A refutation counts as a proof if the model is `complete`. Returns what interrupted it, or None.
        """
        if seconds is not None:
            self.solver.parameters.max_time_in_seconds = seconds
        invalid = self._model.validate()
        if invalid:
            raise _validation.refuse(self._field, f"CP-SAT refuses the model: {invalid.splitlines()[0]}")
        end = None if seconds is None else time.perf_counter() + seconds
        thread = threading.Thread(target=self._solve, daemon=True)
        interrupt: BaseException | None = None
        thread.start()
        if beside is not None:
            beside.start(self._found)
        over = False
        while not over:  # an interrupted join may take a running thread for an ended one
            try:
                self._done.wait(_POLL)
                over = self._done.is_set() and (beside is None or beside.done.is_set())
                late = end is not None and time.perf_counter() >= end
                proved = beside is not None and beside.proved
                if late or (stop is not None and stop.cancelled) or interrupt is not None or proved:
                    self.solver.stop_search()
                    ended = True
                else:
                    ended = self._done.is_set() and (end is None or self._conclusive(complete))
                if ended and beside is not None:
                    beside.token.cancel()
                while interrupt is None and not self._found.empty():
                    found(*self._found.get())
            except BaseException as error:  # handed on, with the result
                interrupt = error
        return interrupt

    def _solve(self) -> None:
        run, value, read, base = self, self._value, self._read, self._cp_model.CpSolverSolutionCallback

        class Report(base):  # type: ignore[misc, valid-type]
            def on_solution_callback(self) -> None:
                known = (value(self.objective_value), value(self.best_objective_bound))
                run._found.put(known if read is None else (*known, read(self)))

        try:
            self.status = self.solver.solve(self._model, Report())
        except BaseException as error:
            self.failure = error
        finally:
            self._done.set()

    def _conclusive(self, complete: bool) -> bool:
        """Whether CP-SAT has ended with a proof."""
        return bool(self.status == self._cp_model.OPTIMAL or (self.status == self._cp_model.INFEASIBLE and complete))

    def judged(self) -> Any:
        """The status; raises what the solver's thread raised, and an error for a model that the solver refused."""
        if self.failure is not None:
            raise self.failure
        if self.status == self._cp_model.MODEL_INVALID:
            raise SchedkitError(f"CP-SAT refuses the model or its parameters: {self.solver.solution_info()}")
        return self.status

    @property
    def lower_bound(self) -> int:
        """The bound of the solver, as a value that users know."""
        return self._value(self.solver.best_objective_bound)
