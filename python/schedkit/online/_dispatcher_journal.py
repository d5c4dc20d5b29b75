"""The journal of a dispatcher: a line of JSON for the dispatcher, then one for each call, written before the call takes effect.

The system takes a line in one call, so the death of the process leaves whole lines, or a last one without its end. The file is
not forced to the disk: it survives the process, but perhaps not a loss of power.

While a journal is open its file is locked, where the system has `fcntl`, and every call compares the number of the process, so
that two processes, or a process and its fork, never write to one journal.

A signal handler, such as that of Ctrl-C, may raise an exception between any two steps of Python. So a call notes what it is
about to write, and whether it has been made is noted by the same step of compiled code that makes it. Whatever an exception has
left half done, the end of the call or the next call puts right: the line stays if the call has been made, and goes if not.
"""

from __future__ import annotations

import errno
import importlib.util
import itertools
import json
import os
import tempfile
import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeAlias

from .. import _files, _validation
from ..errors import FormatError
from .policies import POLICIES, BuiltIn
from .policies.base import DECLARATIONS

fcntl: Any = importlib.import_module("fcntl") if importlib.util.find_spec("fcntl") else None
"""None on Windows."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What file systems without locks answer."""

Once: TypeAlias = Callable[[Callable[[], Any]], Any]

_NO_ARGUMENTS: tuple[tuple[()]] = ((),)
_NOTHING: tuple[int, int, list[Any]] = (0, 0, [])
"""What is pending between calls: the size of the file before, the length of the line, and what the call has answered."""

_LARGEST = 2**63
_KIND = "dispatcher_journal"
_VERSION = 1
_FACTS = ("after", "demand", "estimate", "size", "priority", "arrival", "deadline")
_FIELDS = {
    "submit": ("key", "rank", *_FACTS, "now"),
    "next": ("now",),
    "finished": ("key", "now"),
    "failed": ("key", "now", "retry"),
    "cancel": ("key", "now"),
    "set_capacity": ("resource", "amount", "now"),
}
"""The arguments of every call that is recorded."""
_NEEDED = {"set_capacity": ("resource", "amount")}
"""Those that a line must have beside the time; a key that is None is left out."""


class Journal:
    """An open journal, to which calls are added.

    Attributes
    ----------
    lock : RLock
        Held while a call is recorded and made, so that the lines stand in the order of the calls.
    """

    def __init__(self, path: str) -> None:
        """Opens a file that exists, and locks it."""
        self.path = path
        self.lock = threading.RLock()
        self._process = os.getpid()
        self._file = -1
        self._settled, self._pending = 0, _NOTHING
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # so that a pipe is refused at once
        _open_journals.add(self)
        self._lock_file()

    def _lock_file(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            reason = "belongs to a dispatcher that is in use, in this process or in another one"
            raise _validation.refuse("journal", reason, value=self.path) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                self.close()
                raise

    @classmethod
    def create(cls, path: Any, head: dict[str, Any]) -> Journal:
        """A new file that begins with what the dispatcher was made with; it has its first line from the moment it exists."""
        name = _validation.path(path, "journal")
        folder = os.path.dirname(name) or "."
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, "No such folder", folder)
        made, unfinished = tempfile.mkstemp(dir=folder, prefix=os.path.basename(name) + ".")
        os.close(made)
        try:
            journal = cls(unfinished)
            try:
                first = _line({"schedkit": _KIND, "schema_version": _VERSION, **head})
                journal._append(first)
                journal._settled = len(first)
                os.link(unfinished, name)  # unlike a change of the name it refuses a file that exists
            except BaseException:
                journal.close()
                raise
        except FileExistsError:
            raise FileExistsError(errno.EEXIST, "File exists, Dispatcher.resume continues a journal", name) from None
        finally:
            os.unlink(unfinished)
        journal.path = name
        return journal

    @classmethod
    def reopen(cls, path: Any) -> tuple[Journal, dict[str, Any], list[dict[str, Any]]]:
        """The journal of a process that has ended, its first line and its calls; an incomplete last line is removed."""
        name = _validation.path(path)
        journal = cls(name)
        try:
            content = _files.read_bytes(name)
            if os.fstat(journal._file).st_size != len(content):
                raise _files.fail(name, "is compressed, a journal is not")
            whole = content[: content.rfind(b"\n") + 1]
            head, calls = _read(name, whole.splitlines())
            journal._cut(len(whole))
        except BaseException:
            journal.close()
            raise
        return journal, head, calls

    def fail(self, reason: str, line: int) -> FormatError:
        """The error that blames a line."""
        return _files.fail(self.path, reason, line)

    def record(self, call: str, arguments: dict[str, Any], make: Callable[[Once], Any]) -> Any:
        """Records a call and then makes it; the line is taken back if the call is refused.

        Parameters
        ----------
        call : str
        arguments : dict
        make : callable
            Makes the call. It takes a function through which the compiled method is called, without arguments.
        """
        self._settle()
        made: list[Any] = []

        def once(method: Callable[[], Any]) -> Any:
            made.extend(itertools.starmap(method, _NO_ARGUMENTS))  # one step: no exception comes in between
            return made[0]

        line = _line({"call": call, **_as_json(arguments)})
        self._pending = (self._settled, len(line), made)
        try:
            self._append(line)
            return make(once)
        finally:
            self._settle()

    def _settle(self) -> None:
        """Ends the call that was recorded last, if an exception came before its end. Can itself be interrupted and repeated."""
        before, length, made = self._pending
        if not length:
            return
        size = before + length if made else before
        if not made:
            os.ftruncate(self._file, size)
        self._settled = size
        self._pending = _NOTHING

    def check_process(self) -> None:
        """Refuses the fork of the process that opened the journal."""
        if os.getpid() != self._process:
            reason = f"belongs to process {self._process}, and this is a fork of it: make calls there"
            raise _validation.refuse("journal", reason, value=self.path)

    def drop_last(self) -> None:
        """Takes the last line back: the process ended between the line and the refusal of its call."""
        content = _files.read_bytes(self.path)
        self._cut(content.rfind(b"\n", 0, len(content) - 1) + 1)

    def close(self) -> None:
        """Closes the file."""
        if self._file >= 0:
            if os.getpid() == self._process:
                self._settle()
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()

    def _append(self, line: bytes) -> None:
        if os.write(self._file, line) < len(line):
            raise OSError(f"{self.path}: the line could not be written completely")

    def _cut(self, size: int) -> None:
        os.ftruncate(self._file, size)
        self._settled = size


