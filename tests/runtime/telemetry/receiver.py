"""A real OTLP/HTTP receiver, as small as can be: it keeps what it gets and answers as it is told."""

import gzip
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver:
    """Listens on a free port of this machine. `answers` is used up first; then everything is stored."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.answers: deque[tuple[int, dict[str, str], bytes]] = deque()
        self.gate = threading.Event()
        self.gate.set()
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[Span]:
        """All spans stored, in order of arrival."""
        return [
            span
            for request in self.requests
            for of in request.resource_spans
            for sc in of.scope_spans
            for span in sc.spans
        ]

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    def wait_for(self, spans: int, timeout: float = 10.0) -> None:
        """Waits until so many spans were stored."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.spans) >= spans, timeout), self.names

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.gate.wait()
        with self._changed:
            self.headers.append(headers)
            answer = self.answers.popleft() if self.answers else (200, {}, ExportTraceServiceResponse())
            if answer[0] == 200:
                self.requests.append(ExportTraceServiceRequest.FromString(body))
                self._changed.notify_all()
        status, extra, content = answer
        return status, extra, content if isinstance(content, bytes) else content.SerializeToString()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                status, extra, content = take({key.lower(): value for key, value in self.headers.items()}, body)
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                with suppress(ConnectionError):  # a client that was closed meanwhile
                    self.wfile.write(content)

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

        return Handler
