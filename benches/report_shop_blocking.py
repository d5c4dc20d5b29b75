"""`shop.solve` on job shops without buffers, with exchange of machines, for docs/results/shop.md (needs the benchmark data).

Every schedule passes the check. A search gets a minute on two threads, so the machine must be idle.
"""

from __future__ import annotations

import numpy as np
import schedkit as sk

from benches.report_shop import checked
from benches.tables import Makers, Table, producer, table
from tests import data

SECONDS = 60.0
THREADS = 2


def gaps() -> list[tuple[int, int, float, bool]]:
    """Jobs, machines, percent above the best known makespan, and whether that is proved, of each instance."""
    rows = []
    for row in data.table("jobshop", "blocking_bounds.csv"):
        plain = sk.shop.read(data.find("jobshop", "instances", f"{row['instance']}.txt"))
        shop = sk.shop.Shop(
            [[dict(choices) for choices in job] for job in plain.jobs], num_machines=plain.num_machines, blocking="swap"
        )
        found = sk.shop.solve(shop, time_limit=SECONDS, threads=THREADS, seed=1)
        makespan, best, is_proved = checked(shop, found), int(row["best_known"]), row["proved"] == "1"
        assert makespan >= best or not is_proved, row
        rows.append((plain.num_jobs, plain.num_machines, 100 * (makespan / best - 1), is_proved))
    return rows


def blocking() -> Table:
    """One row for each size, from small to large, and one for all."""
    found = gaps()
    sizes = sorted({row[:2] for row in found}, key=lambda size: (size[0] * size[1], size))
    groups = [(f"{jobs} x {machines}", [row for row in found if row[:2] == (jobs, machines)]) for jobs, machines in sizes]
    cells = []
    for name, group in [*groups, ("all", found)]:
        gap = np.array([row[2] for row in group])
        is_proved = np.array([row[3] for row in group])
        reached = f"{np.sum(is_proved & (gap <= 0))} of {np.sum(is_proved)}"
        below = f"{np.sum(~is_proved & (gap < 0))} of {np.sum(~is_proved)}"
        cells.append((name, str(len(group)), f"{gap.mean():.2f}", f"{gap.max():.2f}", reached, below))
    columns = (
        "jobs x machines",
        "number",
        "mean gap, %",
        "largest, %",
        "optima reached",
        "below the best known, where that is not proved",
    )
    return table(columns, cells)


TAKES = "33 minutes"
TABLES: Makers = {"shop-blocking": blocking}
tables = producer(TABLES)
