"""Optional packages: Ctrl-C during their first import, and packages that cannot be loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import schedkit as sk
from schedkit import _extras


def test_a_package_that_is_not_installed_is_named_with_its_command() -> None:
    with pytest.raises(sk.SchedkitError, match=r"^install it$"):
        _extras.load("no_such_package.part", "install it")


def test_an_installed_package_that_cannot_be_loaded_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_package.py").write_text("raise ImportError('a library is missing')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(sk.SchedkitError, match="'broken_package' is installed, but cannot be loaded: a library is missing"):
        _extras.load("broken_package", "install it")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX systems")
def test_ctrl_c_during_an_import_comes_when_the_module_is_complete(tmp_path: Path) -> None:
    (tmp_path / "slow_package.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(0.5)\ncomplete = True\n")
    program = textwrap.dedent(
        """
        import os, sys
        from schedkit import _extras
        try:
            _extras.load("slow_package", "install it")
        except KeyboardInterrupt:
            print(sys.modules["slow_package"].complete, flush=True)
            os._exit(0)
        """
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "True\n"
    assert process.returncode == 0
