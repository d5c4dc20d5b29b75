"""Calls public functions with arguments made from bytes. Only schedkit's own errors may come out, and only sound answers.

``python -m tests.fuzz.surface --seconds 60`` searches at random, changing inputs that gave something new; inputs that
fail are kept in ``fuzz/found``. ``--replay`` runs the stored corpus.
"""

from __future__ import annotations

import argparse
import faulthandler
import inspect
import os
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

import numpy as np
import schedkit as sk
from schedkit import _dispatch

from .arguments import Maker
from .source import Source

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "fuzz" / "corpus" / "surface.txt"
FOUND = ROOT / "fuzz" / "found"
HANG = float(os.environ.get("FUZZ_HANG", "20"))  # seconds; more on a machine that has no time for us
FAMILIES = ("rcpsp", "dag", "online", "packing", "serving", "shop", "tardiness")
PLOTS = {"plot_latency"}


def live_admission() -> sk.serving.Admission[Any]:
    """Admission with two requests that run."""
    admission: sk.serving.Admission[Any] = sk.serving.Admission(60)
    admission.start(0, 7, 3)
    admission.start("a", 9, 5, prefix="p", prefix_tokens=4)
    return admission


def live_router() -> sk.serving.Router:
    """A router with two requests under way."""
    router = sk.serving.Router(3, "prefix", cache_blocks=4)
    router.route(0, 7, [1, 2])
    router.route("a", 9)
    return router


#: Objects that answer one question at a time: their methods are called on a new one each.
LIVE: dict[str, Callable[[], Any]] = {"Admission": live_admission, "Router": live_router}


def on_live_object(make: Callable[[], Any], name: str) -> Any:
    """A function of the arguments of a method, which calls it on a new object."""

    def call(**arguments: Any) -> Any:
        return getattr(make(), name)(**arguments)

    call.__signature__ = inspect.signature(getattr(make(), name))  # type: ignore[attr-defined]
    return call


def targets() -> list[tuple[str, Any]]:
    """Every public callable of the families and their submodules, methods that make problems included; sorted by name."""
    found: dict[str, Any] = {"check": sk.check, "Fixed": sk.Fixed}
    for family in FAMILIES:
        module = getattr(sk, family)
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and name not in PLOTS:
                found[f"{family}.{name}"] = thing
            elif inspect.ismodule(thing):
                for inner in getattr(thing, "__all__", ()):
                    if callable(getattr(thing, inner)):
                        found[f"{family}.{name}.{inner}"] = getattr(thing, inner)
    for owner, make in LIVE.items():
        methods = [name for name in dir(make()) if not name.startswith("_") and callable(getattr(make(), name))]
        found |= {f"serving.{owner}.{name}": on_live_object(make, name) for name in methods}
    found["dag.TaskGraph.from_work"] = sk.dag.TaskGraph.from_work
    found["shop.Shop.from_arrays"] = sk.shop.Shop.from_arrays
    found["shop.ShopSchedule.from_placement"] = sk.shop.ShopSchedule.from_placement
    found["rcpsp.ProjectSchedule.from_start_time"] = sk.rcpsp.ProjectSchedule.from_start_time
    # Results are made by the library; their constructors store what they are given.
    made = (
        "Schedule",
        "Result",
        "Solution",
        "CriticalPath",
        "Batch",
        "View",
        "Job",
        "Segments",
        "Workflow",
        "Report",
        "Stats",
        "RampError",
        "RampInstance",
        "Platform",
        "Policy",
        "DisjunctiveGraph",
        "Simulation",
    )
    return sorted(
        (name, f) for name, f in found.items() if not (inspect.isclass(f) and (name.endswith(made) or inspect.isabstract(f)))
    )


TARGETS = targets()
#: By contract a missing file is an `OSError`, and memory that is not there a `MemoryError`.
ACCEPTED = (sk.SchedkitError, OSError, MemoryError)
#: Words of the implementation, which no message may show to a user.
IMPLEMENTATION = re.compile(r"\b(?:[iuf](?:8|16|32|64|128)|usize|isize|Vec<|PyAny|PyArray|__\w+__|NoneType)\b|panicked|Some\(")


def check_words(message: BaseException | str, given: str = "") -> None:
    """Refuses messages in the words of the implementation, but for words that were given and are repeated."""
    found = {match.group() for match in IMPLEMENTATION.finditer(str(message)) if match.group() not in given}
    assert not found, f"the message says {', '.join(sorted(found))}: {message}"


def stored() -> list[bytes]:
    """The corpus: one input a line, in hexadecimal digits."""
    return [bytes.fromhex(line) for line in CORPUS.read_text("ascii").split()] if CORPUS.exists() else []


