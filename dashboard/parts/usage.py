"""Tokens and what they cost in words; text that is no Markdown yet, for a dollar begins a formula there."""

from collector.models import Usage
from dashboard import wording


def brief(usage: Usage | None) -> str:
    """Returns what calls of models used and cost, in one phrase; empty where none was made."""
    if usage is None:
        return ""
    if not usage.calls and usage.input_tokens is None and usage.output_tokens is None:
        tokens = "no tokens"
    elif usage.input_tokens is None and usage.output_tokens is None:
        tokens = "" if usage.undivided_tokens else "tokens not reported"
    else:
        tokens = f"{_number(usage.input_tokens)} tokens in, {_number(usage.output_tokens)} out"
    undivided = f"{usage.undivided_tokens:,} tokens as a total alone" if usage.undivided_tokens else ""
    return ", ".join(part for part in (tokens, undivided, cost(usage)) if part)


def describe_own_usage(usage: Usage | None) -> str:
    """Returns what a run's own calls used, where runs that it started used some as well; else empty."""
    return "" if usage is None else f"without the runs that it started {brief(usage)}"


def describe_missing_usage(usage: Usage | None) -> str:
    """Returns how much sums lack; empty where they lack nothing."""
    if usage is None:
        return ""
    told = f"{wording.many(usage.unreported, 'call')} of {usage.calls:,} told no tokens" if usage.unreported else ""
    return ", ".join(part for part in (told, describe_unpriced_calls(usage)) if part)


def describe_unpriced_calls(usage: Usage) -> str:
    """Returns how many calls that told tokens have no price; empty for none."""
    without = usage.unpriced - usage.unreported
    if without <= 0:
        return ""
    many = max(usage.calls, without)
    return f"{without:,} of {many:,} {'call has' if many == 1 else 'calls have'} no price"


def cost(usage: Usage | None) -> str:
    """Returns what calls cost: with a sign where they may have cost more, empty where nothing is known."""
    if usage is None or usage.cost_usd is None:
        return ""
    more = "\N{GREATER-THAN OR EQUAL TO}" if usage.at_least or usage.unpriced else ""
    return f"{more}{money(usage.cost_usd)}" + (" reported" if usage.reported and usage.reported == usage.calls else "")


def money(usd: float) -> str:
    """Returns an amount of USD: `$0.0042`, `$3.40`, `$1,204`; small but real ones never read as nought."""
    if 0 < usd < 0.0001:
        return "<$0.0001"
    if usd < 1:
        return f"${usd:.4f}".rstrip("0").rstrip(".") if usd else "$0"
    return f"${usd:,.2f}" if usd < 1_000 else f"${usd:,.0f}"


def parts(usage: Usage | None) -> str:
    """Returns what of the tokens was cached, and what was reasoning; empty where nobody told."""
    if usage is None:
        return ""
    named = (
        (usage.cache_read_tokens, "from a cache"),
        (usage.cache_write_tokens, "into a cache"),
        (usage.reasoning_tokens, "reasoning"),
    )
    return " \N{MIDDLE DOT} ".join(f"{number:,} {words}" for number, words in named if number)


def _number(number: int | None) -> str:
    return wording.DASH if number is None else f"{number:,}"
