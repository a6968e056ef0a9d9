"""What is spent of a budget, and what waits for it, in words."""

from datetime import datetime, tzinfo
from typing import Final

from collector.models import Budget
from dashboard import wording

#: Its status as a badge.
_BADGES: Final = {
    "open": ":blue-badge[:material/account_balance_wallet: open]",
    "spent": ":orange-badge[:material/hourglass_disabled: spent]",
    "cancelled": ":gray-badge[:material/cancel: cancelled]",
}


def badge(budget: Budget) -> str:
    """Returns how a budget stands, as Markdown."""
    return _BADGES[budget.status]


def describe_spending(budget: Budget, now: datetime, zone: tzinfo) -> list[str]:
    """Returns what is spent of each limit, and when its time is over, in plain text."""
    parts = [] if budget.usd_limit is None else [f"${budget.usd:,.2f} of ${budget.usd_limit:,.2f}"]
    parts += [] if budget.tokens_limit is None else [f"{budget.tokens:,} of {budget.tokens_limit:,} tokens"]
    parts += [] if budget.hops_limit is None else [f"{budget.hops:,} of {budget.hops_limit:,} hops"]
    if budget.ends_at is not None:
        is_over = budget.ends_at <= now
        parts.append(f"{'time over since' if is_over else 'until'} {wording.clock(budget.ends_at, now, zone)}")
    return parts


def describe_parked_work(budget: Budget) -> str:
    """Returns how much waits for a budget, in plain text; empty where nothing does."""
    return f"{budget.parked_total:,} parked" if budget.parked_total else ""
