"""Signs are found wherever they stand, and nothing else is."""

from typing import Final

import pytest

from runtime.redaction.signs import Signs

SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "key": ("words",),
    "k_live_": ("looks", "keys"),
    "-": ("options",),
    "://": ("addresses",),
    "ä~": ("rare",),
}


@pytest.mark.parametrize(
    ("lower", "found"),
    [
        ("", set()),
        ("kye k_liv_ : // ä ~", set()),
        ("a monkey", {"words"}),
        ("sk_live_1", {"looks", "keys"}),
        ("http://x-y", {"addresses", "options"}),
        ("keyä~", {"words", "rare"}),
    ],
)
def test_a_text_has_what_its_signs_are_of(lower: str, found: set[str]):
    """At its beginning, within it, at its end."""
    signs = Signs(SIGNS)
    assert signs.find_kinds(lower, frozenset(lower)) == found
    assert signs.are_in(lower, frozenset(lower)) is bool(found)


def test_where_there_are_no_signs_none_is_found():
    """Nor is it a fault."""
    signs: Signs[str] = Signs({})
    assert signs.find_kinds("key", frozenset("key")) == set()
    assert not signs.are_in("key", frozenset("key"))
