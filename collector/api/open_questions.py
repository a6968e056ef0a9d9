"""What is asked is bounded in time, and given up when who asked has gone or the collector ends."""

import asyncio
import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.bounded_answers import find_text_limit
from collector.api.errors import make_busy_answer
from collector.errors import BusyError, UnfinishedError
from collector.store.question import Question

#: Seconds that a question may take, where nobody says how many.
SECONDS: Final = 20.0

#: Seconds between two tries to end one, and those after which one that does not notice is left alone.
_AGAIN: Final = 0.05
_LONGEST: Final = 5.0

#: Why nothing more is answered.
_ENDING: Final = "the collector is ending"

#: Answers that go on for as long as a run does.
_STREAM: Final = re.compile(r"/api/runs/[^/]+/stream/?")

#: Answers that no clock ends: an export takes as long as the disk, and the line of who reads it, need.
_UNTIMED: Final = re.compile(rf"/api/export/?|{_STREAM.pattern}")


class OpenQuestions:
    """All questions that are being answered.

    Args:
        seconds: that each may take.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._is_ending = False
        self._open: dict[asyncio.Task[None], Question] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def end(self) -> None:
        """Ends all, and those that come later. To be called in the event loop."""
        self._is_ending = True
        why = BusyError(_ENDING)
        self._ending = {asyncio.create_task(_give_up(question, task, why)) for task, question in self._open.items()}

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Has an application answer a question."""
        question, begun, gone = (
            Question(find_text_limit(scope)),
            asyncio.Event(),
            asyncio.create_task(_wait_until_gone(receive)),
        )

        async def leave() -> Message:
            await asyncio.wait({gone})
            return {"type": "http.disconnect"}

        async def say(message: Message) -> None:
            begun.set()
            await send(message)

        with question.make_current():
            task = asyncio.create_task(_run(app, scope, leave, say))
        self._open[task] = question
        try:
            await asyncio.wait({task, gone}, timeout=self._time_limit(scope), return_when=asyncio.FIRST_COMPLETED)
            why = self._reason_to_give_up(is_gone=gone.done())
            if not task.done():
                await _give_up(question, task, _make_give_up_error(question, why))
            if not task.done() or task.cancelled():
                if not (gone.done() or begun.is_set()):
                    await make_busy_answer(why)(scope, receive, send)
                elif _STREAM.fullmatch(scope["path"]) and not gone.done():
                    # Whoever reads a stream asks for the rest. An export must not seem to be whole: it is cut off.
                    await send({"type": "http.response.body", "body": b""})
            else:
                task.result()
        finally:
            gone.cancel()
            task.cancel()
            del self._open[task]

    def _time_limit(self, scope: Scope) -> float | None:
        if self._is_ending:
            return 0
        return None if _UNTIMED.fullmatch(scope["path"]) else self._seconds

    def _reason_to_give_up(self, *, is_gone: bool) -> str:
        """Returns why a question is given up."""
        if is_gone:
            return "the question was given up: who asked has gone"
        if self._is_ending:
            return _ENDING
        return f"the question was given up: it took more than {self._seconds:g} seconds"


class BoundedQuestions:
    """Puts a bound to all questions of the API; actions of operators are carried out to their end.

    Args:
        app: what answers.
        asking: the questions that are being answered.
    """

    def __init__(self, app: ASGIApp, asking: OpenQuestions) -> None:
        self._app = app
        self._asking = asking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith("/api/"):
            await self._asking.answer(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # a body, which no question has


def _make_give_up_error(question: Question, why: str) -> BusyError:
    if question.parts_kept:
        return UnfinishedError(f"{why}; {question.parts_kept} parts of the time it is about are worked out")
    return BusyError(why)


async def _give_up(question: Question, task: "asyncio.Task[None]", why: BusyError) -> None:
    """Interrupts a question's query, and cancels what waits for something else than the store."""
    for _ in range(round(_LONGEST / _AGAIN)):
        if not question.end(why):
            task.cancel()
        if (await asyncio.wait({task}, timeout=_AGAIN))[0]:
            return
