"""gRPC peers that stall, flood or go away hold nothing that others need."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from collector.otlp.parcel import Limits
from collector.otlp.signals import TRACES
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.otlp.wire import swarms
from tests.collector.story import Story, place
from tests.waiting import until_sync

EXPORT = f"/{TRACES.service}/Export"


def one_span() -> bytes:
    """The smallest request that says something."""
    story = Story()
    story.add("work", place("t", "s"))
    return story.request()


@pytest.fixture
def channels(collector: LiveCollector) -> Iterator[Callable[[], grpc.Channel]]:
    """Makes connections of their own, which are closed after the test."""
    made: list[grpc.Channel] = []

    def connect() -> grpc.Channel:
        address = f"127.0.0.1:{collector.grpc_port}"
        made.append(grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]))
        return made[-1]

    yield connect
    for channel in made:
        channel.close()


@pytest.fixture
def collector(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that waits for nobody long, and has few places."""
    with LiveCollector(path, bus, limits=Limits(stall=0.3, connections=4, items=1000)) as live:
        yield live


def test_a_message_that_does_not_come_is_not_waited_for(
    collector: LiveCollector, channels: Callable[[], grpc.Channel]
) -> None:
    """A call is opened, and nothing is sent over it: it ends, and what was held for it is free again."""
    hold = threading.Event()

    def nothing() -> Iterator[bytes]:
        hold.wait(60)
        yield b""

    errors = []
    for _ in range(2):
        future = channels().stream_unary(EXPORT).future(nothing(), timeout=60, wait_for_ready=True)
        errors.append(future.exception(timeout=60))
    hold.set()
    assert {error.code() for error in errors} == {grpc.StatusCode.CANCELLED}  # senders may try that again
    assert collector.budget._held == 0


def test_too_many_items_exhaust_resources_for_good(
    collector: LiveCollector, channels: Callable[[], grpc.Channel]
) -> None:
    """Without a time to try again at."""
    with pytest.raises(grpc.RpcError) as raised:
        channels().unary_unary(EXPORT)(swarms(5000)["spans"][1], timeout=20, wait_for_ready=True)
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "CAUSELINE_REQUEST_LIMIT_ITEMS" in raised.value.details()
    assert "grpc-status-details-bin" not in dict(raised.value.trailing_metadata())


def test_who_hangs_up_is_no_error(
    collector: LiveCollector, channels: Callable[[], grpc.Channel], caplog: pytest.LogCaptureFixture
) -> None:
    """Before, and while it is answered."""
    for _ in range(3):
        channel = channels()
        grpc.channel_ready_future(channel).result(timeout=20)
        calls = [channel.unary_unary(EXPORT).future(one_span()) for _ in range(5)]
        for call in calls:
            call.cancel()
        channel.unary_unary(EXPORT).future(one_span())
        channel.close()
    until_sync(lambda: collector.budget._held == 0)
    assert collector.post(one_span()).status_code == 200
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []
