"""What a request is made of is counted before it is decoded, and what would hurt the decoder never gets there."""

import json
import subprocess
import sys
from contextlib import suppress

import pytest
from google.protobuf.message import Message

from collector.errors import TooLargeError, UndecodableError
from collector.otlp.decode import DECODERS, from_json
from collector.otlp.decode.census import count_messages
from collector.otlp.signals import LOGS, SIGNALS, TRACES, Signal
from tests.collector.otlp.wire import ENDLESS, GROUP, RECORDS, RESOURCES, SCOPES, swarms, under
from tests.collector.story import Story, place

MANY = 5_000


def messages_in(message: Message) -> int:
    """How many there are inside of one."""
    found = 0
    for field, value in message.ListFields():
        if field.message_type is not None:
            inner = list(value) if field.is_repeated else [value]
            found += len(inner) + sum(messages_in(each) for each in inner)
    return found


@pytest.mark.parametrize("what", swarms(1))
def test_whatever_there_are_too_many_of_is_counted(what: str) -> None:
    """Empty ones take two bytes each; what they hang on counts as well."""
    signal, body = swarms(MANY)[what]
    found = count_messages(signal, body, 2 * MANY)
    assert MANY <= found <= MANY + 8
    with pytest.raises(TooLargeError, match=r"more than 4999 spans.*CAUSELINE_REQUEST_LIMIT_ITEMS"):
        count_messages(signal, body, MANY - 1)


def test_what_sdks_send_is_counted_truly() -> None:
    """Spans, and all that hangs on them."""
    story = Story()
    for index in range(100):
        made = story.add("work", place("t", str(index)), attributes={"a": "one", "b": [1, 2]}, links=[place("x", "y")])
        made.events.add(name="noted").attributes.add(key="bare")
    story.spans[0].status.code = 1
    body = story.request()
    assert count_messages(TRACES, body, 10_000) == messages_in(TRACES.request.FromString(body))


def test_a_small_request_is_taken_for_the_worst_it_can_be() -> None:
    """Which is less work than to look."""
    assert count_messages(TRACES, b"", 10) == 0
    assert count_messages(TRACES, b"\x0a\x00" * 10, 10) == 10
    with pytest.raises(TooLargeError):
        count_messages(TRACES, b"\x0a\x00" * 11, 10)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
@pytest.mark.parametrize("depth", range(4))
@pytest.mark.parametrize("bad", [GROUP * MANY, b"\x0a" + ENDLESS, b"\x0a\x05a"], ids=["groups", "endless", "cut"])
def test_what_would_hurt_the_decoder_is_undecodable_at_any_depth(signal: Signal, depth: int, bad: bytes) -> None:
    """With a good record in front of it."""
    tags = (RESOURCES, SCOPES, RECORDS)[:depth]
    good = under(RESOURCES, SCOPES, RECORDS, content=b"\x1a\x00" * MANY)
    with pytest.raises(UndecodableError, match=f"is not a valid {signal.request.DESCRIPTOR.name}"):
        count_messages(signal, good + under(*tags, content=bad), 10 * MANY)


def test_groups_without_end_kill_no_process() -> None:
    """The decoder follows each until its stack is full: a few kilobytes of gzip were enough. In a process of its own,
    or the whole suite would be gone."""
    program = (
        "from collector.otlp.decode import census\n"
        "from collector.otlp.signals import TRACES\n"
        "from collector.errors import UndecodableError\n"
        "from tests.collector.otlp.wire import GROUP, under\n"
        "try: census.count_messages(TRACES, under(0x0A, 0x12, 0x12, content=GROUP * 1_000_000), 500_000)\n"
        "except UndecodableError: print('refused')\n"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"refused\n"


def test_a_part_that_is_cut_hides_nothing_that_is_decoded() -> None:
    """Its length runs over what comes next, but the decoder stops at it as well."""
    cut = under(RESOURCES, content=b"\x12\xff\xff\x7f")
    body = cut + under(RESOURCES, content=GROUP * MANY)
    with suppress(UndecodableError):
        count_messages(TRACES, body, MANY)
    with pytest.raises(UndecodableError):
        DECODERS[TRACES](body)


def test_values_of_json_are_counted_without_reading_it() -> None:
    """Objects, lists and what stands in them; what stands in texts counts only where nothing is lost by it."""
    body = json.dumps({"resourceSpans": [{}] * MANY}).encode()
    assert from_json.count(body, 3 * MANY) == 2 * MANY + 2
    with pytest.raises(TooLargeError, match="CAUSELINE_REQUEST_LIMIT_ITEMS"):
        from_json.count(body, MANY)
    with pytest.raises(TooLargeError):
        from_json.count(json.dumps([1] * MANY).encode(), MANY - 1)
    told = json.dumps({"body": json.dumps([{"quoted": "\\"}] * MANY)}).encode()
    assert from_json.count(told, 10) == 2


@pytest.mark.parametrize("end", [b'"', b"\\", b'\\"', b'"' * 3 + b"\\"])
def test_texts_that_do_not_end_are_passed_over_in_one_go(end: bytes) -> None:
    """Or a body of quotes would keep a thread busy for hours."""
    body = b'["' + b'\\"' * 1_000_000 + b"{" * MANY + end
    assert from_json.count(body, 10) <= 3


def test_letters_beyond_latin_take_more_memory() -> None:
    """One of them, and all the text is stored in four bytes a letter."""
    assert from_json.weight(b"x" * 100, 1) < from_json.weight(b"x" * 96 + "😀".encode(), 1)


def test_numbers_and_depths_without_end_are_refused_or_left_out() -> None:
    """Never an error of Python's."""
    for body in (b'{"a":' + b"9" * 100_000 + b"}", b"[" * 400_000, b'{"a":' * 400_000):
        with pytest.raises(UndecodableError):
            from_json.to_protobuf(body, TRACES.request)
    record = {"timeUnixNano": "9" * 5_000, "severityNumber": 10**400, "body": {"doubleValue": 10**400}}
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).encode()
    _, left_out = from_json.to_protobuf(body, LOGS.request)
    assert sum(left_out.values()) == 3


@pytest.mark.parametrize("value", [1, True, [], {"": {}}, "no base64!"])
def test_bytes_that_are_none_are_left_out(value: object) -> None:
    """Whatever stands in their place."""
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"bytesValue": value}}]}]}]}).encode()
    _, left_out = from_json.to_protobuf(body, LOGS.request)
    assert sum(left_out.values()) == 1
