"""A list of prices, and which of them a call has to pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from collector.prices import names
from collector.prices.price import Price

_WILD: Final = frozenset("*?[")

#: Later than any call.
EVER: Final = 2**63 - 1


@dataclass(frozen=True, eq=False)
class PriceList:
    """Prices from one file.

    Attributes:
        origin: the file, as people know it.
        is_own: whether it is the user's.
        date: as of when they are, as the file says it.
        source: where they are from, as the file says it.
        prices: by name, or by pattern; one name may have several, each from its day on.
        aliases: by provider, empty for any, and by what a sender calls a model: the name that has prices.
    """

    origin: str
    is_own: bool = False
    date: str = ""
    source: str = ""
    prices: Mapping[str, Sequence[Price]] = field(default_factory=dict)
    aliases: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def find_prices(self, name: str, provider: str) -> Sequence[Price]:
        """Returns the prices of a model, oldest first; none where its name is not in the list."""
        for form in names.list_name_variants(name):
            for told in (form, names.strip_date(form)):
                if told and (rows := self._find_by_name(told, provider)):
                    return rows
        return ()

    def _find_by_name(self, name: str, provider: str) -> Sequence[Price]:
        found = self.prices.get(name)
        if found is None:
            patterns = [each for each in self.prices if _WILD & set(each) and fnmatchcase(name, each)]
            found = self.prices[max(patterns, key=len)] if patterns else ()
        of_provider = [price for price in found if provider in price.providers]
        rows = of_provider or [price for price in found if not price.providers]
        return sorted(rows, key=lambda price: price.since_ns)


@dataclass(frozen=True, eq=False)
class PriceBook:
    """All prices that hold now.

    Attributes:
        lists: the user's before ours.
        fault: why the user's file can't be used, in one line; then there is no list, because a price of ours may be
            what the user's file was to replace.
        mark: says which book it is, for answers that are made of it.
    """

    lists: tuple[PriceList, ...] = ()
    fault: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class CalledModel:
    """What was called, as the call says it."""

    response_model: str | None
    model: str | None
    provider: str | None
    service_tier: str | None


@dataclass(frozen=True, slots=True)
class PricePeriod:
    """A price, and the time in which it holds: the end is exclusive."""

    price: Price
    of: PriceList
    first_ns: int
    end_ns: int


@lru_cache(maxsize=4_096)
def find_price_periods(book: PriceBook, called: CalledModel) -> tuple[PricePeriod, ...]:
    """Returns which prices a model has, the newest first; a price of the user's is followed by ours before its day."""
    found: list[PricePeriod] = []
    end_ns = EVER
    for each in book.lists:
        for price in reversed(_find_prices(book, each, called)):
            if price.since_ns < end_ns:
                found.append(PricePeriod(price, each, price.since_ns, end_ns))
                end_ns = price.since_ns
    return tuple(found)


@lru_cache(maxsize=4_096)
def find_lookup_name(book: PriceBook, called: CalledModel) -> str | None:
    """Returns the name that prices are looked up by; None where the call names no model."""
    return next(iter(_list_lookup_names(book, called)), None)


def _find_prices(book: PriceBook, prices: PriceList, called: CalledModel) -> Sequence[Price]:
    provider = names.normalize_provider(called.provider)
    return next((rows for name in _list_lookup_names(book, called) if (rows := prices.find_prices(name, provider))), ())


def _list_lookup_names(book: PriceBook, called: CalledModel) -> list[str]:
    """Returns by which names a call's price is looked up: what the user says that a deployment is; else the model that
    answered, then the one that was asked: whoever falls back to another model pays for that."""
    provider = names.normalize_provider(called.provider)
    told = [name for name in (called.model, called.response_model) if name and name != "unknown"]
    for name in told:
        for form in names.list_name_variants(name):
            for each in book.lists:
                for of in (provider, ""):
                    if base := each.aliases.get((of, form)):
                        return [base]
    return list(reversed(told))
