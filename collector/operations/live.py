"""The one place that knows which bus there is."""

from collections.abc import Awaitable, Callable

from collector.operations.contract import Bus
from runtime.admin import Admin


def connector(redis_url: str | None) -> Callable[[], Awaitable[Bus]]:
    """How to connect.

    Args:
        redis_url: the server; None joins the embedded server of `CAUSELINE_HOME`.
    """

    async def connect() -> Bus:
        return await Admin.connect(redis_url)

    return connect
