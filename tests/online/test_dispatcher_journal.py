"""The journal of a dispatcher: what a new process knows after the old one was killed at any moment."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

KILLS = int(os.environ.get("SCHEDKIT_KILLS", "12"))

#: Says when it begins and ends; submits a graph of 400 keys and runs it; writes a line of its own after every `finished`.
CHILD = """
import os, sys
import schedkit as sk
path, report = sys.argv[1:]
Dispatcher = sk.online.Dispatcher
os.write(1, b"begun")
if os.path.exists(path) and os.path.getsize(path) and b"\\n" in open(path, "rb").read():
    d = Dispatcher.resume(path)
else:
    if os.path.exists(path):
        os.remove(path)
    d = Dispatcher({"cpu": 4}, backfill="conservative", journal=path)
out = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for k in range(len(d), 400):
    d.submit(k, after=[k // 3] if k else [], demand={"cpu": 1 + k % 3}, estimate=k % 5, now=0.0)
now = d._now
while d.stats().done < 400:
    for key in d.next(now) or d.running:
        os.write(out, b"run %d\\n" % key)
        now += 0.5
        d.finished(key, now)
        os.write(out, b"done %d\\n" % key)
os.write(out, b"end\\n")
os.write(1, b"ended")
"""


def test_a_killed_process_is_continued_without_loss_and_without_repetition(tmp_path: Path) -> None:
    """``SCHEDKIT_KILLS=200`` kills at as many moments, spread over the time that a run takes."""
    rng = random.Random(1)
    begun = started(tmp_path / "whole.jsonl", tmp_path / "whole.txt")
    begin = time.monotonic()
    assert begun.stdout is not None
    assert begun.stdout.read(5) == b"ended"
    whole = time.monotonic() - begin
    begun.communicate()
    kills = within = 0
    while kills < KILLS:
        path, report = tmp_path / f"{kills}.jsonl", tmp_path / f"{kills}.txt"
        while kills < KILLS and not (report.exists() and report.read_text().endswith("end\n")):
            before = path.stat().st_size if path.exists() else 0
            child = started(path, report)
            time.sleep(rng.random() * whole)
            child.send_signal(signal.SIGKILL)
            _, errors = child.communicate()
            assert child.returncode in (0, -signal.SIGKILL), errors.decode()
            kills += 1
            known = reported(report)
            within += path.exists() and path.stat().st_size > before
            if path.exists() and b"\n" in path.read_bytes():
                copy = tmp_path / "copy.jsonl"
                copy.write_bytes(path.read_bytes())
                d = sk.online.Dispatcher.resume(copy)
                assert all(d.state(key) == "done" for key in known)
                assert d.running == []
                del d
        finish = started(path, report)
        _, errors = finish.communicate()
        assert finish.returncode == 0, errors.decode()
        # A process that dies between the record and its own line has finished the key all the same.
        assert reported(report, "run") == set(range(400))
        d = sk.online.Dispatcher.resume(path)
        assert d.stats().done == 400
        del d
        assert_no_repetition(report)
    assert within >= KILLS // 4, "too few were killed while they recorded calls"


def started(path: Path, report: Path) -> subprocess.Popen[bytes]:
    """A process that has begun to use the journal."""
    command = [sys.executable, "-c", CHILD, str(path), str(report)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read(5)
    return child


def reported(report: Path, word: str = "done") -> set[int]:
    """Keys whose `finished` had returned, or those that ran."""
    lines = report.read_text().split("\n") if report.exists() else []
    return {int(line.split()[1]) for line in lines[:-1] if line.startswith(word)}


def assert_no_repetition(report: Path) -> None:
    done = set()
    for line in report.read_text().split("\n"):
        word, _, key = line.partition(" ")
        if word == "run":
            assert key not in done, "a finished key ran again"
        elif word == "done":
            done.add(key)


def journalled(path: Path, **options: Any) -> Any:
    d: Any = sk.online.Dispatcher({"cpu": 2, "disk": 1}, journal=path, **options)
    d.submit(("a", 1), demand={"cpu": 1, "disk": 0}, estimate=3, size=1, now=0)
    d.submit("b", after=[("a", 1)], priority=2, deadline=9, size=2, now=1)
    d.submit(None, demand={"disk": 1}, arrival=-1, size=3, now=1)
    assert set(d.next(now=2)) == {None, ("a", 1)}
    d.finished(("a", 1), now=3)
    d.set_capacity("cpu", 1, now=3)
    d.failed(None, now=4)
    return d


@pytest.mark.parametrize("backfill", ["none", "greedy", "easy", "conservative"])
@pytest.mark.parametrize("policy", ["fcfs", "critical_path", sk.online.SRPTAgeing(rate=0.5)])
def test_everything_comes_back(tmp_path: Path, backfill: str, policy: Any) -> None:
    path = tmp_path / "journal"
    d = journalled(path, backfill=backfill, policy=policy)
    expected = (d.waiting, d.blocked, d.stats().done, d.capacity, d.policy, d.backfill)
    del d
    for attempt in range(3):
        d = sk.online.Dispatcher.resume(path)
        assert (d.waiting, d.blocked, d.stats().done, d.capacity, d.policy, d.backfill) == expected
        assert isinstance(d, sk.online.Dispatcher)
        assert d._time() >= 4
        if attempt < 2:
            del d
    assert d.next(now=5) == ["b", None]
    del d
    assert sk.online.Dispatcher.resume(path).waiting == expected[0]


def test_ranks_by_an_own_key_function_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    d: Any = sk.online.Dispatcher({}, key=len, journal=path)
    for key in ("ccc", "a", "bb"):
        d.submit(key, now=0)
    del d
    d = sk.online.Dispatcher.resume(path)
    assert d.waiting == ["a", "bb", "ccc"]
    with pytest.raises(sk.InvalidInputError, match="give it to resume"):
        d.submit("dddd", now=1)
    del d
    d = sk.online.Dispatcher.resume(path, key=lambda key: -len(key))
    d.submit("dddd", now=1)
    assert d.waiting == ["dddd", "a", "bb", "ccc"]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_last_line_is_removed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    del_last = journalled(path)
    whole = path.read_bytes()
    del del_last
    path.write_bytes(whole[:-cut])
    d = sk.online.Dispatcher.resume(path)
    assert d.stats().done == 1
    lines = path.read_bytes().split(b"\n")
    assert lines[-1] == b""
    for line in lines[:-1]:
        json.loads(line)


def test_a_refused_call_leaves_no_line(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    d = journalled(path)
    before = path.read_bytes()
    refused: list[Callable[[], Any]] = [
        lambda: d.submit("b", size=1, now=9),
        lambda: d.submit("x", after=["nobody"], now=9),
        lambda: d.submit("x", demand={"cpu": 99}, now=9),
        lambda: d.submit("x", now=float("nan")),
        lambda: d.finished("b", now=9),
        lambda: d.cancel("nobody", now=9),
        lambda: d.set_capacity("gpu", 1, now=9),
    ]
    for call in refused:
        with pytest.raises(sk.InvalidInputError):
            call()
        assert path.read_bytes() == before
    for key in (object(), ["list"], frozenset(), b"bytes"):
        with pytest.raises(sk.InputTypeError, match="a journal records"):
            d.submit(key, now=9)
    with pytest.raises(TypeError, match="colour"):
        d.submit("x", colour="red")
    with pytest.raises(TypeError, match="resume"):
        pickle.dumps(d)
    assert path.read_bytes() == before


def test_a_line_whose_refusal_was_not_taken_back_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journalled(path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"call":"finished","key":"b","now":9}\n')
    assert sk.online.Dispatcher.resume(path).stats().done == 1
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not a line of JSON"),
        (b"[]", "is not an object"),
        (b"\xff\xfe", "is not a line of JSON"),
        (b'{"call":"dance","now":1}', "unknown call 'dance'"),
        (b'{"call":"next"}', "records no time"),
        (b'{"call":"next","now":"late"}', "records a call that is refused"),
        (b'{"call":"next","now":1,"where":2}', "unknown field 'where'"),
        (b'{"call":"finished","key":["x"],"now":1}', "has a key that is no text, number, None or tuple"),
        (b'{"call":"finished","key":"nobody","now":1}', "records a call that is refused"),
    ],
)
def test_a_broken_line_in_the_middle_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "journal"
    journalled(path)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[:3], line, *lines[3:]]))
    with pytest.raises(sk.FormatError, match=reason) as caught:
        sk.online.Dispatcher.resume(path)
    assert (caught.value.path, caught.value.line) == (str(path), 4)


@pytest.mark.parametrize(
    "content",
    [b"", b"no line", b"{}\n", b'{"schedkit":"project"}\n', b'{"schedkit":"dispatcher_journal","schema_version":9}\n'],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(sk.FormatError):
        sk.online.Dispatcher.resume(path)
    assert path.read_bytes() == content


def test_files_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"Dispatcher\.resume continues a journal") as caught:
        sk.online.Dispatcher({}, journal=path)
    assert caught.value.filename == str(path)
    with pytest.raises(FileNotFoundError, match="No such folder"):
        sk.online.Dispatcher({}, journal=tmp_path / "folder" / "journal")
    with pytest.raises(FileNotFoundError):
        sk.online.Dispatcher.resume(tmp_path / "none")
    assert path.read_text() == "mine"


class Interruption(BaseException):
    """What a signal handler raises."""


def interrupted(scenario: Callable[[], None], event: int) -> bool:
    """Raises an exception at this event of Python inside the modules of the dispatcher; False if there are fewer."""
    left = event

    def trace(frame: Any, _event: str, _argument: Any) -> Any:
        nonlocal left
        if Path(frame.f_code.co_filename).name not in ("dispatcher.py", "_dispatcher_journal.py"):
            return None
        left -= 1
        if left == 0:
            raise Interruption
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        scenario()
    except Interruption:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("compared", [False, True])
def test_an_exception_at_any_moment_leaves_file_and_dispatcher_alike(compared: bool, tmp_path: Path) -> None:
    options: dict[str, Any] = {"key": lambda key: (len(key), key)} if compared else {}
    calls: list[Callable[[Any], Any]] = [
        lambda d: d.submit("b", demand={"c": 1}, now=1),
        lambda d: d.next(now=2),
        lambda d: d.finished("a", now=3),
    ]
    for number, call in enumerate(calls):
        event = 0
        while True:
            event += 1
            path = tmp_path / f"{number}-{event}.jsonl"
            d: Any = sk.online.Dispatcher({"c": 1}, journal=path, **options)
            d.submit("a", now=0)
            for earlier in calls[:number]:
                earlier(d)
            hit = interrupted(lambda call=call, d=d: call(d), event)  # type: ignore[misc]
            states = [d.state(key) for key in ("a", "b") if key in d]
            with pytest.raises(sk.UnknownKeyError):
                d.finished("none", now=4)  # what is refused afterwards takes back no line but its own
            d.submit("c", now=5)
            done = d.stats().done
            del d
            resumed: Any = sk.online.Dispatcher.resume(path, **options)
            expected = ["ready" if state == "running" else state for state in states]
            assert [resumed.state(key) for key in ("a", "b") if key in resumed] == expected, event
            assert (resumed.stats().done, "c" in resumed) == (done, True), event
            del resumed
            if not hit:
                break
        assert event > 20


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"call":"set_capacity","amount":2,"now":1}', "records no resource"),
        ('{"call":"set_capacity","resource":-1,"amount":2,"now":1}', "no place among the capacities"),
        ('{"call":"set_capacity","resource":"c","amount":2,"now":1}', "no place among the capacities"),
        ('{"call":"submit","key":["a"],"now":1}', "a key that is no text, number, None or tuple"),
    ],
)
def test_lines_of_other_programs_are_refused_in_words(line: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    d: Any = sk.online.Dispatcher({"c": 1}, journal=path)
    del d
    path.write_text(path.read_text() + line + "\n" + '{"call":"next","now":2}\n')
    with pytest.raises(sk.FormatError, match=text) as caught:
        sk.online.Dispatcher.resume(path)
    assert caught.value.line == 2


def test_a_submission_without_rank_has_the_rank_of_its_policy(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    d: Any = sk.online.Dispatcher({"c": 1}, journal=path)
    del d
    path.write_text(path.read_text() + '{"call":"submit","key":"a","now":1}\n')
    d = sk.online.Dispatcher.resume(path)
    assert d.next(now=2) == ["a"]


def test_what_a_journal_cannot_take_is_named(tmp_path: Path) -> None:
    with pytest.raises(sk.InputTypeError, match="journal: must be a path"):
        sk.online.Dispatcher({"c": 1}, journal=5)  # type: ignore[arg-type]
    d: Any = sk.online.Dispatcher({"c": 1}, journal=tmp_path / "j.jsonl")
    with pytest.raises(sk.InputTypeError, match="whole numbers below"):
        d.submit(10**5000, now=0)
    d.submit("a", now=0)
    d.next(now=0)
    d.failed("a", now=1, retry=None)
    assert d.state("a") == "ready"
