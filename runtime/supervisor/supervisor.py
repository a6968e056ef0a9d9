"""The supervisor: starts stages of children, and ends them in the reverse order."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, Self

from runtime.errors import ChildError
from runtime.supervisor.child import Child, Plan
from runtime.supervisor.ending import SIGNALS
from runtime.supervisor.logs import keep_small
from runtime.supervisor.restarts import Restarts

WATCH: Final = 0.25
"""Seconds between two looks at the children."""


class EndRequested(BaseException):
    """Raised in the main thread by the first INT, TERM or HUP; not an `Exception`, so that nothing swallows it."""


class Supervisor:
    """Owns child processes. A context manager of the main thread; leaving it, however, ends every child.

    The first signal raises `EndRequested`, which leaving swallows; one more while children are being ended kills them
    all at once. A supervisor that is killed lets go of the lifeline by dying, and its children end themselves.

    Args:
        say: told in a few words what is being ended.
    """

    def __init__(self, say: Callable[[str], None] = lambda _words: None) -> None:
        self._say = say
        self._stages: list[list[Child]] = []
        self._lifeline, self._grip = os.pipe()
        self._kept: dict[str, Restarts] = {}
        self._former: dict[signal.Signals, Any] = {}
        self._starting = False
        self._ending = False
        self._hurried = False
        self.was_asked_to_end = False

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._former[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self._ending = True
        for stage in reversed(self._stages):
            self._end_all(stage)
        os.close(self._grip)
        os.close(self._lifeline)
        for number, former in self._former.items():
            signal.signal(number, former)
        return isinstance(error, EndRequested)

    def start(self, *plans: Plan) -> list[Child]:
        """Starts a stage: children that are ended together, before those of earlier stages."""
        stage: list[Child] = []
        self._stages.append(stage)
        with self._defer_signals():
            for plan in plans:
                stage.append(Child(plan, self._lifeline))  # noqa: PERF401 - known before the next one can fail
        return stage

    def keep_up(self, child: Child) -> None:
        """From now on has `maintain_children` start this child again when it ended; for one that was ready before."""
        self._kept[child.name] = Restarts()

    def maintain_children(self) -> None:
        """Starts the children again that are kept up and ended by themselves, and keeps the logs of all small.

        Raises:
            ChildError: when one ends too often.
        """
        for stage in self._stages:
            for place, child in enumerate(stage):
                if child.plan.log is not None:
                    keep_small(child.plan.log)
                if child.name in self._kept and child.status is not None:
                    self._prepare_restart(child)
                    with self._defer_signals():
                        stage[place] = Child(child.plan, self._lifeline)

    def crash(self, name: str) -> None:
        """Kills a child outright, as a crash would; `maintain_children` starts it again where it is kept up.

        Raises:
            ChildError: there is none of this name.
        """
        for child in (child for stage in self._stages for child in stage if child.name == name):
            self._say(f"killing {name}")
            child.kill()
            return
        raise ChildError(f"there is no process {name} to be killed")

    def end(self, children: Sequence[Child]) -> None:
        """Ends some children now, and forgets them."""
        self._end_all(children)
        self._stages = [[child for child in stage if child not in children] for stage in self._stages]

    def require_all_alive(self) -> None:
        """Raises `ChildError` when a child ended by itself; `maintain_children` judges those that are kept up."""
        for stage in self._stages:
            for child in stage:
                if child.name not in self._kept:
                    child.require_alive()

    def wait_for_signal(self) -> None:
        """Waits until a signal comes.

        Raises:
            ChildError: when a child ends by itself that is not kept up, or one that is too often.
            EndRequested: when a signal comes.
        """
        while True:
            self.maintain_children()
            self.require_all_alive()
            time.sleep(WATCH)

    def _prepare_restart(self, child: Child) -> None:
        if not self._kept[child.name].allow():
            child.require_alive()
        self._say(f"{child.name} ended; starting it again")
        child.close()

    @contextmanager
    def _defer_signals(self) -> Iterator[None]:
        """Heeds a signal afterwards: between a child's start and our knowing it, it would leave the child unreaped."""
        self._starting = True
        try:
            yield
        finally:
            self._starting = False
        if self.was_asked_to_end:
            self._ending = True
            raise EndRequested

    def _end_all(self, children: Sequence[Child]) -> None:
        # The killed are not told once more: how long the kernel takes to bury them is its own affair.
        living = [] if self._hurried else [child for child in children if child.status is None]
        if living:
            self._say(f"ending {', '.join(child.name for child in living)}")
        for child in living:
            child.ask_to_end()
        started = time.monotonic()
        for child in children:
            if not child.wait(max(0.0, child.plan.deadline - (time.monotonic() - started))):
                child.kill()
            child.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.was_asked_to_end = True
        if self._ending:
            self._hurried = True
            for stage in self._stages:
                for child in stage:
                    child.kill()
        elif not self._starting:
            self._ending = True
            raise EndRequested
