"""Keeps leases and presence alive from a thread of its own, so that work which never yields the event loop does not
lose them."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from runtime.bus.deliveries import Delivery
from runtime.client.backend import Backend
from runtime.errors import ServerError, ServerFullError
from runtime.facts import OpenAttempt
from runtime.server.client import Clients
from runtime.settings import BEATS_PER_LEASE, Settings
from runtime.state.presence import WorkerActivity, WorkerRecord, WorkPiece
from runtime.state.tasks import Claim
from runtime.worker.loop import WarningThrottle, sleep_unless_stopped

_log = logging.getLogger("causeline.heartbeat")

#: Seconds between two signs of life, at most.
SIGN_EVERY: Final = 1.0
#: Seconds that the goodbye may take; a server that is silent is left without one.
_GOODBYE: Final = 2.0
#: Pieces of work that a worker names as what it does.
NAMED: Final = 5

#: Opens the backend that the heartbeat's own event loop uses.
Connect = Callable[[], AbstractAsyncContextManager[Backend]]


@dataclass(slots=True, eq=False)
class HeldWork:
    """Work under way. It is renewed until it ends; from the second time on its attempt is marked as pending."""

    work: Delivery | Claim
    agent: str = ""
    attempt: OpenAttempt | None = None
    since: float = field(default_factory=time.monotonic)
    beats: int = field(default=0)
    is_lost: bool = field(default=False)
    """Whether a renewal has found that another worker has it, or that nobody needs it any more."""


class Heartbeat:
    """Renews what one worker holds.

    Args:
        connect: opens a backend of its own.
        worker: who it is.
        groups: channels and groups that the worker serves, which are told that it lives.
        lease: in seconds.

    Attributes:
        lost: how many beats found no server, or one that refused them.
    """

    def __init__(self, connect: Connect, worker: WorkerRecord, groups: Sequence[tuple[str, str]], lease: float) -> None:
        self._connect = connect
        self._worker = worker
        self._groups = groups
        self._lease_ms = int(lease * 1000)
        self._lease_s = lease
        self._renewed = time.monotonic()
        self._interval = lease / BEATS_PER_LEASE
        self.lost = 0
        self._of_signs, self._of_renewals = WarningThrottle(), WarningThrottle()
        self._held: dict[HeldWork, None] = {}
        self._lock = threading.Lock()
        self._wake: Callable[[], object] | None = None
        self._is_over = False
        self._has_joined = False
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="causeline-heartbeat", daemon=True)

    @property
    def is_overdue(self) -> bool:
        """Whether leases may be over: none was renewed for as long as one is worth."""
        return time.monotonic() - self._renewed >= self._lease_s

    def has_lost(self, work: Delivery | Claim) -> bool:
        """Whether a renewal has found that somebody else has a piece of work, which is still under way here."""
        with self._lock:
            return any(held.is_lost for held in self._held if held.work is work)

    def start(self) -> None:
        """Announces the worker, then beats regularly.

        Raises:
            ServerError: the server does not answer.
        """
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ends; the worker counts as gone at once. Whoever gave up its start stops it too, however far that was."""
        with self._lock:
            self._is_over, wake = True, self._wake
        if wake is not None:
            with suppress(RuntimeError):  # its loop has ended by itself
                wake()
        if self._thread.is_alive():
            self._thread.join(_GOODBYE)

    @contextmanager
    def hold(self, work: Delivery | Claim, agent: str = "") -> Iterator[HeldWork]:
        """Renews a piece of work, an agent's where that is said, until the block ends."""
        held = HeldWork(work, agent)
        with self._lock:
            self._held[held] = None
        try:
            yield held
        finally:
            with self._lock:
                self._held.pop(held, None)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - whoever waits for the start is told
            self._failure = error
            if self._started.is_set():
                _log.exception("the heartbeat has ended: what this worker holds goes to others when its lease is over")
        finally:
            self._started.set()

    async def _main(self) -> None:
        stopping, loop = asyncio.Event(), asyncio.get_running_loop()
        async with self._connect() as backend:
            with self._lock:
                self._wake = lambda: loop.call_soon_threadsafe(stopping.set)
                if self._is_over:
                    return
            await self._send_sign_of_life(backend)
            await self._renew(backend)
            self._started.set()
            await self._beat(backend, stopping)
            with suppress(ServerError, TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await backend.presence.leave(self._worker.consumer)

    async def _beat(self, backend: Backend, stopping: asyncio.Event) -> None:
        step = min(SIGN_EVERY, self._interval)
        while not stopping.is_set():
            await sleep_unless_stopped(stopping, step)
            if stopping.is_set():
                return
            # Each for itself: a server that is full may refuse signs of life, and renew leases all the same.
            await self._try_beat(self._send_sign_of_life(backend), step, self._of_signs)
            if self._is_due(step):
                await self._try_beat(self._renew(backend), step, self._of_renewals)

    def _is_due(self, step: float) -> bool:
        """Whether it is time to renew, or nearer to it than the next beat will be. By the clock, for a lease goes by
        that, too: a server that is slow makes a beat take many times its step."""
        return time.monotonic() - self._renewed >= self._interval - step / 2

    async def _try_beat(self, beat: Awaitable[None], step: float, warnings: WarningThrottle) -> bool:
        """Whether it was well; whatever it is, the heart goes on: one that stops is a worker that looks dead. An outage
        that lasts is told of from time to time."""
        try:
            await beat
        except ServerError as error:
            level = logging.WARNING if warnings.should_warn(str(error)) else logging.DEBUG
            _log.log(level, "a heartbeat was lost, the next is in %.1f s: %s", step, error)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("a heartbeat was lost in a way that nobody thought of, the next is in %.1f s", step)
        else:
            warnings.reset()
            return True
        self.lost += 1
        return False

    async def _send_sign_of_life(self, backend: Backend) -> None:
        """Gives a sign of life; the first one says who it is."""
        if self._has_joined:
            await backend.presence.beat(self._worker.consumer, self._describe_doing())
            return
        try:
            await backend.presence.join(self._worker)
        except ServerFullError as error:  # its work is what makes room
            _log.warning("worker %s can't be announced yet: %s", self._worker.consumer, error)
        else:
            self._has_joined = True

    def _describe_doing(self) -> WorkerActivity:
        with self._lock:
            return WorkerActivity(len(self._held), tuple(_describe_piece(held) for held in islice(self._held, NAMED)))

    async def _renew(self, backend: Backend) -> None:
        with self._lock:
            held = list(self._held)
        claims = [one.work for one in held if isinstance(one.work, Claim)]
        deliveries = [one.work for one in held if isinstance(one.work, Delivery)]
        began = time.monotonic()
        lost = await backend.store.renew(claims, self._lease_ms)
        gone = await backend.bus.renew(self._worker.consumer, self._groups, deliveries)
        theirs = {id(work) for work in (*lost, *gone)}
        for one in held:
            one.is_lost = one.is_lost or id(one.work) in theirs
        self._renewed = began  # after what it has found: whoever sees no lease overdue sees what is lost, too
        for work in (*lost, *gone):
            _log.debug("the lease of %s is lost; what it makes will be refused", work)
        for one in held:
            one.beats += 1
            if one.beats > 1 and one.attempt is not None:
                one.attempt.pending()


def _describe_piece(held: HeldWork) -> WorkPiece:
    work, for_ms = held.work, int((time.monotonic() - held.since) * 1000)
    if isinstance(work, Claim):
        task = work.task
        return WorkPiece(f"{task.workflow}/{task.step} of run {task.run}", held.agent, str(task.run), for_ms)
    return WorkPiece(f"{work.channel} to {work.group}, event {work.event_id}", held.agent, for_ms=for_ms)


def make_connector(url: str, app: str, settings: Settings) -> Connect:
    """Opens a backend on the server at a URL, for the event loop that enters it."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Backend]:
        clients = Clients.of(url)
        try:
            backend = Backend.for_app(clients, app, settings)
            try:
                yield backend
            finally:
                await backend.place.close()
        finally:
            await clients.close()

    return connect
