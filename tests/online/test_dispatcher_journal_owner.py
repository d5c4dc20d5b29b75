"""One process at a time uses a journal: others are refused while it lives, and the next one goes on after its death."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

fcntl = pytest.importorskip("fcntl", reason="needs a system with fcntl")

OWNER = """
import sys
import schedkit as sk
path, how = sys.argv[1:]
d = sk.online.Dispatcher({}, journal=path) if how == "make" else sk.online.Dispatcher.resume(path)
d.submit(how, now=0)
print("ready", flush=True)
sys.stdin.read()
"""

#: An owner with a forked worker that outlives it.
FORKING = """
import os, sys, time
import schedkit as sk
d = sk.online.Dispatcher({}, journal=sys.argv[1])
if os.fork() == 0:
    os.close(1)
    time.sleep(60)
    os._exit(0)
print("ready", flush=True)
sys.stdin.read()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that says when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def in_fork(act: Any) -> str:
    """What a fork of this process says about its call."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = repr(act())
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        os.write(write, text.encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    return text


@pytest.mark.parametrize("how", ["make", "resume"])
def test_a_second_process_is_refused_until_the_first_one_is_killed(tmp_path: Path, how: str) -> None:
    path = tmp_path / "journal"
    if how == "resume":
        d: Any = sk.online.Dispatcher({}, journal=path)
        del d
    owner = start(OWNER, str(path), how)
    try:
        content = path.read_bytes()
        with pytest.raises(sk.InvalidInputError, match="belongs to a dispatcher that is in use") as caught:
            sk.online.Dispatcher.resume(path)
        assert (caught.value.field, caught.value.value) == ("journal", str(path))
        assert path.read_bytes() == content
    finally:
        owner.kill()
        owner.communicate()
    d = sk.online.Dispatcher.resume(path)
    assert d.waiting == [how]


def test_a_second_dispatcher_of_one_process_is_refused(tmp_path: Path) -> None:
    d: Any = sk.online.Dispatcher({}, journal=tmp_path / "journal")
    with pytest.raises(sk.InvalidInputError, match="in use, in this process or in another one"):
        sk.online.Dispatcher.resume(tmp_path / "journal")
    d.submit("a", now=0)
    del d
    assert sk.online.Dispatcher.resume(tmp_path / "journal").waiting == ["a"]


def test_a_fork_is_refused_and_its_parent_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    d: Any = sk.online.Dispatcher({}, journal=path)
    d.submit("a", now=0)
    expected = f"belongs to process {os.getpid()}, and this is a fork of it"
    assert expected in in_fork(lambda: d.submit("b", now=1))
    assert expected in in_fork(lambda: d.next(now=1))
    assert "in use" in in_fork(lambda: sk.online.Dispatcher.resume(path))
    assert in_fork(lambda: d.waiting) == "['a']"
    with pytest.raises(sk.InvalidInputError, match="in use"):  # a fork that ends takes no lock away
        sk.online.Dispatcher.resume(path)
    assert d.next(now=1) == ["a"]
    d = None  # closes the journal
    assert sk.online.Dispatcher.resume(path).waiting == ["a"]


def test_a_fork_is_refused_even_if_a_call_was_on_its_way(tmp_path: Path) -> None:
    d: Any = sk.online.Dispatcher({}, journal=tmp_path / "journal")
    taken, over = threading.Event(), threading.Event()

    def hold() -> None:
        with d._journal.lock:
            taken.set()
            over.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(60)
    try:
        assert "this is a fork of it" in in_fork(lambda: d.next(now=1))
    finally:
        over.set()
        thread.join()


def test_a_worker_that_outlives_the_owner_does_not_keep_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    owner = start(FORKING, str(path))
    group = os.getpgid(owner.pid)
    owner.kill()
    owner.communicate()
    try:
        assert sk.online.Dispatcher.resume(path).waiting == []
    finally:
        os.killpg(group, signal.SIGKILL)


def test_without_locks_a_fork_is_still_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schedkit.online._dispatcher_journal.fcntl", None)
    d: Any = sk.online.Dispatcher({}, journal=tmp_path / "journal")
    assert "this is a fork of it" in in_fork(lambda: d.next(now=1))
    d.submit("a", now=1)
    assert d.next(now=1) == ["a"]


def test_a_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("no journal\n")
    for _ in range(2):
        with pytest.raises(sk.FormatError, match="not a line of JSON"):
            sk.online.Dispatcher.resume(path)
    packed = tmp_path / "packed"
    packed.write_bytes(content := gzip.compress(b'{"schedkit":"dispatcher_journal"}\n'))
    with pytest.raises(sk.FormatError, match="is compressed"):
        sk.online.Dispatcher.resume(packed)
    assert packed.read_bytes() == content
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe"):
        sk.online.Dispatcher.resume(tmp_path / "pipe")
