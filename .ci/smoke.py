"""Runs the README's example against the installed package: nothing but the standard library and the package is needed."""

import doctest
import sys
import time
from pathlib import Path

start = time.perf_counter()
import schedkit  # noqa: E402

readme = Path(__file__).resolve().parents[1] / "README.md"
failed, tried = doctest.testfile(
    str(readme), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
)
if failed or not tried:
    sys.exit(f"{failed} of {tried} examples failed")
if Path(schedkit.__file__).is_relative_to(readme.parent / "python"):
    sys.exit("this is the source tree, not the installed package")
loaded = sorted({"matplotlib", "pandas", "rich", "networkx", "joblib"} & sys.modules.keys())
if loaded:
    sys.exit(f"imported without being asked for: {loaded}")
gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print(f"schedkit {schedkit.__version__}: {tried} examples in {time.perf_counter() - start:.2f} s, GIL {'on' if gil else 'off'}")
