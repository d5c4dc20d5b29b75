"""The compiled core. Everything here expects clean input; the public functions provide it."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Protocol, Self, TypedDict, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

__all__ = [
    "CancelToken",
    "JobFacts",
    "Jobs",
    "Network",
    "OnlinePolicy",
    "PolicyQueue",
    "Project",
    "StreamPlanner",
    "TaskGraph",
    "__version__",
    "bounded_estimates",
    "check_calendar",
    "check_dag",
    "check_flow",
    "check_project",
    "check_sequence",
    "draw_sizes",
    "list_schedulers",
    "log_normal_estimates",
    "map_arrivals",
    "poisson_arrivals",
    "priority_rules",
    "project_constraints",
    "ramp_generate",
    "read_swf",
    "register_exceptions",
    "require_memory",
    "schedule_many",
    "simulate_stream",
    "tardiness_evaluate",
    "tardiness_generate",
    "tardiness_improve",
    "tardiness_rule",
    "tardiness_rule_many",
    "tardiness_rules",
    "tardiness_solve_exact",
    "tardiness_solve_subsets",
    "tardiness_start",
    "tardiness_validate",
]

__version__: str

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]

@final
class CancelToken:
    """A request to stop, shared with running searches; sticky, and it works before the start too."""

    def __new__(cls) -> CancelToken: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

_FixedRow = tuple[int, int, int | None]
_ReasonRow = tuple[str, list[int], list[int], int | None, str]

def project_constraints() -> list[tuple[str, str, int | None]]: ...
def priority_rules() -> list[tuple[str, str]]: ...
def check_calendar(time: _Ints, capacity: _Ints, period: int | None) -> None: ...

class _ProjectColumns(TypedDict):
    start_time: _Ints
    completion_time: _Ints
    makespan: int

class _ProjectBatch(TypedDict):
    makespan: _Ints
    start_time: _Ints | None

@final
class Project:
    def __new__(cls, columns: dict[str, Any]) -> Project: ...
    @staticmethod
    def read(bytes: bytes, path: str, format: str | None) -> Project: ...
    def columns(self) -> dict[str, Any]: ...
    def complete(self, start_time: _Ints) -> _ProjectColumns: ...
    def sufficient_horizon(self, fixed: list[_FixedRow], now: int) -> int | None: ...
    def remaining(self, fixed: list[_FixedRow], now: int, end: int, most_steps: int) -> dict[str, Any] | None: ...
    def write_psplib(self) -> str: ...
    def write_json(self) -> str: ...
    def critical_path(self) -> dict[str, Any]: ...
    def lower_bound(self, destructive: bool) -> int: ...
    def diagnose(self, fixed: list[_FixedRow], now: int) -> list[_ReasonRow]: ...
    def serial_sgs(
        self, priority: str | NDArray[np.int64 | np.float64], seed: int, fixed: list[_FixedRow], now: int
    ) -> _ProjectColumns: ...
    def parallel_sgs(
        self, priority: str | NDArray[np.int64 | np.float64], seed: int, fixed: list[_FixedRow], now: int
    ) -> _ProjectColumns: ...
    def solve(
        self,
        request: object,
        seed: int,
        threads: int | None,
        warm_start: _Ints | None,
        past: tuple[list[_FixedRow], int],
        late: bool,
    ) -> dict[str, Any]: ...
    def justify(self, completion_time: _Ints) -> _ProjectColumns: ...
    def serial_sgs_many(self, priority: NDArray[np.int64 | np.float64], threads: int | None, starts: bool) -> _ProjectBatch: ...

def register_exceptions(exceptions: dict[str, Any]) -> None: ...
def require_memory(bytes: int) -> None: ...
def check_project(
    project: Project,
    activity: _Ints,
    start: _Ints,
    end: _Ints,
    makespan: int | None,
    fixed: list[tuple[int, int, int | None]],
    now: int,
) -> list[tuple[str, tuple[int, ...], str]]: ...
def ramp_generate(settings: dict[str, Any], seed: int) -> list[dict[str, Any]]: ...

@final
class OnlinePolicy:
    def __new__(cls, name: str, parameters: dict[str, Any]) -> OnlinePolicy: ...
    @staticmethod
    def declarations() -> list[dict[str, Any]]: ...

@disjoint_base
class PolicyQueue:
    """The policy queue over Python's keys; `schedkit.online.PolicyQueue` has the documentation of the whole."""

    def __new__(
        cls,
        policy: OnlinePolicy,
        strict_time: bool,
        offset: float,
        number: Callable[[Any, str], float],
        key_error: Callable[[str, Any], Exception],
    ) -> Self: ...
    def add(
        self,
        key: Hashable,
        *,
        size: float | None = None,
        now: float | None = None,
        attained: float | None = None,
        weight: float | None = None,
        estimate: float | None = None,
        deadline: float | None = None,
    ) -> None: ...
    def _add_job(
        self, job: int, operation: int, size: float, now: float, weight: float, estimate: float | None, deadline: float
    ) -> None: ...
    def _add_many(self, keys: list[Any], now: float | None, columns: dict[str, _Floats | None]) -> None: ...
    def peek(self, now: float | None = None) -> Any: ...
    def pop(self, now: float | None = None) -> Any: ...
    def _pop_many(self, k: int, now: float | None) -> list[Any]: ...
    def progress(self, key: Hashable, amount: float, now: float | None = None) -> None: ...
    def reveal(self, key: Hashable, size: float, now: float | None = None) -> None: ...
    def reprioritise(
        self,
        key: Hashable,
        size: float | None = None,
        now: float | None = None,
        *,
        weight: float | None = None,
        estimate: float | None = None,
        deadline: float | None = None,
    ) -> None: ...
    def remove(self, key: Hashable) -> None: ...
    def attained(self, key: Hashable) -> float: ...
    def allocation(self, now: float | None = None) -> list[tuple[Any, float]]: ...
    def horizon(self, now: float | None = None) -> float: ...
    def _stats(self, now: float | None) -> dict[str, Any]: ...
    @property
    def clock_skew(self) -> int: ...
    def __len__(self) -> int: ...
    def __contains__(self, key: Hashable, /) -> bool: ...
    def __iter__(self) -> Iterator[Any]: ...
    def _save(self) -> tuple[list[Any], bytes]: ...
    def _load(self, policy: OnlinePolicy, keys: list[Any], bytes: bytes) -> None: ...

