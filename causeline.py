"""Causeline's public face: `from causeline import App, ...`, and the command line's entry.

Names are looked up when they are first used, so that `import causeline` costs nothing, and a stranger's `runtime` is
told from ours before anything is asked of it.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for type checkers; at run time `__getattr__` loads them
    from runtime import AnswerRefusedError as AnswerRefusedError
    from runtime import App as App
    from runtime import Breaker as Breaker
    from runtime import Budget as Budget
    from runtime import CallChangedError as CallChangedError
    from runtime import CallUncountedError as CallUncountedError
    from runtime import CatchUp as CatchUp
    from runtime import CauselineError as CauselineError
    from runtime import Context as Context
    from runtime import Cron as Cron
    from runtime import Event as Event
    from runtime import Every as Every
    from runtime import FailedItem as FailedItem
    from runtime import KeyConflictError as KeyConflictError
    from runtime import KeyLimit as KeyLimit
    from runtime import NoListError as NoListError
    from runtime import NonRetryableError as NonRetryableError
    from runtime import Price as Price
    from runtime import QueryError as QueryError
    from runtime import Retry as Retry
    from runtime import RoundsSpentError as RoundsSpentError
    from runtime import Run as Run
    from runtime import RunCancelledError as RunCancelledError
    from runtime import RunDeadlineError as RunDeadlineError
    from runtime import RunFailedError as RunFailedError
    from runtime import RunNotFailedError as RunNotFailedError
    from runtime import RunNotFoundError as RunNotFoundError
    from runtime import Settings as Settings
    from runtime import Shadow as Shadow
    from runtime import StreamEvent as StreamEvent
    from runtime import SubWorkflowError as SubWorkflowError
    from runtime import Usage as Usage
    from runtime import WaitTimeoutError as WaitTimeoutError
    from runtime import get_tracer as get_tracer
    from runtime import limit as limit

_HERE = Path(__file__).resolve().parent
#: Where the import system looks for `causeline.testing`.
__path__ = [str(_HERE / "runtime" / "public")]


def main() -> None:
    """Run the command line: `causeline ...`."""
    _runtime()
    import_module("runtime.cli").main()


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":  # the import system asks for many; none of them is a name of ours
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_runtime(), name)


def __dir__() -> list[str]:
    return ["main", *_runtime().__all__]


def _runtime() -> ModuleType:
    """Our own package `runtime`, the one beside this file; the name is common enough for another to stand before it.

    Raises:
        ImportError: when another does, or when ours is missing.
    """
    spec = find_spec("runtime")
    folders = [Path(folder).resolve() for folder in (spec.submodule_search_locations if spec else None) or ()]
    if folders != [_HERE / "runtime"]:
        other = spec.origin if spec and spec.origin else ", ".join(map(str, folders)) or "nowhere"
        raise ImportError(
            f"`runtime` is found at {other}, not at {_HERE / 'runtime'}: rename that module, "
            "or start Python from another folder"
        )
    return import_module("runtime")


if __name__ == "__main__":
    main()
