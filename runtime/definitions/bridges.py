"""What an author says of RabbitMQ: which queues are channels, which channels go on, and whose dead are ours."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from runtime.bounds import is_count
from runtime.bus.envelope import Envelope
from runtime.definitions.context import Context
from runtime.definitions.options import checked_agent, checked_flag
from runtime.definitions.order_fields import checked_order
from runtime.definitions.subscription import Handler
from runtime.errors import DefinitionError
from runtime.rabbitmq.contract import Bridge
from runtime.rabbitmq.sending import DeadLetterKeeper, ExchangeSender, SenderIdentity
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.server.names import checked_name

#: Who does it, for workers that work for some agents alone, and in the picture; unless its author says otherwise.
AGENT: Final = "rabbitmq"
#: Messages of a queue that one worker holds unacknowledged at most.
PREFETCH: Final = 200
#: Messages that one worker sends at once: RabbitMQ confirms what it has written to disk, and writes many together.
AT_ONCE: Final = 100
_MOST: Final = 65_535
#: Bytes of a short text of AMQP.
_SHORT: Final = 255
#: An outage takes no longer than this to be over here once it is over there.
_COOLDOWN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Inbound:
    """A queue whose messages are events of a channel.

    Attributes:
        queue, channel: from where, and to where.
        prefetch: messages that a worker holds unacknowledged at most.
        declare: whether a queue that is not there is made.
        agent: who does it.
        holds_letters: whether what comes has died in another queue.
    """

    queue: str
    channel: str
    prefetch: int
    declare: bool
    agent: str
    holds_letters: bool = False


class RabbitMQ:
    """The declarations of one app's bridge to the server of `CAUSELINE_RABBITMQ_URL`.

    Args:
        add: takes the groups that send.
        bridge: what the running event loop sends with.
    """

    def __init__(self, add: Callable[[Handler], None], bridge: Callable[[], Bridge]) -> None:
        self._add = add
        self._bridge = bridge
        self._inbounds: dict[str, Inbound] = {}

    @property
    def inbounds(self) -> tuple[Inbound, ...]:
        """All queues that are read."""
        return tuple(self._inbounds.values())

    def inbound(
        self,
        *,
        queue: str,
        channel: str,
        prefetch: int = PREFETCH,
        declare: bool = False,
        agent: str = AGENT,
    ) -> None:
        """Has workers make events of a channel of a queue's messages: each is acknowledged once it is recorded.

        Args:
            queue: its name.
            channel: where its messages are published.
            prefetch: messages that one worker holds at most before they are recorded.
            declare: makes the queue if it is not there: durable, of type quorum, with a queue of its dead beside it,
                which has its name and `.dead`. By default it must be there, whatever it is.
            agent: who does it, as `causeline worker --agent` says it.

        Raises:
            DefinitionError: the queue is read already, or something can't be.
        """
        self._add_inbound(Inbound(queue, checked_name("channel", channel), prefetch, declare, agent))

    def outbound(
        self,
        *,
        channel: str,
        exchange: str,
        routing_key: str | None = None,
        group: str | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        agent: str = AGENT,
        order_by: str | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        """Sends the events of a channel to an exchange, as a group of the channel that is done with an event when
        RabbitMQ has it: with retries and dead letters, as a handler.

        Args:
            channel: whose events.
            exchange: where to; empty for the default one, whose routing key is a queue's name.
            routing_key: of all messages; by default the channel's name.
            group: by default `rabbitmq.` and the exchange's name.
            retry, timeout, agent, order_by: as of `App.subscribe`.
            breaker: what guards it; by default one of its own, so that events wait while RabbitMQ is away.
            at_once: messages that one worker sends before RabbitMQ has confirmed them, at most.

        Raises:
            DefinitionError: the group has a handler on that channel, or something can't be.
        """
        key = channel if routing_key is None else routing_key
        if not _is_short(key) or (exchange != "" and not _is_short(exchange)):
            raise DefinitionError(
                f"channel {channel} can't go to exchange {exchange!r} with routing key {key!r}: both are texts of "
                f"{_SHORT} bytes at most"
            )
        if not is_count(at_once, _MOST):
            raise DefinitionError(f"channel {channel} can't send {at_once!r} messages at once: take 1 to {_MOST}")
        name = group or _group_name("rabbitmq", exchange or key)
        sending = ExchangeSender(exchange, key, self._bridge)

        async def send(envelope: Envelope, context: Context) -> None:
            await sending.send(envelope, _build_sender(context, name))

        self._add(
            Handler(
                channel=checked_name("channel", channel),
                group=checked_name("group", name),
                function=send,
                retry=retry or Retry(attempts=5),
                timeout=timeout,
                breaker=breaker or Breaker(name, cooldown=_COOLDOWN),
                agent=checked_agent(f"group {name!r}", agent),
                order_by=checked_order(f"group {name!r}", order_by),
                at_once=at_once,
            )
        )

    def dead_letters(
        self,
        *,
        queue: str,
        channel: str | None = None,
        prefetch: int = PREFETCH,
        declare: bool = False,
        retry: Retry | None = None,
        agent: str = AGENT,
    ) -> None:
        """Makes dead letters of what lies in a queue where RabbitMQ puts messages that have died. Replayed, each is
        sent to the queue that it died in.

        Args:
            queue: its name, as that of one that a dead-letter exchange leads to.
            channel: of the letters; by default the queue's name.
            prefetch, declare, agent: as of `inbound`.
            retry: how often a replay is tried.

        Raises:
            DefinitionError: the queue is read already, or something can't be.
        """
        where = checked_name("channel", queue if channel is None else channel)
        self._add_inbound(Inbound(queue, where, prefetch, declare, agent, holds_letters=True))
        name, burying = _group_name("rabbitmq", queue), DeadLetterKeeper(self._bridge)

        async def keep_or_send(envelope: Envelope, context: Context) -> None:
            await burying.keep_or_send(envelope, context.round, _build_sender(context, name))

        self._add(
            Handler(
                channel=where,
                group=name,
                function=keep_or_send,
                retry=retry or Retry(attempts=5),
                timeout=None,
                breaker=None,  # what is open would keep letters from being seen
                agent=agent,
                start="earliest",
            )
        )

    def _add_inbound(self, inbound: Inbound) -> None:
        queue, prefetch = inbound.queue, inbound.prefetch
        if not _is_short(queue):
            raise DefinitionError(f"queue {queue!r} can't be read: its name is a text of 1 to {_SHORT} bytes")
        if not is_count(prefetch, _MOST):
            raise DefinitionError(f"queue {queue} can't be read with prefetch {prefetch!r}: take 1 to {_MOST}")
        checked_name("agent", inbound.agent)
        checked_flag(f"declare of queue {queue!r}", inbound.declare)
        if queue in self._inbounds:
            raise DefinitionError(f"queue {queue} is read twice: each of its messages would go to one of the two")
        self._inbounds[queue] = inbound


def _build_sender(context: Context, group: str) -> SenderIdentity:
    return SenderIdentity(
        node_id=context.node_id,
        attempt=context.attempt,
        correlation_id=context.correlation_id,
        group=group,
        span=context.position.span,
        clock=context.clock,
    )


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text.encode()) <= _SHORT


def _group_name(*parts: str) -> str:
    """A name of a group that holds what may not be in one: names of exchanges are freer."""
    return ".".join(
        "".join(one if one.isascii() and (one.isalnum() or one in "._-/") else "-" for one in part) for part in parts
    )
