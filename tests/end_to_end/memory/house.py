"""A whole Causeline, each part a process of its own, that is kept busy."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.collector.alerts.webhook import HookServer
from tests.collector.ways import ENCODINGS
from tests.dashboard.conftest import Dashboard
from tests.end_to_end.memory.load import Sender
from tests.end_to_end.memory.orders import Orders
from tests.end_to_end.memory.pages import Reader
from tests.end_to_end.memory.questions import Poller
from tests.end_to_end.stack import Stack
from tests.processes import children_of
from tests.servers import LiveServer, free_port

#: Two minutes, in days: what is older goes, so that the store is as large at the end as once it is warm.
_KEPT: Final = 120 / 86_400

#: Rules that fire, and are over, within seconds.
_RULES: Final = """
[webhooks.steady]
url = "{hook}"

[rules.errors_of_each]
when = "error_rate"
threshold = "1%"
window = "30s"
for = "1s"
well_for = "5s"

[rules.late]
when = "unprocessed"
threshold = "2s"
for = "1s"
well_for = "5s"

[rules.letters_of_each]
when = "dead_letters"
window = "1m"
for = "1s"
well_for = "5s"
"""


class House:
    """Works from the moment it is entered.

    Args:
        program: of the server.
        folder: an empty one.

    Attributes:
        senders: of telemetry, one for each way.
        poller: asks the API.
        orders: starts runs.
        reader: looks at the dashboard; None where there is no browser.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._ending = threading.Event()
        self._open = ExitStack()
        self.reader: Reader | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._begin(opening)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for thread in self._threads():
            thread.join(60)
        self._open.close()

    def processes(self) -> dict[str, int]:
        """The processes to look at, by what they are."""
        found = {"collector": self._collector.pid, "worker's parent": self._worker.pid}
        workers = children_of(self._worker.pid)  # one; while it is replaced, none
        found |= {"worker": workers[0]} if workers else {}
        return found | ({"dashboard": self._dashboard.process.pid} if self.reader else {})

    def _begin(self, opening: ExitStack) -> None:
        (self._folder / "server").mkdir()
        home = self._folder / "home"
        home.mkdir(mode=0o700)
        server = opening.enter_context(LiveServer(self._program, self._folder / "server"))
        hook = opening.enter_context(HookServer())
        (home / "alerts.toml").write_text(_RULES.format(hook=hook.url))
        self._stack = stack = Stack(home, server.url)
        grpc_port = free_port()
        stack.environment |= {
            "CAUSELINE_GRPC_PORT": str(grpc_port),
            "CAUSELINE_RETENTION_DAYS": str(_KEPT),
            "CAUSELINE_RETENTION_METRICS_DAYS": str(_KEPT),
            "CAUSELINE_RETENTION_GIB": "0.02",
            "CAUSELINE_RETENTION_INTERVAL": "5",
        }
        opening.enter_context(stack)
        self._collector = stack._processes[0][1]
        self._worker = stack.worker("tests.end_to_end.memory.app:app")
        self.senders = [Sender(way, stack.url, grpc_port, self._ending) for way in ENCODINGS]
        self.poller = Poller(stack.url, self._ending)
        self.orders = Orders(server.url, home, self._ending)
        chromium = shutil.which("chromium")
        if chromium:
            self._dashboard = Dashboard(self._folder)
            self._dashboard.start(stack.url)
            opening.callback(self._dashboard.stop)
            self.reader = Reader(Path(chromium), self._dashboard.url, stack.url, self._ending)
        for thread in self._threads():
            thread.start()

    def _threads(self) -> Iterator[threading.Thread]:
        yield from (*self.senders, self.poller, self.orders)
        if self.reader:
            yield self.reader
