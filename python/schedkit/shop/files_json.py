"""Shops in our JSON."""

from __future__ import annotations

import json
from typing import Any

from .. import _json, _validation
from ..calendar import Calendar
from ..errors import InputTypeError, InvalidInputError
from . import _columns
from .problem import Shop

SCHEMA_VERSION = 1

_COLUMNS = ("release_time", "due_date", "weight", "family", "transport")
_BY_MACHINE = ("setup", "initial_setup")
_KEYS = (
    *("schedkit", "schema_version", "jobs", "num_machines", "blocking", "no_wait", "calendars", "names", "machine_names"),
    *_COLUMNS,
    *_BY_MACHINE,
)


def from_json(document: _json.Document) -> Shop:
    """The shop of a document; errors have the line of the value to blame."""
    content = document.content
    if not isinstance(content, dict) or content.get("schedkit") != "shop":
        raise document.fail('is not a shop, which is an object with "schedkit": "shop"', "schedkit")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise document.fail(f"expected schema_version {SCHEMA_VERSION}", "schema_version")
    for key in content:
        if key not in _KEYS:
            raise document.fail(f"unknown key {key!r}, expected some of {', '.join(_KEYS)}", key)
    if "jobs" not in content:
        raise document.fail("has no 'jobs'")
    options = {
        key: content[key] for key in (*_COLUMNS, "num_machines", "names", "machine_names") if content.get(key) is not None
    }
    options |= {key: content[key] for key in ("blocking", "no_wait") if key in content}
    try:
        for key in _BY_MACHINE:
            if content.get(key):
                options[key] = _machine_entries(document, key, "ticks")
        if content.get("calendars"):
            options["calendars"] = {
                machine: Calendar(entry.get("time"), entry.get("capacity"), entry.get("period"))
                for machine, entry in _machine_entries(document, "calendars", None).items()
            }
        jobs = [[_choices(operation) for operation in job] if isinstance(job, list) else job for job in _listed(document)]
        return Shop(jobs, **options)
    except (InvalidInputError, InputTypeError) as error:
        field = error.field if error.field in content else "jobs"
        index = error.index if isinstance(error.index, tuple) else () if error.index is None else (error.index,)
        raise document.blame(error, field, *index) from None


def _listed(document: _json.Document) -> list[Any]:
    jobs = document.content["jobs"]
    if not isinstance(jobs, list):
        raise document.fail(f"expected a list of jobs, not {_json.noun(jobs)}", "jobs")
    return jobs


def _choices(operation: Any) -> Any:
    """An operation as `Shop` takes it: a pair, or a mapping made of a list of pairs."""
    if isinstance(operation, list) and operation and all(isinstance(pair, list) and len(pair) == 2 for pair in operation):
        machines = [pair[0] for pair in operation]
        if all(type(machine) is int for machine in machines) and len(set(machines)) == len(machines):
            return dict(operation)
    return operation


def _machine_entries(document: _json.Document, key: str, value: str | None) -> dict[Any, Any]:
    """A list of objects with a machine each, as a mapping."""
    entries = document.content[key]
    found: dict[Any, Any] = {}
    for k, entry in enumerate(entries if isinstance(entries, list) else [None]):
        if not isinstance(entry, dict) or "machine" not in entry or (value is not None and value not in entry):
            wanted = "machine" if value is None else f"machine and {value}"
            raise document.fail(f"expected a list of objects with {wanted}", key, k)
        machine = _validation.int64(entry["machine"], f"{key}[{k}].machine")
        if machine in found:
            raise document.fail(f"machine {machine} stands twice", key, k)
        found[machine] = entry if value is None else entry[value]
    return found


def to_json(shop: Shop) -> str:
    """The text of a shop."""
    jobs = [[list(map(list, choices)) for choices in job] for job in shop.jobs]
    content: dict[str, Any] = {
        "schedkit": "shop",
        "schema_version": SCHEMA_VERSION,
        "num_machines": shop.num_machines,
        "jobs": jobs,
    }
    if shop._columns["release_time"].size:
        content["release_time"] = shop.release_time.tolist()
    if shop.due_date is not None:
        content["due_date"] = [None if due == _columns.NO_DUE_DATE else due for due in shop.due_date.tolist()]
    for name in ("weight", "family", "transport"):
        value = getattr(shop, name)
        if value is not None:
            content[name] = value.tolist()
    for name in _BY_MACHINE:
        if columns := getattr(shop, name):
            content[name] = [{"machine": machine, "ticks": ticks.tolist()} for machine, ticks in columns.items()]
    if shop.blocking:
        content["blocking"] = shop.blocking
    if shop.no_wait:
        content["no_wait"] = True
    if shop.calendars:
        content["calendars"] = [
            {"machine": machine, "time": c.time.tolist(), "capacity": c.capacity.tolist(), "period": c.period}
            for machine, c in shop.calendars.items()
        ]
    for name in ("names", "machine_names"):
        if getattr(shop, name) is not None:
            content[name] = list(getattr(shop, name))
    return json.dumps(content, ensure_ascii=False) + "\n"
