"""What one call cost, and how that is known."""

import math
from dataclasses import dataclass
from typing import Final

from collector.prices import price_list
from collector.prices.price import Price, Rate, compute_usd
from collector.prices.price_list import CalledModel, PriceBook, PricePeriod

#: A sender's cost that differs from ours by a larger share is told beside it.
_DIFFERS: Final = 0.01


@dataclass(frozen=True, slots=True)
class BillableCall:
    """What a call is paid for.

    Attributes:
        called: what was called.
        start_ns: when, in nanoseconds since 1970: its price is that of the day.
        input: tokens of the whole prompt; None where nobody told.
        output: tokens of the whole answer.
        cache_read, cache_write: parts of the prompt.
        reported: what the sender says that it cost, in USD.
        answers: whether it has an output to pay for; an embedding has none.
        total: tokens in all, which some tell alone.
    """

    called: CalledModel
    start_ns: int
    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reported: float | None = None
    answers: bool = True
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost.

    Attributes:
        usd: None where that is not known.
        note: how it is known, or why not.
        at_least: whether it may have cost more.
        is_reported: whether the sender said so.
    """

    usd: float | None
    note: str
    at_least: bool = False
    is_reported: bool = False


def compute_cost(book: PriceBook, billed: BillableCall) -> Cost:
    """Returns what a call cost: by the user's prices, else as its sender reports it, else by ours.

    What the sender reports is never added to a price. A reported 0 is what senders say who know no price: it counts
    only where no list has one.
    """
    listed, is_own = _cost_by_list(book, billed)
    told = billed.reported
    if told is None or not math.isfinite(told) or told < 0:
        return listed
    if listed.usd is None:
        return Cost(told, "reported by the sender", is_reported=True)
    if is_own or told == 0:
        return Cost(listed.usd, listed.note + _difference_note(told, listed.usd, "the sender reports"), listed.at_least)
    note = "reported by the sender" + _difference_note(listed.usd, told, "the list of prices makes it")
    return Cost(told, note, is_reported=True)


def _difference_note(other: float, chosen: float, says: str) -> str:
    differs = abs(other - chosen) > _DIFFERS * max(abs(other), abs(chosen))
    return f"; {says} ${other:.6g}" if differs else ""


def _cost_by_list(book: PriceBook, billed: BillableCall) -> tuple[Cost, bool]:
    """Returns the cost by a list, and whether that is the user's."""
    if billed.input is None and billed.output is None:
        return Cost(None, _missing_tokens_note(billed.total)), False
    if book.fault:
        return Cost(None, f"no prices: {book.fault}"), False
    name = price_list.find_lookup_name(book, billed.called)
    if name is None:
        return Cost(None, "it names no model"), False
    found = price_list.find_price_periods(book, billed.called)
    reign = next((each for each in found if each.first_ns <= billed.start_ns < each.end_ns), None)
    if reign is None:
        return Cost(None, f"no price of {name!r}" + (" at that time" if found else "")), False
    rate = find_rate(reign.price, billed.called.service_tier, billed.input or 0)
    if rate is None:
        return Cost(None, f"no price of {name!r} in the service tier {billed.called.service_tier!r}"), False
    return _cost_at_rate(reign, rate, billed), reign.of.is_own


def _missing_tokens_note(total: int | None) -> str:
    if total is None:
        return "it told no tokens"
    return f"it told {total:,} tokens in all, and not how many were sent and how many came back"


def find_rate(price: Price, service_tier: str | None, prompt: int) -> Rate | None:
    """Returns the rate of a request; None where its tier of service has no price."""
    return next((rate for above, rate in reversed(price.find_rates(service_tier)) if prompt > above), None)


def _cost_at_rate(reign: PricePeriod, rate: Rate, billed: BillableCall) -> Cost:
    found = compute_usd(rate, billed.input or 0, billed.output or 0, billed.cache_read or 0, billed.cache_write or 0)
    why = []
    if billed.cache_write and rate.cache_write_long is not None:
        why.append("what was written to a cache for an hour costs more, and nobody tells how much that was")
    if billed.input is None or (billed.output is None and billed.answers):
        why.append(f"its {'input' if billed.input is None else 'output'} was not told")
    price = reign.price
    said = f"{price.model} at ${rate.input:g} in, ${rate.output:g} out a million, by {reign.of.origin}"
    said += f" of {reign.of.date}" if reign.of.date else ""
    return Cost(found, "; ".join([said, *(f"at least this: {each}" for each in why)]), bool(why))
