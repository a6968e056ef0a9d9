"""What is made for each event or step, quickly."""

from dataclasses import field, replace

import pytest

from runtime.frozen import frozen


@frozen(kw_only=True)
class _Place:
    name: str
    parts: tuple[str, ...] = field(default_factory=tuple)


def test_its_instances_are_values() -> None:
    """Equal and hashed by their fields, copied by `replace`, and without room for other attributes."""
    one = _Place(name="a")
    assert one == _Place(name="a", parts=())
    assert hash(one) == hash(_Place(name="a"))
    assert replace(one, name="b") == _Place(name="b")
    with pytest.raises(AttributeError):
        one.other = 1  # type: ignore[attr-defined]  # that is the mistake


def test_type_checkers_alone_refuse_to_change_one() -> None:
    """They would complain of a comment that keeps them from nothing."""
    one = _Place(name="a")
    one.name = "b"  # type: ignore[misc]  # that is what they refuse
    assert one.name == "b"
