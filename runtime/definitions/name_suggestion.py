"""What somebody may have meant by a name that is not there."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest_name(name: str, known: Iterable[str]) -> str:
    """A question that names the nearest of those that are known; empty where none is near."""
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]!r}? " if near else ""
