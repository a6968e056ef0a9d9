"""Two values side by side."""

import json

from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.diff import MOST, Diff, DiffRow, Side, compare, lines


def shown(diff: Diff) -> list[str]:
    """Each row as text: what is left, what is right."""
    return [
        f"... {row.hidden}"
        if row.kind == "gap"
        else f"{'=' if row.kind == 'same' else '!'}{text(row.left)}|{text(row.right)}"
        for row in diff.rows
    ]


def text(side: Side | None) -> str:
    """A line, its changed part in brackets."""
    return "" if side is None else "".join(f"[{part}]" if changed else part for part, changed in side.pieces)


def test_what_differs_stands_beside_what_it_differs_from():
    """And the part of the line that is another is told."""
    diff = compare('{"id": 7, "hub": "north"}', '{"id": 7, "hub": "south"}')
    assert shown(diff) == [
        "={|{",
        '!  "hub": "[nor]th",|  "hub": "[sou]th",',
        '=  "id": 7|  "id": 7',
        "=}|}",
    ]
    assert (diff.removed, diff.added, diff.is_same) == (1, 1, False)


def test_what_one_has_alone_has_nothing_beside_it():
    """Added on the right, removed on the left; lines keep their numbers."""
    diff = compare("[1,2]", "[1,2,3]")
    assert shown(diff) == ["=[|[", "=  1,|  1,", "!  2|  2[,]", "!|[  3]", "=]|]"]
    assert [row.right.number for row in diff.rows if row.right] == [1, 2, 3, 4, 5]
    assert [row.left.number for row in diff.rows if row.left] == [1, 2, 3, 4]


def test_the_order_of_keys_is_no_difference():
    """JSON's objects have none."""
    assert compare('{"a":1,"b":[]}', '{"b": [], "a": 1}').is_same


def test_texts_of_several_lines_are_compared_line_by_line():
    """As people read what a model wrote."""
    assert lines('{"said":"a\\nb\\nc","n":1}') == ["{", '  "n": 1,', '  "said": "a', "    b", '    c"', "}"]
    diff = compare(json.dumps("one\ntwo\nthree"), json.dumps("one\n2\nthree"))
    assert (diff.removed, diff.added) == (1, 1)


def test_what_is_far_from_a_difference_is_folded():
    """How much that is, is told; a fold of a line would save nothing."""
    before, after = list(range(40)), [*range(20), "x", *range(21, 40)]
    rows = compare(json.dumps(before), json.dumps(after)).rows
    assert [(row.kind, row.hidden) for row in rows if row.kind == "gap"] == [("gap", 18), ("gap", 17)]
    assert sum(row.kind == "same" for row in rows) == 6
    assert shown(compare(json.dumps([1, 2, 3, 4, "x"]), json.dumps([1, 2, 3, 4, "y"])))[0] == "... 2"


def test_equal_values_have_no_rows_but_a_fold():
    """There is nothing to read."""
    assert compare("[1,2,3]", "[1, 2, 3]").rows == (DiffRow("gap", hidden=5),)


def test_other_text_is_compared_as_it_is():
    """Also where one value is JSON and the other was cut, or is not there."""
    assert [row.kind for row in compare("a\nb", "a\nc").rows] == ["same", "changed"]
    assert compare(None, "[]").added == 1
    assert compare(None, None).rows == ()


def test_long_values_are_compared_up_to_a_line():
    """And it is said."""
    diff = compare(json.dumps(list(range(5_000))), json.dumps(list(range(1, 5_000))))
    assert diff.is_cut
    assert sum(row.hidden or 1 for row in diff.rows) <= 2 * MOST


Json = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(Json, Json)
def test_both_values_can_be_read_from_it(before: object, after: object):
    """Nothing is lost but what is folded, which both have."""
    diff = compare(json.dumps(before), json.dumps(after))
    for told, side in ((lines(json.dumps(before)), "left"), (lines(json.dumps(after)), "right")):
        number = 0
        for row in diff.rows:
            number += row.hidden
            if found := getattr(row, side):
                number += 1
                assert found.number == number
                assert "".join(part for part, _ in found.pieces) == told[number - 1]
        assert number == len(told)


def test_it_is_plain_json_for_the_script():
    """Rows with their pieces."""
    assert json.loads(json.dumps(compare("1", "2").as_data())) == [
        {
            "kind": "changed",
            "left": {"number": 1, "pieces": [["1", True]]},
            "right": {"number": 1, "pieces": [["2", True]]},
            "hidden": 0,
        }
    ]
