"""The state that all workers of an app share."""

from collections.abc import Callable
from typing import Any

from runtime.client.session import Session
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.context import current_context
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.options import check_key


class Shared:
    """A small key-value of the whole app, on the server; for switches that all workers see.

    Args:
        session: gives the connection of the running event loop.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    async def get(self, key: str, default: Any = None, *, into: Any = Any) -> Any:
        """The key's value: what this attempt has put, else what is committed, else `default`; arguments and errors are
        those of `Context.state.get`."""
        check_key(key)
        context = current_context.get()
        text = context.buffer.shared.get(key) if context else None
        if text is None:
            text = await self._session().store.read(None, key)
        return default if text is None else Codec(into, f"shared key {key!r}").decode(Encoded.parse(text))

    async def put(self, key: str, value: Any) -> None:
        """Sets the key to a value (pydantic model, dataclass or plain JSON): at once; inside a step or handler, when
        that commits."""
        check_key(key)
        text = encode(value, f"the value of shared key {key!r}").text
        session = self._session()
        KeyRules(f"app {session.app.name}", most_bytes=session.settings.key_kib * 1024).check_size(key, text)
        context = current_context.get()
        if context is None:
            await session.store.write(key, text)
        else:
            context.buffer.check()
            context.buffer.shared[key] = text
