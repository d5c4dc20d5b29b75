"""The files that ``schedkit plan solve`` writes into a folder: the table, the Gantt chart, the page for browsers."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

from .._extras import load
from ..plan import PlanSolution
from ..plan.plot import pages
from .output import picture_path, save_picture

_TABLE = "table.csv"
_MOST_PAGES = 8


def write(r: PlanSolution, folder: Path) -> list[str]:
    """Writes the files of a schedule; returns lines that say so.

    A chart of several pages becomes ``gantt.png``, ``gantt-2.png`` and so on; pages of an earlier, longer chart are removed.
    Without matplotlib there is no chart, and an earlier one is removed.
    """
    r.write(folder / _TABLE)
    r.to_html(folder / "plan.html")
    found = [f"wrote {folder / _TABLE}", f"wrote {folder / 'plan.html'}, for browsers"]
    if importlib.util.find_spec("matplotlib") is None:
        _remove_pages(folder, 1)
        return [*found, "left out gantt.png: drawing needs matplotlib: pip install 'schedkit[plot]'"]
    count = pages(len(r.table()))
    drawn = min(count, _MOST_PAGES)
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        for page in range(1, drawn + 1):
            _draw(r, page, folder / _name(page))
    _remove_pages(folder, drawn + 1)
    last = f" to {_name(drawn)}" if drawn > 1 else ""
    more = f", the first {drawn} of {count} pages; plan.html shows all" if drawn < count else ""
    boxes = (
        " (letters that the font of matplotlib lacks are boxes)" if any("Glyph" in str(c.message) for c in complaints) else ""
    )
    return [*found, f"wrote {folder / _name(1)}{last}{more}{boxes}"]


def remove(folder: Path) -> None:
    """Removes the table and the chart of an earlier schedule."""
    (folder / _TABLE).unlink(missing_ok=True)
    _remove_pages(folder, 1)


def failure(r: PlanSolution) -> str:
    """Why there is no schedule, in one line."""
    words = "no schedule exists" if r.status == "infeasible" else "found no schedule that keeps all deadlines"
    return ": ".join([words, *(["; ".join(reason.detail for reason in r.reasons[:5])] if r.reasons else [])])


def notes(r: PlanSolution) -> list[str]:
    """Lines about progress that deserves attention."""
    return [f"note: {warning.detail}" for warning in r.warnings]


def _remove_pages(folder: Path, page: int) -> None:
    """Removes the pages of an earlier chart, from one of them on."""
    while (old := folder / _name(page)).exists():
        old.unlink()
        page += 1


def _name(page: int) -> str:
    return "gantt.png" if page == 1 else f"gantt-{page}.png"


def _draw(r: PlanSolution, page: int, path: Path) -> None:
    target = picture_path(str(path))
    axes = r.plot(page=page)
    save_picture(axes, target)
    load("matplotlib.pyplot", "").close(axes.figure)
