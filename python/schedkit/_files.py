"""Reading of text files for all readers: size limits, decompression, decoding, and error messages.

A reader asks for bytes or text and gets them whatever the file is called: plain or compressed with gzip, with or without a
byte order mark; `_json` reads JSON. Devices, endless streams, decompression bombs and other encodings are refused with the
path, the line if there is one, and what to do about it.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zlib
from collections.abc import Mapping

from ._text import printable
from .errors import CycleError, FormatError

MOST_BYTES = 2**30
"""The largest content that is read, after decompression."""

_BLOCK = 2**20
_GZIP = b"\x1f\x8b"
_OTHER_ENCODINGS = {
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def fail(path: str, reason: str, line: int | None = None) -> FormatError:
    """The error for a file that cannot be read, with path, line and reason."""
    place = path if line is None else f"{path}: line {line}"
    return FormatError(printable(f"{place}: {reason}"), path=path, line=line)


def cyclic(path: str, error: CycleError, line: int | None) -> CycleError:
    """The error for a file whose precedence has a cycle; `line` lists the first edge of the cycle."""
    place = path if line is None else f"{path}: line {line}"
    return CycleError(printable(f"{place}: {error}"), cycle=error.cycle, field=error.field, path=path, line=line)


def read_bytes(path: str) -> bytes:
    """The content of a file, decompressed if it is compressed with gzip.

    Raises
    ------
    FormatError
        A device, more than `MOST_BYTES` bytes, a broken gzip file.
    OSError
        A file that is missing, a folder, or may not be read.
    """
    with open(path, "rb") as file:
        about = os.fstat(file.fileno())
        if stat.S_ISBLK(about.st_mode) or (stat.S_ISCHR(about.st_mode) and not file.isatty()):
            raise fail(path, "is a device, not a file")
        content = file.read() if stat.S_ISREG(about.st_mode) and 0 < about.st_size <= MOST_BYTES else _bounded(path, file)
    return _unpacked(path, content) if content[:2] == _GZIP else content


def _bounded(path: str, file: io.BufferedReader) -> bytes:
    """The whole content of a stream, up to `MOST_BYTES`."""
    found = io.BytesIO()
    while block := file.read(_BLOCK):
        found.write(block)
        if found.tell() > MOST_BYTES:
            raise _too_large(path)
    return found.getvalue()


def _unpacked(path: str, content: bytes) -> bytes:
    """Decompresses a gzip file, which may have several members."""
    found, rest = io.BytesIO(), content
    try:
        while rest.startswith(_GZIP):
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                block = member.decompress(rest, _BLOCK)
                rest = member.unconsumed_tail or member.unused_data
                found.write(block)
                if found.tell() > MOST_BYTES:
                    raise _too_large(path)
                if not block and not rest and not member.eof:
                    raise fail(path, "is a broken gzip file: it ends too early")
    except zlib.error as error:
        raise fail(path, f"is a broken gzip file ({error})") from None
    if rest.strip(b"\0"):  # padding is legal
        raise fail(path, "is a broken gzip file: something else follows its content")
    return found.getvalue()


def _too_large(path: str) -> FormatError:
    return fail(path, f"holds more than {MOST_BYTES // 2**20} MB, which no reader here takes")


def read_text(path: str) -> str:
    """The text of a file in UTF-8, without its byte order mark."""
    return decoded(path, read_bytes(path))


def decoded(path: str, content: bytes) -> str:
    """Decodes the bytes of a file as UTF-8."""
    refuse_binary(path, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        line = line_at(content, start)
        raise fail(path, f"byte 0x{content[start]:02x} is not UTF-8, save the file as UTF-8", line) from None
    return text


def refuse_binary(path: str, content: bytes) -> None:
    """Refuses encodings of more than one byte a character, which their marks tell, and whatever holds a NUL byte."""
    for mark, name in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise fail(path, f"is text in {name}, save it as UTF-8", 1)
    if b"\0" in content:
        line = line_at(content, content.index(b"\0"))
        raise fail(path, "is not a text file (it holds a NUL byte)", line)


def line_at(text: str | bytes, at: int) -> int:
    r"""The number, counted from 1, of the line on which a character or byte stands; lines end as in `lines`.

    Examples
    --------
    >>> from schedkit._files import line_at
    >>> line_at("a\nb\r\nc\rd", 7)
    4
    """
    at -= text.startswith("\r\n", at - 1) if isinstance(text, str) else text.startswith(b"\r\n", at - 1)
    if isinstance(text, str):
        ends = text.count("\n", 0, at) + text.count("\r", 0, at) - text.count("\r\n", 0, at)
    else:
        ends = text.count(b"\n", 0, at) + text.count(b"\r", 0, at) - text.count(b"\r\n", 0, at)
    return ends + 1


def lines(text: str) -> list[str]:
    """Splits text into lines as editors count them; ``str.splitlines`` would also split at form feeds and the like."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read_table(path: str, known: Mapping[str, str], *, ignore_unknown: bool) -> tuple[dict[str, list[str]], list[int]]:
    """The cells of a CSV file by column, without blanks around them, and the line on which each row begins.

    `known` holds the names of columns by every heading that they may have. Cells are separated by commas, or by semicolons or
    tabs if the header holds no comma. Columns that are not known are refused, unless `ignore_unknown`.
    """
    import csv  # noqa: PLC0415  # loaded on first use

    text = read_text(path)
    heading = next((row for row in re.split("[\r\n]", text) if row.strip()), "")
    delimiter = next((mark for mark in ",;\t" if mark in heading), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)  # quoted cells may hold line ends
    lines: list[int] = []
    try:
        first = next((row for row in reader if any(cell.strip() for cell in row)), [])
        header = [cell.strip() for cell in first]
        title = max(reader.line_num, 1)
        names = [known.get(heading.lower()) for heading in header]
        columns: dict[str, list[str]] = {name: [] for name in names if name is not None}
        for heading, name in zip(header, names, strict=True):
            if name is None and not ignore_unknown:
                expected = f"expected some of {', '.join(dict.fromkeys(known.values()))}"
                raise fail(path, f"unknown column {heading[:80]!r}, {expected}; ignore_unknown=True skips it", title)
            if name is not None and names.count(name) > 1:
                raise fail(path, f"has more than one column {name!r}", title)
        end = reader.line_num
        for row in reader:
            begun, end = end + 1, reader.line_num
            if not row:
                continue
            if len(row) != len(header):
                raise fail(path, f"has {len(row)} cells, expected {len(header)}", begun)
            lines.append(begun)
            for name, cell in zip(names, row, strict=True):
                if name is not None:
                    columns[name].append(cell.strip())
    except csv.Error as error:  # a cell beyond the reader's limit
        raise fail(path, f"is not a CSV file ({error})", max(reader.line_num, 1)) from None
    return columns, lines


def whole(word: str) -> int:
    """Parses a whole number in ASCII digits with an optional sign; raises ValueError for any other form that Python accepts."""
    if "_" in word or not word.isascii():
        raise ValueError(word)
    return int(word)


def number(word: str) -> float:
    """Parses a finite number in ASCII; raises ValueError for any other form that Python accepts."""
    if "_" in word or not word.isascii():
        raise ValueError(word)
    value = float(word)
    if value - value != 0:
        raise ValueError(word)
    return value


def as_number(word: str) -> int | float:
    """Parses a whole number as an int and any other finite number as a float."""
    try:
        return whole(word)
    except ValueError:
        return number(word)