@final
class JobFacts:
    index: int
    release_time: float
    weight: float
    deadline: float
    attained: float
    revealed: float
    since: float

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
    def simulate(
        self, policy: OnlinePolicy, servers: int, preempt: str, switch_cost: float, segments: bool
    ) -> dict[str, Any]: ...
    def totals(self, completion_time: _Floats) -> dict[str, float]: ...
    def simulate_custom(
        self,
        rank: Callable[[float, JobFacts], float],
        review: Callable[[JobFacts], float],
        information: str,
        servers: int,
        preempt: str,
        switch_cost: float,
        segments: bool,
    ) -> dict[str, Any]: ...

def check_flow(
    jobs: Jobs,
    servers: int,
    preempt: str,
    segments: dict[str, Any],
    objectives: dict[str, Any],
) -> list[tuple[str, tuple[int, ...], str]]: ...
def draw_sizes(kind: str, parameters: list[float], n: int, seed: int) -> _Floats: ...
def poisson_arrivals(n: int, rate: float, seed: int) -> _Floats: ...
def map_arrivals(n: int, d0: list[float], d1: list[float], seed: int) -> _Floats: ...
def log_normal_estimates(size: _Floats, sigma: float, seed: int) -> _Floats: ...
def bounded_estimates(size: _Floats, low: float, high: float, seed: int) -> _Floats: ...
def read_swf(bytes: bytes, path: str) -> dict[str, Any]: ...

_JobColumns = dict[str, Any]  # processing_time, due_date, and weight or None

def tardiness_rules() -> list[dict[str, Any]]: ...
def tardiness_rule(rule: str, k: float, jobs: _JobColumns) -> dict[str, Any]: ...
def tardiness_start(rule: str, jobs: _JobColumns, seconds: float | None) -> _Ints: ...
def tardiness_rule_many(
    rule: str, k: float, jobs: _JobColumns, shape: tuple[int, int], threads: int | None
) -> dict[str, Any]: ...
def tardiness_evaluate(jobs: _JobColumns, sequence: _Ints) -> dict[str, Any]: ...
def tardiness_validate(jobs: _JobColumns) -> None: ...
def check_sequence(jobs: _JobColumns, claim: object) -> list[tuple[str, tuple[int, ...], str]]: ...
def tardiness_solve_exact(jobs: _JobColumns, memory_limit: int | None, anytime: object) -> dict[str, Any]: ...
def tardiness_solve_subsets(jobs: _JobColumns, anytime: object) -> dict[str, Any]: ...
def tardiness_improve(
    jobs: _JobColumns, start: _Ints, warm_start: _Ints | None, seed: int, threads: int | None, anytime: object
) -> dict[str, Any]: ...
def tardiness_generate(n: int, rdd: float, tf: float, seed: int) -> dict[str, Any]: ...

