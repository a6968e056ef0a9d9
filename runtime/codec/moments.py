"""Dates, times, durations and time zones, in the words of ISO 8601."""

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from runtime.codec.note import AS, Node
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.scalars import Scalar
from runtime.codec.writer import Handler, Writer

_DURATION: Final = TypeAdapter(timedelta)


def write_datetime(value: datetime, _writer: Writer, _depth: int) -> Node:
    """A moment with its offset, if it has one; the note holds the `zone` by its key, and the `fold`."""
    return value.isoformat(), _moment("datetime", value)


def write_time(value: time, _writer: Writer, _depth: int) -> Node:
    """A time of the day; the note as that of a datetime."""
    return value.isoformat(), _moment("time", value)


def _moment(kind: str, value: datetime | time) -> str | dict[str, Any]:
    facts: dict[str, Any] = {}
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
        facts["zone"] = value.tzinfo.key
    if value.fold:
        facts["fold"] = 1
    return {AS: kind, **facts} if facts else kind


def restore_datetime(data: Any, note: dict[str, Any], _reader: Reader) -> Any:
    """The moment; in its zone where this machine knows that zone with that offset, else at the offset.

    Raises:
        MalformedError: it is none.
    """
    return _in_zone(_parsed(datetime, data), note)


def restore_time(data: Any, note: dict[str, Any], _reader: Reader) -> Any:
    """The time of the day.

    Raises:
        MalformedError: it is none.
    """
    return _in_zone(_parsed(time, data), note)


def _parsed(kind: Any, data: Any) -> Any:
    try:
        return kind.fromisoformat(data)
    except (ValueError, TypeError):
        raise MalformedError(f"is no {kind.__name__}, as its note says") from None


def _in_zone(value: Any, note: dict[str, Any]) -> Any:
    value = value.replace(fold=1 if note.get("fold") else 0)
    zone = _known_zone(note.get("zone"))
    if zone is None:
        return value
    zoned = value.replace(tzinfo=zone)
    return zoned if zoned.utcoffset() == value.utcoffset() else value


def _known_zone(key: Any) -> tzinfo | None:
    try:
        return ZoneInfo(key) if isinstance(key, str) else None
    except Exception:  # noqa: BLE001 - whatever the machine's data or a forged key lead to, the offset is there
        return None


def _key(value: ZoneInfo) -> str:
    if not value.key:
        raise RefusedError(value, "take a zone that has a key")
    return value.key


def _duration(value: timedelta) -> Any:
    return _DURATION.dump_python(value, mode="json")


def _offset(value: timezone) -> Any:
    return _duration(value.utcoffset(None))


SCALARS: Final = (
    Scalar("date", date, date.isoformat, date.fromisoformat),
    Scalar("timedelta", timedelta, _duration, _DURATION.validate_python),
    Scalar("timezone", timezone, _offset, lambda text: timezone(_DURATION.validate_python(text))),
    Scalar("zone", ZoneInfo, _key, ZoneInfo),
)

HANDLERS: Final[dict[type, Handler]] = {
    **{scalar.type: scalar.handler for scalar in SCALARS},
    datetime: write_datetime,
    time: write_time,
}

RESTORERS: Final[dict[str | None, Restorer]] = {
    **{scalar.kind: scalar.restore for scalar in SCALARS},
    "datetime": restore_datetime,
    "time": restore_time,
}
