"""Names of modules, types and functions are terms of the field, not metaphors.

`python -m tests.test_names` removes entries from tests/names_allowed.txt that are no longer needed; it adds none.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = Path(__file__).with_name("names_allowed.txt")

#: docs/glossary.md says which term stands instead.
BANNED = {
    *("desk", "room", "seat", "board", "lane", "sketch", "crowd", "partner", "meld", "spill", "spare", "brood", "mother"),
    *("father", "conceive", "told", "said", "ask", "outside", "sight", "twice", "few", "house", "door"),
}
FOLDERS = ("rust", "python", "benches", "examples", "integrations", "tests", "fuzz", ".ci")
DEFINED = {
    ".rs": re.compile(
        r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|async\s+|unsafe\s+)*(?:fn|struct|enum|trait|type|mod|union)\s+(\w+)", re.M
    ),
    ".py": re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.M),
}


def words(name: str) -> set[str]:
    """The words of a name in snake or camel case, in the singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}


def metaphors() -> Iterator[str]:
    """All names with a banned word, as `file: name`."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in DEFINED or "target" in path.parts:
                continue
            names = [path.stem, *DEFINED[path.suffix].findall(path.read_text("utf-8"))]
            yield from (f"{path.relative_to(ROOT).as_posix()}: {name}" for name in dict.fromkeys(names) if words(name) & BANNED)


def allowed() -> list[str]:
    return [line for line in ALLOWED.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_no_new_name_is_a_metaphor() -> None:
    assert sorted(set(metaphors()) - set(allowed())) == []


def test_the_list_of_exceptions_only_shrinks() -> None:
    gone = sorted(set(allowed()) - set(metaphors()))
    assert gone == [], "no longer needed: run python -m tests.test_names"


def test_names_are_split_into_words() -> None:
    assert words("SlotQueue") == {"slot", "queue"}
    assert words("test_rooms_of_HEFT") >= {"room", "rooms", "heft"}
    assert not words("headroom_of_broadcast") & BANNED


if __name__ == "__main__":
    still = set(metaphors())
    lines = ALLOWED.read_text("utf-8").splitlines() if ALLOWED.exists() else []
    if sys.argv[1:] == ["--first"]:
        lines = [
            "# Names that are still to be replaced; docs/glossary.md has the terms. This list only shrinks.",
            *sorted(still),
        ]
    ALLOWED.write_text("\n".join(line for line in lines if line.startswith("#") or line in still) + "\n", encoding="utf-8")
