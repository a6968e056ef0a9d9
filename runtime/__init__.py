"""Durable orchestration and choreography for AI agents, traced from cause to effect.

The public names, loaded when they are first used: importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for type checkers; at run time `__getattr__` loads them
    from runtime.app import App as App
    from runtime.budgets.budget import Budget as Budget
    from runtime.budgets.usage import Price as Price
    from runtime.budgets.usage import Usage as Usage
    from runtime.client.run import Run as Run
    from runtime.definitions.context import Context as Context
    from runtime.definitions.event import Event as Event
    from runtime.definitions.fan_out import FailedItem as FailedItem
    from runtime.definitions.key_limits import KeyLimit as KeyLimit
    from runtime.definitions.key_limits import limit as limit
    from runtime.errors import AnswerRefusedError as AnswerRefusedError
    from runtime.errors import CallChangedError as CallChangedError
    from runtime.errors import CallUncountedError as CallUncountedError
    from runtime.errors import CauselineError as CauselineError
    from runtime.errors import KeyConflictError as KeyConflictError
    from runtime.errors import NoListError as NoListError
    from runtime.errors import NonRetryableError as NonRetryableError
    from runtime.errors import QueryError as QueryError
    from runtime.errors import RoundsSpentError as RoundsSpentError
    from runtime.errors import RunCancelledError as RunCancelledError
    from runtime.errors import RunDeadlineError as RunDeadlineError
    from runtime.errors import RunFailedError as RunFailedError
    from runtime.errors import RunNotFailedError as RunNotFailedError
    from runtime.errors import RunNotFoundError as RunNotFoundError
    from runtime.errors import SubWorkflowError as SubWorkflowError
    from runtime.errors import WaitTimeoutError as WaitTimeoutError
    from runtime.resilience.breaker import Breaker as Breaker
    from runtime.resilience.retry import Retry as Retry
    from runtime.runs.streams import StreamEvent as StreamEvent
    from runtime.schedules.cron import Cron as Cron
    from runtime.schedules.every import Every as Every
    from runtime.schedules.policies import CatchUp as CatchUp
    from runtime.settings import Settings as Settings
    from runtime.shadows.shadow import Shadow as Shadow
    from runtime.telemetry.tracers import get_tracer as get_tracer

_EXPORTS = {
    "AnswerRefusedError": "runtime.errors",
    "App": "runtime.app",
    "Budget": "runtime.budgets.budget",
    "Price": "runtime.budgets.usage",
    "Usage": "runtime.budgets.usage",
    "Breaker": "runtime.resilience.breaker",
    "CallChangedError": "runtime.errors",
    "CallUncountedError": "runtime.errors",
    "CatchUp": "runtime.schedules.policies",
    "CauselineError": "runtime.errors",
    "Cron": "runtime.schedules.cron",
    "Context": "runtime.definitions.context",
    "Every": "runtime.schedules.every",
    "Event": "runtime.definitions.event",
    "FailedItem": "runtime.definitions.fan_out",
    "NoListError": "runtime.errors",
    "NonRetryableError": "runtime.errors",
    "QueryError": "runtime.errors",
    "Retry": "runtime.resilience.retry",
    "RoundsSpentError": "runtime.errors",
    "Run": "runtime.client.run",
    "RunDeadlineError": "runtime.errors",
    "RunFailedError": "runtime.errors",
    "RunNotFoundError": "runtime.errors",
    "RunNotFailedError": "runtime.errors",
    "RunCancelledError": "runtime.errors",
    "KeyConflictError": "runtime.errors",
    "Settings": "runtime.settings",
    "Shadow": "runtime.shadows.shadow",
    "SubWorkflowError": "runtime.errors",
    "StreamEvent": "runtime.runs.streams",
    "WaitTimeoutError": "runtime.errors",
    "KeyLimit": "runtime.definitions.key_limits",
    "limit": "runtime.definitions.key_limits",
    "get_tracer": "runtime.telemetry.tracers",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted(_EXPORTS)
