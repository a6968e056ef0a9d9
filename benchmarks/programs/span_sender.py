"""Sends requests of spans over several connections, each as fast as it is answered: `<url> <encoding> <connections>
<requests> <spans>`, or no faster than so many spans a second, which begin from a time on (nanoseconds since 1970), one
request of each so many of chains of ours: `<rate> <began_ns> <chains_every>`; and writes into a file when each request
was due and answered, in seconds of the machine's monotonic clock: `<file>`. The encoding is `protobuf`, `json` or
`grpc`. Requests are made before the order to begin; a second order ends it before all are sent. How long an answer
takes counts from when its request was due: one that could not be sent in time because others were not answered has
waited, too."""

import http.client
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as Request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from benchmarks import chains
from benchmarks.otlp_json import as_json
from benchmarks.programs import talk
from benchmarks.requests import request

Send = Callable[[bytes], None]


def over_http(url: str, content_type: str) -> Send:
    """Sends over one connection of HTTP; a sender that is asked to come again does."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)

    def send(body: bytes) -> None:
        while True:
            connection.request("POST", "/v1/traces", body, {"Content-Type": content_type})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                return
            if answer.status not in (429, 503):
                raise SystemExit(f"the collector answered {answer.status}")
            time.sleep(0.05)

    return send


def over_grpc(address: str) -> Send:
    """Sends over one channel of gRPC."""
    stub = TraceServiceStub(grpc.insecure_channel(address))  # type: ignore[no-untyped-call] # generated without types
    return lambda body: stub.Export(Request.FromString(body), timeout=120, wait_for_ready=True)


def make_requests(spans: int, requests: int, pause_s: float, began_ns: int, chains_every: int) -> Iterator[Request]:
    """Requests that begin one after the other, from a time on where one is given."""
    chance = random.Random(2)
    for number in range(requests):
        at_ns = began_ns + int(number * pause_s * 1e9) if began_ns else None
        if at_ns is not None and chains_every and number % chains_every == 0:
            until_ns = at_ns + int(pause_s * 1e9)
            yield Request.FromString(chains.request(at_ns, until_ns, round(spans / chains.SPANS), chance))
        else:
            yield request(spans, at_ns)


def main(
    url: str,
    encoding: str,
    connections: int,
    requests: int,
    spans: int,
    rate: int = 0,
    began_ns: int = 0,
    chains_every: int = 0,
    file: Path | None = None,
) -> None:
    """Sends all, and tells how long each took and all together."""
    pause_s = spans / rate if rate else 0.0
    sent = make_requests(spans, requests, pause_s, began_ns, chains_every)
    bodies = [as_json(one) if encoding == "json" else one.SerializeToString() for one in sent]
    content_type = "application/json" if encoding == "json" else "application/x-protobuf"
    sends = [over_grpc(url) if encoding == "grpc" else over_http(url, content_type) for _ in range(connections)]
    answered: list[tuple[float, float]] = []
    rest = enumerate(bodies)
    enough, over = threading.Event(), threading.Event()
    talk.announce_ready()
    threading.Thread(target=_listen, args=(enough, over), daemon=True).start()

    def lane(send: Send) -> None:
        for number, body in rest:
            due = begin + number * pause_s if rate else time.perf_counter()
            if enough.wait(max(0.0, due - time.perf_counter())):
                return
            send(body)
            answered.append((due, time.perf_counter()))

    begin = time.perf_counter()
    lanes = [threading.Thread(target=lane, args=(send,)) for send in sends]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join()
    whole = time.perf_counter() - begin
    if file is not None:
        file.write_text("".join(f"{due} {end}\n" for due, end in answered))
    taken = sorted(end - due for due, end in answered)
    p50, p99 = (talk.percentile(taken, share) * 1000 for share in (0.5, 0.99))
    talk.print_figures(s=whole, p50=p50, p99=p99, greatest=taken[-1] * 1000, spans=len(taken) * spans)
    over.wait()


def _listen(enough: threading.Event, over: threading.Event) -> None:
    """Waits for the second order, and then for who gave it to go away."""
    sys.stdin.readline()
    enough.set()
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:9]), *map(Path, sys.argv[9:]))  # type: ignore[arg-type] # as many as are given
