"""Amounts as rules write them, such as `5m` and `10%`, and as people read them. Pure."""

import math
import re
from enum import StrEnum
from typing import Final

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")

_USD: Final = re.compile(r"\$?\s*(\d+(?:\.\d+)?)(?:\s*USD)?")

#: Most seconds that a rule may name: a year.
LONGEST: Final = 366 * 86_400.0


class Unit(StrEnum):
    """What a rule's threshold counts."""

    NONE = ""
    SECONDS = "seconds"
    SHARE = "share"
    COUNT = "count"
    USD = "usd"


def parse_duration(value: object) -> float:
    """Returns a length of time in seconds.

    Args:
        value: a number of seconds, or text such as `90s`, `5m`, `1.5 h` and `2d`.

    Raises:
        ValueError: when it is none, negative, or longer than a year.
    """
    if isinstance(value, str) and (match := _LENGTH.fullmatch(value.strip())):
        found = float(match[1]) * _SECONDS[match[2]]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    else:
        raise ValueError(f"{value!r} is not a duration: write seconds, or a text such as 90s, 5m, 1h or 2d")
    if not 0 <= found <= LONGEST:
        raise ValueError(f"{value!r} is not a duration from 0 to 366d")
    return found


def parse_amount(value: object, unit: Unit) -> float:
    """Returns a threshold as a number.

    Args:
        value: as a rule writes it.
        unit: what it counts.

    Raises:
        ValueError: when it is no such amount.
    """
    if unit is Unit.SECONDS:
        return parse_duration(value)
    if unit is Unit.SHARE:
        return _parse_share(value)
    if unit is Unit.USD and isinstance(value, str):
        value = _parse_dollars(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{value!r} is not a number of at least 0")
    return float(value)


def _parse_dollars(text: str) -> float:
    if not (found := _USD.fullmatch(text.strip())):
        raise ValueError(f"{text!r} is not an amount: write a number of USD, such as 12.50, or a text such as $12.50")
    return float(found[1])


def _parse_share(value: object) -> float:
    found = value
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            found = float(value.strip()[:-1]) / 100
        except ValueError:
            found = None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 1:
        raise ValueError(f"{value!r} is not a share: write a text such as 10%, or a number from 0 to 1")
    return float(found)


def format_percent(share: float) -> str:
    """Returns a share as people read it."""
    return f"{share:.1%}".replace(".0%", "%").replace("%", " %")


def format_usd(amount_usd: float) -> str:
    """Returns an amount of USD as people read it: `$0.0042`, `$3.40`, `$1,204`."""
    if 0 < amount_usd < 1:
        return f"${amount_usd:.4f}"
    return f"${amount_usd:,.2f}" if amount_usd < 1_000 else f"${amount_usd:,.0f}"


def format_duration(amount_seconds: float) -> str:
    """Returns a length of time as people read it: `12 ms`, `3.4 s`, `5 min`, `1.5 h`, `3 d`."""
    if amount_seconds < 1:
        return f"{amount_seconds * 1_000:.0f} ms"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if round(amount_seconds / size, 2) >= 1:
            return f"{_format_short_number(amount_seconds / size)} {unit}"
    return f"{_format_short_number(amount_seconds)} s"


def _format_short_number(amount: float) -> str:
    """Returns a number with one digit behind the point, where it is small enough for that to matter."""
    return f"{amount:.1f}".removesuffix(".0") if amount < 10 else f"{amount:.0f}"
