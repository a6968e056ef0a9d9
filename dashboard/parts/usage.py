"""Tokens in words."""

from collector.models import Usage
from dashboard import wording


def brief(usage: Usage | None) -> str:
    """Returns what calls of models used, in one phrase; empty where none was made."""
    if usage is None:
        return ""
    if usage.input_tokens is None and usage.output_tokens is None:
        return "tokens not reported"
    return f"{_number(usage.input_tokens)} tokens in, {_number(usage.output_tokens)} out"


def missing(usage: Usage | None) -> str:
    """Returns how much a sum lacks; empty where it lacks nothing."""
    if usage is None or not usage.unreported:
        return ""
    return f"{wording.many(usage.unreported, 'call')} of {usage.calls:,} told no tokens"


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
