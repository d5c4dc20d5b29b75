"""The compiled core. Everything here expects clean input; the public functions provide it."""

from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["CancelToken", "Project", "__version__", "check_project"]

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
