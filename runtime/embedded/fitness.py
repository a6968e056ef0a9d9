"""Whether a server may be trusted with durable work."""

from typing import TYPE_CHECKING

from redis.exceptions import ResponseError

from runtime.errors import ServerError

if TYPE_CHECKING:  # redis.asyncio is heavy, and only signatures need it
    from redis.asyncio import Redis

SAFE_POLICY = "noeviction"


async def check_server(client: "Redis") -> None:
    """Refuse a server that throws keys away when its memory is full: streams and ledgers would vanish silently.

    Args:
        client: a client of the server, with or without `decode_responses`.

    Raises:
        ServerError: when `maxmemory` is set and `maxmemory-policy` is not `noeviction`.
    """
    limit, policy = await _memory_rules(client)
    if limit > 0 and policy != SAFE_POLICY:
        raise ServerError(
            f"the server evicts keys when its memory is full (maxmemory {limit}, maxmemory-policy {policy}): "
            f"set maxmemory-policy to {SAFE_POLICY}, or name another server in CAUSELINE_REDIS_URL"
        )


async def _memory_rules(client: "Redis") -> tuple[int, str]:
    """The limit in bytes (0: none) and the policy. `INFO memory` knows both, also where `CONFIG` is forbidden; servers
    that hide them there are asked by `CONFIG`."""
    told = await client.info("memory")
    if "maxmemory_policy" in told:
        return int(told.get("maxmemory", 0)), str(told["maxmemory_policy"])
    try:
        rules = await client.config_get("maxmemory*")
    except ResponseError:
        return 0, SAFE_POLICY  # it tells neither: a managed server that must be believed
    texts = {_text(name): _text(value) for name, value in rules.items()}
    return int(texts.get("maxmemory", 0)), texts.get("maxmemory-policy", SAFE_POLICY)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
