"""How the policy queue grows with the number of waiting keys, srpt: two tables for docs/results/online.md and their picture.

The Rust benchmark measures the core, each process of this module one size from Python, so that memory is that of one queue. The
order of the keys is compared with a sort before anything is timed.
"""

from __future__ import annotations

import heapq
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import schedkit as sk

from benches.measure import seconds
from benches.report_cargo import printed
from benches.tables import Makers, Table, picture, producer, table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 10_000
TURNS = 30
IN_A_ROW = 1_000

Row = dict[str, float]


def sizes(n: int) -> list[float]:
    draw = random.Random(1)
    return [draw.expovariate(1.0) for _ in range(n)]


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def measure(n: int) -> Row:
    """Nanoseconds an operation with `n` keys waiting, the best of several turns, and bytes a key."""
    size, keys, fresh = sizes(n), list(range(n)), sizes(ROUNDS)
    row = keys[: min(IN_A_ROW, n)]
    warm: sk.online.PolicyQueue[int] = sk.online.PolicyQueue("srpt")
    warm.add_many(keys[:100], size=size[:100])  # loads the code before the clock starts
    warm.add(-1, size=1.0)
    queue: sk.online.PolicyQueue[int] = sk.online.PolicyQueue("srpt")
    before = resident()
    for key, p in zip(keys, size, strict=True):
        queue.add(key, size=p)
    memory = (resident() - before) / n
    assert queue.pop_many(n) == sorted(keys, key=lambda key: size[key])
    queue.add_many(keys, size=size)
    heap = [(p, key) for key, p in enumerate(size)]
    heapq.heapify(heap)
    gone: list[int] = []
    level = [100.0, 100.0]  # sizes rise, so that each key takes a place anywhere in the line; as fast as pops empty it
    step = 1.0 / n

    def pairs() -> None:
        pop, add, base = queue.pop, queue.add, level[0]
        for k, p in enumerate(fresh):
            add(pop(), size=base + k * step + p)
        level[0] += ROUNDS * step

    def heap_pairs() -> None:
        base = level[1]
        for k, p in enumerate(fresh):
            heapq.heappush(heap, (base + k * step + p, heapq.heappop(heap)[1]))
        level[1] += ROUNDS * step

    def pops() -> None:
        pop = queue.pop
        gone[:] = [pop() for _ in row]

    def adds() -> None:
        add, base = queue.add, level[0]
        for key, p in zip(gone, fresh, strict=False):
            add(key, size=base + p)

    def peeks() -> None:
        for _ in range(ROUNDS):
            queue.peek()

    def many() -> None:
        gone[:] = queue.pop_many(64)

    times = seconds(pairs, heap_pairs, pops, adds, peeks, many, adds, repeat=TURNS)
    assert len(queue) == n
    pair, other, pop, add, peek, batch, _ = times
    return {
        "waiting": n,
        "pop": 1e9 * pop / len(row),
        "add": 1e9 * add / len(row),
        "pop and add": 1e9 * pair / ROUNDS,
        "heapq pair": 1e9 * other / ROUNDS,
        "peek": 1e9 * peek / ROUNDS,
        "pop_many(64)": 1e9 * batch,
        "bytes a key": memory,
    }


def measured_in_rust(text: str) -> list[Row]:
    """The rows of srpt in what the Rust benchmark printed."""
    names = ("waiting", "pop", "same sizes", "heap, same", "rising sizes", "heap, rising", "peek", "progress", "many", "bytes")
    lines = [line.split()[1:] for line in text.splitlines() if line.startswith("srpt ")]
    return [dict(zip(names, map(float, line), strict=True)) for line in lines]


def draw(python: list[Row], rust: list[Row], picture: Path) -> None:
    """Cost of an operation, and memory a key."""
    import matplotlib as mpl  # noqa: PLC0415  # for the picture alone

    mpl.use("agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    curves = [
        (rust, "rising sizes", "Rust: pop + add", "o-"),
        (rust, "heap, rising", "Rust: BinaryHeap pair", "o:"),
        (rust, "pop", "Rust: pop", "s-"),
        (rust, "peek", "Rust: peek", "^-"),
        (python, "pop and add", "Python: pop + add", "o-"),
        (python, "heapq pair", "Python: heapq pair", "o:"),
        (python, "pop", "Python: pop", "s-"),
        (python, "add", "Python: add", "D-"),
        (python, "peek", "Python: peek", "^-"),
    ]
    for rows, name, label, style in curves:
        color = "C0" if rows is rust else "C1"
        left.loglog([row["waiting"] for row in rows], [row[name] for row in rows], style, color=color, label=label)
    waiting = [row["waiting"] for row in python]
    scale = python[0]["pop and add"] / math.log2(waiting[0])
    left.loglog(waiting, [scale * math.log2(n) for n in waiting], "k--", linewidth=0.8, label="log n")
    left.set(xlabel="keys waiting", ylabel="nanoseconds")
    left.legend(fontsize="x-small", ncols=2)
    right.semilogx(waiting, [row["bytes a key"] for row in python], "o-", color="C1", label="Python")
    right.axhline(200, color="k", linewidth=0.8, linestyle="--")
    right.set(xlabel="keys waiting", ylabel="bytes a key, beyond the key", ylim=(0, 250))
    figure.savefig(picture, dpi=80)
    pyplot.close(figure)


def in_rust() -> Table:
    """The operations of the core, beside those of a plain heap."""
    rows = measured_in_rust(printed("online_queue", "srpt"))
    names = ("pop", "same sizes", "heap, same", "rising sizes", "heap, rising", "peek", "progress")
    header = ("pop", "pop and add, same sizes", "BinaryHeap", "pop and add, rising sizes", "BinaryHeap", "peek", "progress")
    cells = ((f"{r['waiting']:,.0f}", *(f"{r[n]:,.0f} ns" for n in names), f"{r['many']:.1f} us") for r in rows)
    return table(("waiting", *header, "pop_many(64)"), cells)


def in_python() -> Table:
    """The operations from Python, beside `heapq`. Draws the picture of both."""
    command = [sys.executable, "-m", "benches.report_queue"]
    rows = [json.loads(subprocess.run([*command, str(n)], check=True, capture_output=True).stdout) for n in SIZES]
    draw(rows, measured_in_rust(printed("online_queue", "srpt")), picture("queue.png"))
    names = ("pop", "add", "pop and add", "heapq pair", "peek")
    cells = (
        (
            f"{r['waiting']:,.0f}",
            *(f"{r[n]:,.0f} ns" for n in names),
            f"{r['pop_many(64)'] / 1000:.1f} us",
            f"{r['bytes a key']:.0f}",
        )
        for r in rows
    )
    return table(("waiting", *names, "pop_many(64)", "bytes a key"), cells)


TAKES = "minutes"
TABLES: Makers = {"online-queue-rust": in_rust, "online-queue-python": in_python}
tables = producer(TABLES)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")
