"""What is asked meanwhile: everything that the API answers, of what is new and of what is gone."""

import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import httpx

from collector.client import ApiError, CollectorClient

#: Seconds between two questions.
PACE: Final = 0.05
#: Rounds of all questions after which a client is a new one.
_ROUNDS: Final = 20


class Poller(threading.Thread):
    """Asks one question after the other.

    Args:
        url: of the collector.
        ending: set when it is to end.
        pace: seconds between two questions.
    """

    def __init__(self, url: str, ending: threading.Event, pace: float = PACE) -> None:
        super().__init__(name="poller", daemon=True)
        self.answers = 0
        self.errors: Counter[str] = Counter()
        self._url = url
        self._ending = ending
        self._pace = pace

    def run(self) -> None:
        """Asks until it is told to end."""
        while not self._ending.is_set():
            with (
                CollectorClient(self._url, timeout=30) as client,
                httpx.Client(base_url=self._url, timeout=30) as plain,
            ):
                for number in range(_ROUNDS):
                    for ask in (*_lists(client), *_of_one(client), *_beside(client, plain, number)):
                        if self._ending.wait(self._pace):
                            return
                        self._ask(ask)

    def _ask(self, ask: Callable[[], object]) -> None:
        try:
            ask()
            self.answers += 1
        except ApiError as error:
            self.errors[error.code] += 1
        except httpx.HTTPError as error:
            self.errors[type(error).__name__] += 1


def _lists(client: CollectorClient) -> Sequence[Callable[[], object]]:
    return [
        *(partial(client.overview, last=last) for last in ("15m", "24h")),
        *(partial(client.steps, last=last) for last in ("15m", "all")),
        *(partial(client.runs, last="1h", status=status) for status in (None, "running", "failed")),
        partial(client.events, last="1h"),
        partial(client.traces, last="1h", limit=100),
        client.dead_letters,
        client.dead_letter_summary,
        client.channels,
        client.ledger,
        client.workers,
        client.audit,
        client.alerts,
        client.storage,
        client.health,
        client.access,
    ]


def _of_one(client: CollectorClient) -> Sequence[Callable[[], object]]:
    """Questions about what came last."""
    asked: list[Callable[[], object]] = []
    with suppress(ApiError, httpx.HTTPError):
        for event in client.events(last="1h", limit=2).items:
            asked += [partial(client.event, event.event_id), partial(client.node, event.event_id)]
            asked += [partial(client.causality, event.event_id, direction=way) for way in ("both", "whole")]
        for run in client.runs(last="1h", limit=2).items:
            asked += [partial(client.run, run.run_id), partial(client.search, run.subject or "S-")]
        for trace in client.traces(last="1h", limit=2).items:
            asked += [partial(client.trace, trace.trace_id), partial(client.search, trace.trace_id)]
        for step in client.steps(last="15m", limit=2).items:
            asked.append(partial(client.step, step.workflow, step.step))
        for letter in client.dead_letters(limit=2).items:
            asked.append(partial(client.dead_letter, letter.id))
    return asked


def _beside(client: CollectorClient, plain: httpx.Client, number: int) -> Sequence[Callable[[], object]]:
    """What is asked now and then, what can't be answered, and what is done."""

    def silence() -> None:
        for alert in client.alerts(limit=2).firing[:2]:
            silence = client.silence(alert.rule, "ada", f"number {number}", seconds=60, about=alert.about)
            if number % 2:
                client.unsilence(silence.id, "ada")

    def export() -> None:
        with tempfile.TemporaryFile() as file:
            client.export(file)

    def arrow() -> None:
        plain.get("/api/traces?limit=500", headers={"accept": "application/vnd.apache.arrow.stream"}).raise_for_status()

    return [
        silence,
        arrow,
        *([export] if number % 5 == 0 else []),
        partial(plain.get, "/metrics"),
        partial(plain.get, f"/nowhere/{number}"),
        partial(plain.get, f"/api/runs/{number}"),
        partial(plain.post, "/v1/traces", content=b"\xff" * 20, headers={"content-type": "application/x-protobuf"}),
        partial(client.search, f"nothing like {number}"),
        partial(client.overview, last=f"{number + 1}m"),
    ]
