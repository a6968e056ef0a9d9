"""What comes in: stories of ours, spans of others, logs and metrics, under names that are new ones again and again."""

import threading
import time
from itertools import count, cycle
from typing import Final

from collector.otlp.signals import SIGNALS, TRACES
from tests.collector import marked
from tests.collector.shipment import CHANNEL, GROUPS, STEPS, WORKFLOW, Shipment
from tests.collector.story import MS, ORIGIN_NS
from tests.collector.ways import ENCODINGS, Way

#: Stories after which all names are new ones.
_GENERATION: Final = 5

#: Records of a request, and the spans of a story.
_RECORDS: Final = 50
_STORY: Final = 15

#: Requests after which a sender hangs up, and comes again from another address.
_PER_CONNECTION: Final = 20

#: Seconds between two requests of a sender.
PACE: Final = 0.1

_SPOKEN: Final = frozenset({CHANNEL, WORKFLOW, *GROUPS, *STEPS, "correct", "GatewayError", "CarrierError"})


class Sender(threading.Thread):
    """Sends all signals in turn, over one way, at a steady pace.

    Args:
        way: `protobuf`, `json` or `grpc`.
        url: of the collector.
        grpc_port: of the same one.
        ending: set when it is to end.
    """

    def __init__(self, way: str, url: str, grpc_port: int, ending: threading.Event) -> None:
        super().__init__(name=f"sender {way}", daemon=True)
        self.records = 0
        self.refused = 0
        self._way = way
        self._url, self._grpc_port = url, grpc_port
        self._ending = ending
        self._numbers = count(1 + 1_000_000 * ENCODINGS.index(way))

    def run(self) -> None:
        """Sends until it is told to end."""
        for number in cycle(range(1, 250)):
            gzips = number % 2 == 0
            way = Way(self._way, self._url, self._grpc_port, compressed=gzips, local=f"127.0.0.{number}")
            for _ in range(_PER_CONNECTION):
                if self._ending.wait(PACE):
                    break
                self._send(way)
            way.close()
            if self._ending.is_set():
                return

    def _send(self, way: Way) -> None:
        number = next(self._numbers)
        name = f"{self._way}-{number // _GENERATION}"
        for signal in SIGNALS:
            request = marked.request(signal, f"{name}.{number}", _RECORDS, f"service {name}")
            taken = way.send(signal, request)
            self.records += _RECORDS if taken else 0
            self.refused += not taken
        request = TRACES.request.FromString(story(number, name))
        taken = way.send(TRACES, request)
        self.records += _STORY if taken else 0
        self.refused += not taken


def story(number: int, generation: str) -> bytes:
    """A shipment of just now, by names of its generation, with a dead letter and its replay."""
    shipment = Shipment(number=number, start=(time.time_ns() - ORIGIN_NS) / MS - 6_000)
    shipment.story.service = f"logistics {generation}"
    for span in shipment.story.spans:
        for attribute in (*span.attributes, *(found for event in span.events for found in event.attributes)):
            if attribute.value.string_value in _SPOKEN:
                attribute.value.string_value += f" {generation}"
    return shipment.story.request()
