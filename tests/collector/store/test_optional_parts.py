"""Parts of a statement that nobody asks for are left out, with their values."""

import pytest

from collector.store.optional_parts import strip_unused_parts
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep

STATEMENT = """SELECT * FROM t WHERE a = $a
    --[$b
    AND b = $b AND c < $c
    --]
    --[$is_wanted
    AND d IN (SELECT unnest($ids))
    --]
ORDER BY a
"""


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"b": None, "is_wanted": False}, set()),
        ({"b": "", "is_wanted": False}, {"b"}),
        ({"b": 0, "is_wanted": True}, {"b", "is_wanted"}),
        ({"b": [], "is_wanted": None}, {"b"}),
    ],
)
def test_a_part_is_there_when_its_value_is(values: dict[str, object], parts: set[str]) -> None:
    """What is empty or zero is asked for as well."""
    text, bound = strip_unused_parts(STATEMENT, {"a": 1, "c": 2, "ids": [], **values})
    assert ("AND b = $b" in text, "AND d IN" in text) == ("b" in parts, "is_wanted" in parts)
    assert text.splitlines()[-1] == "ORDER BY a"
    assert set(bound) == {"a"} | ({"b", "c"} if "b" in parts else set()) | ({"ids"} if "is_wanted" in parts else set())


def test_a_statement_without_parts_keeps_all_its_values() -> None:
    """One that it does not know is a mistake, which the database finds."""
    assert strip_unused_parts("SELECT $a", {"a": 1, "b": 2}) == ("SELECT $a", {"a": 1, "b": 2})


def test_every_part_ends() -> None:
    """A mark that is misspelt would be a comment."""
    for query in (*Query, *Upkeep):
        marks = [line.strip() for line in query.sql.splitlines() if line.strip().startswith(("--[", "--]"))]
        assert [mark[:3] for mark in marks] == ["--[", "--]"] * (len(marks) // 2), query
