"""How the dispatcher grows with the number of waiting keys: tables for docs/results/dispatcher.md and their picture (minutes).

The Rust benchmark measures the core, `bench_dispatcher` the calls from Python. Both keep the system full: the key that ends
first is reported, a new one is submitted, and `next` decides, with 192 different demands on three resources.
"""

from __future__ import annotations

import re

from benches.bench_dispatcher import KEYS, graph, steady, through
from benches.report_cargo import printed
from benches.tables import Makers, Table, picture, producer, table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RULES = ("none", "greedy", "easy")
LINE = re.compile(r"^ *(\w+) +(\d+) waiting: +(\d+) ns a decision with (\S+) starts, +(\d+) ns a cycle$", re.MULTILINE)

Times = dict[tuple[str, int], tuple[float, float]]
"""Nanoseconds of a decision and of a cycle, by rule and number of waiting keys."""


def measured_in_rust() -> Times:
    """What the Rust benchmark printed."""
    found = LINE.findall(printed("online_dispatcher"))
    return {(rule, int(waiting)): (float(decision), float(cycle)) for rule, waiting, decision, _, cycle in found}


def measured_in_python() -> Times:
    """The same from Python."""
    cells = {(rule, waiting): steady(rule, waiting) for waiting in SIZES for rule in RULES}
    return {key: (1e9 * decision, 1e9 * cycle) for key, (decision, cycle) in cells.items()}


def draw(rust: Times, python: Times) -> None:
    """Nanoseconds of a decision over the number of waiting keys."""
    import matplotlib as mpl  # noqa: PLC0415  # for the picture alone

    mpl.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, ax = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for times, name, style in ((rust, "Rust", "o-"), (python, "Python", "o--")):
        for k, rule in enumerate(RULES):
            ax.loglog(SIZES, [times[rule, n][0] for n in SIZES], style, color=f"C{k}", label=f"{name}: {rule}")
    ax.set(xlabel="keys waiting", ylabel="nanoseconds a decision")
    ax.legend(fontsize="small", ncols=2, frameon=False)
    figure.savefig(picture("dispatcher.png"), dpi=80)
    pyplot.close(figure)


def growth(times: Times) -> Table:
    """A row for each number of waiting keys; a decision, and a decision with its report and a new key."""
    cells = ((f"{n:,}", *(f"{times[rule, n][part]:,.0f} ns" for part in (0, 1) for rule in RULES)) for n in SIZES)
    return table(("waiting", *(f"`{rule}`" for rule in RULES), *(f"`{rule}`, a cycle" for rule in RULES)), cells)


def in_rust() -> Table:
    """The core."""
    return growth(measured_in_rust())


def in_python() -> Table:
    """The calls from Python. Draws the picture of both."""
    python = measured_in_python()
    draw(measured_in_rust(), python)
    return growth(python)


def million() -> Table:
    """A million keys with four predecessors each, from the first `submit` to the last `finished`."""
    seconds = min(through(graph(KEYS)) for _ in range(3))
    return table(("keys", "predecessors of each", "seconds"), [(f"{KEYS:,}", 4, f"{seconds:.2f}")])


TAKES = "minutes"
TABLES: Makers = {"dispatcher-rust": in_rust, "dispatcher-python": in_python, "dispatcher-million": million}
tables = producer(TABLES)
