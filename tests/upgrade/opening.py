"""Opens a home with the code of today: what is there is looked at, what is due is done, dead letters are replayed."""

import json
import tarfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from collector.client import CollectorClient
from collector.models import (
    AuditEntry,
    CausalGraph,
    ChannelBacklog,
    DeadLetterDetail,
    DeadLetterState,
    Event,
    GroupBacklog,
    NodeDetail,
    Run,
    Settlement,
    StepFigures,
)
from runtime import App, CauselineError, Settings
from tests.diary import Diary
from tests.end_to_end.stack import Stack, stop
from tests.upgrade import inside, opened_app, parcels
from tests.waiting import until

HOMES: Final = Path(__file__).parent / "homes"

#: A group of the homes that nobody serves.
UNSERVED: Final = "archive"
LIMIT: Final = 40.0
"""Seconds for all that is due."""

Attempt = tuple[str, str, int, int]
"""Work, subject, number of the attempt, round; as the homes' makers write it."""


def known(version: str) -> dict[str, Any]:
    """What a home holds, as the release wrote it down."""
    found: dict[str, Any] = json.loads((HOMES / f"{version}.json").read_text())
    return found


def unpack(version: str, folder: Path) -> Path:
    """A copy of a home."""
    home = folder / "home"
    with tarfile.open(HOMES / f"{version}.tar.gz") as archive:
        archive.extractall(home, filter="data")
    return home


@dataclass(frozen=True)
class Look:
    """What the bus says at one moment."""

    channels: list[ChannelBacklog]
    letters: dict[str, DeadLetterDetail]
    """By id."""
    audit: list[AuditEntry]

    @classmethod
    def at(cls, client: CollectorClient) -> "Look":
        """Now."""
        letters = [one for state in DeadLetterState for one in client.dead_letters(state=state, limit=1000).items]
        details = {one.id: client.dead_letter(one.id) for one in letters}
        return cls(client.channels().items, details, client.audit(limit=1000).items)

    def channel(self, name: str) -> ChannelBacklog:
        """One channel."""
        return next(one for one in self.channels if one.channel == name)

    def group(self, channel: str, name: str) -> GroupBacklog:
        """The one group of today that a group of the home has become."""
        [found] = [group for group in self.channel(channel).groups if is_group(group.group, name)]
        return found


@dataclass(frozen=True)
class Told:
    """What the collector answers in the end, when no span waits for it any more."""

    runs: dict[str, Run]
    """By id."""
    events: list[Event]
    steps: list[StepFigures]
    graph: CausalGraph
    """Of the run that began, went on and ended in three different times."""
    nodes: dict[str, NodeDetail]
    """Of the home's letters and replays, by id."""
    stored: int


