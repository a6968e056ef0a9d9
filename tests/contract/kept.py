"""What a Redis or Valkey server keeps, and its clock."""

from collections.abc import Awaitable, Callable
from typing import Any

from runtime.server.client import Client


async def now_ms(client: Client) -> int:
    """The server's clock."""
    seconds, micros = await client.time()
    return int(seconds * 1000 + micros // 1000)


async def tick(client: Client) -> None:
    """Returns in the server's next millisecond."""
    now = await now_ms(client)
    while await now_ms(client) == now:
        pass


async def dump(client: Client) -> dict[bytes, Any]:
    """Every key and its value, pending lists of groups included; left out are times that pass by themselves, and the
    answers that are kept for clients which lost them."""
    readers: dict[bytes, Callable[[bytes], Awaitable[Any]]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"stream": lambda key: _stream(client, key),
    }
    keys: Any = await client.keys("*")
    kept = sorted(key for key in keys if b":once:" not in key)
    return {key: await readers[await client.type(key)](key) for key in kept}


async def _stream(client: Client, key: bytes) -> Any:
    groups: Any = await client.xinfo_groups(key)
    pending = {}
    for group in groups:
        held: Any = await client.xpending_range(key, group["name"], "-", "+", 1000)
        pending[group["name"]] = group["last-delivered-id"], [(one["message_id"], one["consumer"]) for one in held]
    return await client.xrange(key), pending
