"""An HTTP server that answers in a collector's place, as a proxy or another program might."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


def impostor(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> AbstractContextManager[str]:
    """A server that gives one answer to everything; its address."""
    return answering(lambda _: (status, body), headers)


@contextmanager
def answering(
    answer: Callable[[BaseHTTPRequestHandler], tuple[int, bytes]], headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A server that answers a request with a status and a body; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            status, body = answer(self)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
