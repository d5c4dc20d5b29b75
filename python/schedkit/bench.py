"""A yardstick for any machine: ``python -m schedkit.bench sort N`` times the plain sort and the plain copy of N words."""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

_REPEAT = 7


def sort(n: int) -> tuple[float, float]:
    """Seconds to sort, and to copy, `n` random 64-bit words with NumPy: the best of seven turns each.

    Parameters
    ----------
    n : int
        Words, >= 0.

    Returns
    -------
    tuple of float
        ``(sort, copy)``; the copy that the sort needs is inside its time.

    Examples
    --------
    >>> from schedkit.bench import sort
    >>> len(sort(1000))
    2
    """
    words = np.random.default_rng(0).integers(0, 2**63, n, dtype=np.uint64)
    buffer = np.empty_like(words)
    best = [float("inf"), float("inf")]
    for _ in range(_REPEAT):
        start = time.perf_counter()
        np.copyto(buffer, words)
        middle = time.perf_counter()
        np.copyto(buffer, words)
        buffer.sort()
        best = [min(best[0], time.perf_counter() - middle), min(best[1], middle - start)]
    return best[0], best[1]


def main(argv: list[str] | None = None) -> int:
    """The command line; prints one line."""
    parser = argparse.ArgumentParser(prog="python -m schedkit.bench", description=__doc__)
    parser.add_argument("what", choices=["sort"])
    parser.add_argument("n", type=int, nargs="?", default=1_000_000, metavar="N", help="number of 64-bit words")
    arguments = parser.parse_args(argv)
    if not 0 <= arguments.n <= 10**9:
        parser.error("N must be between 0 and 10^9")
    sorting, copying = sort(arguments.n)
    per = 1e9 / max(1, arguments.n)
    sys.stdout.write(
        f"sort {arguments.n}: {sorting * 1e3:.4g} ms ({sorting * per:.3g} ns a word), "
        f"copy {copying * 1e3:.4g} ms ({copying * per:.3g} ns a word), numpy {np.__version__}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
