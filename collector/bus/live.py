"""The one place that knows which bus there is."""

from collections.abc import Awaitable, Callable
from importlib import import_module

from collector.bus.contract import Bus


def connector(redis_url: str | None) -> Callable[[], Awaitable[Bus]]:
    """How to connect.

    Args:
        redis_url: the server; None joins the embedded server of `CAUSELINE_HOME`.
    """

    async def connect() -> Bus:
        bus: Bus = await import_module("runtime.admin").Admin.connect(redis_url)
        return bus

    return connect
