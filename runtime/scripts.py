"""Lua scripts as they lie in the package: one file a script, a folder's `prelude.lua` in front of each."""

from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript


@cache
def source(package: str, name: str) -> str:
    """The text of a script.

    Args:
        package: the package that holds a `lua` folder, such as `runtime.bus`.
        name: the file's name without its ending.
    """
    folder = files(package) / "lua"
    return (folder / "prelude.lua").read_text() + "\n" + (folder / f"{name}.lua").read_text()


class Scripts:
    """The scripts of one package, ready to call on one client."""

    def __init__(self, client: Redis, package: str) -> None:
        self._client = client
        self._package = package
        self._ready: dict[str, AsyncScript] = {}

    async def call(self, name: str, keys: list[str], *args: str | bytes | float) -> Any:
        """Runs a script atomically.

        Args:
            name: the script's file name without its ending.
            keys: the keys that it touches, in the order that its head names.
            args: its other arguments.

        Returns:
            The raw reply; byte strings stay bytes.
        """
        script = self._ready.get(name)
        if script is None:
            script = self._ready[name] = self._client.register_script(source(self._package, name))
        # Half a character, as a model may print it, must not keep a failure from being written down.
        plain = [one.encode(errors="replace") if isinstance(one, str) else one for one in args]
        return await script(keys=keys, args=plain)
