"""`shop.solve` on the hardest job shops, with more time, for docs/results/shop.md (needs the benchmark data).

The hardest are those that one second of processor time leaves furthest above their best known makespans. Every schedule passes
the check.
"""

from __future__ import annotations

import schedkit as sk

from benches.report_shop import checked, instances, searched
from benches.tables import Makers, Table, producer, table

HARDEST = 14
LIMITS = ((1.0, 1), (10.0, 1), (60.0, 2))
"""Seconds of processor time for each thread, and threads."""


def gap(shop: sk.shop.Shop, best: int, limit: float, threads: int) -> float:
    """Percent over the best known makespan after a search."""
    return 100 * (checked(shop, searched(shop, limit, threads)) / best - 1)


def hard() -> Table:
    """Gaps of the hardest shops by time, and the mean of all shops, where the others keep their gap of one second."""
    shops = list(instances("jobshop"))
    short = [gap(shop, best, *LIMITS[0]) for _, shop, best in shops]
    order = sorted(range(len(shops)), key=lambda k: -short[k])
    hardest, others = sorted(order[:HARDEST]), order[HARDEST:]
    rows, found = [], []
    for k in hardest:
        name, shop, best = shops[k]
        found.append([short[k], *(gap(shop, best, *limit) for limit in LIMITS[1:])])
        cells = [f"{percent:.2f}" for percent in found[-1]]
        rows.append((name, f"{shop.num_jobs} x {shop.num_machines}", f"{best}", *cells))
    sums = [sum(column) for column in zip(*found, strict=True)]
    rows.append(("mean", "", "", *(f"{total / HARDEST:.2f}" for total in sums)))
    rest = sum(short[k] for k in others)
    rows.append((f"mean of all {len(shops)}", "", "", *(f"{(total + rest) / len(shops):.2f}" for total in sums)))
    return table(("instance", "jobs x machines", "best known", "1 s, %", "10 s, %", "60 s on two threads, %"), rows)


TAKES = "twenty minutes"
TABLES: Makers = {"shop-hard": hard}
tables = producer(TABLES)