class _DagColumns(TypedDict):
    processor: _Ints
    start_time: _Floats
    completion_time: _Floats
    makespan: float
    copies: list[tuple[int, int, float, float]]

class _DagSearched(TypedDict):
    schedule: _DagColumns
    lower_bound: float
    status: str
    report: dict[str, Any]

class _DagRow(Protocol):
    @property
    def task(self) -> int: ...
    @property
    def processor(self) -> int: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float | None: ...

_DagFixed = Sequence[_DagRow]

@final
class TaskGraph:
    def __new__(cls, cost: _Floats, edges: _Ints, data: _Floats | None, names: list[str] | None) -> TaskGraph: ...
    @staticmethod
    def from_work(work: _Floats, speed: _Floats, edges: _Ints, data: _Floats | None, names: list[str] | None) -> TaskGraph: ...
    def shape(self) -> tuple[int, int, int]: ...
    def cost(self) -> _Floats: ...
    def related(self) -> tuple[_Floats, _Floats] | None: ...
    def edges(self) -> _Ints: ...
    def data(self) -> _Floats: ...
    def placement_cost(self, processor: _Ints) -> _Floats: ...
    def upward_rank(self, cost: str, network: Network) -> _Floats: ...
    def downward_rank(self, cost: str, network: Network) -> _Floats: ...
    def bottom_level(self, cost: str) -> _Floats: ...
    def heft_priorities(self, cost: str, network: Network) -> _Ints: ...
    def improve(
        self, network: Network, start: object, seed: int, threads: int | None, fixed: _DagFixed, now: float, options: Any
    ) -> _DagSearched: ...
    def replan_many(
        self,
        network: Network,
        algorithm: str,
        tie: str,
        factor: _Floats,
        fixed: _DagFixed,
        now: float,
        seed: int,
        threads: int | None,
    ) -> _Floats: ...
    def execute_many(self, network: Network, plan: object, factor: _Floats, threads: int | None) -> _Floats: ...
    def lower_bound(self, network: Network) -> float: ...
    def schedule(
        self,
        network: Network,
        algorithm: str,
        rank: str,
        insertion: bool,
        entry_duplication: bool,
        tie: str,
        seed: int,
        fixed: _DagFixed,
        now: float,
    ) -> _DagColumns: ...
    def start_within(
        self, network: Network, algorithm: str, fixed: _DagFixed, now: float, seconds: float
    ) -> _DagColumns | None: ...

@final
class Network:
    def __new__(cls, bandwidth: float | _Floats, latency: float | _Floats) -> Network: ...

def check_dag(
    graph: TaskGraph,
    network: Network,
    runs: object,
    copies: object,
    makespan: float | None,
    fixed: _DagFixed,
    now: float,
) -> list[tuple[str, tuple[int, ...], str]]: ...

class _StreamColumns(TypedDict):
    completion_time: _Floats
    busy_time: _Floats
    num_plans: int
    runs: dict[str, NDArray[Any]]

def list_schedulers() -> list[dict[str, Any]]: ...
def simulate_stream(
    graphs: list[TaskGraph],
    network: Network,
    release: _Floats,
    template: _Ints,
    policy: str,
    key: str,
    delta: float,
    phi: float,
    noise_model: str,
    noise: float,
    seed: int,
    keep: bool,
) -> _StreamColumns: ...

@final
class StreamPlanner:
    def __new__(
        cls, num_processors: int, network: Network, policy: str, key: str, delta: float, phi: float, strict_time: bool
    ) -> StreamPlanner: ...
    def submit(self, graph: TaskGraph, now: float) -> int: ...
    def started(self, job: int, task: int, now: float) -> None: ...
    def finished(self, job: int, task: int, now: float) -> bool: ...
    def next_assignments(self, now: float) -> tuple[list[tuple[int, int, int]], float]: ...
    def num_plans(self) -> int: ...
    def clock_skew(self) -> int: ...
    def save(self) -> dict[str, Any]: ...
    def load(self, state: dict[str, Any]) -> None: ...

def schedule_many(
    graphs: list[TaskGraph],
    network: Network,
    algorithm: str,
    tie: str,
    fixed: Sequence[_DagFixed],
    now: float,
    seed: int,
    threads: int | None,
) -> _Floats: ...
