"""Readers of Standard Task Graphs and of graph objects of other libraries."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import _files, _validation
from ..errors import CycleError, FormatError, InputTypeError, InvalidInputError
from ._spelling import resembling
from .problem import TaskGraph
from .workflow import Workflow, make_workflow


def read_stg(path: str | os.PathLike[str]) -> Workflow:
    """Reads a graph of the Standard Task Graph set, ``.stg``, without communication.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Workflow
        All tasks of the file, both dummies (first and last, of work 0) included, named by their numbers; data are 0.

    Raises
    ------
    FormatError
        Not such a file; ``.path`` and ``.line`` tell where.
    CycleError
        Cyclic dependencies; with ``.path`` and ``.line`` as well.
    FileNotFoundError
        No such file.

    References
    ----------
    Tobita, T., Kasahara, H. (2002). A standard task graph set for fair evaluation of multiprocessor scheduling algorithms.
    Journal of Scheduling 5.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.read_stg(sk.example_path("tiny.stg")).work.tolist()
    [0.0, 4.0, 2.0, 3.0, 0.0]
    """
    where = _validation.path(path)

    def fail(line: int | None, reason: str) -> FormatError:
        return _files.fail(where, reason, line)

    text = _files.read_text(where)
    rows = []
    for number, line in enumerate(_files.lines(text), start=1):
        words = line.split("#", 1)[0].split()
        if words:
            try:
                rows.append((number, [_files.whole(word) for word in words]))
            except ValueError:
                raise fail(number, f"expected integers, found {line.strip()[:40]!r}") from None
    if not rows or len(rows[0][1]) != 1 or rows[0][1][0] < 0:
        raise fail(rows[0][0] if rows else None, "expected the number of tasks alone on the first line")
    n = rows[0][1][0] + 2
    if len(rows) - 1 != n:
        raise fail(None, f"holds {len(rows) - 1} tasks, expected {n}, two dummies included")
    work: list[int] = []
    edges: list[tuple[int, int]] = []
    for k, (number, row) in enumerate(rows[1:]):
        problem = _problem(row, k, n)
        if problem is not None:
            raise fail(number, problem)
        work.append(row[1])
        edges.extend((i, k) for i in row[3:])
    try:
        TaskGraph.from_work(work, [1.0], edges, np.zeros(len(edges)))  # judged by the core
    except CycleError as error:
        raise _files.cyclic(where, error, rows[1 + (2 * error.cycle)[1]][0]) from None
    except InvalidInputError as error:
        raise fail(None, str(error)) from None
    return make_workflow([str(k) for k in range(n)], work, edges, np.zeros(len(edges)), np.ones(n), recorded={})


def _problem(row: list[int], k: int, n: int) -> str | None:
    """The fault of the line of task `k` among `n`, in words; None for a correct line."""
    if len(row) < 3 or row[0] != k or len(row) != 3 + row[2]:
        return f"expected task {k}, its time, the number of its predecessors, and those"
    if not 0 <= row[1] < 2**53:
        return f"time {row[1]} must be >= 0 and below 2**53"
    before = row[3:]
    if any(not 0 <= i < n for i in before):
        return f"unknown predecessor, expected 0 to {n - 1}"
    if k in before:
        return f"task {k} is its own predecessor"
    if len(set(before)) < len(before):
        return f"predecessor {next(i for i in before if before.count(i) > 1)} is listed twice"
    return None


def from_networkx(graph: Any, cost: str = "cost", data: str = "data") -> TaskGraph:
    """A task graph from a directed graph of networkx, or of rustworkx, by duck typing.

    Parameters
    ----------
    graph : networkx.DiGraph or rustworkx.PyDiGraph
        networkx: attributes of nodes and edges. rustworkx: node and edge payloads that are mappings, or a node payload that is
        the cost vector and an edge payload that is the amount of data.
    cost : str, default "cost"
        The node attribute with one number per processor.
    data : str, default "data"
        The edge attribute with the amount of data; 0 where it is missing, unless a similar name stands there.

    Returns
    -------
    TaskGraph
        Task k is the k-th node in the graph's own order; nodes' names are the tasks' names, if they are distinct as strings.

    Raises
    ------
    InvalidInputError
        A node without cost, or anything that `TaskGraph` refuses.
    InputTypeError
        Not a directed graph of either library.

    Examples
    --------
    >>> import schedkit as sk
    >>> class Graph:  # what a networkx.DiGraph looks like from here
    ...     def is_directed(self): return True
    ...     def nodes(self, data): return [("a", {"cost": [2, 3]}), ("b", {"cost": [4, 1]})]
    ...     def edges(self, data): return [("a", "b", {"data": 1.0})]
    >>> sk.dag.from_networkx(Graph()).names
    ('a', 'b')
    """
    if isinstance(graph, type):
        raise _validation.refuse("graph", f"must be a directed graph, not the class {graph.__name__}", kind=InputTypeError)
    if hasattr(graph, "node_indices") and hasattr(graph, "weighted_edge_list"):
        if not hasattr(graph, "successor_indices"):  # rustworkx.PyGraph
            raise _validation.refuse("graph", "must be directed")
        nodes = [(i, graph[i]) for i in graph.node_indices()]
        edges: Iterable[tuple[Any, Any, Any]] = graph.weighted_edge_list()
    elif callable(getattr(graph, "nodes", None)) and callable(getattr(graph, "edges", None)):
        if not graph.is_directed():
            raise _validation.refuse("graph", "must be directed")
        nodes, edges = list(graph.nodes(data=True)), graph.edges(data=True)
    else:
        raise _validation.refuse_type("graph", "must be a directed graph of networkx or rustworkx", graph)
    index = {key: i for i, (key, _) in enumerate(nodes)}
    rows = [_attribute(payload, cost, f"{cost} of node {key!r}", required=True) for key, payload in nodes]
    pairs = [
        (index[a], index[b], _attribute(payload, data, f"{data} of edge ({a!r}, {b!r})", required=False))
        for a, b, payload in edges
    ]
    names = [str(key) for key in index]
    amounts = [d for _, _, d in pairs]
    distinct = len(set(names)) == len(names)
    return TaskGraph(rows, [(a, b) for a, b, _ in pairs], amounts, names=names if distinct else None)


def _attribute(payload: Any, key: str, what: str, *, required: bool) -> Any:
    if hasattr(payload, "get"):
        value = payload.get(key)
        if value is None and key in payload:
            raise _validation.refuse("graph", f"{what} is None")
        if value is None and (meant := resembling(key, [name for name in payload if isinstance(name, str)])) is not None:
            raise _validation.refuse("graph", f"no {what}, but {meant!r}: pass its name")
    else:
        value = payload
    if value is None and required:
        raise _validation.refuse("graph", f"no {what}")
    if value is None:
        return 0.0
    return value.tolist() if isinstance(value, np.ndarray) else value
