"""Arguments of every kind by parameter name: mostly sound, sometimes spoiled in shape, type, range or ownership.

Unknown names fall back to the default or to any scalar, so a new function is fuzzed from the day it is exported.
"""

from __future__ import annotations

import inspect
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import schedkit as sk

from .source import Source

DTYPES = [
    "int64",
    "float64",
    "int8",
    "uint8",
    "int32",
    "uint64",
    "float32",
    "float16",
    "bool",
    "complex128",
    "O",
    "U3",
    "M8[s]",
]
EDGES = [0, 1, -1, 2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 2**63, 2**64, 10**30]
FLOATS = [0.5, -0.0, 5e-324, 1e-300, 1e16, 1e100, 1.7e308, float("inf"), float("-inf"), float("nan")]
JUNK: list[Any] = [
    None, True, "", "x", b"x", "\ud800", 1j, object(), {}, {1: 2}, {0: (0, 1)}, set(), [], [[]], [[1], [1, 2]], [None], ["1"],
    (1,), range(3), memoryview(b"abc"), np.ma.masked_array([1, 2], [False, True]),
    np.zeros((2, 2, 2)), np.array(3), np.array("x"),
    iter([1, 2]), lambda *_: None, Ellipsis, int, Path("/nonexistent/x"), "/nonexistent/x", np.float64("nan"), np.int8(3),
    np.datetime64("2020-01-01"), np.broadcast_to(np.int64(1), (2**40,)), np.broadcast_to(1.0, (2**20, 2**20)),
]  # fmt: skip
MATRICES = {"demand", "taken", "given", "cost", "factor", "bandwidth"}
TIME = 0.02
ADMISSION = ["past_future", "future", "conservative", "aggressive"]
ROUTING = ["round_robin", "random", "least_loaded", "two_choices", "prefix", "bounded_load", "dual_hash"]
WORDS: dict[str, list[Any]] = {
    "priority": ["lft", "lst", "random", "nope"],
    "policy": [*sk.online.POLICIES, *ADMISSION, *ROUTING],
    "admission": [*ADMISSION, "x"],
    "router": [*ROUTING, "x"],
    "order": ["fcfs", "shortest_prompt", "slack_edf", "slo_density", "x"],
    "victim": ["newest", "least_done", "least_recompute", "x"],
    "preempt": ["anywhere", "operation", "never", "x"],
    "on_interrupt": ["raise", "return", "x"],
    "rank": ["mean", "max", "min", "median", "best", "worst"],
    "algorithm": list(sk.dag.ALGORITHMS),
    "noise_model": ["normal", "uniform", "x"],
    "rule": list(sk.shop.RULES),
    "scheme": ["active", "non_delay", "x"],
    "objective": ["makespan", "total_flow_time", "total_weighted_tardiness", "num_tardy", "x"],
    "blocking": [False, "swap", "no_swap", "x"],
    "key": list(sk.dag.KEYS),
    "method": [
        *("first_fit", "best_fit", "first_fit_decreasing", "best_fit_decreasing", "mffd", "exact"),
        *("lpt", "multifit", "karmarkar_karp", "eplb", "balanced", "x"),
    ],
    "chunk_rule": ["record_class", "x"],
    "format": [None, "sm", "rcp", "storage", "json", "x"],
    "start": ["mdd", "heft", "x"],
}
COUNTS = {
    "n", "num_jobs", "num_tasks", "num_processors", "servers", "tiles", "points", "width", "stages", "steps", "size", "degree",
    "num_resources", "num_activities",
}  # fmt: skip
FORBIDDEN = {"ax", "on_improvement", "options", "name"}


