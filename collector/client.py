"""The collector's API, typed: one method a route. Needs httpx alone, so that a dashboard can live without the store."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from collector.asking.alerting import Alerting
from collector.asking.base import TimeRange as TimeRange
from collector.asking.breakers import Breakers
from collector.asking.budgets import Budgets
from collector.asking.bus import Bus
from collector.asking.bus import GroupFilter as GroupFilter
from collector.asking.causes import Causes
from collector.asking.causes import Direction as Direction
from collector.asking.conversations import Conversations
from collector.asking.dead_letters import DeadLetters
from collector.asking.figures import CallFilter as CallFilter
from collector.asking.figures import Figures
from collector.asking.figures import StepFilter as StepFilter
from collector.asking.figures import StepKind as StepKind
from collector.asking.figures import StepSource as StepSource
from collector.asking.logs import LogFilter as LogFilter
from collector.asking.logs import Logs
from collector.asking.runs import RunFilter as RunFilter
from collector.asking.runs import Runs
from collector.asking.schedules import Schedules
from collector.asking.sessions import SessionFilter as SessionFilter
from collector.asking.sessions import Sessions
from collector.asking.shadows import Shadows
from collector.asking.storing import Storing
from collector.asking.traces import Traces
from collector.models import AccessAnswer, Health
from collector.replies import ApiError as ApiError
from collector.replies import CollectorBusy as CollectorBusy
from collector.replies import CollectorSlow as CollectorSlow
from collector.replies import CollectorUnavailable as CollectorUnavailable
from collector.replies import hide_credentials as hide_credentials
from collector.transport import Credentials, Transport
from runtime.tokens import OwnToken as OwnToken

#: Seconds to wait for an answer.
TIMEOUT_SECONDS: Final = 10.0


class CollectorClient(
    Figures,
    Runs,
    Conversations,
    Sessions,
    Causes,
    Traces,
    Logs,
    DeadLetters,
    Bus,
    Schedules,
    Budgets,
    Breakers,
    Shadows,
    Storing,
    Alerting,
):
    """Asks a collector. Methods raise `ApiError`, its subclass `CollectorUnavailable` where nobody answers, and
    `CollectorBusy` where the answer would have taken too long; it says when to ask again. Every route has a method, for
    any program: the dashboard needs neither `replay_matching` nor `discard`. What `every_...` returns is asked for page
    by page, as far as it is walked.

    An answer that is asked for again is sent again only where it may have changed. Safe to use from several threads.

    Args:
        base_url: where the collector is, such as `http://127.0.0.1:4318`.
        timeout: seconds to wait for an answer.
        token: returns the token to present; by default none is.
        person: returns for whom a change is asked for, where the token may be used for others.
        ca: file of the certificate authorities to trust; None for the machine's own.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float = TIMEOUT_SECONDS,
        *,
        token: Callable[[], str] = str,
        person: Callable[[], str] = str,
        ca: Path | None = None,
    ) -> None:
        self._api = Transport(base_url, timeout, Credentials(token, person, ca))

    def close(self) -> None:
        """Gives connections back."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def health(self) -> Health:
        """Returns whether the collector is up."""
        return self._api.get(Health, "/healthz")

    def access(self) -> AccessAnswer:
        """Returns whose token is presented, and what it is good for."""
        return self._api.get(AccessAnswer, "/api/access")
