"""Measured tables of the documentation: stored as JSON in docs/results, written between markers of Markdown pages.

A page holds `<!-- table: NAME -->` and `<!-- end of table -->`; everything between the two is generated. The part of the name
before the first hyphen says which JSON file stores the table.
"""

from __future__ import annotations

import datetime
import json
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MARKED = re.compile(r"<!-- table: (?P<name>[\w-]+) -->\n(?P<body>.*?)<!-- end of table -->", re.DOTALL)

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The header and the rows of a table; each cell is the text that the page shows."""


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """A table whose cells are turned into text."""
    return tuple(header), [tuple(str(cell) for cell in row) for row in rows]


Makers = dict[str, Callable[[], Table]]
"""The functions that measure tables, by the tables' names."""


def producer(makers: Makers) -> Callable[..., dict[str, Table]]:
    """The function `tables(names)` of a module that measures tables; without names it measures all of them."""

    def tables(names: Iterable[str] | None = None) -> dict[str, Table]:
        return {name: makers[name]() for name in names or makers}

    return tables


_pictures = DOCS / "results"


def draw_into(folder: Path) -> None:
    """Sets the folder of all pictures, by default docs/results."""
    global _pictures  # noqa: PLW0603  # one command, one folder
    _pictures = folder


def picture(name: str) -> Path:
    """The file of a picture."""
    return _pictures / name


def machine() -> str:
    """The processor and the number of cores of this computer."""
    import os  # noqa: PLC0415  # for one number

    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{model}, {os.cpu_count()} cores"


def today() -> str:
    """The date of a measurement."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def dump(content: object) -> str:
    """JSON with one line for each row of a table."""
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    flat = re.compile(r"\[\s+((?:\"(?:[^\"\\\\]|\\\\.)*\",?\s+)+)\]")
    return flat.sub(lambda row: "[" + " ".join(line.strip() for line in row[1].strip().split("\n")) + "]", text) + "\n"


def stored_in(name: str, docs: Path = DOCS) -> Path:
    """The file that holds a table."""
    return docs / "results" / f"{name.partition('-')[0]}.json"


def load(docs: Path = DOCS) -> dict[str, dict[str, Any]]:
    """All stored tables by name: `header`, `rows`, `measured`, `machine`, `command`."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((docs / "results").glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if path.stem != "benchmarks":
            found |= content
    return found


def store(tables: dict[str, Table], command: str, docs: Path = DOCS) -> None:
    """Adds tables, measured today on this machine, to the files in `docs/results`."""
    for name, (header, rows) in tables.items():
        path = stored_in(name, docs)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.loads(path.read_text("utf-8")) if path.exists() else {}
        content[name] = {
            "measured": today(),
            "machine": machine(),
            "command": command,
            "header": list(header),
            "rows": [list(row) for row in rows],
        }
        path.write_text(dump(content), encoding="utf-8")


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table as Markdown shows it."""
    names = list(header)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def caption(entry: dict[str, Any]) -> str:
    """The line under a table: day, machine and command."""
    return f"*Measured {entry['measured']} on {entry['machine']}; `{entry['command']}`.*\n"


PICTURES = {"serving-growth": "Microseconds of a decision against the batch, the line and the replicas"}
"""What the picture of a table shows, by the name of the table, which is also that of the picture."""


def body(entry: dict[str, Any], picture_line: str = "") -> str:
    """All that stands between the markers of a table."""
    return f"\n{picture_line}{markdown(entry['header'], entry['rows'])}\n{caption(entry)}\n"


def picture_line(name: str, docs: Path) -> str:
    """The line that shows the picture of a table, if it has one that was drawn."""
    drawn = name in PICTURES and (docs / "results" / f"{name}.png").exists()
    return f"![{PICTURES[name]}]({name}.png)\n\n" if drawn else ""


def pages(docs: Path = DOCS) -> Iterator[Path]:
    """The pages that hold tables."""
    return (path for path in sorted(docs.rglob("*.md")) if MARKED.search(path.read_text("utf-8")))


def write_pages(entries: dict[str, dict[str, Any]], docs: Path = DOCS, into: Path = DOCS) -> list[Path]:
    """Writes the stored tables into the pages of `docs`; the new pages go to the folder `into`. Returns them."""

    def filled(match: re.Match[str]) -> str:
        name = match["name"]
        text = body(entries[name], picture_line(name, docs)) if name in entries else match["body"]
        return f"<!-- table: {name} -->\n{text}<!-- end of table -->"

    written = []
    for page in list(pages(docs)):
        before = page.read_text("utf-8")
        target = into / page.relative_to(docs)
        after = MARKED.sub(filled, before)
        if after != before or into != docs:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(after, encoding="utf-8")
            written.append(target)
    return written
