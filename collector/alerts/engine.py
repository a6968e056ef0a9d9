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

from collector.alerts.alert_states import AlertChanges, AlertStates, RuleResult
from collector.alerts.alert_store import AlertStore, Notice
from collector.alerts.bus_reader import BusReader
from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.growth import GrowthTracker
from collector.alerts.notifier import FIRST_PAUSE, Notifier
from collector.alerts.query_runner import QueryRunner
from collector.alerts.rule import Rule
from collector.alerts.rule_file import RuleFile, RuleSet
from collector.alerts.rule_kinds import KINDS
from collector.alerts.rule_status import RuleStatus
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


class AlertEngine:
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
        self.book = AlertStore(database)
        self.notifier = Notifier(self._forget_notice, first_pause, wall)
        self.ward = AlertStates(wall)
        self.lock = threading.Lock()
        self.rules = RuleSet({})
        self.statuses: dict[str, RuleStatus] = {}
        self.picture: BusPicture | None = None
        self.looked_at: float | None = None
        self.sees_bus = False
        self.prices: Callable[[], PriceBook] = PriceFile().current
        self._bus = bus
        self._file = rules
        self._dashboard = dashboard
        self._asking = QueryRunner(database)
        self._clock = clock
        self._wall = wall
        self._letters = GrowthTracker(clock)
        self._clocks: defaultdict[str, GrowthTracker] = defaultdict(lambda: GrowthTracker(clock))
        self._unsaved = AlertChanges()
        self._times: tuple[float, int] | None = None
        # A thread of its own, so that looks delay neither senders nor readers, and that can be waited for at the end.
        self._thread = ThreadPoolExecutor(1, "alerts")
        self._is_open = False
        self._read_rules()

    async def evaluate_forever(self) -> None:
        """Looks for ever. Whatever goes wrong in one look, the next one comes."""
        with suppress(StoreError, duckdb.Error):
            await self._ensure_restored()  # or the first look does
        await asyncio.sleep(FIRST_LOOK)
        while True:
            try:
                await self.evaluate()
            except (CollectorError, duckdb.Error, OSError) as error:
                _LOG.warning("rules could not look: %s: %s", type(error).__name__, error)
            except Exception:  # noqa: BLE001 it would end all looking, silently
                _LOG.exception("rules could not look")
            await asyncio.sleep(LOOK_EVERY)

    async def evaluate(self) -> None:
        """Looks once."""
        await self._ensure_restored()
        picture = await self._bus.read()
        changed = await self._run_in_thread(partial(self._evaluate_rules, picture))
        lost = self.notifier.set_webhooks(self.rules.webhooks)
        lost += self.notifier.enqueue(changed.notices)
        for notice in lost:
            await self._forget_notice(notice)
        for line in changed.lines:
            _LOG.warning("%s", line)

    def interrupt(self) -> None:
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
    def firing_count(self) -> int:
        """How many alerts fire and are not silenced."""
        with self.lock:
            return sum(self.ward.find_silence(alert) is None for alert in self.ward.fired.values())

    @property
    def picture_age(self) -> float | None:
        """For how many seconds `picture` has been known; None where there is none."""
        return None if self.looked_at is None else max(0.0, self._clock() - self.looked_at)

    def count_by_severity(self) -> tuple[Counter[str], Counter[str]]:
        """Returns how many alerts fire of each severity: those that are told, and those that are silenced."""
        told: Counter[str] = Counter()
        silenced: Counter[str] = Counter()
        with self.lock:
            for alert in self.ward.fired.values():
                (told if self.ward.find_silence(alert) is None else silenced)[alert.severity.value] += 1
        return told, silenced

    @property
    def unusable_rule_count(self) -> int:
        """How many rules are bad, or could not look the last time."""
        with self.lock:
            errors = {name for name, status in self.statuses.items() if status.error}
            return len(errors | set(self.rules.bad))

    async def _ensure_restored(self) -> None:
        """Takes over what was firing, silent and untold when the collector ended."""
        if self._is_open:
            return
        notices = await self._run_in_thread(self._restore_states)
        self._is_open = True
        self.notifier.set_webhooks(self.rules.webhooks)
        for notice in self.notifier.enqueue(notices):
            await self._forget_notice(notice)

    def _restore_states(self) -> list[Notice]:
        with self.lock:
            return self.ward.restore(self.book, self._clock())

    def _evaluate_rules(self, picture: BusPicture | None) -> AlertChanges:
        self._read_rules()
        now, now_ns = self._clock(), self._wall()
        with self.lock:
            self._skip_unobserved_time(now, now_ns)
            firing = self.ward.list_firing_subjects()
        self.sees_bus = picture is not None and picture.state.connected
        if picture is not None and self.sees_bus:
            self.picture, self.looked_at = picture, now
            self._letters.record_counts(_count_dead_letters(picture))
        look = EvaluationContext(
            self._asking,
            picture or BusReader.make_empty_picture(),
            now_ns,
            self._letters,
            self._clocks,
            self.prices(),
            firing,
        )
        results = {
            name: self._evaluate_rule(rule, look, is_expected=picture is not None)
            for name, rule in self.rules.rules.items()
            if rule.is_on and self.statuses.setdefault(name, RuleStatus()).due <= now
        }
        with self.lock:
            self._record_results(results, now, now_ns)
            changed = self.ward.apply_results(self.rules, results, now)
        self._save_changes(changed)
        return changed

    def _evaluate_rule(self, rule: Rule, look: EvaluationContext, *, is_expected: bool) -> RuleResult:
        kind = KINDS[rule.kind]
        if kind.needs_bus and not look.bus.state.connected:
            return RuleResult(None, look.bus.state.error or "the bus does not answer")
        if rule.kind == "bus_away" and not is_expected:
            return RuleResult([])
        begun = time.perf_counter()
        try:
            found = [finding for finding in kind.find(look, rule) if rule.is_matched_by(finding)]
        except CollectorError as error:
            return RuleResult(None, str(error), (time.perf_counter() - begun) * 1_000)
        except Exception as error:  # noqa: BLE001 one rule that fails must not keep the others from looking
            _LOG.warning("rule %s could not look", rule.name, exc_info=error)
            return RuleResult(None, f"it failed ({type(error).__name__}); the log says more")
        return RuleResult(found, "", (time.perf_counter() - begun) * 1_000)

    def _record_results(self, results: dict[str, RuleResult], now: float, now_ns: int) -> None:
        for name, result in results.items():
            kind = KINDS[self.rules.rules[name].kind]
            self.statuses[name].record_result(result, kind, now, now_ns)
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

    def _skip_unobserved_time(self, now: float, now_ns: int) -> None:
        """Has the time since the last look count for what lasts; most of a long one, in which nobody looked, does not.
        Looks that are slow themselves count in full, or nearly: on a busy machine alerts fire and end all the same."""
        before, self._times = self._times, (now, now_ns)
        if before is None:
            return
        passed, told = now - before[0], (now_ns - before[1]) / SECOND_NS
        if abs(told - passed) > _JUMP:
            self.ward.reset_durations(now)
        elif passed > LOOK_EVERY + _JUMP:
            self.ward.exclude_time(passed - LOOK_EVERY - _JUMP)

    def _save_changes(self, changed: AlertChanges) -> None:
        """Writes down what changed; what can't be written now, at the next look. Whoever is to be told is told."""
        self._unsaved.add(changed)
        try:
            self.book.save_changes(
                self._unsaved.fired, self._unsaved.announced, self._unsaved.resolved, self._unsaved.notices
            )
            self._unsaved = AlertChanges()
        except (StoreError, duckdb.Error) as error:
            _LOG.warning("alerts could not be written down, which is tried again: %s", error)

    async def _forget_notice(self, notice: Notice) -> None:
        """Forgets a notice; one that can't be forgotten is told once more after a restart: better than never."""
        with suppress(StoreError, duckdb.Error):
            await self._run_in_thread(partial(self.book.delete_notice, notice))

    async def _run_in_thread(self, call: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _count_dead_letters(picture: BusPicture) -> dict[Hashable, int]:
    return {(channel.channel, group.group): group.dead for channel in picture.channels for group in channel.groups}
