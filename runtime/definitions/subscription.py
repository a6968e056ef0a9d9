"""A handler and the group that it serves."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self, get_args, get_origin

from runtime.bus.contract import Start
from runtime.bus.envelope import Envelope
from runtime.codec.codec import Codec
from runtime.definitions.callables import name_of
from runtime.definitions.event import Event
from runtime.definitions.order_fields import check_order
from runtime.definitions.signature import read_signature
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.shadows.record import StepAddress

#: Between the name of an ephemeral group and its owner's; no name that an author gives has it.
_OWNED: Final = "~"


@dataclass(frozen=True, slots=True)
class ShadowOf:
    """Beside which step a handler runs, to be compared with it: without effect. `ignore` and `unordered` are fields as
    `Shadow` has them; `is_told` is whether values that differ may be told."""

    place: StepAddress
    ignore: tuple[str, ...]
    unordered: tuple[str, ...]
    is_told: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """One group of one channel and what it does with an event.

    `former` is the name that the group would have had before names carried the app's; empty where its author named it.
    `parameter` names what takes the event (`wants_event`) or its payload alone; `context` what takes the `Context`.
    `record_values` is whether telemetry may tell what the handler returns.
    """

    channel: str
    group: str
    former: str
    start: Start
    function: Callable[..., Any]
    retry: Retry
    timeout: float | None
    breaker: Breaker | None
    agent: str
    parameter: str | None
    wants_event: bool
    payload: Codec
    context: str | None
    record_values: bool = True
    order_by: str = ""
    """The field of the payload, or path of fields, whose value is the key that the group keeps an order by."""
    ephemeral: bool = False
    """Whether each worker has a group of its own, which lives as long as it."""
    wants_envelope: bool = False
    """Whether `parameter` takes the event as it travels: what sends it on does."""
    at_once: int = 0
    """Deliveries that one worker has under way at most; 0 for as many as its concurrency."""
    inbox: str = field(default="", repr=False)
    """Address of the database that the handler writes to; empty where it has none."""
    shadow_of: ShadowOf | None = None
    """The step beside which it runs; None where it does work of its own."""

    @property
    def label(self) -> str:
        """The group as telemetry calls it: the same for all workers."""
        return self.group.partition(_OWNED)[0]

    def for_consumer(self, consumer: str) -> Self:
        """The subscription as a worker serves it."""
        return replace(self, group=f"{self.group}{_OWNED}{consumer}") if self.ephemeral else self

    @property
    def schema(self) -> str:
        """The JSON Schema of the payload that the handler takes; `{}` where its type has none."""
        return self.payload.json_schema()

    def read_argument(self, envelope: Envelope) -> Any:
        """The event, or its payload, as the handler asks for it.

        Raises:
            UndecodableError: when the payload does not fit the handler's type, or that type's own code fails on it;
                says where and why.
        """
        if self.wants_envelope:
            return envelope
        data = self.payload.decode(envelope.payload, f"the payload of event {envelope.id}")
        if not self.wants_event:
            return data
        return Event(
            id=envelope.id,
            channel=envelope.channel,
            data=data,
            source=envelope.source,
            subject=envelope.subject,
            time=_to_datetime(envelope.time_ns),
            correlation_id=envelope.correlation_id,
            causation_id=envelope.cause_node,
        )


def _to_datetime(time_ns: int) -> datetime:
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def is_owned(group: str) -> bool:
    """Whether a group is an ephemeral one, of a worker's own."""
    return _OWNED in group


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler as its author declares it. `group` is empty where the app names it after the function; `start` says
    where a new group begins."""

    channel: str
    group: str
    function: Callable[..., Any]
    retry: Retry
    timeout: float | None
    breaker: Breaker | None
    agent: str
    start: Start = ""
    record_values: bool = True
    order_by: str = ""
    ephemeral: bool = False
    at_once: int = 0
    inbox: str = field(default="", repr=False)


def build_subscription(handler: Handler, app: str) -> Subscription:
    """Reads a handler's signature.

    Args:
        handler: as declared.
        app: the app's name; in front of the function's, it names a group that has no name of its own.

    Raises:
        DefinitionError: when it asks for more than the event (or its payload) and a `Context`.
    """
    # Only what has no name of its own needs one of its function, which a lambda does not have.
    function_name = "" if handler.group else name_of(handler.function, "handler")
    group = handler.group or f"{app}.{function_name}"
    what = f"handler {group!r} of channel {handler.channel}"
    signature = read_signature(handler.function, what)
    asked = [parameter for parameter in signature.parameters if not parameter.is_optional]
    wanted = (asked or list(signature.parameters))[:1]
    if len(asked) > 1:
        names = ", ".join(parameter.name for parameter in asked)
        raise DefinitionError(
            f"{what} asks for {names}: take the event (event: Event[T]) or its payload, "
            "and beside it at most a parameter annotated Context"
        )
    annotation = wanted[0].codec.annotation if wanted else Any
    wants_event = annotation is Event or get_origin(annotation) is Event
    wants_envelope = annotation is Envelope
    if wants_event or wants_envelope:
        annotation = (get_args(annotation) or (Any,))[0]
    payload = Codec(annotation, f"group {group}")
    check_order(what, handler.order_by, payload.json_schema())
    return Subscription(
        channel=handler.channel,
        group=group,
        former=function_name,
        start=handler.start,
        function=handler.function,
        retry=handler.retry,
        timeout=handler.timeout,
        breaker=handler.breaker,
        agent=handler.agent or handler.group or function_name,
        parameter=wanted[0].name if wanted else None,
        wants_event=wants_event,
        payload=payload,
        context=signature.context,
        record_values=handler.record_values,
        order_by=handler.order_by,
        ephemeral=handler.ephemeral,
        wants_envelope=wants_envelope,
        at_once=handler.at_once,
        inbox=handler.inbox,
    )
