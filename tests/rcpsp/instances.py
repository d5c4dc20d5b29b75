"""The shared benchmark projects by set."""

from __future__ import annotations

import functools

import numpy as np
import schedkit as sk

from tests import data

SETS = ("j30", "j60", "j90", "j120", "rg300")


@functools.cache
def benchmark(name: str) -> dict[str, sk.rcpsp.Project]:
    """The projects of a set by file name."""
    if name == "rg300":
        paths = data.files(("rg300", "rg300_sample.tar.gz"), ".rcp")
    else:
        paths = data.files(("psplib", f"{name}.tar.gz"), ".sm")
    return {file: sk.rcpsp.read(path) for file, path in paths.items()}


@functools.cache
def known(name: str) -> dict[str, dict[str, str]]:
    """What is known about each instance of a set, by file name."""
    rows = data.table("rg300" if name == "rg300" else "psplib", "bks.csv")
    return {row["file"]: row for row in rows if row.get("set", name) == name}


@functools.cache
def endless() -> sk.rcpsp.Project:
    """A project that no search finishes while a test waits: wide, scarce resources, far from its lower bound."""
    rng = np.random.default_rng(1)
    n = 200
    after = np.arange(8, n)
    edges = np.column_stack((after - rng.integers(1, 9, after.size), after))
    return sk.rcpsp.Project(rng.integers(1, 30, n), rng.integers(0, 8, (n, 4)), [10] * 4, precedence=edges)
