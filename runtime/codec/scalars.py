"""Scalars: what JSON has, what of it JSON can't write, and a table of the standard library's own."""

import base64
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final
from uuid import UUID

from runtime.codec.note import AS, OF, Node
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.writer import Handler, Writer

#: From here on an int is written as hexadecimal text. Python refuses to write or read more than 4300 digits, and a
#: process may lower that to 640.
LARGE: Final = 1 << 2048

#: Two halves of a surrogate pair as characters of their own: JSON can't tell them from the character they make.
_HALVES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """How values of one type travel: `kind` is its note, `write` makes JSON of them, `read` makes them of that."""

    kind: str
    type: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]

    def handler(self, value: Any, _writer: Writer, _depth: int) -> Node:
        """Writes a value. An instance of a subclass travels as the table's own type, if it holds no more than that.

        Raises:
            RefusedError: it holds more.
        """
        data = self.write(value)
        if type(value) is not self.type and not self.read(data) == value:
            raise RefusedError(value, f"take the {self.type.__name__} that is in it")
        return data, self.kind

    def restore(self, data: Any, _note: dict[str, Any], _reader: Reader) -> Any:
        """Reads a value.

        Raises:
            MalformedError: it is none.
        """
        try:
            return self.read(data)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the reason would quote it
            raise MalformedError(f"is not of type {self.type.__name__}, though its note says so") from None


def write_plain(value: Any, _writer: Writer, _depth: int) -> Node:
    """What JSON has as it is."""
    return value, None


def write_text(value: str, _writer: Writer, _depth: int) -> Node:
    """Text; as base64 where its parts would become one."""
    if value.isascii() or not _HALVES.search(value):
        return value, None
    return _encode_halves(value), "text"


def write_int(value: int, _writer: Writer, _depth: int) -> Node:
    """A number, or hexadecimal text."""
    return (value, None) if -LARGE < value < LARGE else (hex(value), "int")


def write_float(value: float, _writer: Writer, _depth: int) -> Node:
    """A number, or the name of one that JSON has not."""
    if math.isfinite(value):
        return value, None
    return ("NaN" if value != value else "Infinity" if value > 0 else "-Infinity"), "float"


def is_natural_text(value: str) -> bool:
    """Whether JSON has this text as it is."""
    return value.isascii() or not _HALVES.search(value)


def write_pattern(value: re.Pattern[Any], writer: Writer, depth: int) -> Node:
    """A compiled regular expression, as its source; `flags` are Python's."""
    data, note = writer.write_node(value.pattern, depth)
    return data, {AS: "pattern", OF: note, "flags": int(value.flags)}


def restore_pattern(data: Any, note: dict[str, Any], reader: Reader) -> re.Pattern[Any]:
    """Compiles it again.

    Raises:
        MalformedError: it is none.
    """
    try:
        return re.compile(reader.read_node(data, note.get(OF)), note["flags"])
    except (re.error, TypeError, ValueError, KeyError, OverflowError, RecursionError):
        raise MalformedError("is not a regular expression, though its note says so") from None


def _encode_base64(value: bytes | bytearray | memoryview) -> str:
    return base64.b64encode(value).decode()


def _decode_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _encode_halves(text: str) -> str:
    return _encode_base64(text.encode("utf-8", "surrogatepass"))


def _write_complex(value: complex) -> str:
    imaginary = repr(value.imag)
    return f"{value.real!r}{'' if imaginary.startswith('-') else '+'}{imaginary}j"


def _write_memoryview(value: memoryview) -> str:
    if value.format != "B" or value.ndim != 1:
        raise RefusedError(value, "take its tobytes()")
    return _encode_base64(value)


def _write_fraction(value: Fraction) -> str:
    parts = (value.numerator, value.denominator)
    return "/".join(str(part) if abs(part) < LARGE else hex(part) for part in parts)


def _write_range(value: range) -> list[int]:
    parts = [value.start, value.stop, value.step]
    if any(abs(part) >= LARGE for part in parts):
        raise RefusedError(value, "write its numbers as text")
    return parts


#: What a value is written as where its type is one of these, and how it is read.
SCALARS: Final = (
    Scalar("text", str, _encode_halves, lambda text: _decode_base64(text).decode("utf-8", "surrogatepass")),
    Scalar("int", int, hex, lambda text: int(text, 16)),
    Scalar("float", float, str, float),
    Scalar("bytes", bytes, _encode_base64, _decode_base64),
    Scalar("bytearray", bytearray, _encode_base64, lambda text: bytearray(_decode_base64(text))),
    Scalar("memoryview", memoryview, _write_memoryview, lambda text: memoryview(_decode_base64(text))),
    Scalar("complex", complex, _write_complex, complex),
    Scalar("decimal", Decimal, Decimal.__str__, Decimal),
    Scalar("fraction", Fraction, _write_fraction, lambda text: Fraction(*(int(part, 0) for part in text.split("/")))),
    Scalar("range", range, _write_range, lambda parts: range(*parts)),
    Scalar("uuid", UUID, UUID.__str__, UUID),
    Scalar("path", type(Path()), str, Path),
    Scalar("posixpath", PurePosixPath, str, PurePosixPath),
    Scalar("windowspath", PureWindowsPath, str, PureWindowsPath),
    Scalar("ipv4address", IPv4Address, str, IPv4Address),
    Scalar("ipv4interface", IPv4Interface, str, IPv4Interface),
    Scalar("ipv4network", IPv4Network, str, IPv4Network),
    Scalar("ipv6address", IPv6Address, str, IPv6Address),
    Scalar("ipv6interface", IPv6Interface, str, IPv6Interface),
    Scalar("ipv6network", IPv6Network, str, IPv6Network),
)

HANDLERS: Final[dict[type, Handler]] = {
    **{scalar.type: scalar.handler for scalar in SCALARS},
    str: write_text,
    int: write_int,
    float: write_float,
    bool: write_plain,
    type(None): write_plain,
    re.Pattern: write_pattern,
}

RESTORERS: Final[dict[str | None, Restorer]] = {
    **{scalar.kind: scalar.restore for scalar in SCALARS},
    "pattern": restore_pattern,
}
