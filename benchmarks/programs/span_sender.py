"""Sends requests of spans over several connections, each as fast as it is answered: `<url> <encoding> <connections>
<requests> <spans>`, or no faster than so many spans a second, which begin from a time on (nanoseconds since 1970):
`<rate> <began_ns>`. The encoding is `protobuf`, `json` or `grpc`. Requests are made before the order to begin; a second
order ends it before all are sent. How long an answer takes counts from when its request was due: one that could not be
sent in time because others were not answered has waited, too."""

import http.client
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

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
    return lambda body: stub.Export(ExportTraceServiceRequest.FromString(body), timeout=120, wait_for_ready=True)


def main(
    url: str, encoding: str, connections: int, requests: int, spans: int, rate: int = 0, began_ns: int = 0
) -> None:
    """Sends all, and tells how long each took and all together."""
    pause_s = spans / rate if rate else 0.0
    times = [began_ns + int(number * pause_s * 1e9) if began_ns else None for number in range(requests)]
    made = (request(spans, at_ns) for at_ns in times)
    bodies = [as_json(one) if encoding == "json" else one.SerializeToString() for one in made]
    content_type = "application/json" if encoding == "json" else "application/x-protobuf"
    sends = [over_grpc(url) if encoding == "grpc" else over_http(url, content_type) for _ in range(connections)]
    taken: list[float] = []
    rest = enumerate(bodies)
    enough, over = threading.Event(), threading.Event()
    talk.ready()
    threading.Thread(target=_listen, args=(enough, over), daemon=True).start()

    def lane(send: Send) -> None:
        for number, body in rest:
            due = begin + number * pause_s if rate else time.perf_counter()
            if enough.wait(max(0.0, due - time.perf_counter())):
                return
            send(body)
            taken.append(time.perf_counter() - due)

    begin = time.perf_counter()
    lanes = [threading.Thread(target=lane, args=(send,)) for send in sends]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join()
    whole = time.perf_counter() - begin
    taken.sort()
    p50, p99 = (talk.percentile(taken, share) * 1000 for share in (0.5, 0.99))
    talk.tell(s=whole, p50=p50, p99=p99, greatest=taken[-1] * 1000, spans=len(taken) * spans)
    over.wait()


def _listen(enough: threading.Event, over: threading.Event) -> None:
    """Waits for the second order, and then for who gave it to go away."""
    sys.stdin.readline()
    enough.set()
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
