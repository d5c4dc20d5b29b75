"""The inputs of `surface`, guided by the coverage of the Python package: needs atheris, which has wheels for some Pythons only.

``python -m tests.fuzz.guided -max_total_time=600 [FOLDER]``; options are libFuzzer's, the folder keeps what gave new coverage.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path


def main() -> None:
    # Here, because most machines have no atheris, and because it changes what is imported from now on.
    import atheris  # noqa: PLC0415

    with atheris.instrument_imports(include=["schedkit"]):
        from . import surface  # noqa: PLC0415

    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".*: left out ", UserWarning)  # what a trace reader is documented to report
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "stored"
        stored.mkdir()
        for k, data in enumerate(surface.stored()):
            (stored / str(k)).write_bytes(data)
        surface.FOUND.mkdir(parents=True, exist_ok=True)
        options = [f"-artifact_prefix={surface.FOUND}/guided-", f"-timeout={surface.HANG:.0f}", "-max_len=256"]
        atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(stored)], lambda data: surface.run(data, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
