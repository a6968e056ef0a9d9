"""Keeps leases alive from a thread of its own, so that work which never yields the event loop does not lose them."""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from runtime.bus.contract import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.facts import OpenAttempt
from runtime.server.scripts import source
from runtime.settings import BEATS_PER_LEASE
from runtime.state.contract import Claim
from runtime.state.keys import StateKeys

_log = logging.getLogger("causeline.heartbeat")


@dataclass(slots=True, eq=False)
class Held:
    """Work under way. Beats go out for it until it ends; from the second on it is told as pending."""

    work: Delivery | Claim
    attempt: OpenAttempt | None = None
    beats: int = field(default=0)


class Heartbeat:
    """Renews what one worker holds.

    Args:
        client: a synchronous client of its own; closed with the heartbeat.
        consumer: the worker's name.
        keys: of the app's runs.
        groups: channels and groups that the worker serves, which are told that it lives.
        lease: in seconds.
    """

    def __init__(
        self, client: redis.Redis, consumer: str, keys: StateKeys, groups: list[tuple[str, str]], lease: float
    ) -> None:
        self._client = client
        self._consumer = consumer
        self._keys = keys
        self._groups = groups
        self._lease_ms = int(lease * 1000)
        self._interval = lease / BEATS_PER_LEASE
        self._held: set[Held] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._renew_delivery = client.register_script(source("runtime.bus", "renew"))
        self._renew_step = client.register_script(source("runtime.state", "renew"))
        self._thread = threading.Thread(target=self._run, name="causeline-heartbeat", daemon=True)

    def start(self) -> None:
        """Beats once, then regularly."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """Ends; the worker counts as gone at once."""
        self._ended.set()
        if self._thread.is_alive():  # a worker that could not start has none
            self._thread.join()
        try:
            self._client.zrem(self._keys.live, self._consumer)
            for channel, group in self._groups:
                self._client.zrem(ChannelKeys(channel).live(group), self._consumer)
        except redis.RedisError as error:
            _log.debug("the server was gone before the worker could say goodbye: %s", error)
        self._client.close()

    @contextmanager
    def hold(self, work: Delivery | Claim) -> Iterator[Held]:
        """Beats for a piece of work until the block ends."""
        held = Held(work)
        with self._lock:
            self._held.add(held)
        try:
            yield held
        finally:
            with self._lock:
                self._held.discard(held)

    def holds(self, delivery: Delivery) -> bool:
        """Whether the stream entry of a delivery is being worked on here, by its group."""
        wanted = _place(delivery)
        with self._lock:
            return any(isinstance(held.work, Delivery) and _place(held.work) == wanted for held in self._held)

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            self._beat()

    def _beat(self) -> None:
        with self._lock:
            held = list(self._held)
        try:
            self._renew(held)
        except redis.RedisError as error:
            _log.warning("a heartbeat was lost, the next is in %.1f s: %s", self._interval, error)
        for one in held:
            one.beats += 1
            if one.beats > 1 and one.attempt is not None:
                one.attempt.pending()

    def _renew(self, held: list[Held]) -> None:
        self._client.zadd(self._keys.live, {self._consumer: self._now_ms()})
        entries: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
        for channel, group in self._groups:
            entries[channel, group, False] = []
        for one in held:
            if isinstance(one.work, Claim):
                self._renew_claim(one.work)
            else:
                entries[one.work.channel, one.work.group, one.work.is_retry].append(one.work.entry)
        for (channel, group, is_retry), ids in entries.items():
            keys = ChannelKeys(channel)
            stream = keys.retries(group) if is_retry else keys.stream
            self._renew_delivery(keys=[stream, keys.live(group)], args=[group, self._consumer, *ids])

    def _renew_claim(self, claim: Claim) -> None:
        run, step = claim.task.run, claim.task.step
        self._renew_step(
            keys=[self._keys.run(run), self._keys.attempts(run), self._keys.tasks],
            args=[claim.task.member, step, claim.token, self._lease_ms, ""],
        )

    def _now_ms(self) -> int:
        seconds, micros = self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000


def _place(delivery: Delivery) -> tuple[str, str, bool, str]:
    """Groups of one channel share its entries' ids."""
    return delivery.channel, delivery.group, delivery.is_retry, delivery.entry
