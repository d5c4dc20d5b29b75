"""Licences and sources of the Rust crates that are compiled in: judged against a short list, collected into one file.

``python .ci/licences.py`` fails if `THIRD-PARTY-LICENSES.md` is out of date; ``--write`` writes it.
`deny.toml` holds the same rules for cargo-deny.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "THIRD-PARTY-LICENSES.md"
ALLOWED = {
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Unicode-3.0",
    "Zlib",
    "Unlicense",
    "0BSD",
}
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
TEXTS = re.compile(r"(?i)^(licen[cs]e|copying|notice|unlicense|copyright)")


def packages() -> list[dict[str, Any]]:
    """What the extension module links: normal dependencies of schedkit-python, on any platform."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    by_id = {package["id"]: package for package in metadata["packages"]}
    stack = [package["id"] for package in metadata["packages"] if package["name"] == "schedkit-python"]
    seen = set(stack)
    while stack:
        for dependency in nodes[stack.pop()]["deps"]:
            linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if linked and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                stack.append(dependency["pkg"])
    found = (by_id[identity] for identity in seen if by_id[identity]["source"] is not None)
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def allowed(expression: str | None) -> bool:
    """An SPDX expression of ANDs and ORs without nesting across both: each AND part needs one allowed alternative."""
    if not expression:
        return False
    parts = expression.replace("/", " OR ").replace("(", "").replace(")", "")
    return all(any(choice.strip() in ALLOWED for choice in part.split(" OR ")) for part in parts.split(" AND "))


def render(found: list[dict[str, Any]]) -> str:
    lines = [
        "# Third-party licences",
        "",
        "Rust crates that are compiled into schedkit's extension module, from crates.io. Written by `make licences`.",
        "",
        "| crate | version | licence |",
        "| --- | --- | --- |",
    ]
    texts: dict[str, list[str]] = {}
    for package in found:
        lines.append(f"| {package['name']} | {package['version']} | {package['license']} |")
        folder = Path(package["manifest_path"]).parent
        for file in sorted(path for path in folder.iterdir() if path.is_file() and TEXTS.match(path.name)):
            text = "\n".join(line.rstrip() for line in file.read_text("utf-8").strip().splitlines())
            texts.setdefault(text, []).append(f"{package['name']} {package['version']} ({file.name})")
    for text, owners in texts.items():
        lines += ["", f"## {', '.join(owners)}", "", "```text", text, "```"]
    return "\n".join(lines) + "\n"


def main() -> int:
    found = packages()
    wrong = [f"{p['name']} {p['version']}: licence {p['license']}" for p in found if not allowed(p["license"])]
    wrong += [f"{p['name']} {p['version']}: from {p['source']}" for p in found if p["source"] != REGISTRY]
    if wrong:
        print("\n".join(wrong))
        return 1
    text = render(found)
    if "--write" in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text("utf-8") != text:
        print(f"{TARGET.name} is out of date: python .ci/licences.py --write")
        return 1
    print(f"{len(found)} crates, all under allowed licences, all from crates.io")
    return 0


if __name__ == "__main__":
    sys.exit(main())
