"""All that the tests of this folder know of the inside: patterns of keys on the server, and how to hold a run again."""

from typing import Any, Final

from runtime import App

#: Sorted sets of what waits for a time: steps that are due, and retries of deliveries.
_WAITING: Final = {"tasks": "*:tasks", "deliveries": "*:rz:*"}
_OUTBOXES: Final = "*:out"
_BREAKER: Final = "*{{breaker.{name}}}:h"

#: In ms: who waits for so long waits for the end of the test.
_LONG_MS: Final = 3_600_000


async def bring_forward(app: App) -> None:
    """Lets come at once what waits for a later time."""
    for pattern in _WAITING.values():
        for key in await _keys(app, pattern):
            later = await _client(app).zrange(key, await _now_ms(app) + _LONG_MS, "+inf", byscore=True)
            if later:
                await _client(app).zadd(key, dict.fromkeys(later, await _now_ms(app)), xx=True)


async def waiting(app: App) -> dict[str, int]:
    """How many tasks and deliveries wait for long."""
    found = {}
    for what, pattern in _WAITING.items():
        since = await _now_ms(app) + _LONG_MS
        found[what] = sum([await _client(app).zcount(key, since, "+inf") for key in await _keys(app, pattern)])
    return found


async def close_breaker(app: App, name: str) -> None:
    """Lets work go on that a breaker holds back; fails where there is none."""
    assert await _client(app).delete(*await _keys(app, _BREAKER.format(name=name)))


async def outboxed(app: App) -> int:
    """How many events are on their way from outboxes."""
    return sum([await _client(app).xlen(key) for key in await _keys(app, _OUTBOXES)])


def _client(app: App) -> Any:
    return app.session.server.client


async def _keys(app: App, pattern: str) -> list[bytes]:
    return [key async for key in _client(app).scan_iter(match=pattern, count=1000)]


async def _now_ms(app: App) -> int:
    seconds, micros = await _client(app).time()
    return int(seconds) * 1000 + int(micros) // 1000
