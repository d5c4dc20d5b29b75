"""What callers can see, compared with an older revision: names and signatures may be added, not lost.

``python .ci/api.py`` prints the number of public names; ``python .ci/api.py REVISION`` fails if one of that revision is gone or
takes other arguments. Python: public functions, classes and methods with their arguments, from the sources and the stub. Rust:
every ``pub`` item outside of tests, as its first line.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = re.compile(r"^\s*pub (?:const fn|fn|struct|enum|trait|type|const|static|mod) .*$")


def files(revision: str | None) -> dict[str, str]:
    """The sources that hold public names, by path, of a revision or of the working tree."""
    folders = ["python/schedkit", "rust/core/src"]
    if revision is None:
        paths = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".pyi", ".rs")]
        return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    listing = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", revision, *folders], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    show = ["git", "show"]
    wanted = [path for path in listing if path.endswith((".py", ".pyi", ".rs"))]
    return {
        path: subprocess.run([*show, f"{revision}:{path}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for path in wanted
    }


def python(path: str, text: str) -> set[str]:
    """Public functions, classes and methods with their arguments and defaults; annotations may get wider."""
    if any(part.startswith("_") and not part.startswith("__") for part in path.split("/")) and not path.endswith(".pyi"):
        return set()
    found = set()
    module = "schedkit." + path.removeprefix("python/schedkit/").rsplit(".", 1)[0].replace("/", ".")

    def visit(node: ast.AST, place: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
                found.add(f"class {place}.{child.name}")
                visit(child, f"{place}.{child.name}")
            elif isinstance(child, ast.FunctionDef) and (not child.name.startswith("_") or child.name == "__init__"):
                for argument in ast.walk(child.args):
                    if isinstance(argument, ast.arg):
                        argument.annotation = None
                found.add(f"{place}.{child.name}({ast.unparse(child.args)})")

    visit(ast.parse(text), module)
    return found


def rust(path: str, text: str) -> set[str]:
    body = text.split("#[cfg(test)]", maxsplit=1)[0]
    return {f"{path}: {' '.join(line.split()).rstrip(' {')}" for line in body.splitlines() if PUBLIC.match(line)}


def surface(revision: str | None) -> set[str]:
    """One line for each public name."""
    found = set()
    for path, text in files(revision).items():
        found |= rust(path, text) if path.endswith(".rs") else python(path, text)
    return found


def main(arguments: list[str]) -> int:
    now = surface(None)
    print(
        f"{sum(': pub ' in line for line in now)} public lines of Rust, {sum(': pub ' not in line for line in now)} of Python"
    )
    if not arguments:
        return 0
    gone = sorted(surface(arguments[0]) - now)
    print("\n".join(f"gone or changed: {line}" for line in gone) or f"nothing of {arguments[0]} is gone or changed")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
