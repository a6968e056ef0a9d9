"""Attributes that came as two texts are found as if each had come alone, whatever the call before had."""

from hypothesis import given
from hypothesis import strategies as st

from collector.agents.messages.flat_attributes import BETWEEN, AttributeTexts, FlatAttributes, find_by_prefix

PREFIXES = ("p.", "q.", "p.1", "x")
NAMES = st.sampled_from(["p.0.role", "p.0.content", "p.1.content", "p.10.role", "q.0.content", "model", "", "xp.0"])
VALUES = st.sampled_from(["", "a", "ab", "b" * 40, "c" * 40])
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=12)
OTHERS = st.dictionaries(NAMES, st.integers(), max_size=3)


def texts(pairs: list[tuple[str, str]], before: AttributeTexts | None) -> AttributeTexts:
    """Pairs as the database tells them."""
    return AttributeTexts(BETWEEN.join(name for name, _ in pairs), BETWEEN.join(value for _, value in pairs), before)


@given(st.lists(st.tuples(PAIRS, OTHERS), max_size=5))
def test_each_call_has_its_own_attributes(calls: list[tuple[list[tuple[str, str]], dict[str, int]]]) -> None:
    """Of a name that comes twice the first one; in the order in which they came."""
    before = None
    for pairs, others in calls:
        if [name for name, _ in pairs] == [""]:
            continue  # an attribute without a name, alone, is none
        before = texts(pairs, before)
        found = FlatAttributes(before, others)
        expected: dict[str, object] = {}
        for name, value in [*pairs, *others.items()]:
            expected.setdefault(name, value)
        assert found == expected
        for prefix in PREFIXES:
            assert sorted(find_by_prefix(found, prefix)) == sorted(find_by_prefix(expected, prefix))
            assert [name for name, _ in find_by_prefix(found, prefix)] == [
                name for name, _ in find_by_prefix(expected, prefix)
            ]


def test_what_calls_have_in_common_is_the_same_text() -> None:
    """Not one more of its kind for each call: of five hundred turns that is half a million."""
    first = texts([("p.0.content", "said " * 9), ("model", "m")], None)
    second = texts([("p.0.content", "said " * 9), ("p.1.content", "more"), ("model", "m")], first)
    assert second.texts[0] is first.texts[0]
