"""Task graphs of numerical algorithms: Gauss elimination, FFT, Cholesky; costs and data as in `generators`."""

from __future__ import annotations

from .. import _validation
from .generators import _check_size, _count, _Edges, _with_costs
from .problem import TaskGraph


def gauss_graph(
    size: int,
    num_processors: int,
    *,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """Gauss elimination of a matrix.

    Parameters
    ----------
    size : int
        Columns of the matrix, at least 2.
    num_processors : int
    ccr, heterogeneity, mean_cost, seed
        As in `layered_graph`.

    Returns
    -------
    TaskGraph
        ``(size**2 + size - 2) / 2`` tasks: for each step its pivot, then the updates of the columns behind.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13. Section 6.2.1.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.gauss_graph(5, 4)
    TaskGraph(tasks=14, processors=4, edges=19)
    """
    m = _count(size, "size", 2)
    _check_size((m * m + m - 2) // 2, num_processors, "size")
    index: dict[tuple[int, int], int] = {}
    for k in range(m - 1):
        for j in range(k, m):
            index[k, j] = len(index)
    n = len(index)
    edges: _Edges = []
    for (k, j), task in index.items():
        if j > k:
            edges.append((index[k, k], task))
            if (k + 1, j) in index:
                edges.append((task, index[k + 1, j]))
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)


def fft_graph(
    points: int,
    num_processors: int,
    *,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """The fast Fourier transform: a tree of recursive calls, then butterflies.

    Parameters
    ----------
    points : int
        A power of 2.
    num_processors : int
    ccr, heterogeneity, mean_cost, seed
        As in `layered_graph`.

    Returns
    -------
    TaskGraph
        ``2 * points - 1`` calls and ``points * log2(points)`` butterfly tasks.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13. Section 6.2.2.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.fft_graph(4, 4)
    TaskGraph(tasks=15, processors=4, edges=22)
    """
    m = _count(points, "points")
    if m & (m - 1):
        raise _validation.refuse("points", "must be a power of 2", value=m)
    tree = 2 * m - 1
    _check_size(tree + m * (m.bit_length() - 1), num_processors, "points")
    edges: _Edges = [((k - 1) // 2, k) for k in range(1, tree)]
    before = list(range(m - 1, tree))
    n = tree
    step = 1
    while step < m:
        row = list(range(n, n + m))
        for k in range(m):
            edges += [(before[k], row[k]), (before[k ^ step], row[k])]
        before, n, step = row, n + m, 2 * step
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)


def cholesky_graph(
    tiles: int,
    num_processors: int,
    *,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """Tiled Cholesky factorisation.

    Parameters
    ----------
    tiles : int
        Rows of tiles.
    num_processors : int
    ccr, heterogeneity, mean_cost, seed
        As in `layered_graph`.

    Returns
    -------
    TaskGraph
        ``tiles * (tiles + 1) * (tiles + 2) / 6`` tasks.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Buttari, A., Langou, J., Kurzak, J., Dongarra, J. (2009). A class of parallel tiled linear algebra algorithms for multicore
    architectures. Parallel Computing 35.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.cholesky_graph(3, 4)
    TaskGraph(tasks=10, processors=4, edges=12)
    """
    m = _count(tiles, "tiles")
    _check_size(m * (m + 1) * (m + 2) // 6, num_processors, "tiles")
    last: dict[tuple[int, int], int] = {}
    edges: _Edges = []
    n = 0
    for k in range(m):
        for i in range(k, m):
            for j in range(k, i + 1):
                # POTRF for i = j = k, TRSM for j = k, SYRK for i = j, else GEMM; each updates tile (i, j).
                needs = {last.get((i, j))}
                if j == k < i:
                    needs.add(last.get((k, k)))
                elif j > k:
                    needs |= {last.get((i, k)), last.get((j, k))}
                edges.extend((before, n) for before in sorted(task for task in needs if task is not None))
                last[i, j] = n
                n += 1
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)
