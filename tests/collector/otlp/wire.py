"""Requests that no SDK would write, made by hand of tags and lengths."""

from collections.abc import Mapping
from typing import Final

from collector.otlp.signals import LOGS, METRICS, TRACES, Signal

#: Tags of the fields that lead to the records of every signal: resources, scopes, records.
RESOURCES, SCOPES, RECORDS = 0x0A, 0x12, 0x12

#: What opens a group; OTLP has none.
GROUP: Final = b"\xfb\x07"

#: A length of nearly 2^64.
ENDLESS: Final = b"\xff" * 9 + b"\x01"


def field(tag: int, content: bytes) -> bytes:
    """One field with a length."""
    length, rest = bytearray(), len(content)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([tag, *length, rest]) + content


def under(*tags: int, content: bytes) -> bytes:
    """What stands below some fields, the outermost first."""
    for tag in reversed(tags):
        content = field(tag, content)
    return content


def swarms(count: int) -> Mapping[str, tuple[Signal, bytes]]:
    """Requests of so many empty things each, by what they are."""
    empty = {tag: bytes([tag, 0]) * count for tag in (0x0A, 0x12, 0x2A, 0x4A, 0x5A, 0x6A)}
    record = (RESOURCES, SCOPES, RECORDS)
    return {
        "resources": (TRACES, empty[RESOURCES]),
        "scopes": (TRACES, under(RESOURCES, content=empty[SCOPES])),
        "spans": (TRACES, under(RESOURCES, SCOPES, content=empty[RECORDS])),
        "attributes": (TRACES, under(*record, content=empty[0x4A])),
        "events": (TRACES, under(*record, content=empty[0x5A])),
        "links": (TRACES, under(*record, content=empty[0x6A])),
        "attributes of resources": (TRACES, under(RESOURCES, 0x0A, content=empty[0x0A])),
        "values of a list": (TRACES, under(*record, 0x4A, 0x12, 0x2A, content=empty[0x0A])),
        "a value set again and again": (TRACES, under(*record, 0x4A, content=empty[0x12])),
        "records of logs": (LOGS, under(RESOURCES, SCOPES, content=empty[RECORDS])),
        "metrics": (METRICS, under(RESOURCES, SCOPES, content=empty[RECORDS])),
        "points": (METRICS, under(*record, 0x2A, content=empty[0x0A])),
        "exemplars": (METRICS, under(*record, 0x2A, 0x0A, content=empty[0x2A])),
    }
