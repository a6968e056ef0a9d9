"""A server on this machine that speaks the protocol of chat completions, as it is told to."""

import json
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

STREAM: Final = "text/event-stream"
#: Ends the connection amid the response.
CUT: Final = "cut"


@dataclass
class Said:
    """One response."""

    body: str | list[str]
    status: int = 200
    kind: str = STREAM
    headers: dict[str, str] = field(default_factory=dict)


def chunk(text: str = "", **more: Any) -> str:
    """An event of a stream."""
    finish = more.pop("finish_reason", None)
    said = {
        "id": "c-1",
        "model": "tiny-0425",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    }
    return f"data: {json.dumps(said | more)}\n\n"


def streamed(*texts: str, usage: dict[str, Any] | None = None) -> Said:
    """A whole stream, with a comment in it as some servers send them to keep the connection."""
    last = [f"data: {json.dumps({'id': 'c-1', 'choices': [], 'usage': usage})}\n\n"] if usage else []
    chunks = [chunk(text) for text in texts]
    return Said([": ping\n\n", *chunks, chunk(finish_reason="stop"), *last, "data: [DONE]\n\n"])


class Completions:
    """Listens on a free port until closed, and gives the responses in their order."""

    def __init__(self, answers: Iterable[Said]) -> None:
        self.answers = deque(answers)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        completions = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                completions.requests.append((self.path, dict(self.headers), body))
                said = completions.answers.popleft()
                self.send_response(said.status)
                for name, value in {"Content-Type": said.kind, **said.headers}.items():
                    self.send_header(name, value)
                if isinstance(said.body, str):
                    self.send_header("Content-Length", str(len(said.body.encode())))
                    self.end_headers()
                    self.wfile.write(said.body.encode())
                    return
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in said.body:
                    if part == CUT:
                        self.close_connection = True
                        return
                    data = part.encode()
                    self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None: ...

        return Handler
