"""A collector in this process: the real application behind the real server, on a free port."""

import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from collector import server
from collector.access import Access
from collector.alerts.bus_reader import BusReader
from collector.alerts.engine import AlertEngine
from collector.alerts.rule_file import RuleFile
from collector.api import app
from collector.api.guard import Guard
from collector.api.open_questions import SECONDS, OpenQuestions
from collector.api.services import Services
from collector.api.too_many_connections import make_too_many_answer
from collector.connections import Connections
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.contract import Operations
from collector.operations.link import Connect, OperationsLink
from collector.otlp.budget import Budget
from collector.otlp.intake import CountedReceiver
from collector.otlp.parcel import Limits
from collector.prices.price_file import PriceFile
from collector.store.writer import Writer
from runtime.tokens import Register
from tests.collector.fresh import empty, open_database
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story
from tests.servers import free_port

DASHBOARD = "http://127.0.0.1:8501"
DEFAULT = Limits()

PROTOBUF = {"content-type": "application/x-protobuf"}


class LiveCollector:
    """Serves until its block ends; always on 127.0.0.1, by default with the guard of one that listens there in a home
    without tokens. `bus` is one in memory, or how to connect to a real one; `port` is a free one by default."""

    def __init__(
        self,
        path: Path,
        bus: MemoryBus | Connect,
        *,
        limits: Limits = DEFAULT,
        request_limit: int = 64 * 2**20,
        queue_limit: int = 200_000,
        queue_bytes: int = 256 * 2**20,
        question_limit: float = SECONDS,
        guard: Guard | None = None,
        rules: Path | None = None,
        prices: Path | None = None,
        port: int = 0,
    ) -> None:
        self.database = open_database(path)
        self.writer = Writer(self.database, queue_limit)
        self._listener = server.bind_socket("127.0.0.1", port)

        async def connect() -> Operations:
            await bus.ping()
            return bus

        self.link = OperationsLink(connect if isinstance(bus, MemoryBus) else bus)
        self.budget = Budget(queue_bytes)
        self.watch = BacklogWatch(self.link)
        reader = BusReader(self.link, self.watch)
        self.alerts = AlertEngine(self.database, reader, RuleFile(rules), DASHBOARD)
        services = Services(self.database, self.link, self.watch, self.alerts, prices=PriceFile(prices))
        self.grpc_port = free_port()
        asking = OpenQuestions(question_limit)
        receiver = CountedReceiver(self.writer, replace(limits, size=request_limit), self.budget)
        guard = guard or Guard.of("127.0.0.1", Access(Register(path.parent)))
        self.application = app.create(services, receiver, guard, ("127.0.0.1", self.grpc_port), asking)
        self._scheme, tls = ("https", guard.tls.context()) if guard.tls else ("http", None)
        connections = Connections(limits.connections, limits.stall, tls, make_too_many_answer)
        self.server = server.make_server(self.application, connections, asking.end)
        self._thread = threading.Thread(target=lambda: self.server.run(sockets=[self._listener]))

    @property
    def url(self) -> str:
        """The collector's address."""
        return "{}://{}:{}".format(self._scheme, *self._listener.getsockname())

    def __enter__(self) -> Self:
        self.writer.start()
        self._thread.start()  # the port listens already, so whoever calls now waits and is answered
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.should_exit = True
        self._thread.join()
        self._listener.close()
        self.writer.close()
        self.database.close()

    def empty(self) -> None:
        """Takes all rows away."""
        empty(self.database)

    def tell(self, *stories: Story) -> None:
        """Sends stories in one request; they are stored when this returns."""
        whole = Story(stories[0].service, [span for story in stories for span in story.spans])
        self.post(whole.request()).raise_for_status()

    def post(self, body: bytes, *, signal: str = "traces", **headers: str) -> httpx.Response:
        """One OTLP request."""
        return httpx.post(
            f"{self.url}/v1/{signal}", content=body, headers={**PROTOBUF, **headers}, trust_env=False, timeout=30
        )
