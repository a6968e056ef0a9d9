"""Looks every few seconds: reads the rules and the bus, asks the store, and has everybody told what changed."""

import asyncio
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

import duckdb

from collector.alerts.asking import Asking
from collector.alerts.book import Book, Notice
from collector.alerts.bus import BusReader
from collector.alerts.growth import Growth
from collector.alerts.kinds import KINDS
from collector.alerts.look import Look
from collector.alerts.notifier import FIRST_PAUSE, Notifier
from collector.alerts.pacing import Status
from collector.alerts.rule import Rule
from collector.alerts.rule_file import RuleFile, RuleSet
from collector.alerts.ward import Changed, Result, Ward
from collector.errors import CollectorError, StoreError
from collector.prices.price_file import PriceFile
from collector.prices.price_list import PriceBook
from collector.questions.overview import BusPicture
from collector.store.database import Database
from collector.times import SECOND_NS

Answer = TypeVar("Answer")

_LOG: Final = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK_EVERY: Final = 10.0

#: Seconds until the first: senders and readers that waited for the collector come before it.
FIRST_LOOK: Final = 2.0

#: Seconds by which the clock may move against the one that never goes back before it counts as set, or the process as
#: stopped meanwhile.
_JUMP: Final = 30.0


class Alerts:
    """All rules, and what became of them.

    Attributes:
        prices: returns what calls of models cost; the shipped list unless another is put in its place.

    Args:
        database: the store.
        bus: reads the live bus.
        rules: the file of rules.
        dashboard: where links lead unless the file says otherwise.
        first_pause: seconds before a webhook that failed is told again.
        clock: seconds that never go back.
        wall: nanoseconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        bus: BusReader,
        rules: RuleFile,
        dashboard: str,
        first_pause: float = FIRST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        self.book = Book(database)
        self.notifier = Notifier(self._forget, first_pause, wall)
        self.ward = Ward(wall)
        self.lock = threading.Lock()
        self.rules = RuleSet({})
        self.statuses: dict[str, Status] = {}
        self.picture: BusPicture | None = None
        self.looked_at: float | None = None
        self.sees_bus = False
        self.prices: Callable[[], PriceBook] = PriceFile().current
        self._bus = bus
        self._file = rules
        self._dashboard = dashboard
        self._asking = Asking(database)
        self._clock = clock
        self._wall = wall
        self._letters = Growth(clock)
        self._clocks: defaultdict[str, Growth] = defaultdict(lambda: Growth(clock))
        self._unsaved = Changed()
        self._times: tuple[float, int] | None = None
        # A thread of its own, so that looks delay neither senders nor readers, and that can be waited for at the end.
        self._thread = ThreadPoolExecutor(1, "alerts")
        self._is_open = False
        self._read_rules()

    async def keep_looking(self) -> None:
        """Looks for ever. Whatever goes wrong in one look, the next one comes."""
        with suppress(StoreError, duckdb.Error):
            await self._open()  # or the first look does
        await asyncio.sleep(FIRST_LOOK)
        while True:
            try:
                await self.look()
            except (CollectorError, duckdb.Error, OSError) as error:
                _LOG.warning("rules could not look: %s: %s", type(error).__name__, error)
            except Exception:  # noqa: BLE001 it would end all looking, silently
                _LOG.exception("rules could not look")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Looks once."""
        await self._open()
        picture = await self._bus.read()
        changed = await self._apart(partial(self._pass, picture))
        lost = self.notifier.use(self.rules.webhooks)
        lost += self.notifier.tell(changed.notices)
        for notice in lost:
            await self._forget(notice)
        for line in changed.lines:
            _LOG.warning("%s", line)

    def cut_off(self) -> None:
        """Makes a look that is under way end soon; there is none after it."""
        self._asking.end()

    async def end(self) -> None:
        """Ends what tells webhooks, and waits for a look that is under way."""
        await self.notifier.end()
        await asyncio.to_thread(self._thread.shutdown)

    def now_ns(self) -> int:
        """Returns the time that people read."""
        return self._wall()

    @property
    def firing(self) -> int:
        """How many alerts fire and are not silenced."""
        with self.lock:
            return sum(self.ward.silence_of(alert) is None for alert in self.ward.fired.values())

    @property
    def picture_age(self) -> float | None:
        """For how many seconds `picture` has been known; None where there is none."""
        return None if self.looked_at is None else max(0.0, self._clock() - self.looked_at)

    def by_severity(self) -> tuple[Counter[str], Counter[str]]:
        """Returns how many alerts fire of each severity: those that are told, and those that are silenced."""
        told: Counter[str] = Counter()
        silenced: Counter[str] = Counter()
        with self.lock:
            for alert in self.ward.fired.values():
                (told if self.ward.silence_of(alert) is None else silenced)[alert.severity.value] += 1
        return told, silenced

    @property
    def blind(self) -> int:
        """How many rules are bad, or could not look the last time."""
        with self.lock:
            errors = {name for name, status in self.statuses.items() if status.error}
            return len(errors | set(self.rules.bad))

    async def _open(self) -> None:
        """Takes over what was firing, silent and untold when the collector ended."""
        if self._is_open:
            return
        notices = await self._apart(self._restore)
        self._is_open = True
        self.notifier.use(self.rules.webhooks)
        for notice in self.notifier.tell(notices):
            await self._forget(notice)

    def _restore(self) -> list[Notice]:
        with self.lock:
            return self.ward.restore(self.book, self._clock())

    def _pass(self, picture: BusPicture | None) -> Changed:
        self._read_rules()
        now, now_ns = self._clock(), self._wall()
        with self.lock:
            self._count(now, now_ns)
            firing = self.ward.about()
        self.sees_bus = picture is not None and picture.state.connected
        if picture is not None and self.sees_bus:
            self.picture, self.looked_at = picture, now
            self._letters.look(_dead(picture))
        look = Look(
            self._asking, picture or BusReader.nothing(), now_ns, self._letters, self._clocks, self.prices(), firing
        )
        results = {
            name: self._look(rule, look, is_expected=picture is not None)
            for name, rule in self.rules.rules.items()
            if rule.is_on and self.statuses.setdefault(name, Status()).due <= now
        }
        with self.lock:
            self._note(results, now, now_ns)
            changed = self.ward.settle(self.rules, results, now)
        self._save(changed)
        return changed

    def _look(self, rule: Rule, look: Look, *, is_expected: bool) -> Result:
        kind = KINDS[rule.kind]
        if kind.needs_bus and not look.bus.state.connected:
            return Result(None, look.bus.state.error or "the bus does not answer")
        if rule.kind == "bus_away" and not is_expected:
            return Result([])
        begun = time.perf_counter()
        try:
            found = [finding for finding in kind.find(look, rule) if rule.admits(finding)]
        except CollectorError as error:
            return Result(None, str(error), (time.perf_counter() - begun) * 1_000)
        except Exception as error:  # noqa: BLE001 one rule that fails must not keep the others from looking
            _LOG.warning("rule %s could not look", rule.name, exc_info=error)
            return Result(None, f"it failed ({type(error).__name__}); the log says more")
        return Result(found, "", (time.perf_counter() - begun) * 1_000)

    def _note(self, results: dict[str, Result], now: float, now_ns: int) -> None:
        for name, result in results.items():
            kind = KINDS[self.rules.rules[name].kind]
            self.statuses[name].note(result, kind, now, now_ns)
        self.statuses = {name: self.statuses[name] for name in self.rules.rules if name in self.statuses}

    def _read_rules(self) -> None:
        found, has_changed = self._file.current()
        if has_changed:
            for name, why in found.bad.items():
                _LOG.warning("rule %s of %s can't be used: %s", name, found.path, why)
            for webhook in found.webhooks.values():
                if webhook.error:
                    _LOG.warning("webhook %s of %s can't be used: %s", webhook.name, found.path, webhook.error)
            if found.error:
                _LOG.warning("%s can't be used as it is: %s", found.path, found.error)
        if has_changed or not self.rules.rules:
            with self.lock:
                self.rules = replace(found, dashboard=found.dashboard or self._dashboard)
                self.statuses = {}

    def _count(self, now: float, now_ns: int) -> None:
        """Has the time since the last look count for what lasts; most of a long one, in which nobody looked, does not.
        Looks that are slow themselves count in full, or nearly: on a busy machine alerts fire and end all the same."""
        before, self._times = self._times, (now, now_ns)
        if before is None:
            return
        passed, told = now - before[0], (now_ns - before[1]) / SECOND_NS
        if abs(told - passed) > _JUMP:
            self.ward.start_anew(now)
        elif passed > LOOK_EVERY + _JUMP:
            self.ward.leave_out(passed - LOOK_EVERY - _JUMP)

    def _save(self, changed: Changed) -> None:
        """Writes down what changed; what can't be written now, at the next look. Whoever is to be told is told."""
        self._unsaved.add(changed)
        try:
            self.book.record(
                self._unsaved.fired, self._unsaved.announced, self._unsaved.resolved, self._unsaved.notices
            )
            self._unsaved = Changed()
        except (StoreError, duckdb.Error) as error:
            _LOG.warning("alerts could not be written down, which is tried again: %s", error)

    async def _forget(self, notice: Notice) -> None:
        """Forgets a notice; one that can't be forgotten is told once more after a restart: better than never."""
        with suppress(StoreError, duckdb.Error):
            await self._apart(partial(self.book.told, notice))

    async def _apart(self, call: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _dead(picture: BusPicture) -> dict[Hashable, int]:
    return {(channel.channel, group.group): group.dead for channel in picture.channels for group in channel.groups}
