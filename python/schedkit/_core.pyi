"""The compiled core. Everything here expects clean input; the public functions provide it."""

from collections.abc import Callable
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CancelToken",
    "Jobs",
    "OnlinePolicy",
    "Project",
    "__version__",
    "bounded_estimates",
    "check_flow",
    "check_project",
    "check_sequence",
    "draw_sizes",
    "log_normal_estimates",
    "map_arrivals",
    "poisson_arrivals",
    "read_swf",
    "tardiness_evaluate",
    "tardiness_generate",
    "tardiness_improve",
    "tardiness_rule",
    "tardiness_rule_many",
    "tardiness_solve_exact",
    "tardiness_solve_subsets",
    "tardiness_validate",
]

__version__: str

_Ints = NDArray[np.int64]

@final
class CancelToken:
    """A request to stop, shared with running searches; sticky, and it works before the start too."""

    def __new__(cls) -> CancelToken: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

@final
class Project:
    def __new__(
        cls,
        duration: _Ints,
        demand: _Ints,
        capacity: _Ints,
        precedence: _Ints,
        names: list[str] | None,
        resource_names: list[str] | None,
    ) -> Project: ...
    @staticmethod
    def read(path: str, format: str | None) -> Project: ...
    def columns(self) -> tuple[_Ints, _Ints, _Ints, _Ints, list[str] | None, list[str] | None]: ...
    def write_psplib(self) -> str: ...
    def write_json(self) -> str: ...
    def critical_path(self) -> tuple[_Ints, _Ints, _Ints, _Ints, _Ints, int]: ...
    def lower_bound(self) -> int: ...
    def serial_sgs(self, priority: str | NDArray[np.int64 | np.float64], seed: int) -> tuple[_Ints, _Ints, int]: ...
    def parallel_sgs(self, priority: str | NDArray[np.int64 | np.float64], seed: int) -> tuple[_Ints, _Ints, int]: ...
    def solve(
        self, request: object, seed: int, threads: int | None, warm_start: _Ints | None
    ) -> tuple[
        tuple[_Ints, _Ints, int], str, int, int, tuple[list[tuple[int, int, int, float]], float, BaseException | None]
    ]: ...
    def justify(self, completion_time: _Ints) -> tuple[_Ints, _Ints, int]: ...
    def serial_sgs_many(
        self, priority: NDArray[np.int64 | np.float64], threads: int | None, starts: bool
    ) -> tuple[_Ints, _Ints | None]: ...

def check_project(
    project: Project,
    activity: _Ints,
    start: _Ints,
    end: _Ints,
    makespan: int | None,
    fixed: list[tuple[int, int, int]],
    now: int,
) -> list[tuple[str, tuple[int, ...], str]]: ...

_Floats = NDArray[np.float64]
_Outcome = tuple[_Floats, float, float, float, int, tuple[_Ints, _Ints, _Floats, _Floats, _Floats] | None]
_View = tuple[int, float, float, float, float, float, float]

@final
class OnlinePolicy:
    def __new__(cls, name: str, parameters: dict[str, Any]) -> OnlinePolicy: ...
    @staticmethod
    def names() -> list[str]: ...

@final
class Jobs:
    def __new__(
        cls,
        release_time: _Floats,
        operation: _Floats,
        first_operation: _Ints | None,
        weight: _Floats | None,
        estimate: _Floats | None,
        deadline: _Floats | None,
        names: list[str] | None,
    ) -> Jobs: ...
    def num_jobs(self) -> int: ...
    def release_time(self) -> _Floats: ...
    def processing_time(self) -> _Floats: ...
    def operation(self) -> _Floats: ...
    def first_operation(self) -> _Ints | None: ...
    def weight(self) -> _Floats | None: ...
    def estimate(self) -> _Floats | None: ...
    def deadline(self) -> _Floats | None: ...
    def names(self) -> list[str] | None: ...
    def lower_bound(self, servers: int) -> float: ...
    def simulate(self, policy: OnlinePolicy, servers: int, preempt: str, switch_cost: float, segments: bool) -> _Outcome: ...
    def simulate_outside(
        self,
        rank: Callable[[float, _View], float],
        review: Callable[[_View], float],
        information: str,
        servers: int,
        preempt: str,
        switch_cost: float,
        segments: bool,
    ) -> _Outcome: ...

def check_flow(
    jobs: Jobs,
    servers: int,
    preempt: str,
    job: _Ints,
    server: _Ints,
    start: _Floats,
    end: _Floats,
    rate: _Floats,
    completion_time: _Floats,
    total_flow_time: float | None,
) -> list[tuple[str, tuple[int, ...], str]]: ...
def draw_sizes(kind: str, parameters: list[float], n: int, seed: int) -> _Floats: ...
def poisson_arrivals(n: int, rate: float, seed: int) -> _Floats: ...
def map_arrivals(n: int, d0: list[float], d1: list[float], seed: int) -> _Floats: ...
def log_normal_estimates(size: _Floats, sigma: float, seed: int) -> _Floats: ...
def bounded_estimates(size: _Floats, low: float, high: float, seed: int) -> _Floats: ...
def read_swf(bytes: bytes, path: str) -> tuple[_Ints, _Floats, _Floats, _Floats, _Floats, _Floats, _Floats]: ...

_Weight = NDArray[np.int64] | NDArray[np.float64] | None
_Sequence = tuple[Any, Any]  # five columns, five numbers or columns of a batch

def tardiness_rule(rule: str, k: float, processing_time: _Ints, due_date: _Ints, weight: _Weight) -> _Sequence: ...
def tardiness_rule_many(
    rule: str, k: float, processing_time: _Ints, due_date: _Ints, weight: _Weight, shape: tuple[int, int], threads: int | None
) -> _Sequence: ...
def tardiness_evaluate(processing_time: _Ints, due_date: _Ints, weight: _Weight, sequence: _Ints) -> _Sequence: ...
def tardiness_validate(processing_time: _Ints, due_date: _Ints, weight: _Weight) -> None: ...
def check_sequence(
    processing_time: _Ints, due_date: _Ints, weight: NDArray[np.float64] | None, claim: object
) -> list[tuple[str, tuple[int, ...], str]]: ...

_Searched = tuple[_Sequence, tuple[str, Any, int, int]]
_Report = tuple[list[Any], float, BaseException | None]

def tardiness_solve_exact(
    processing_time: _Ints, due_date: _Ints, memory_limit: int | None, anytime: object
) -> tuple[_Searched, _Report]: ...
def tardiness_solve_subsets(
    processing_time: _Ints, due_date: _Ints, weight: _Weight, anytime: object
) -> tuple[_Searched, _Report]: ...
def tardiness_improve(
    processing_time: _Ints,
    due_date: _Ints,
    weight: _Weight,
    starts: list[_Ints],
    seed: int,
    threads: int | None,
    anytime: object,
) -> tuple[_Searched, _Report]: ...
def tardiness_generate(n: int, rdd: float, tf: float, seed: int) -> tuple[_Ints, _Ints, _Ints]: ...
