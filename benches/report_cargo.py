"""Tables whose numbers the Rust benchmarks print: SRPT and the rules for due dates beside plain sorting (minutes)."""

from __future__ import annotations

import functools
import re
import subprocess

from benches.tables import Makers, Table, producer, table


@functools.cache
def printed(bench: str, *arguments: str) -> str:
    """The output of a Rust benchmark, which runs once for all tables that need it."""
    command = ["cargo", "bench", "--quiet", "--package", "schedkit-core", "--bench", bench, "--", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


SRPT = re.compile(r"n +(\d+)  (.+?) +load (\S+)  servers +(\d+): +(\S+)")
SORT = re.compile(
    r"n +(\d+)  due dates over (.+?) +sort +(\S+) ns a job  edd +(\S+) \(of whole words (\S+)\)(?:  mdd +(\S+)  psk +(\S+))?"
)


def srpt(text: str) -> Table:
    """The time of SRPT over that of sorting the sizes."""
    return table(
        ("jobs", "sizes", "load", "servers", "SRPT over sort"),
        ((f"{int(n):,}", name, load, servers, ratio) for n, name, load, servers, ratio in SRPT.findall(text)),
    )


def rates(text: str) -> Table:
    """Jobs simulated a second, by policy."""
    found = re.findall(r"^(\w+) +(\d+\.\d+)$", text, re.MULTILINE)
    return table(("policy", "million jobs a second"), ((f"`{name}`", rate) for name, rate in found))


def sorting(text: str) -> Table:
    """The rules over `sort_unstable`, due dates uniform over a fifth of the horizon."""
    rows = (
        (f"{int(n):,}", f"{sort} ns", edd, mdd, psk)
        for n, due, sort, edd, _, mdd, psk in SORT.findall(text)
        if due == "a fifth"
    )
    return table(("jobs", "`sort`, a job", "`edd` / sort", "`mdd` / sort", "`psk` / sort"), rows)


def in_order(text: str) -> Table:
    """`edd` over the sort of words where there is little or nothing to sort."""
    found: dict[str, dict[int, str]] = {}
    for n, due, _, edd, whole, _, _ in SORT.findall(text):
        if due in ("a thousandth", "in order", "all equal"):
            found.setdefault(due, {})[int(n)] = f"{edd} ({whole})"
    sizes = sorted({n for row in found.values() for n in row})
    rows = ((due, *(row.get(n, "") for n in sizes)) for due, row in found.items())
    return table(("due dates", *(f"{n:,} jobs" for n in sizes)), rows)


TAKES = "minutes"
TABLES: Makers = {
    "online-srpt-sort": lambda: srpt(printed("online_srpt", "--large")),
    "online-rates": lambda: rates(printed("online_srpt", "--large")),
    "tardiness-sort": lambda: sorting(printed("tardiness_ratios", "sorting") + printed("tardiness_ratios", "large")),
    "tardiness-in-order": lambda: in_order(printed("tardiness_ratios", "sorting")),
}
tables = producer(TABLES)
