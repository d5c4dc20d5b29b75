"""The pages of the reference have the same headings, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
HEADINGS = ["Problem", "Arguments", "Returns", "Ties", "Complexity", "Errors", "Example", "Literature"]

#: Pages that define a problem or a file format, not functions, and pages generated from docstrings.
OTHERS = {
    "rcpsp/constraints.md",
    "rcpsp/ramp.md",
    "dag/files.md",
    "plan/files.md",
    "shop/model.md",
    "shop/files.md",
    "packing/files.md",
}
PAGES = sorted(
    name
    for path in REFERENCE.glob("*/*.md")
    if path.name != "api.md" and (name := path.relative_to(REFERENCE).as_posix()) not in OTHERS
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_headings_of_the_reference(name: str) -> None:
    text = (REFERENCE / name).read_text("utf-8")
    found = [heading for heading in re.findall(r"^## (.+)$", text, re.MULTILINE) if heading in HEADINGS]
    assert found == HEADINGS
    before, _, example = text.partition("\n## Example\n")
    assert ">>>" in example.partition("\n## ")[0], "the example is not run"
    assert re.match(r"# .+\n\n\S", before), "the purpose follows the title"


def test_every_exception_exists() -> None:
    assert all((REFERENCE / name).exists() for name in OTHERS)
