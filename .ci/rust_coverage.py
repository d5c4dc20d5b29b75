"""Lines of the Rust core that no test runs, from a file in lcov's format: ``python .ci/rust_coverage.py FILE LEAST``.

Tests themselves do not count: neither files of tests nor what follows ``#[cfg(test)]``.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "rust" / "core" / "src"


def counts(report: Path) -> dict[Path, dict[int, int]]:
    """How often each line of the core ran, by file; a line counts as often as the most frequent of its instances."""
    found: dict[Path, dict[int, int]] = defaultdict(dict)
    lines: dict[int, int] = {}
    for record in report.read_text("utf-8").splitlines():
        key, _, value = record.partition(":")
        if key == "SF":
            lines = found[Path(value)]
        elif key == "DA":
            line, count = value.split(",")[:2]
            lines[int(line)] = max(lines.get(int(line), 0), int(count))
    return {path: lines for path, lines in found.items() if path.is_relative_to(CORE) and path.name != "tests.rs"}


def before_tests(path: Path) -> int:
    """The number of lines in front of the first test module."""
    lines = path.read_text("utf-8").splitlines()
    return next((k for k, line in enumerate(lines) if line.startswith(("#[cfg(test)]", "#[cfg(all(test"))), len(lines))


def ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as 1-3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def main() -> int:
    report, least = Path(sys.argv[1]), float(sys.argv[2])
    total = missed = 0
    for path, lines in sorted(counts(report).items()):
        end = before_tests(path)
        judged = {line: count for line, count in lines.items() if line <= end}
        never = sorted(line for line, count in judged.items() if count == 0)
        total, missed = total + len(judged), missed + len(never)
        if never:
            ran = 100 - 100 * len(never) / len(judged)
            print(f"{path.relative_to(CORE).as_posix()}: {ran:.0f} %, never run: {ranges(never)}")
    share = 100 - 100 * missed / max(total, 1)
    print(f"core: {total - missed} of {total} lines, {share:.1f} %")
    return 0 if share >= least else 1


if __name__ == "__main__":
    sys.exit(main())
