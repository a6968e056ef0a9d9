"""Amounts of alerts and rules in a reader's words, as text. Pure."""

from collector.models import AlertRule
from dashboard import wording
from dashboard.parts import usage


def format_amount(value: float | None, unit: str) -> str:
    """Returns a value or a threshold in its unit."""
    if value is None or not unit:
        return wording.DASH
    if unit == "seconds":
        return wording.duration(value * 1_000)
    if unit == "usd":
        return usage.money(value)
    return wording.share(value) if unit == "share" else f"{value:,.0f}"


def lasting(rule: AlertRule) -> str:
    """Returns how long something must last before a rule fires, and in which window it looks."""
    window = f"in {wording.duration(rule.window_seconds * 1_000)}" if rule.window_seconds else "now"
    return window if not rule.for_seconds else f"{window}, for {wording.duration(rule.for_seconds * 1_000)}"