def run(data: bytes, folder: Path) -> str:
    """One call; the outcome in a word or two. Anything unexpected propagates."""
    source = Source(data)
    name, function = TARGETS[source.below(len(TARGETS))]
    try:
        arguments = Maker(source, folder).arguments(function)
        arguments.pop("path", None) if name.endswith("write") else None
        if name == "rcpsp.prove":
            arguments.setdefault("time_limit", 0.05)  # without a limit it runs to the proof
        if "path" in inspect.signature(function).parameters:
            arguments["path"] = str(folder / "file")
        result = function(**arguments)
    except ACCEPTED as error:
        check_words(error)
        return f"{name} {type(error).__name__}"
    except TypeError as error:
        if not str(error).startswith("unhashable type"):  # what a dict says of a key
            raise
        return f"{name} unhashable"
    judge(name, arguments, result)
    return f"{name} ok"


def judge(name: str, arguments: dict[str, Any], result: Any) -> None:
    """A sound result: exact types, read-only arrays, plain data, and a schedule that the checker accepts."""
    for key, value in vars(result).items() if hasattr(result, "__dict__") else ():
        if isinstance(value, np.ndarray):
            assert value.dtype in (np.int64, np.float64), f"{name}.{key} is {value.dtype}"
            assert not value.flags.writeable, f"{name}.{key} is writeable"
    if hasattr(result, "to_dict"):
        assert "schema_version" in result.to_dict(), name
    if isinstance(result, sk.serving.ServingResult):
        assert sk.check(arguments["trace"], result) == [], name
    if _dispatch.function_for(_dispatch.CHECK_RESULT, result) is not None:
        assert sk.check(result) == [], name
    schedule = getattr(result, "schedule", result)
    if isinstance(schedule, sk.rcpsp.ProjectSchedule) and "from_start" not in name and not arguments.get("fixed"):
        now = arguments.get("now", 0)  # nothing starts before, though it may be negative
        assert sk.check(arguments["project"], schedule, now=now) == [], name
    if isinstance(schedule, sk.shop.ShopSchedule) and "from_placement" not in name and not arguments.get("fixed"):
        assert sk.check(arguments["shop"], schedule, now=arguments.get("now", 0)) == [], name
    if isinstance(schedule, sk.dag.DagSchedule) and not arguments.get("fixed") and not arguments.get("now"):
        problems = sk.check(arguments["graph"], schedule, network=arguments.get("network"))
        assert problems == [], f"{name}: {problems}"


def guarded(data: bytes, folder: Path) -> str:
    """`run` under a timer that ends the process with a trace when a call hangs; the input is on disk before it is tried."""
    trial = folder / "trial"
    trial.write_bytes(data)
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        return run(data, folder)
    except BaseException:
        FOUND.mkdir(parents=True, exist_ok=True)
        (FOUND / f"surface-{abs(hash(data)):x}").write_bytes(data)
        raise
    finally:
        faulthandler.cancel_dump_traceback_later()


def search(seconds: float, seed: int, folder: Path, *, go_on: bool) -> int:
    """Random search with mutation: inputs that gave a new outcome are changed further."""
    rng = random.Random(seed)
    pool: dict[str, bytes] = {}
    outcomes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pool and rng.random() < 0.5:
            data = bytearray(rng.choice(list(pool.values())))
            for _ in range(rng.randrange(1, 6)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        else:
            data = bytearray(rng.randbytes(rng.randrange(8, 160)))
        try:
            outcome = guarded(bytes(data), folder)
        except Exception as error:
            if not go_on:
                raise
            name = TARGETS[Source(bytes(data)).below(len(TARGETS))][0]
            failures[f"{name}: {type(error).__name__}: {str(error)[:200]}"] += 1
            continue
        except BaseException as error:  # a panic is no Exception
            failures[f"PANIC {error}"[:300]] += 1
            if not go_on:
                raise
            continue
        outcomes[outcome] += 1
        pool.setdefault(outcome, bytes(data))
    for text, count in failures.most_common():
        print(f"FAILED {count} times: {text}")
    print(f"{outcomes.total()} calls, {len(outcomes)} outcomes, {sum(1 for o in outcomes if o.endswith(' ok'))} of "
          f"{len(TARGETS)} functions answered, {failures.total()} failures")  # fmt: skip
    if os.environ.get("FUZZ_KEEP"):
        CORPUS.parent.mkdir(parents=True, exist_ok=True)
        CORPUS.write_text("".join(f"{data.hex()}\n" for _, data in sorted(pool.items())), encoding="ascii")
    return 1 if failures else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--go-on", action="store_true", help="count failures instead of stopping at the first")
    parser.add_argument("--replay", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".*: left out ", UserWarning)  # what a trace reader is documented to report
    with tempfile.TemporaryDirectory() as folder:
        if options.replay:
            inputs = stored()
            for data in inputs:
                guarded(data, Path(folder))
            print(f"{len(inputs)} stored inputs, no failure")
            return 0
        return search(options.seconds, options.seed, Path(folder), go_on=options.go_on)


if __name__ == "__main__":
    sys.exit(main())
