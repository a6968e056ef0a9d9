"""Dates, times, durations and time zones, in the words of ISO 8601."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from runtime.codec.note import AS, Node, build_note
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.scalars import Scalar
from runtime.codec.writer import Handler, Writer

_DURATION: Final = TypeAdapter(timedelta)


def write_datetime(value: datetime, _writer: Writer, _depth: int) -> Node:
    """A moment with its offset, if it has one; the note holds the `zone` by its key, or the `name` that an offset was
    given, and the `fold`."""
    return value.isoformat(), _moment_note("datetime", value)


def write_time(value: time, _writer: Writer, _depth: int) -> Node:
    """A time of the day; the note as that of a datetime."""
    return value.isoformat(), _moment_note("time", value)


def _moment_note(kind: str, value: datetime | time) -> str | dict[str, Any]:
    facts: dict[str, Any] = {}
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
        facts["zone"] = value.tzinfo.key
    elif isinstance(value.tzinfo, timezone):
        facts = _offset_name(value.tzinfo)
    if value.fold:
        facts["fold"] = 1
    return {AS: kind, **facts} if facts else kind


def restore_datetime(data: Any, note: dict[str, Any], _reader: Reader) -> Any:
    """The moment; in its zone where this machine knows that zone with that offset, else at the offset.

    Raises:
        MalformedError: it is none.
    """
    return _in_zone(_parse_iso(datetime, data), note)


def restore_time(data: Any, note: dict[str, Any], _reader: Reader) -> Any:
    """The time of the day.

    Raises:
        MalformedError: it is none.
    """
    return _in_zone(_parse_iso(time, data), note)


def _parse_iso(kind: Any, data: Any) -> Any:
    try:
        return kind.fromisoformat(data)
    except (ValueError, TypeError):
        raise MalformedError(f"is not of type {kind.__name__}, though its note says so") from None


def _in_zone(value: Any, note: dict[str, Any]) -> Any:
    value = value.replace(fold=1 if note.get("fold") else 0)
    zone = _find_zone(note.get("zone"))
    if zone is None:
        return _restore_offset_name(value, note)
    zoned = value.replace(tzinfo=zone)
    return zoned if zoned.utcoffset() == value.utcoffset() else value


def _find_zone(key: Any) -> tzinfo | None:
    try:
        return ZoneInfo(key) if isinstance(key, str) else None
    except Exception:  # noqa: BLE001 - whatever the machine's data or a forged key lead to, the offset is there
        return None


def _offset_name(zone: timezone) -> dict[str, Any]:
    """The name of an offset that was given one, as `astimezone()` does."""
    if zone is UTC:
        return {}
    given = zone.__reduce__()[1][1:]
    return {"name": given[0]} if given else {}


def _restore_offset_name(value: Any, note: dict[str, Any]) -> Any:
    offset, name = value.utcoffset(), note.get("name")
    return value if offset is None or not isinstance(name, str) else value.replace(tzinfo=timezone(offset, name))


def _zone_key(value: ZoneInfo) -> str:
    if not value.key:
        raise RefusedError(value, "take a zone that has a key")
    return value.key


def _write_duration(value: timedelta) -> Any:
    return _DURATION.dump_python(value, mode="json")


def _write_offset(value: timezone) -> Any:
    return _write_duration(value.utcoffset(None))


def write_timezone(value: timezone, _writer: Writer, _depth: int) -> Node:
    """An offset; the note holds the `name` that it was given."""
    return _write_offset(value), build_note("timezone", {}, **_offset_name(value))


def restore_timezone(data: Any, note: dict[str, Any], _reader: Reader) -> Any:
    """The offset.

    Raises:
        MalformedError: it is none.
    """
    name = note.get("name")
    try:
        offset = _DURATION.validate_python(data)
        return timezone(offset, name) if isinstance(name, str) else timezone(offset)
    except ValueError:
        raise MalformedError("is not a timezone, though its note says so") from None


SCALARS: Final = (
    Scalar("date", date, date.isoformat, date.fromisoformat),
    Scalar("timedelta", timedelta, _write_duration, _DURATION.validate_python),
    Scalar("zone", ZoneInfo, _zone_key, ZoneInfo),
)

HANDLERS: Final[dict[type, Handler]] = {
    **{scalar.type: scalar.handler for scalar in SCALARS},
    datetime: write_datetime,
    time: write_time,
    timezone: write_timezone,
}

RESTORERS: Final[dict[str | None, Restorer]] = {
    **{scalar.kind: scalar.restore for scalar in SCALARS},
    "datetime": restore_datetime,
    "time": restore_time,
    "timezone": restore_timezone,
}
