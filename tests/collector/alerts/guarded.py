"""Rules over a real store and a bus, with a clock that a test turns."""

from pathlib import Path

from collector.alerts import answers
from collector.alerts.bus_reader import BusReader
from collector.alerts.engine import AlertEngine
from collector.alerts.query_runner import QueryRunner
from collector.alerts.rule_file import RuleFile
from collector.models import Alert, AlertList, AlertRule
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.contract import Operations
from collector.operations.link import Connect, OperationsLink
from collector.otlp.decode import spans
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, Story
from tests.waiting import PATIENCE

DASHBOARD = "http://dashboard.test"


class Clock:
    """Seconds that a test turns; 0 is when stories begin."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.set_by = 0.0

    def __call__(self) -> float:
        return self.now

    def wall(self) -> int:
        """What people read: differs by what somebody set the clock."""
        return ORIGIN_NS + int((self.now + self.set_by) * 1_000) * MS


class Guard:
    """All rules over one store. `bus` is one in memory, how to connect to a real one, or None where none is needed."""

    def __init__(self, database: Database, bus: MemoryBus | Connect | None, rules: Path | None = None) -> None:
        self.database = database
        self.rules = rules
        self.clock = Clock()

        async def connect() -> Operations:
            assert isinstance(bus, MemoryBus)
            await bus.ping()
            return bus

        is_plain = isinstance(bus, MemoryBus) or bus is None
        self.link = OperationsLink(connect if is_plain else bus)
        self.reader = BusReader(self.link, BacklogWatch(self.link), lambda: bus is not None)
        self.alerts = self.made()

    def made(self) -> AlertEngine:
        """Rules as they are when the collector has just started."""
        file = RuleFile(self.rules, is_named=True)
        alerts = AlertEngine(self.database, self.reader, file, DASHBOARD, 0.01, self.clock, self.clock.wall)
        alerts._asking = QueryRunner(self.database, deadline=PATIENCE)  # a busy machine is no reason not to know
        return alerts

    def say(self, text: str) -> None:
        """Writes the file of rules."""
        assert self.rules is not None
        self.rules.write_text(text)

    def tell(self, story: Story) -> None:
        """Stores spans."""
        self.tell_request(story.request())

    def tell_request(self, request: bytes) -> None:
        """Stores spans as they are sent."""
        with self.database.writing() as session:
            RecordWriter(self.database).write(session, spans.decode(request))

    async def look(self, *, after: float = 0.0, times: int = 1) -> None:
        """Looks, some seconds after the last time, each time."""
        for _ in range(times):
            self.clock.now += after
            await self.alerts.evaluate()

    async def lasting(self, seconds: float) -> None:
        """Looks every ten seconds, for so long."""
        await self.look(after=10, times=int(seconds // 10) + 1)

    async def restart(self) -> None:
        """Ends the rules, and starts them again on the same store."""
        await self.end()
        self.alerts = self.made()

    async def end(self) -> None:
        """Ends them."""
        self.alerts.interrupt()
        await self.alerts.end()
        await self.link.close()

    @property
    def all(self) -> AlertList:
        """What the API says."""
        return answers.list_alerts(self.alerts, None, Range.everything(), 50, None)

    def firing(self, rule: str = "") -> list[Alert]:
        """What fires, of a rule or of all."""
        return [alert for alert in self.all.firing if rule in ("", alert.rule)]

    def rule(self, name: str) -> AlertRule:
        """How a rule stands."""
        (found,) = [rule for rule in self.all.rules if rule.name == name]
        return found
