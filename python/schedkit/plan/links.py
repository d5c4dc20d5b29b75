"""Texts of predecessors and resources: ``NAME SS+4h; OTHER`` and ``crane[2]; crew``, and back.

Names may look like the ends of such texts (``Pour SS``). A text that is a name as a whole is that name. The writers choose a
form that is read as what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..errors import InputTypeError
from . import _refusal
from ._refusal import UnreadableError, similar
from .durations import Units, is_number
from .elements import LINK_TYPES, Link

_LAG = r"[+\-\u2212]\s*[0-9][a-zA-Z0-9.,%\s]*"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.DOTALL)
    for form in (
        rf"(?P<name>.*\S)\s+(?P<type>FS|SS|FF|SF)\s*(?P<lag>{_LAG})?",
        rf"(?P<name>.*\S)(?P<type>)\s*(?P<lag>{_LAG})",
        r"(?P<name>.*\S)\s+(?P<type>FS|SS|FF|SF)\s*(?P<lag>[+\-\u2212].*)",
    )
)
_OTHER_TYPE = re.compile(rf"(?P<name>.*\S)\s+(?P<type>[A-Za-z]{{2}})\s*(?:{_LAG})?", re.DOTALL)
_TYPES = {"FS": "its start after the end", "SS": "start to start", "FF": "end to end", "SF": "its end after the start"}
_LONGEST = 4000
_OTHER_UNITS = re.compile(r"(?P<name>.*?)\s*\[\s*(?P<units>[^\[\]]*?)\s*\]", re.DOTALL)
_UNITS = re.compile(r"(?P<name>.*?)\s*\[\s*(?P<units>[0-9]{1,18})\s*\]", re.DOTALL)


def predecessors(value: Any, names: Collection[str], units: Units) -> tuple[Link, ...]:
    """The links that a text, a list of texts or a list of mappings names.

    Raises
    ------
    UnreadableError
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = [part for part in value.split(";") if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise UnreadableError("expected predecessors such as 'NAME; OTHER SS+4h', or a list of them", InputTypeError)
    found = tuple(_link(item, names, units) for item in value)
    if len(set(found)) < len(found):
        again = next(link for k, link in enumerate(found) if link in found[:k])
        raise UnreadableError(f"names the same link to {again.name!r} more than once")
    return found


def _link(item: Any, names: Collection[str], units: Units) -> Link:
    if isinstance(item, str):
        return _link_of_text(item.strip(), names, units)
    if isinstance(item, Link):
        item = {"name": item.name, "type": item.type, "lag": units.lag_text(item.lag, elapsed=item.elapsed)}
    if not isinstance(item, Mapping):
        raise UnreadableError("expected predecessors such as 'NAME SS+4h' or {'name', 'type', 'lag'}", InputTypeError)
    unknown = [str(key) for key in item if key not in ("name", "type", "lag")]
    if unknown:
        raise UnreadableError(_refusal.unknown("key", unknown[0], ("name", "type", "lag"), owner=" of a link"))
    name, kind = item.get("name"), item.get("type") or "FS"
    if not isinstance(name, str) or not isinstance(kind, str):
        raise UnreadableError("a link has the name of an activity and a type", InputTypeError)
    if kind.upper() not in LINK_TYPES:
        raise UnreadableError(f"{kind!r} is no type of link, expected one of {', '.join(LINK_TYPES)}")
    lag, elapsed = units.lag(item.get("lag") or 0)
    return Link(_known(name.strip(), names, "activity"), kind.upper(), lag, elapsed and bool(lag))


def _link_of_text(text: str, names: Collection[str], units: Units) -> Link:
    if text in names:
        return Link(text)
    matches = (form.fullmatch(text) for form in _FORMS) if len(text) <= _LONGEST else ()
    for found in matches:
        if found is None or (name := found["name"].strip()) not in names:
            continue
        kind, lag = (found["type"] or "FS").upper(), found["lag"]
        if lag is None:
            return Link(name, kind)
        if "%" in lag:
            raise UnreadableError("lags in percent of a duration are not supported, give the time")
        try:
            length, elapsed = units.lag(lag)
        except UnreadableError as error:
            _refuse_commas(text, lambda part: _link_of_text(part, names, units))
            raise UnreadableError(f"the lag {lag.strip()!r}: {error.reason}") from None
        return Link(name, kind, length, elapsed and bool(length))
    if len(text) <= _LONGEST:
        _refuse_other_type(text, names)
    _refuse_commas(text, lambda part: _link_of_text(part, names, units))
    first = _FORMS[0].fullmatch(text) if len(text) <= _LONGEST else None
    return Link(_known(text if first is None else first["name"].strip(), names, "activity"))


def _refuse_other_type(text: str, names: Collection[str]) -> None:
    """Refuses two letters behind a name that are no type of link, such as those of other languages."""
    found = _OTHER_TYPE.fullmatch(text)
    if found is not None and found["name"].strip() in names and text not in names:
        types = ", ".join(f"{kind} ({words})" for kind, words in _TYPES.items())
        raise UnreadableError(f"{found['type']!r} behind {found['name'].strip()!r} is no type of link, expected one of {types}")


def _refuse_commas(text: str, read: Callable[[str], object]) -> None:
    """Refuses a list that commas separate, whose parts could be read alone."""
    parts = [part.strip() for part in text.split(",")] if len(text) <= _LONGEST else []
    if len(parts) < 2:
        return
    try:
        for part in parts:
            read(part)
    except UnreadableError:
        return
    raise UnreadableError(f"semicolons separate names in lists, write {'; '.join(parts)!r}")


def _known(name: str, names: Collection[str], kind: str) -> str:
    if name not in names:
        raise UnreadableError(f"there is no {kind} {name!r}{similar(name, names)}")
    return name


def link_text(link: Link, names: Collection[str], units: Units) -> str:
    """The shortest text that is read as the link."""
    plain = [link.name] if link.type == "FS" else []
    plain.append(f"{link.name} {link.type}")
    lag = units.lag_text(link.lag, elapsed=link.elapsed) if link.lag else "+0h"
    forms = [*([] if link.lag else plain), *(f"{link.name} {link.type}{' ' * k}{lag}" for k in range(8))]
    return _first(forms, lambda form: _link_of_text(form, names, units), link)


def _first(forms: Iterable[str], read: Callable[[str], Any], meant: Any) -> str:
    """The first form that is read as what is meant; some is, because so many names like texts do not exist by chance."""
    last = ""
    for form in forms:
        last = form
        try:
            if read(form) == meant:
                return form
        except UnreadableError:
            continue
    return last


def resources(value: Any, names: Collection[str]) -> dict[str, int]:
    """The units of resources that a text or a mapping names."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        pairs = [(_resource_name(key, names), units(item)) for key, item in value.items()]
    else:
        if isinstance(value, str):
            value = [part for part in value.split(";") if part.strip()]
        if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
            raise UnreadableError("expected resources such as 'crane[2]; crew', or a mapping of names to units", InputTypeError)
        pairs = [_units_of_text(part.strip(), names) for part in value]
    found: dict[str, int] = {}
    for name, number in pairs:
        if name in found:
            raise UnreadableError(f"names the resource {name!r} more than once")
        found[name] = number
    return found


def _resource_name(key: Any, names: Collection[str]) -> str:
    if not isinstance(key, str):
        raise UnreadableError("expected the names of resources", InputTypeError)
    return _known(key.strip(), names, "resource")


def _units_of_text(text: str, names: Collection[str]) -> tuple[str, int]:
    found = None if text in names else _UNITS.fullmatch(text)
    if found is None:
        other = _OTHER_UNITS.fullmatch(text)
        if other is not None and text not in names and other["name"] in names:
            raise UnreadableError(f"the units of {other['name']!r} must be a whole number, not {other['units']!r}")
        if text not in names:
            _refuse_commas(text, lambda part: _units_of_text(part, names))
        return _known(text, names, "resource"), 1
    return _known(found["name"], names, "resource"), units(int(found["units"]))


def units(value: Any) -> int:
    """A number of units: a whole number >= 1."""
    if not is_number(value):
        raise UnreadableError("units are whole numbers", InputTypeError)
    if not abs(value) < 2**53 or value != int(value):
        raise UnreadableError("units are whole numbers below 2**53")
    if value < 1:
        raise UnreadableError("an activity holds at least one unit of its resources")
    return int(value)


def resources_text(held: Mapping[str, int], names: Collection[str]) -> str:
    """The text that `resources` reads as these units."""
    return "; ".join(_resource_text(name, number, names) for name, number in held.items())


def _resource_text(name: str, number: int, names: Collection[str]) -> str:
    forms = [name] if number == 1 else []
    forms += [f"{name}[{' ' * k}{number}]" for k in range(8)]
    return _first(forms, lambda form: _units_of_text(form, names), (name, number))