_open_journals: weakref.WeakSet[Journal] = weakref.WeakSet()


def _close_all() -> None:
    """A fork closes its copies of the files, so that the locks end with the process that has them."""
    for journal in list(_open_journals):
        journal.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_all)


def _line(entry: dict[str, Any]) -> bytes:
    return (json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "surrogatepass")


def policy_as_json(policy: BuiltIn | str | None) -> Any:
    """A policy as plain data; None stands for an own key function."""
    if not isinstance(policy, BuiltIn):
        return policy
    return {"name": policy.name, **{p["name"]: getattr(policy, p["name"]) for p in DECLARATIONS[policy.name]["parameters"]}}


def policy_from_json(value: Any) -> BuiltIn | str | None:
    """The inverse of `policy_as_json`."""
    if not isinstance(value, dict):
        return value if value is None else _validation.word(value, "policy")
    parameters = dict(value)
    name = parameters.pop("name", None)
    if name not in POLICIES:
        raise _validation.refuse("policy", "unknown policy", value=name)
    return POLICIES[name](**parameters)


def _as_json(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as plain data; those that are None are left out."""
    entry = {name: value for name, value in arguments.items() if value is not None}
    if "key" in entry:
        entry["key"] = _key_as_json(entry["key"], "key")
    if "rank" in entry:
        entry["rank"] = _key_as_json(entry["rank"], "key", "gives an answer that a journal cannot record, expected ")
    if "after" in entry:
        entry["after"] = [_key_as_json(key, f"after[{k}]") for k, key in enumerate(entry["after"])]
    return entry


def _key_as_json(key: Any, field: str, refusal: str = "a journal records ") -> Any:
    """A key as JSON: text, whole numbers, numbers, True, False and None are themselves, a tuple is an object."""
    if type(key) is int and abs(key) >= _LARGEST:
        raise _validation.refuse_type(field, f"{refusal}whole numbers below 2**63", "a larger one")
    if key is None or type(key) in (str, int, float, bool):
        return key
    if type(key) is tuple:
        return {"tuple": [_key_as_json(item, field, refusal) for item in key]}
    raise _validation.refuse_type(field, f"{refusal}text, numbers, None and tuples of them", key)


def _key_from_json(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"tuple"} and isinstance(value["tuple"], list):
        return tuple(_key_from_json(item) for item in value["tuple"])
    if isinstance(value, (dict, list)):
        raise TypeError("is not a key")
    return value


def _parse(path: str, line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise _files.fail(path, f"is not a line of JSON ({error})", number) from None
    if not isinstance(entry, dict):
        raise _files.fail(path, "is not an object of JSON", number)
    return entry


def _read(path: str, lines: list[bytes]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first line of a journal and its calls."""
    if not lines:
        raise _files.fail(path, "is not the journal of a dispatcher: it has no complete line")
    head = _parse(path, lines[0], 1)
    if head.get("schedkit") != _KIND or not {"capacity", "policy", "backfill"} <= set(head):
        raise _files.fail(path, "is not the journal of a dispatcher", 1)
    if head.get("schema_version") != _VERSION:
        raise _files.fail(path, f"has schema_version {head.get('schema_version')!r}, this release reads {_VERSION}", 1)
    return head, [_read_call(path, line, number) for number, line in enumerate(lines[1:], start=2)]


def _read_call(path: str, line: bytes, number: int) -> dict[str, Any]:
    """A recorded call."""
    entry = _parse(path, line, number)
    fields = _FIELDS.get(str(entry.get("call")))
    if fields is None:
        raise _files.fail(path, f"records the unknown call {str(entry.get('call'))[:60]!r}", number)
    if unknown := set(entry) - {"call", *fields}:
        raise _files.fail(path, f"has the unknown field {sorted(unknown)[0][:60]!r}", number)
    if "now" not in entry:
        raise _files.fail(path, "records no time", number)
    if missing := [name for name in _NEEDED.get(entry["call"], ()) if name not in entry]:
        raise _files.fail(path, f"records no {missing[0]}", number)
    if not isinstance(entry.get("resource", 0), int) or not 0 <= entry.get("resource", 0) < 2**31:
        raise _files.fail(path, "has a resource that is no place among the capacities", number)
    try:
        entry["key"] = _key_from_json(entry.get("key"))
        entry["after"] = [_key_from_json(key) for key in entry.get("after", [])]
        if "rank" in entry:
            entry["rank"] = _key_from_json(entry["rank"])
    except (TypeError, RecursionError):
        raise _files.fail(path, "has a key that is no text, number, None or tuple of them", number) from None
    return {name: entry[name] for name in ("call", *fields) if name in entry}
