"""Takes requests of every signal, whatever they come over. A sender is answered once its request is committed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from anyio import CapacityLimiter, to_thread

from collector.otlp import body
from collector.otlp.budget import Budget, Share
from collector.otlp.decode import DECODERS, census, from_json
from collector.otlp.decode.items import MESSAGE_BYTES
from collector.otlp.signals import Signal
from collector.store.batch import Batch
from collector.store.writer import Writer

#: Requests that are decoded concurrently, in threads of their own so that readers of the API don't delay senders. Few,
#: because decoding takes several times a request's size in memory and is faster than the one writer anyway.
_AT_ONCE: Final = 2

#: Items of a request where nobody says how many.
ITEM_LIMIT: Final = 500_000


class Receiver:
    """Decodes requests and has them stored.

    Args:
        writer: who stores what they hold.
        limit: most bytes of a request once decompressed.
        budget: what all requests may hold at once.
        item_limit: most spans, attributes, values and other items that a request may be made of.
    """

    def __init__(self, writer: Writer, limit: int, budget: Budget, item_limit: int = ITEM_LIMIT) -> None:
        self.limit = limit
        self._item_limit = item_limit
        self._writer = writer
        self._budget = budget
        self._decoders = CapacityLimiter(_AT_ONCE)

    async def receive(
        self, signal: Signal, chunks: AsyncIterator[bytes], encoding: str = "", *, is_json: bool = False
    ) -> Batch:
        """Stores one request.

        Args:
            signal: what it holds.
            chunks: its bytes as they arrive.
            encoding: how they are compressed; empty, `identity`, `gzip` or `deflate`.
            is_json: whether they are JSON, and not protobuf.

        Returns:
            What was stored and what was refused.

        Raises:
            UndecodableError: when the bytes are no such request.
            TooLargeError: when it is larger than allowed, or made of more items.
            OverloadedError: when there is no room for it now.
            StoreError: when it could not be stored.
        """
        with self._budget.share() as share:
            packed = await body.read(chunks, self.limit, share)
            batch = await to_thread.run_sync(
                self._decoded, signal, packed, encoding, is_json, share, limiter=self._decoders
            )
            await asyncio.wrap_future(self._writer.submit(batch))
        return batch

    def _decoded(self, signal: Signal, packed: bytes, encoding: str, is_json: bool, share: Share) -> Batch:  # noqa: FBT001 anyio passes on positional arguments alone
        plain = body.unpack(packed, encoding, self.limit, share)
        if not is_json:
            share.grow(census.count(signal, plain, self._item_limit) * MESSAGE_BYTES)
            return DECODERS[signal](plain)
        share.grow(from_json.weight(plain, from_json.count(plain, self._item_limit)))
        message, left_out = from_json.to_protobuf(plain, signal.request)
        batch = DECODERS[signal](message)
        return replace(batch, mended={**batch.mended, **left_out})
