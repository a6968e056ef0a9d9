"""What is tried with nonsense, and what may come of it."""

import gzip
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import grpc
import httpx

from collector.otlp.signals import SIGNALS
from tests.collector.fuzz import mutation
from tests.collector.fuzz.chance import Chance
from tests.collector.live import LiveCollector
from tests.collector.raw import Peer
from tests.collector.shipment import Shipment

#: A receiver's answers to nonsense. Not 503: what can't be stored comes again for ever.
_RECEIPTS: Final = (200, 400, 413)
_CODES: Final = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED)

#: What the API may say with 503: the bus is away, the question too large for now.
_AWAY: Final = ("bus_unavailable", "busy")


class Targets:
    """Tries one thing after the other with a collector.

    Args:
        collector: in this process.
    """

    def __init__(self, collector: LiveCollector) -> None:
        self._collector = collector
        self._http = httpx.Client(base_url=collector.url, timeout=60, trust_env=False)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{collector.grpc_port}")
        self._shipment = Shipment()
        collector.tell(self._shipment.story)
        self._ids = sorted({span.trace_id.hex() for span in self._shipment.story.spans})
        self._routes = self._questions(collector.application.openapi()["paths"])
        kinds = (self.protobuf, self.json, self.grpc, self.question, self.head)
        self.all: Mapping[str, Callable[[Chance], None]] = {kind.__name__: kind for kind in kinds}

    def close(self) -> None:
        """Hangs up."""
        self._http.close()
        self._channel.close()

    def protobuf(self, chance: Chance) -> None:
        """A request over HTTP, whole or spoilt, sometimes packed."""
        signal = chance.one(SIGNALS)
        body = mutation.message(chance, signal).SerializeToString()
        if chance.below(2):
            body = mutation.spoilt(chance, body)
        headers = {"content-type": "application/x-protobuf"}
        if chance.below(4) == 0:
            headers["content-encoding"] = "gzip"
            body = gzip.compress(body)
            if chance.below(2):
                body = mutation.spoilt(chance, body)
        self._post(signal.path, body, headers)

    def json(self, chance: Chance) -> None:
        """The same in JSON."""
        signal = chance.one(SIGNALS)
        body = mutation.as_json(chance, mutation.message(chance, signal))
        if chance.below(2):
            body = mutation.spoilt(chance, body)
        self._post(signal.path, body, {"content-type": "application/json"})

    def grpc(self, chance: Chance) -> None:
        """The same over gRPC."""
        signal = chance.one(SIGNALS)
        body = mutation.message(chance, signal).SerializeToString()
        if chance.below(2):
            body = mutation.spoilt(chance, body)
        call = self._channel.unary_unary(f"/{signal.service}/Export")
        error = call.future(body, timeout=60, wait_for_ready=True).exception()
        assert error is None or error.code() in _CODES, (error.code(), error.details(), body)

    def question(self, chance: Chance) -> None:
        """A question of the API with parameters of all kinds."""
        path, names = chance.one(self._routes)
        for name in [part.split("}")[0] for part in path.split("{")[1:]]:
            path = path.replace(f"{{{name}}}", quote(self._parameter(chance) or "x", safe=chance.one(("", "/"))))
        asked = {name: self._parameter(chance) for name in names if chance.below(3) == 0}
        response = self._http.get(httpx.URL(self._collector.url + path.split(":path")[0], params=asked))
        away = response.status_code == 503 and response.json()["error"]["code"] in _AWAY
        assert response.status_code < 500 or away, (str(response.url), response.text)

    def head(self, chance: Chance) -> None:
        """A request that is hardly one."""
        head = (
            "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
        )
        with Peer(self._collector.url) as peer:
            peer.send(mutation.spoilt(chance, f"{head}{{}}".encode()))
        assert self._http.get("/healthz").status_code == 200

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        response = self._http.post(path, content=body, headers=headers)
        assert response.status_code in _RECEIPTS, (path, response.status_code, response.content, headers, body)

    def _parameter(self, chance: Chance) -> str:
        match chance.below(4):
            case 0:
                return chance.one(self._ids)
            case 1:
                return str(chance.number())
            case 2:
                return chance.one(("step", "delivery", "both", "whole", "running", "dead", "failed", "all"))
            case _:
                return chance.text()

    def _questions(self, paths: Mapping[str, Mapping[str, object]]) -> list[tuple[str, list[str]]]:
        found = []
        for path, methods in sorted(paths.items()):
            if isinstance(told := methods.get("get"), dict):
                found.append((path, [each["name"] for each in told.get("parameters", ()) if each["in"] == "query"]))
        return found