@dataclass
class Opened:
    """A home whose work is done."""

    known: dict[str, Any]
    looks: dict[str, Look] = field(default_factory=dict)
    """`found`: before the app is there; `registered`: before it works; `done`; and `replayed`."""
    attempts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows of the diary by what was to be done then: what was `due`, what was `behind_breaker`, what was `replayed`."""
    runs: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """Status and result (or error) of each run of the home."""
    rates: Any = None
    """State of the app."""
    settled: list[Settlement] = field(default_factory=list)
    told: Told | None = None

    def rows(self) -> list[dict[str, Any]]:
        """All attempts of today."""
        return [row for rows in self.attempts.values() for row in rows]

    def run(self, subject: str) -> dict[str, Any]:
        """What is known of a run of the home."""
        found: dict[str, Any] = next(one for one in self.known["runs"] if one["subject"] == subject)
        return found


class Opening:
    """The course of events. Args: `home` unpacked, and what is `known` of it."""

    def __init__(self, home: Path, known: dict[str, Any]) -> None:
        self._home = home
        self._diary = Diary(home.parent)
        self.opened = Opened(known)

    async def run(self) -> Opened:
        """All of it; nothing is left running."""
        with Stack(self._home, None) as stack:
            self._look("found", stack.client)
            settings = Settings(home=self._home, collector_url=stack.url)
            app = parcels.declared(opened_app.Noting(self._diary), settings).app
            async with app.client():
                self._look("registered", stack.client)
                self.opened.rates = await app.shared.get("rates")
                worker = stack.worker(
                    "tests.upgrade.opened_app:app", CAUSELINE_LEASE="0.6", OPENED_FOLDER=str(self._home.parent)
                )
                await self._work(app, stack.client)
                await self._replay(app, stack.client)
                assert stop(worker) == 0, stack.output("worker")
                await self._ask_for_runs(app)
                await self._ask_the_collector(stack.client)
        await until(lambda: not (self._home / "server.json").exists(), LIMIT)
        return self.opened

    async def _work(self, app: App, client: CollectorClient) -> None:
        await inside.bring_forward(app)
        await self._until_done(app, client, "due", {"tasks": 1, "deliveries": 1})
        self._note("due")
        await inside.close_breaker(app, parcels.BANK.name)
        await inside.bring_forward(app)
        await self._until_done(app, client, "behind_breaker")
        self._note("behind_breaker")
        self._look("done", client)

    async def _replay(self, app: App, client: CollectorClient) -> None:
        letters = [one.id for one in client.dead_letters(limit=1000).items]
        self.opened.settled = client.replay(letters, "grace").items
        await self._until_done(app, client, "replayed")
        self._note("replayed")
        self._look("replayed", client)

    async def _until_done(
        self, app: App, client: CollectorClient, what: str, waiting: dict[str, int] | None = None
    ) -> None:
        """Waits until all that was to be done has begun, and all that was begun has ended. `waiting` says how much
        waits for long; a delivery of a group that reads no more is unread, and others wait for their retry."""
        wanted = {tuple(row) for row in self.opened.known[what]}
        late = waiting or {"tasks": 0, "deliveries": 0}

        async def done() -> bool:
            groups = [group for one in client.channels().items for group in one.groups if group.group != UNSERVED]
            return (
                not wanted - {attempt(row) for row in self._diary.rows("attempt")}
                and sum(group.pending + group.retrying for group in groups) == late["deliveries"]
                and (await inside.waiting(app))["tasks"] == late["tasks"]
                and await inside.outboxed(app) == 0
            )

        try:
            await until(done, LIMIT)
        except TimeoutError:
            missing = wanted - {attempt(row) for row in self._diary.rows("attempt")}
            raise AssertionError(f"{what}: not begun: {missing}; waiting: {await inside.waiting(app)}") from None

    def _note(self, what: str) -> None:
        before = sum(len(rows) for rows in self.opened.attempts.values())
        self.opened.attempts[what] = self._diary.rows("attempt")[before:]

    def _look(self, what: str, client: CollectorClient) -> None:
        self.opened.looks[what] = Look.at(client)

    async def _ask_for_runs(self, app: App) -> None:
        for one in self.opened.known["runs"]:
            run = await app.get_run(one["id"])
            try:
                self.opened.runs[one["id"]] = await run.status(), await run.result(1)
            except CauselineError as error:
                self.opened.runs[one["id"]] = await run.status(), str(error)

    async def _ask_the_collector(self, client: CollectorClient) -> None:
        """Waits until nothing waits for the collector; what it is told last, its sender waits for."""
        spool = self._home / "spool"
        await until(lambda: not list(spool.glob("*.otlp.gz")), LIMIT)
        letters = self.opened.looks["found"].letters.values()
        ids = [id_ for one in letters for id_ in (one.id, one.replay_id) if id_]
        since, end = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
        self.opened.told = Told(
            runs={one.run_id: one for one in client.runs(start=since, end=end, limit=1000).items},
            events=client.events(start=since, end=end, limit=1000).items,
            steps=client.steps(start=since, end=end).items,
            graph=client.causality(self.opened.run("crossing")["id"]),
            nodes={id_: client.node(id_) for id_ in ids},
            stored=client.overview().spans_stored,
        )


def is_group(today: str, then: str) -> bool:
    """Whether a group is the one of a home: where that had its function's name, the app's may be in front of it now."""
    return today in (then, f"parcels.{then}")


def attempt(row: dict[str, Any]) -> Attempt:
    """The attempt that a row of the diary is about."""
    return row["key"], row["subject"], row["attempt"], row["round"]
