"""Takes requests of every signal, whatever they come over. A sender is answered once its request is committed."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread

from collector.otlp import body
from collector.otlp.budget import Budget, Share
from collector.otlp.decode import DECODERS, census, from_json
from collector.otlp.decode.items import MESSAGE_BYTES
from collector.otlp.parcel import Limits, Parcel
from collector.otlp.redaction.columns import ColumnRedactor
from collector.otlp.signals import Signal
from collector.otlp.turnstile import Turnstile
from collector.store import early_times
from collector.store.batch import Batch
from collector.store.writer import Writer
from runtime.redaction.redactor import Redactor

#: Requests that are decoded concurrently, in threads of their own so that readers of the API don't delay senders. Few,
#: because decoding takes several times a request's size in memory and is faster than the one writer anyway.
_AT_ONCE: Final = 2


class Receiver:
    """Decodes requests and has them stored.

    Args:
        writer: who stores what they hold.
        limits: how large a request may be, and how slow.
        budget: what all requests may hold at once.
        redactor: takes secrets out before anything is stored.
    """

    def __init__(self, writer: Writer, limits: Limits, budget: Budget, redactor: Redactor | None = None) -> None:
        self.limits = limits
        self._writer = writer
        self._budget = budget
        self._columns = ColumnRedactor(redactor or Redactor())
        self._turns = Turnstile(_AT_ONCE)
        self._threads = CapacityLimiter(_AT_ONCE)

    async def receive(self, signal: Signal, parcel: Parcel) -> Batch:
        """Stores one request.

        Args:
            signal: what it holds.
            parcel: its bytes, and who sends them.

        Returns:
            What was stored and what was refused.

        Raises:
            UndecodableError: when the bytes are no such request.
            TooLargeError: when it is larger than allowed, or made of more items.
            TooSlowError: when it comes too slowly.
            OverloadedError: when there is no room for it now.
            StoreError: when it could not be stored.
        """
        with self._budget.share() as share:
            packed = await body.read_body(parcel.chunks, self.limits.size, share, self.limits.stall, parcel.ahead)
            with self._writer.expect_request():
                async with self._turns.turn(parcel.sender):
                    decode = partial(self._decode, signal, parcel, packed, share)
                    batch = await to_thread.run_sync(decode, limiter=self._threads)
                stored = self._writer.submit(batch, parcel.host)
            await asyncio.wrap_future(stored)
        return batch

    def _decode(self, signal: Signal, parcel: Parcel, packed: bytes, share: Share) -> Batch:
        plain = body.unpack(packed, parcel.encoding, self.limits.size, share)
        if not parcel.is_json:
            share.grow(census.count_messages(signal, plain, self.limits.items) * MESSAGE_BYTES)
            return early_times.add_early_counts(self._columns.clean(DECODERS[signal](plain)))
        share.grow(from_json.weight(plain, from_json.count(plain, self.limits.items)))
        message, left_out = from_json.to_protobuf(plain, signal.request)
        batch = early_times.add_early_counts(self._columns.clean(DECODERS[signal](message)))
        return replace(batch, mended={**batch.mended, **left_out})
