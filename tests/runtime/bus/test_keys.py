"""Keys of the bus: one slot a channel, and names that can be part of a key."""

import inspect
from uuid import UUID

import pytest

from runtime.bus.keys import ChannelKeys
from runtime.errors import DefinitionError
from runtime.server.names import checked_name
from tests.contract.made import uuid


def all_keys(keys: ChannelKeys) -> dict[str, str]:
    """Every key, by the name of its function."""
    made = {}
    for name, member in inspect.getmembers(type(keys)):
        if isinstance(member, property):
            made[name] = getattr(keys, name)
        elif inspect.isfunction(member) and not name.startswith("_"):
            kinds = inspect.get_annotations(member)
            words = [uuid(1) if kind is UUID else "sms" for of, kind in kinds.items() if of != "return"]
            made[name] = member(keys, *words)
    return made


def test_all_keys_of_a_channel_lie_in_one_slot():
    """A script may touch no other on a cluster."""
    made = all_keys(ChannelKeys("shipment.delivered"))
    assert len(made) == 26
    assert {key.partition("}")[0] for key in made.values()} == {"causeline:1:{shipment.delivered.0"}


def test_no_two_keys_are_the_same():
    """Not within a channel, not between two channels, partitions or groups."""
    places = [ChannelKeys("a"), ChannelKeys("a.0"), ChannelKeys("a", 1), ChannelKeys("b")]
    made = [key for keys in places for key in all_keys(keys).values()]
    assert len(set(made)) == len(made)
    assert ChannelKeys("a").dead_letters("x") != ChannelKeys("a").dead_letters("y")


@pytest.mark.parametrize("name", ["a", "A-1", "shipment.delivered", "team/channel_2", "x" * 128])
def test_a_good_name_is_taken_as_it_is(name: str):
    """Letters, digits and a little punctuation."""
    assert checked_name("channel", name) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "a:b", "{a}", "a}b", "ä", ".a", "-a", "x" * 129, "a\n", "a|b"])
def test_a_name_that_would_break_a_key_is_refused(name: str):
    """The message says what is allowed."""
    with pytest.raises(DefinitionError, match=r"channel name .* can't be used: take 1 to 128 letters"):
        checked_name("channel", name)
