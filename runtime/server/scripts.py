"""Lua scripts as they lie in the packages: one file a script; in front of each the `prelude.lua` of this package,
then that of its own."""

import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final

from redis.exceptions import NoScriptError

from runtime.server.client import Client

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
def read_source(package: str, name: str, *, once: bool = False) -> str:
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
    shared = (files("runtime.server") / "lua" / "prelude.lua").read_text()
    return "\n".join((shared, (folder / "prelude.lua").read_text(), body))


@dataclass(frozen=True, slots=True)
class _Script:
    text: str
    digest: str


@cache
def _load_script(package: str, name: str, *, once: bool) -> _Script:
    text = read_source(package, name, once=once)
    # The server names scripts by this digest; it protects nothing.
    return _Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Scripts:
    """The scripts of one package, ready to call on one client.

    A call may be made again when its answer is lost, so every script must be safe to run twice.
    """

    def __init__(self, client: Client, package: str) -> None:
        self._client = client
        self._package = package

    async def call(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Runs a script atomically.

        Args:
            name: the script's file name without its ending.
            keys: the keys that it touches, in the order that its head names.
            args: its other arguments.

        Returns:
            The raw reply; byte strings stay bytes.

        Raises:
            ServerError: the server does not answer, or refuses.
        """
        return await self._run(_load_script(self._package, name, once=False), keys, args)

    async def call_unrepeated(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Like `call`, but never made again when its answer is lost: for a script that takes something each time."""
        return await self._ask(_load_script(self._package, name, once=False), keys, args, repeated=False)

    async def call_once(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Like `call`, for a script that can't see for itself that it has run: a repeated call gets the first answer.

        Its answer is kept for a minute in the slot of its keys, so it should be small.
        """
        slot = keys[0].partition("}")[0]
        answer = f"{slot}}}:once:{secrets.token_hex(8)}"
        return await self._run(_load_script(self._package, name, once=True), [*keys, answer], args)

    async def _run(self, script: _Script, keys: list[str], args: tuple[str | bytes | float, ...]) -> Any:
        return await self._ask(script, keys, args, repeated=True)

    async def _ask(
        self, script: _Script, keys: list[str], args: tuple[str | bytes | float, ...], *, repeated: bool
    ) -> Any:
        given = (len(keys), *keys, *args)
        try:
            return await self._client.ask(("EVALSHA", script.digest, *given), repeated=repeated)
        except NoScriptError:  # a server that has just started knows none
            return await self._client.ask(("EVAL", script.text, *given), repeated=repeated)
