"""Loading optional packages on first use."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from .errors import SchedkitError


def load(module: str, missing: str) -> Any:
    """The module of an optional package.

    Raises `SchedkitError` with the text `missing` if the package is not installed, and with the package's own error if it is
    installed but cannot be loaded. Ctrl-C is answered when the module is complete, within a second or two: a module that is
    loaded in part makes every later use of it fail.
    """
    package = module.partition(".")[0]
    with _interrupts_delayed():
        try:
            importlib.import_module(package)
            return importlib.import_module(module)
        except ImportError as error:
            if isinstance(error, ModuleNotFoundError) and importlib.util.find_spec(package) is None:
                raise SchedkitError(missing) from error
            raise SchedkitError(f"the package {package!r} is installed, but cannot be loaded: {error}") from error


@contextlib.contextmanager
def _interrupts_delayed() -> Iterator[None]:
    """Keeps SIGINT back until the block ends, on the main thread, where signals are handled."""
    handler = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    if not callable(handler):
        yield
        return
    caught: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: caught.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if caught:
            handler(*caught[0])
