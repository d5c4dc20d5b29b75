"""The navigation names pages by pattern, so that a new page of an algorithm appears by itself; pipes in tables are whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    config.nav = _expand(config.nav, Path(config.docs_dir))
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A pipe in code in a table is escaped for other readers of Markdown; this one would show the backslash."""
    rows = markdown.split("\n")
    whole = [re.sub(r"`[^`]*`", lambda code: code[0].replace(r"\|", "|"), row) if row.startswith("|") else row for row in rows]
    return "\n".join(whole)


def _expand(entry: Any, docs: Path) -> Any:
    if isinstance(entry, list):
        expanded: list[Any] = []
        for item in entry:
            if isinstance(item, str) and "*" in item:
                expanded += _pages(item, docs)
            else:
                expanded.append(_expand(item, docs))
        return expanded
    if isinstance(entry, dict):
        return {title: _pages(part, docs) if "*" in part else _expand(part, docs) for title, part in entry.items()}
    return entry


def _pages(pattern: str, docs: Path) -> list[str]:
    return sorted(path.relative_to(docs).as_posix() for path in docs.glob(pattern))
