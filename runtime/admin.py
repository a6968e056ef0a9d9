"""What an operator may see and do on the live bus: backlog, dead letters, replay, discard, audit.

Serves the collector's API and the command line; both know the runtime by this module alone.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Self

from runtime import settings as environment
from runtime.budgets.account import Account, Parked, ParkedUnder
from runtime.budgets.budget import Budget
from runtime.budgets.redis import RedisAccounts
from runtime.bus.ledger import read_ledger
from runtime.bus.records import (
    AttemptRecord,
    AuditPage,
    AuditRecord,
    ChannelLedger,
    DeadLetter,
    DeadLetterCount,
    DeadLetterPage,
    GroupLedger,
    Settlement,
)
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.dead_letters.groups import GroupRetirement, Groups
from runtime.dead_letters.letters import DeadLetters
from runtime.dead_letters.operations import LetterOperations
from runtime.dead_letters.paging import audit_page
from runtime.dead_letters.reports import LetterReports
from runtime.embedded.join import is_running
from runtime.errors import (
    AnswerRefusedError,
    BreakerNotFoundError,
    BudgetNotFoundError,
    CauselineError,
    GroupInUseError,
    GroupNotFoundError,
    QueryError,
    RunGoesOnError,
    RunNotFailedError,
    RunNotFoundError,
    ScheduleInUseError,
    ScheduleNotFoundError,
    ServerError,
    StepNotFoundError,
)
from runtime.facts import Observer
from runtime.home import find_home
from runtime.resilience.breaker_state import BreakerChange as BreakerChange
from runtime.resilience.breaker_state import BreakerRecord
from runtime.resilience.breaker_state import WaitingWork as WaitingWork
from runtime.resilience.redis import RedisBreakers
from runtime.runs.breaker_operations import BreakerOperations
from runtime.runs.budget_operations import BudgetOperations
from runtime.runs.operations import RunOperations
from runtime.runs.registry import AppBacklog, AppWorker, FoundRun, FoundWait, RunRegistry
from runtime.runs.schedule_operations import AppSchedule, ScheduleOperations, UnpauseResult
from runtime.runs.shadow_operations import ShadowOperations
from runtime.runs.streams import StreamEvent, StreamEventKind, StreamPage
from runtime.shadows.comparison import Difference
from runtime.shadows.record import Agreement, Comparison, Disagreement, Mode, ModeSwitch, ShadowRecord
from runtime.shadows.redis import RedisShadows
from runtime.state.connections import ConnectedServers, connect_servers
from runtime.state.runs import DueStep, Lane, RunBacklog
from runtime.state.schedules import ScheduleRecord, TickResult
from runtime.state.waits import OpenWait
from runtime.supervisor.threads import run_in_thread
from runtime.telemetry.setup import build_observer

__all__ = [
    "Account",
    "Admin",
    "Agreement",
    "AnswerRefusedError",
    "AppBacklog",
    "AppSchedule",
    "AppWorker",
    "AttemptRecord",
    "AuditPage",
    "AuditRecord",
    "BreakerChange",
    "BreakerNotFoundError",
    "BreakerRecord",
    "Budget",
    "BudgetNotFoundError",
    "CauselineError",
    "ChannelLedger",
    "Comparison",
    "DeadLetter",
    "DeadLetterCount",
    "DeadLetterPage",
    "Difference",
    "Disagreement",
    "DueStep",
    "FoundRun",
    "FoundWait",
    "GroupInUseError",
    "GroupLedger",
    "GroupNotFoundError",
    "GroupRetirement",
    "Lane",
    "Mode",
    "ModeSwitch",
    "OpenWait",
    "Parked",
    "ParkedUnder",
    "QueryError",
    "RunBacklog",
    "RunGoesOnError",
    "RunNotFailedError",
    "RunNotFoundError",
    "ScheduleInUseError",
    "ScheduleNotFoundError",
    "ScheduleRecord",
    "ServerError",
    "Settlement",
    "ShadowRecord",
    "StepNotFoundError",
    "StreamEvent",
    "StreamEventKind",
    "StreamPage",
    "TickResult",
    "UnpauseResult",
    "WaitingWork",
]

_SERVICE = "causeline-admin"


class Admin(LetterOperations, RunOperations, ScheduleOperations, BudgetOperations, BreakerOperations, ShadowOperations):
    """An operator's connection to the bus; made by `connect`.

    Every method raises `ServerError` when the server does not answer, or refuses a command.
    """

    def __init__(
        self, on: ConnectedServers, observer: Observer, lease_ms: int, told: Callable[[str], str] = str
    ) -> None:
        self._on, self._server, server = on, on.server, on.server
        self._lease_ms = lease_ms
        self._groups = Groups(server.client, lease_ms)
        RunOperations.__init__(self, RunRegistry(server.clients, on.place), observer)
        ScheduleOperations.__init__(self, self._runs, observer, lease_ms)
        bus = RedisBus(server.clients, Limits())
        BudgetOperations.__init__(self, RedisAccounts(server.client), self._runs, bus)
        BreakerOperations.__init__(self, RedisBreakers(server.client), self._runs, bus, observer)
        ShadowOperations.__init__(self, RedisShadows(server.client))
        LetterOperations.__init__(self, DeadLetters(server.client), LetterReports(server.client, observer, {}), told)

    @classmethod
    async def connect(cls, redis_url: str | None = None, told: Callable[[str], str] = str) -> Self:
        """Connects to a server.

        Args:
            redis_url: its address; by default the setting, else the home's embedded server.
            told: makes of a text what its readers are told, without secrets; a search for `q` finds nothing else.

        Raises:
            SettingsError: a setting does not parse.
            ServerError: the server is not there, or not fit for durable work.
        """
        settings = environment.load(**({} if redis_url is None else {"redis_url": redis_url}))
        on = await connect_servers(settings)
        observer = build_observer(_SERVICE, settings, find_home(settings.home))
        return cls(on, observer, int(settings.lease * 1000), told)

    @staticmethod
    def is_there(redis_url: str | None = None) -> bool:
        """Whether there should be a server, without starting one: it is named, or the home's embedded one runs."""
        settings = environment.load(**({} if redis_url is None else {"redis_url": redis_url}))
        return settings.redis_url is not None or is_running(find_home(settings.home))

    async def close(self) -> None:
        """Hands telemetry over and disconnects."""
        with suppress(ServerError):  # what is not confirmed, a worker adopts
            await self._reports.confirm()
        await run_in_thread(self._observer.close)
        await self._on.close()

    async def ping(self) -> None:
        """Asks whether the server is there.

        Raises:
            ServerError: when not.
        """
        await self._on.check()

    async def channels(self) -> list[ChannelLedger]:
        """Every channel, and what its groups owe and did."""
        return await read_ledger(self._server.client, self._lease_ms)

    async def backlogs(self) -> list[AppBacklog]:
        """What the runs of each app owe, how many live workers it has, and which agents have work and no worker."""
        return await self._runs.backlogs(self._lease_ms)

    async def workers(self) -> list[AppWorker]:
        """All workers and cells that are known, by app."""
        return await self._runs.workers()

    async def retire(self, channel: str, group: str, operator: str, reason: str) -> GroupRetirement:
        """Removes a group that no code serves any more, with all that it owes; its dead letters stay readable.

        Args:
            channel, group: which.
            operator, reason: who says so, and why, for the audit.

        Raises:
            GroupInUseError: live workers serve it.
            GroupNotFoundError: there is none.
        """
        return await self._unpark_retired(await self._groups.retire(channel, group, operator, reason))

    async def audit(self, *, limit: int = 50, cursor: str | None = None) -> AuditPage:
        """What operators did, newest first.

        Args:
            limit: records at most.
            cursor: a former page's `next`.

        Raises:
            QueryError: when the cursor is none, or the limit is less than 1.
        """
        stores = [store.audit for _, store in await self._runs.stores()]
        sources = [self._letters.audit, self._accounts.audit, self._breakers.audit, self._shadows.audit, *stores]
        return await audit_page(sources, limit, cursor)
