"""A file of prices as a list. Pure."""

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from collector.prices import names, price_table, toml_lines
from collector.prices.price import Price
from collector.prices.price_list import PriceList
from collector.prices.price_table import PriceFault
from collector.prices.toml_lines import Path

_TOP: Final = ("date", "source", "shipped", "models", "aliases")

#: Models and aliases of a file at most.
MOST: Final = 20_000


def parse_prices(text: str, origin: str, *, is_own: bool) -> tuple[PriceList, bool]:
    """Returns a file's prices, and whether those that we ship hold beside them.

    Args:
        text: the file's.
        origin: its name, as people know it.
        is_own: whether it is the user's.

    Raises:
        ValueError: when it can't be used; one line names file, line and key.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{origin}:{toml_lines.describe_fault(text, error)}") from None
    except RecursionError:
        raise ValueError(f"{origin}:1: it is nested too deeply") from None
    try:
        return _read_list(content, origin, is_own=is_own), content.get("shipped", True)
    except PriceFault as error:
        key = ".".join(_quote_key(part) for part in error.path if isinstance(part, str))
        raise ValueError(f"{origin}:{toml_lines.find_line(text, error.path)}: {key}: {error}") from None


def _quote_key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _read_list(content: Mapping[str, Any], origin: str, *, is_own: bool) -> PriceList:
    for word in content:
        if word not in _TOP:
            raise PriceFault((word,), f"it means nothing here; there is {', '.join(_TOP)}")
    if not isinstance(content.get("shipped", True), bool):
        raise PriceFault(("shipped",), "it must be true or false")
    return PriceList(
        origin=origin,
        is_own=is_own,
        date=_read_text(content, "date"),
        source=_read_text(content, "source"),
        prices=_read_models(content.get("models", {})),
        aliases=_read_aliases(content.get("aliases", {})),
    )


def _read_text(content: Mapping[str, Any], word: str) -> str:
    value = content.get(word, "")
    if not isinstance(value, str | date):
        raise PriceFault((word,), "it must be a text" if word == "source" else "it must be a day, such as 2026-01-31")
    return str(value).strip()


def _read_models(tables: object) -> dict[str, list[Price]]:
    if not isinstance(tables, dict):
        raise PriceFault(("models",), "it must hold tables, each with a model's name: [models.NAME]")
    if len(tables) > MOST:
        raise PriceFault(("models",), f"it has {len(tables):,} models, and may have {MOST:,}")
    found: dict[str, list[Price]] = {}
    for model, rows in tables.items():
        several = isinstance(rows, list)
        for number, table in enumerate(rows if several else [rows]):
            path: Path = ("models", model, number) if several else ("models", model)
            price, known_as = price_table.read_price(model, table, path)
            for name in known_as:
                _add_price(found.setdefault(name, []), price, name, path)
    return found


def _add_price(rows: list[Price], price: Price, name: str, path: Path) -> None:
    for other in rows:
        same = set(other.providers) & set(price.providers) or other.providers == price.providers
        if same and other.since_ns == price.since_ns:
            where = path if name == price.model.strip().lower() else (*path, "also")
            raise PriceFault(where, f"it names the price of {name!r} twice: each needs a day of its own, from = DAY")
    rows.append(price)


def _read_aliases(table: object) -> dict[tuple[str, str], str]:
    if not isinstance(table, dict):
        raise PriceFault(("aliases",), "it must be a table: DEPLOYMENT = MODEL")
    found: dict[tuple[str, str], str] = {}
    for name, value in table.items():
        inner = value.items() if isinstance(value, dict) else [(name, value)]
        for alias, base in inner:
            path: Path = ("aliases", name, alias) if isinstance(value, dict) else ("aliases", name)
            key = (names.normalize_provider(name) if isinstance(value, dict) else "", alias.strip().lower())
            if not isinstance(base, str) or not base.strip():
                raise PriceFault(path, f"{base!r} must be the name of a model that has prices")
            if key in found:
                raise PriceFault(path, "it is there twice")
            found[key] = base.strip()
    return found
