"""Files of every format that is read in Python, spoiled: a sound problem, or a `FormatError` that names the file.

Seeds are the examples that ship with the package and short texts in ``fuzz/seeds``. Half of the time words are exchanged for
hostile ones, else bytes are changed, cut or repeated. ``python -m tests.fuzz.readers --seconds 60``.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schedkit as sk

from .surface import FOUND, HANG, ROOT, check_words

SEEDS = ROOT / "fuzz" / "seeds"
READERS: dict[str, tuple[Callable[[str], Any], list[Path]]] = {
    "wfformat": (sk.dag.read_wfformat, [Path(sk.example_path("tiny.wfformat.json"))]),
    "stg": (sk.dag.read_stg, [Path(sk.example_path("tiny.stg"))]),
    "platform": (sk.dag.read_platform, [Path(sk.example_path("tiny.platform.json"))]),
    "jobs": (sk.online.read_json, [SEEDS / "jobs.json"]),
    "csv": (sk.online.read_csv, [SEEDS / "jobs.csv"]),
    "swf": (sk.online.read_swf, [SEEDS / "trace.swf"]),
    "orlib": (lambda path: sk.tardiness.read_orlib(path, 2), [SEEDS / "orlib.txt"]),
    "shop": (sk.shop.read, [SEEDS / "shop.txt", SEEDS / "shop.fjs", SEEDS / "shop.json"]),
    "buffers and clusters": (sk.packing.read, [SEEDS / "buffers.csv", SEEDS / "cluster.json"]),
    "requests": (sk.serving.read_trace, [SEEDS / "requests.csv", SEEDS / "requests.jsonl"]),
    "plan": (sk.plan.read, [SEEDS / "plan.csv", SEEDS / "plan.json", SEEDS / "plan.xml"]),
    "storage": (lambda path: sk.rcpsp.read(path, format="storage"), [SEEDS / "project.storage"]),
    "project": (
        sk.rcpsp.read,
        [
            Path(sk.example_path("migration.json")),
            Path(sk.example_path("migration.sm")),
            SEEDS / "project.sch",
            SEEDS / "max_lags.json",
            SEEDS / "stores.json",
            SEEDS / "options.json",
        ],
    ),
}
WORDS = [
    b"-1", b"0", b"1e400", b"1e308", b"NaN", b"-Infinity", b"null", b"true", b"[]", b"{}", b'""', b'"x"', b"1.5",
    b"9" * 25, b"9" * 400, b"9" * 5000, b"1" + b"0" * 18, b"9007199254740993", b'"\\ud800"', b"\xff", b"\x00",
    b"\xef\xbb\xbf", b"[" * 3000, b"", b"-0", b"1_0", "\u0661".encode(), b"\r", b";", b",", b"#", b"\x1f\x8b", b"0x10",
    b"+5", b"1e-400", b" \n",
]  # fmt: skip


def spoil(rng: random.Random, text: bytes) -> bytes:
    """One to four changes, most of them of whole words."""
    for _ in range(rng.randrange(1, 5)):
        if rng.random() < 0.7:
            words = [match.span() for match in re.finditer(rb'"[^"]*"|[-\w.]+|\S', text)]
            if not words:
                return text
            start, end = rng.choice(words)
            elsewhere = rng.choice(words)
            text = text[:start] + (rng.choice(WORDS) if rng.random() < 0.7 else text[slice(*elsewhere)]) + text[end:]
        elif text:
            start = rng.randrange(len(text))
            end = min(len(text), start + rng.randrange(1, 40))
            other = bytes([rng.randrange(256)])
            changes = [
                text[:start],
                text[:start] + text[end:],
                text[:end] + text[start:],
                text[:start] + other + text[start + 1 :],
            ]
            text = rng.choice(changes)
    return text


def attempt(name: str, content: bytes, path: Path) -> str:
    """Reads the content; the outcome in a word. Anything but our own errors propagates."""
    path.write_bytes(content)
    words = content.decode(errors="replace")
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        with warnings.catch_warnings(record=True) as reported:
            warnings.simplefilter("always")
            READERS[name][0](str(path))
        check_warnings(name, reported, str(path), words)
    except sk.CycleError:
        return "cycle"
    except sk.FormatError as error:
        if str(path) not in str(error):
            raise AssertionError(f"{name}: the message does not name the file") from error
        check_words(error, words)
        return "refused"
    finally:
        faulthandler.cancel_dump_traceback_later()
    return "read"


def check_warnings(name: str, reported: list[warnings.WarningMessage], path: str, given: str) -> None:
    """What a reader reports beside the problem is a `UserWarning` that begins with the file."""
    for warning in reported:
        check_words(str(warning.message), given)
        if warning.category is not UserWarning or not str(warning.message).startswith(f"{path}: "):
            raise AssertionError(f"{name}: {warning.category.__name__}: {warning.message}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--go-on", action="store_true", help="count failures instead of stopping at the first")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    texts = {name: [path.read_bytes() for path in paths] for name, (_, paths) in READERS.items()}
    outcomes: Counter[tuple[str, str]] = Counter()
    failures: Counter[str] = Counter()
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            name = rng.choice(list(READERS))
            content = spoil(rng, rng.choice(texts[name]))
            try:
                outcomes[name, attempt(name, content, Path(folder) / "file")] += 1
            except BaseException as error:
                FOUND.mkdir(parents=True, exist_ok=True)
                (FOUND / f"{name}-{abs(hash(content)):x}").write_bytes(content)
                if not options.go_on:
                    raise
                failures[f"{name}: {type(error).__name__}: {str(error)[:150]}"] += 1
    for text, count in failures.most_common():
        print(f"FAILED {count} times: {text}")
    counts = ", ".join(
        f"{name} {outcomes[name, 'read']} of {sum(c for (n, _), c in outcomes.items() if n == name)}" for name in READERS
    )
    print(f"{outcomes.total()} files, read: {counts}; {failures.total()} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