class Maker:
    """Makes the arguments of one call; arrays of one call share their number of rows, unless they are spoiled."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self.rows = source.below(7)
        self.columns = 1 + source.below(3)
        self._graph: Any = None

    def arguments(self, function: Any) -> dict[str, Any]:
        """Keyword arguments for a function; what has a default is left out half of the time, limits never are."""
        made: dict[str, Any] = {}
        for parameter in inspect.signature(function).parameters.values():
            name = parameter.name
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or name in FORBIDDEN:
                continue
            limit = name == "time_limit" or name.startswith("max_")
            if parameter.default is parameter.empty or limit or self.source.below(2):
                made[name] = self.value(name, parameter)
        return made

    def value(self, name: str, parameter: inspect.Parameter) -> Any:
        if name == "time_limit":  # the only argument that is never wild: the fuzzer wants its turn back
            return TIME
        if self.source.one_in(12):
            return self.source.choose([*JUNK, *EDGES, *FLOATS])
        return self.sound(name, parameter)

    def sound(self, name: str, parameter: inspect.Parameter) -> Any:
        source = self.source
        if name == "jobs" and "Sequence" in str(parameter.annotation):
            return self.routes()  # of a shop
        kind = "live" if parameter.annotation is parameter.empty and name in ("key", "now") else "make"
        maker = getattr(self, f"{kind}_{name}", None)
        if maker is not None:
            return maker()
        if name in WORDS and (name != "start" or source.below(2)):
            return source.choose(WORDS[name])
        if name in COUNTS:
            return source.choose([1, 2, 3, 4, 5, 0, 8, 2**40, -1])
        if name in ("edges", "precedence"):
            return self.pairs()
        annotation = str(parameter.annotation)
        if "Path" in annotation:
            return str(self.folder / "nothing")
        if "ArrayLike" in annotation:
            return self.array(2 if name in MATRICES else 1)
        if annotation.startswith("bool"):
            return source.choose([False, True])
        if annotation.startswith("int"):
            return source.choose([0, 1, 2, 3, 7, *EDGES])
        if annotation.startswith("float"):
            return source.choose([1.0, 0.0, 2.5, *FLOATS])
        if parameter.default is not parameter.empty:
            return parameter.default
        return source.choose(JUNK)

    def array(self, ndim: int) -> Any:
        """An array of small numbers, then perhaps another type, layout, length, or a hostile entry."""
        source = self.source
        shape = (self.rows,) if ndim == 1 else (self.rows, self.columns)
        if source.one_in(12):
            shape = source.choose([(), (self.rows + 1,), (2, 3, 4), (0,), (0, 0), (self.rows, self.rows), (3, self.rows)])
        values = np.array([source.below(9) for _ in range(int(np.prod(shape)))], dtype=np.int64).reshape(shape)
        if source.one_in(4):
            values = np.asarray(values + source.choose([0.0, 0.5, 0.25]))  # NumPy makes a scalar of a sum without dimensions
        if values.size and source.one_in(5):
            flat = values.reshape(-1).tolist()
            flat[source.below(len(flat))] = source.choose([*EDGES, *FLOATS, None, "x", True])
            return flat
        with np.errstate(all="ignore"):
            if source.one_in(6):
                values = values.astype(source.choose(DTYPES))
        layout = source.below(6)
        if layout == 1:
            return values.tolist()
        if layout == 2:
            return np.asfortranarray(values)
        if layout == 3:
            return np.repeat(values, 2, axis=-1)[..., ::2] if values.ndim else values
        if layout == 4:
            return values[::-1] if values.ndim else values
        if layout == 5:
            return values.astype(values.dtype.newbyteorder())
        return values

    def pairs(self) -> Any:
        source = self.source
        if source.one_in(10):
            return self.array(2)
        pairs = {(source.below(self.rows + 1), source.below(self.rows + 1)) for _ in range(source.below(6))}
        if not source.one_in(8):
            pairs = {(i, j) for i, j in pairs if i < j < self.rows}
        return sorted(pairs)

    def make_capacity(self) -> Any:
        return self.source.choose([[9] * self.columns, [9] * self.columns, 9, 9.5, self.array(1)])

    def make_k(self) -> Any:
        return self.source.choose([1, 2, 3, 5, 0, 2**32, 1.0, 1.5])

    def make_load(self) -> Any:
        return self.array(1 + self.source.below(2))

    def make_replicas(self) -> Any:
        return self.source.choose([1, 2, 6, 8, 12, 24, 0, 2**40])

    def make_groups(self) -> Any:
        return self.source.choose([1, 1, 2, 3, 0])

    make_nodes = make_devices = make_groups

    def make_names(self) -> Any:
        return self.source.choose([None, [f"n{k}" for k in range(self.rows)], ["a"] * self.rows, [""] * self.rows])

    make_resource_names = make_names

    def make_seed(self) -> Any:
        return self.source.choose([0, 1, 2**64 - 1, 2**64, -1, 1.5])

    def make_threads(self) -> Any:
        return self.source.choose([1, 2, None, 0, -1, 2**31, 2**70])

    def make_stop(self) -> Any:
        token = sk.CancelToken()
        if self.source.below(2):
            token.cancel()
        return token

    def make_project(self) -> Any:
        demand = [[self.source.below(3) for _ in range(self.columns)] for _ in range(self.rows)]
        duration = [self.source.below(6) for _ in range(self.rows)]
        edges = [(i, j) for i, j in {(self.source.below(7), self.source.below(7)) for _ in range(4)} if i < j < self.rows]
        return sk.rcpsp.Project(duration, demand, [2] * self.columns, precedence=edges)

    def make_graph(self) -> Any:
        cost = [[1 + self.source.below(6) for _ in range(self.columns)] for _ in range(self.rows)]
        edges = [(i, j) for i, j in {(self.source.below(7), self.source.below(7)) for _ in range(4)} if i < j < self.rows]
        self._graph = sk.dag.TaskGraph(cost, edges, [self.source.below(4) for _ in edges])
        return self._graph

    def make_graphs(self) -> Any:
        return self.make_graph() if self.source.below(2) else [self.make_graph() for _ in range(self.source.below(3))]

    def make_network(self) -> Any:
        size = self.source.choose([self.columns, self.columns + 1])
        return self.source.choose([None, sk.dag.Network(), sk.dag.Network(2.0, 0.5), sk.dag.Network(np.ones((size, size)))])

    def make_jobs(self) -> Any:
        source = self.source
        columns: dict[str, Any] = {
            name: [1.0 + source.below(8) for _ in range(self.rows)] for name in ("weight", "estimate", "deadline")
        }
        given = {name: column for name, column in columns.items() if source.below(2)}
        release = [source.below(9) for _ in range(self.rows)]
        if source.below(2):
            rows = [[1 + source.below(4) for _ in range(1 + source.below(3))] for _ in release]
            return sk.online.Jobs(release, operations=rows, **given)
        return sk.online.Jobs(release, [1 + source.below(9) for _ in release], **given)

    def routes(self) -> list[list[Any]]:
        """For each job up to three operations on up to three machines, half of the time with a choice of machines."""
        source, most = self.source, 1 + self.source.below(2)

        def operation() -> Any:
            choices = {(source.below(3) + k) % 3: source.below(6) for k in range(1 + source.below(most))}
            return next(iter(choices.items())) if len(choices) == 1 else choices

        return [[operation() for _ in range(source.below(4))] for _ in range(self.rows)]

    def make_shop(self) -> Any:
        source = self.source
        options: dict[str, Any] = {"num_machines": 3}
        if source.below(2):
            options["release_time"] = [source.below(9) for _ in range(self.rows)]
            options["due_date"] = [source.below(30) for _ in range(self.rows)]
        if source.one_in(3):
            options["setup"] = {source.below(3): [[source.below(4) for _ in range(self.rows)] for _ in range(self.rows)]}
        elif source.one_in(3):
            options["calendars"] = {source.below(3): sk.shop.Calendar([0, 8], [1, 0], 12)}
        if source.one_in(4):
            options["transport"] = [[source.below(4) for _ in range(3)] for _ in range(3)]
        elif source.one_in(4):
            options["blocking"] = source.choose(["swap", "no_swap"])
        return sk.shop.Shop(self.routes(), **options)

    def make_schedule(self) -> Any:
        if self.source.below(2):
            graph = self._graph or self.make_graph()
            return sk.dag.heft(graph)
        return sk.rcpsp.serial_sgs(self.make_project())

    def make_sequence(self) -> Any:
        return list(range(self.rows))[:: self.source.choose([1, -1])]

    def make_trace(self) -> Any:
        source = self.source
        given = [[source.below(3) for _ in range(source.below(4))] for _ in range(self.rows)] if source.below(2) else None
        prompt, output = ([1 + source.below(8) for _ in range(self.rows)] for _ in range(2))
        return sk.serving.Trace([source.below(9) for _ in range(self.rows)], prompt, output, prefix=given, block_tokens=2)

    def make_step(self) -> Any:
        return self.source.choose(
            [(1, 0, 0, 0), (0.5, 0.01, 0.25, 1e-3), (0, 0, 0, 0), (1e308, 1, 0, 0), (1, -1, 0, 0), (1, 2)]
        )

    def live_key(self) -> Any:
        return self.source.choose([0, "a", "b", 3, 2**70, 1.5, None, "lft"])

    def make_tokens(self) -> Any:
        return self.source.choose([0, 1, 5, 30, *EDGES])

    make_prompt_tokens = make_max_new_tokens = make_produced = make_length = make_replica = make_tokens

    def make_prefix(self) -> Any:
        return self.source.choose([None, "p", 4, [1, 2], [1, "x"], [[0], [1, 2]], (), [1.5]])

    def make_prefix_tokens(self) -> Any:
        return self.source.choose([None, 0, 4, 6, -1, 2**53])

    def make_waiting(self) -> Any:
        source = self.source
        more: list[Any] = [(), (), (2,), (None, "p", 4), (1, "q"), (9, 9, 9, 9)]
        rows: list[Any] = [(k, source.below(30), source.below(9), *source.choose(more)) for k in range(source.below(5))]
        return source.choose([rows, tuple(rows), deque(rows), iter(rows), [*rows, 3], [*rows, ("x", -1, 2)], {}])

    def live_now(self) -> Any:
        return self.source.choose([None, 0, 1.5, -3, *FLOATS])

    def make_fixed(self) -> Any:
        task, start = self.source.below(self.rows + 1), self.source.choose([0, 1, -1, 0.5, float("nan")])
        return self.source.choose([None, {}, {task: (0, start, start + 2)}, {task: (start, start + 2)}, {task: ()}])
