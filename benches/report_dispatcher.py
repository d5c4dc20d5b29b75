"""How the dispatcher grows with the number of waiting keys: tables for docs/results/dispatcher.md and their picture (minutes).

The Rust benchmark measures the core, `bench_dispatcher` the calls from Python. Both keep the system full: the key that ends
first is reported, a new one is submitted, and `next` decides, with 192 different demands on three resources.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from benches.bench_dispatcher import FEW, KEYS, MANY, graph, steady, through
from benches.report_cargo import printed
from benches.tables import Makers, Table, picture, producer, table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RESERVED_SIZES = (100, 1_000, 10_000)
DEMANDS_SIZES = (10_000, 100_000)
RULES = ("none", "greedy", "easy")
LINE = re.compile(
    r"^ *(\w+) +(\d+) waiting, +(\d+) demands: +(\d+) ns a decision with \S+ starts, +(\d+) ns a cycle$", re.MULTILINE
)
LIMITS = {192: FEW, 9_216: MANY}

Times = dict[tuple[str, int], tuple[float, float]]
"""Nanoseconds of a decision and of a cycle, by rule and number of waiting keys."""


def measured_in_rust(demands: int = 192) -> Times:
    """What the Rust benchmark printed for so many different demands."""
    found = LINE.findall(printed("online_dispatcher"))
    return {
        (rule, int(n)): (float(decision), float(cycle)) for rule, n, kinds, decision, cycle in found if int(kinds) == demands
    }


def measured_in_python(rules: Sequence[str] = RULES, sizes: Sequence[int] = SIZES, demands: int = 192) -> Times:
    """The same from Python."""
    cells = {(rule, waiting): steady(rule, waiting, LIMITS[demands]) for waiting in sizes for rule in rules}
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


def conservative() -> Table:
    """Conservative backfilling, from Rust and from Python."""
    rust, python = measured_in_rust(), measured_in_python(("conservative",), RESERVED_SIZES)
    header = ("waiting", "Rust", "Rust, a cycle", "Python", "Python, a cycle")
    times = (("conservative", n) for n in RESERVED_SIZES)
    return table(header, ((f"{key[1]:,}", *(f"{time:,.0f} ns" for time in (*rust[key], *python[key]))) for key in times))


def demands() -> Table:
    """Many different demands: a decision from Rust and from Python."""
    rust, python = measured_in_rust(9_216), measured_in_python(sizes=DEMANDS_SIZES, demands=9_216)
    header = ("waiting", *(f"`{rule}`, {where}" for where in ("Rust", "Python") for rule in RULES))
    cells = ((f"{n:,}", *(f"{times[rule, n][0]:,.0f} ns" for times in (rust, python) for rule in RULES)) for n in DEMANDS_SIZES)
    return table(header, cells)


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
TABLES: Makers = {
    "dispatcher-rust": in_rust,
    "dispatcher-python": in_python,
    "dispatcher-conservative": conservative,
    "dispatcher-demands": demands,
    "dispatcher-million": million,
}
tables = producer(TABLES)
