"""An observer that drops all facts: for telemetry turned off."""

from contextlib import AbstractContextManager, nullcontext

from runtime.facts import (
    Ambient,
    AttemptEnded,
    CallBegun,
    CallEnded,
    DeliveryBegun,
    Occurrence,
    OpenAttempt,
    OpenCall,
    StepBegun,
)


class _SilentCall:
    def activate(self) -> AbstractContextManager[None]:
        return nullcontext()

    def end(self, ended: CallEnded) -> None:
        pass


class _SilentAttempt:
    def activate(self) -> AbstractContextManager[None]:
        return nullcontext()

    def pending(self) -> None:
        pass

    def call(self, begun: CallBegun) -> OpenCall:
        return _SilentCall()

    def end(self, ended: AttemptEnded) -> None:
        pass


class SilentObserver:
    """An observer that drops all facts: for telemetry turned off."""

    losses = 0

    def ambient(self) -> Ambient:
        return Ambient()

    def open(self, begun: StepBegun | DeliveryBegun) -> OpenAttempt:
        return _SilentAttempt()

    def emit(self, fact: Occurrence) -> None:
        pass

    def flush(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        pass
