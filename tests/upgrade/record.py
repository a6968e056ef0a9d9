"""Writes down what a home holds, as the release that made it sees it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import due
from making import batches

from runtime import App, Run

#: A group of somebody who never came back: it owes what was published, and nobody serves it.
UNSERVED: Final = "archive"

#: Times that lie so far ahead, in ms, are those of `parcels.FAR`; a shorter one would be over when a home is opened.
_FAR_MS: Final = 50 * 365 * 86_400_000


@asynccontextmanager
async def others(channel: str) -> AsyncIterator[None]:
    """Another app, connected, whose group nobody serves."""
    app = App("archives")

    @app.subscribe(channel, group=UNSERVED)
    async def keep() -> None:
        raise AssertionError("nobody works for this app")

    async with app.client():
        yield


def pending_told(home: Path) -> int:
    """How many spans in the spool tell of something that goes on."""
    return sum(batch.count(b"pending ") for batch in batches(home))


def held(app: App, run: Any) -> Run:
    """A run, as its starter held it."""
    return Run(app.session, app.session.app.workflows[run.workflow], run.id, run.correlation_id)


async def far(app: App) -> tuple[int, int]:
    """How many tasks, and how many deliveries, wait for a time that is far ahead."""
    client: Any = app.session.server.client
    found = []
    for pattern in ("*:tasks", "*:rz:*"):
        keys = [key async for key in client.scan_iter(match=pattern, count=1000)]
        seconds, _ = await client.time()
        found.append(sum([await client.zcount(key, seconds * 1000 + _FAR_MS, "+inf") for key in keys]))
    return found[0], found[1]


async def of(app: App, admin: Any, home: Path, numbers: Mapping[str, int]) -> dict[str, Any]:
    """All of it, as JSON."""
    records = await app.session.store.runs(1000)
    letters = [await admin.dead_letter(one.id) for one in (await admin.dead_letters(state="all", limit=1000)).items]
    audit = await admin.audit(limit=1000)
    return {
        "server": (await app.session.server.client.info("server"))["redis_version"],
        "spooled": sum(int(path.name.split("-")[3].partition(".")[0]) for path in (home / "spool").glob("*.otlp.gz")),
        "rates": repr(await app.shared.get("rates")),
        "runs": [await _run(app, one, numbers) for one in sorted(records, key=lambda one: one.accepted_ms)],
        "groups": [
            {"channel": channel.channel, "published": channel.published, **asdict(group)}
            for channel in await admin.channels()
            for group in channel.groups
        ],
        "letters": [_letter(letter) for letter in sorted(letters, key=lambda one: (one.dead_ms, one.id))],
        "audit": [
            {"action": one.action, "letter": str(one.dead_letter_id), "operator": one.operator, "reason": one.reason}
            for one in audit.items
        ],
        "numbers": dict(numbers),
        "due": list(due.at_once()),
        "on_their_way": due.ON_THEIR_WAY,
        "copies": due.COPIES,
        "behind_breaker": due.BEHIND_BREAKER,
        "replayed": due.REPLAYED,
    }


async def _run(app: App, one: Any, numbers: Mapping[str, int]) -> dict[str, Any]:
    built = app.session.app.workflows[one.workflow]
    results = {step: await app.session.store.result(one.id, step) for step in built.steps}
    return {
        "id": str(one.id),
        "workflow": one.workflow,
        "subject": one.subject,
        "number": numbers[one.subject],
        "status": one.status,
        "failed_step": one.failed_step,
        "error": one.error,
        "committed": {step: result for step, result in results.items() if result is not None},
    }


def _letter(letter: Any) -> dict[str, Any]:
    named = ("channel", "group", "subject", "reason", "attempts", "round", "state", "replay_outcome", "operator", "why")
    return {
        **{name: getattr(letter, name) for name in named},
        "reason": str(letter.reason),
        "id": str(letter.id),
        "event": str(letter.event_id),
        "envelope": letter.envelope,
        "error": f"{letter.error_type}: {letter.message}",
        "history": [[one.round, one.attempt, one.error_type, one.message] for one in letter.history],
    }
