"""The picture of the tree in docs/architecture.md shows every folder and shared module, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("```")[1]
CORE, PACKAGE = ROOT / "rust" / "core" / "src", ROOT / "python" / "schedkit"

#: Modules that the picture shows and that are being written.
EXPECTED = {
    "lanes.rs",
    "names.rs",
    "timeline/",
    "cp/",
    "_dispatch.py",
    "_drawing.py",
    "_trace.py",
    "_problem.py",
    "calendar.py",
}
#: Modules that are being moved below a family, or are part of another line of the picture.
LEAVING = {"plot.py", "trace.py"}
SMALL = {"lib.rs", "graph.rs", "simd.rs", "__main__.py", "_version.py", "_examples.py", "_working_hours.py"}


def shown(section: str, end: str) -> set[str]:
    """The names in the first column of a part of the picture."""
    part = PICTURE.split(section, 1)[1].split(end, 1)[0]
    columns = (re.split(r"\s{2,}(?=\S)", line.strip())[0:2] for line in part.splitlines() if line.strip())
    text = " ".join(" ".join(column) for column in columns)
    return {name.removeprefix("src/") for name in re.findall(r"(?:src/)?[\w.]+(?:\.rs|\.py(?!i)|/)", text)}


def existing(folder: Path, suffix: str) -> set[str]:
    names = {path.name for path in folder.glob(f"*{suffix}")}
    return names | {f"{path.name}/" for path in folder.iterdir() if path.is_dir() and not path.name.startswith("__")}


def test_the_picture_shows_the_core() -> None:
    names = {name.removeprefix("src/") for name in re.findall(r"src/([\w.]+/?)", PICTURE)}
    assert existing(CORE, ".rs") - names - SMALL - LEAVING == set()
    assert names - existing(CORE, ".rs") - EXPECTED == set()


def test_the_picture_shows_the_package() -> None:
    names = shown("python/schedkit/", "\nfuzz/")
    assert existing(PACKAGE, ".py") - names - SMALL - LEAVING == set()
    top = {name for name in names if not (PACKAGE / name.rstrip("/")).exists()}
    assert {name for name in top if name.endswith(".py")} - EXPECTED <= {"output.py"}
