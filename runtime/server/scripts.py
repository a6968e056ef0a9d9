"""Lua scripts as they lie in the package: one file a script, a folder's `prelude.lua` in front of each."""

import secrets
from functools import cache
from importlib.resources import files
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

#: How long an answer is kept for a client that may ask again, in ms; longer than the client keeps trying.
ANSWER_MS: Final = 60_000

_ONCE: Final = """
local once = table.remove(KEYS)
local function main()
{body}
end
local known = redis.call('GET', once)
if known then return cmsgpack.unpack(known) end
local answer = main()
redis.call('SET', once, cmsgpack.pack(answer), 'PX', {answer_ms})
return answer
"""


@cache
def source(package: str, name: str, *, once: bool = False) -> str:
    """The text of a script.

    Args:
        package: the package that holds a `lua` folder, such as `runtime.bus`.
        name: the file's name without its ending.
        once: the script takes one key more, under which its answer is kept; a call that is repeated finds it there.
    """
    folder = files(package) / "lua"
    body = (folder / f"{name}.lua").read_text()
    if once:
        body = _ONCE.format(body=body, answer_ms=ANSWER_MS)
    return (folder / "prelude.lua").read_text() + "\n" + body


class Scripts:
    """The scripts of one package, ready to call on one client."""

    def __init__(self, client: Redis, package: str) -> None:
        self._client = client
        self._package = package
        self._ready: dict[tuple[str, bool], AsyncScript] = {}

    async def call(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Runs a script atomically. It must be safe to run twice: the client repeats a call whose answer it lost.

        Args:
            name: the script's file name without its ending.
            keys: the keys that it touches, in the order that its head names.
            args: its other arguments.

        Returns:
            The raw reply; byte strings stay bytes.
        """
        return await self._script(name, once=False)(keys=keys, args=_encoded(args))

    async def call_once(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Like `call`, for a script that must not run twice: a repeated call gets the answer of the first.

        Its answer is kept for a minute in the slot of its keys, so it should be small.
        """
        slot = keys[0].partition("}")[0]
        answer = f"{slot}}}:once:{secrets.token_hex(8)}"
        return await self._script(name, once=True)(keys=[*keys, answer], args=_encoded(args))

    def _script(self, name: str, *, once: bool) -> AsyncScript:
        script = self._ready.get((name, once))
        if script is None:
            text = source(self._package, name, once=once)
            script = self._ready[name, once] = self._client.register_script(text)
        return script


def _encoded(args: tuple[str | bytes | float, ...]) -> list[bytes | float]:
    # Half a character, as a model may print it, must not keep a failure from being written down.
    return [one.encode(errors="replace") if isinstance(one, str) else one for one in args]
