"""Prices of one model as a table of the file says them. Pure."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any, Final

from collector.prices import names
from collector.prices.price import Price, Rate
from collector.prices.toml_lines import Path
from collector.times import nanoseconds

_RATES: Final = ("input", "output", "cache_read", "cache_write", "cache_write_long")
_WORDS: Final = (*_RATES, "from", "also", "provider", "tiers", "service_tiers")


class PriceFault(ValueError):  # noqa: N818 it names what is wrong with a file
    """Raised when a file of prices says what can't be used.

    Args:
        path: of the key.
        message: what is wrong with it.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def read_price(model: str, table: object, path: Path) -> tuple[Price, list[str]]:
    """Returns the prices that a table says, and by which names they are found.

    Args:
        model: its name.
        table: its words.
        path: where it stands.

    Raises:
        PriceFault: when it can't be understood.
    """
    words = _require_table(table, path)
    for word in words:
        if word not in _WORDS:
            near = get_close_matches(word, _WORDS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(_WORDS)}"
            raise PriceFault((*path, word), f"it means nothing here{hint}")
    price = Price(
        model=model,
        rate=_read_rate(words, path),
        since_ns=_read_since(words.get("from"), (*path, "from")),
        tiers=_read_tiers(words.get("tiers", []), (*path, "tiers")),
        services={
            name.lower(): _read_service(each, (*path, "service_tiers", name))
            for name, each in _list_services(words, path)
        },
        providers=tuple(
            names.normalize_provider(each) for each in _read_texts(words.get("provider", []), (*path, "provider"))
        ),
    )
    return price, [
        model.strip().lower(),
        *(each.strip().lower() for each in _read_texts(words.get("also", []), (*path, "also"))),
    ]


def _require_table(value: object, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PriceFault(path, "it must be a table")
    return value


def _read_rate(words: Mapping[str, Any], path: Path) -> Rate:
    for word in ("input", "output"):
        if word not in words:
            raise PriceFault((*path, word), "it is missing: USD for a million tokens")
    return Rate(**{word: _read_amount(words[word], (*path, word)) for word in _RATES if word in words})


def _read_amount(value: object, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise PriceFault(path, f"{value!r} is not a price: write USD for a million tokens, such as 2.50")
    return float(value)


def _read_since(value: object, path: Path) -> int:
    if value is None:
        return 0
    if isinstance(value, datetime):
        return nanoseconds(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return nanoseconds(datetime(value.year, value.month, value.day, tzinfo=UTC))
    raise PriceFault(path, f"{value!r} is not a day: write it without quotes, such as 2026-01-31")


def _read_tiers(value: object, path: Path) -> tuple[tuple[int, Rate], ...]:
    if not isinstance(value, list):
        raise PriceFault(path, "it must be a list of tables, each with above, input and output")
    found: dict[int, Rate] = {}
    for each in value:
        words = _require_table(each, path)
        above = words.get("above")
        if isinstance(above, bool) or not isinstance(above, int) or above < 1:
            raise PriceFault(path, f"above = {above!r} must be a number of tokens")
        if above in found:
            raise PriceFault(path, f"it names prices above {above:,} tokens twice")
        if unknown := sorted(set(words) - {"above", *_RATES}):
            raise PriceFault(path, f"{unknown[0]!r} means nothing there")
        found[above] = _read_rate(words, path)
    return tuple(sorted(found.items()))


def _list_services(words: Mapping[str, Any], path: Path) -> list[tuple[str, Any]]:
    return list(_require_table(words.get("service_tiers", {}), (*path, "service_tiers")).items())


def _read_service(value: object, path: Path) -> Rate | float:
    if isinstance(value, dict):
        if unknown := sorted(set(value) - set(_RATES)):
            raise PriceFault((*path, unknown[0]), "it means nothing here")
        return _read_rate(value, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise PriceFault(path, f"{value!r} must be a factor, such as 0.5, or a table of prices")
    return float(value)


def _read_texts(value: object, path: Path) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) and each.strip() for each in found):
        raise PriceFault(path, f"{value!r} must be a text, or a list of texts")
    return found
