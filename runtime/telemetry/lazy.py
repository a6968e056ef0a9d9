"""A span that is made only if somebody uses it: most code never touches the span that it runs in."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from opentelemetry.trace import Span, SpanContext, Status, StatusCode
from opentelemetry.util.types import Attributes, AttributeValue


class LazySpan(Span):
    """Stands for a span that is under way: is current, and has the ids that spans below it need.

    Args:
        context: its ids.
        make: starts the span itself, through the SDK; called at most once.
    """

    def __init__(self, context: SpanContext, make: Callable[[], Span]) -> None:
        self._context = context
        self._make = make
        self._made: Span | None = None
        self._is_over = False

    @property
    def created_span(self) -> Span | None:
        """The span itself; None where nobody has used it."""
        return self._made

    def mark_ended(self) -> None:
        """It has ended without having been used; what comes now comes too late, as on any span that has ended."""
        self._is_over = True

    def get_span_context(self) -> SpanContext:
        return self._context

    def is_recording(self) -> bool:
        return not self._is_over if self._made is None else self._made.is_recording()

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        self._use(lambda span: span.set_attributes(attributes))

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        self._use(lambda span: span.set_attribute(key, value))

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        self._use(lambda span: span.add_event(name, attributes, timestamp))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        self._use(lambda span: span.add_link(context, attributes))

    def update_name(self, name: str) -> None:
        self._use(lambda span: span.update_name(name))

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        self._use(lambda span: span.set_status(status, description))

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - the interface's own
    ) -> None:
        self._use(lambda span: span.record_exception(exception, attributes, timestamp, escaped))

    def end(self, end_time: int | None = None) -> None:
        self._use(lambda span: span.end(end_time))

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        self._use(lambda span: span.__exit__(exc_type, exc_val, exc_tb))

    def __getattr__(self, name: str) -> Any:
        """What only the SDK's spans have, such as `attributes`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._get_or_create(), name)

    def _use(self, use: Callable[[Span], object]) -> None:
        if not self._is_over:
            use(self._get_or_create())

    def _get_or_create(self) -> Span:
        if self._made is None:
            self._made = self._make()
        return self._made
