"""Attributes of every kind through the API: as they were sent, cut where they are long, and found."""

import math

from collector.api.bounds import MARK
from collector.client import CollectorClient
from tests.collector.live import LiveCollector
from tests.collector.story import Story, foreign, place

WHERE = place("t", "values")


def tell(collector: LiveCollector, *, long: bool = False) -> None:
    """A span with an attribute of each kind."""
    story = Story()
    span = story.add("values", WHERE, attributes={"text": "", "yes": True, "most": 2**63 - 1, "one": 1.0, "same": "a"})
    for value in (math.nan, math.inf, -0.0):
        span.attributes.add(key=str(value)).value.double_value = value
    span.attributes.add(key="same").value.string_value = "b"
    span.attributes.add(key="none")
    span.attributes.add(key="no items").value.array_value.SetInParent()
    span.attributes.add(key="bytes").value.bytes_value = b"\xff\x00"
    items = span.attributes.add(key="items").value.array_value.values
    items.add().int_value = 1
    items.add().double_value = 1.0
    items.add()
    items.add().string_value = 'a "quoted" Zürich \\x41 ' + ("x" * 100_000 if long else "")
    items.add().bytes_value = b"\xff"
    items.add().array_value.values.add().string_value = "within a list"
    items.add().kvlist_value.values.add(key="k").value.string_value = "Malmö " + ("y" * 500_000 if long else "")
    found = span.attributes.add(key="map").value.kvlist_value
    found.values.add(key="k").value.string_value = "within a map " + ("z" * 500_000 if long else "")
    collector.tell(story)


def test_each_is_answered_with_its_type(collector: LiveCollector, client: CollectorClient) -> None:
    """Of a key that is there twice the first value."""
    tell(collector)
    (span,) = client.trace(f"{WHERE.trace:032x}").spans
    assert {name: repr(value) for name, value in span.attributes.items()} == {
        "text": "''",
        "yes": "True",
        "most": "9223372036854775807",
        "one": "1.0",
        "same": "'a'",
        "nan": "'NaN'",
        "inf": "'Infinity'",
        "-0.0": "-0.0",
        "none": "None",
        "no items": "[]",
        "bytes": "'/wA='",
        "items": repr([1, 1.0, None, 'a "quoted" Zürich \\x41 ', "/w==", ["within a list"], {"k": "Malmö "}]),
        "map": repr({"k": "within a map "}),
    }


def test_what_is_long_is_cut_and_what_is_nested_in_it_told_by_its_size(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The rest of a list stays as it is."""
    tell(collector, long=True)
    (span,) = client.trace(f"{WHERE.trace:032x}").spans
    items = span.attributes["items"]
    assert items[:3] == [1, 1.0, None]
    assert items[3].startswith('a "quoted" Zürich')
    assert MARK in items[3]
    assert items[4:6] == ["/w==", ["within a list"]]
    assert items[6].endswith("a map of 500,022 bytes]")
    assert span.attributes["map"].endswith("a map of 500,028 bytes]")


def test_what_is_nested_is_found_by_the_search(collector: LiveCollector, client: CollectorClient) -> None:
    """Whichever way it was sent; kinds that the store tells them by are no text of theirs."""
    tell(collector)
    for text in (
        "within a list",
        "WITHIN A MAP",
        "Malmö",
        "zürich",
        '"quoted"',
        "9223372036854775807",
        "/wA=",
        "1, 1.0",
    ):
        assert [node.id for node in client.search(text).items] == [str(foreign(WHERE))], text
    assert client.search("within a set").items == []
