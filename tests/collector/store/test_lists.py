"""Lists in columns lose items, and nothing else moves."""

from uuid import UUID

import pyarrow as pa

from collector.store import lists

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_what_is_no_uuid_is_left_out_of_its_list() -> None:
    """No list is no list, and an empty one is empty."""
    column = pa.array([[str(ONE), "x", str(OTHER)], None, [], ["x", None], [str(OTHER)]], pa.list_(pa.string()))
    assert lists.parse_uuid_lists(column).to_pylist() == [[ONE, OTHER], None, [], [], [OTHER]]
    assert lists.parse_uuid_lists(column.slice(3)).to_pylist() == [[], [OTHER]]


def test_only_chosen_records_lose_attributes() -> None:
    """By name, all of that name."""
    pairs = [[("a", 1), ("b", 2), ("a", 3)], [], [("a", 4), ("b", 5)]]
    kind = pa.list_(pa.struct([("key", pa.string()), ("value", pa.int64())]))
    column = pa.array([[{"key": key, "value": value} for key, value in one] for one in pairs], kind)
    left = lists.remove_keys(column, pa.array([True, False, False]), ["a"]).to_pylist()
    assert [[(one["key"], one["value"]) for one in row] for row in left] == [[("b", 2)], [], [("a", 4), ("b", 5)]]
