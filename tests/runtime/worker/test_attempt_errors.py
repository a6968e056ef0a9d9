"""Whatever user code raises is an outcome like any other: recorded, tried again, given up. Steps and handlers alike."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator

from runtime import Context, NonRetryableError, Retry
from runtime.causality.error_info import MESSAGE_LIMIT
from runtime.errors import UndecodableError
from runtime.facts import DeliveryBegun, StepBegun
from runtime.settings import Settings
from runtime.testing import RecordedAttempt, Recorder
from runtime.worker.delivery_work import DeliveryWork
from runtime.worker.step_work import StepWork
from tests.runtime.worker.bench import ONCE, QUICK, WELL, Bench, End


class PanicException(BaseException):
    """As extensions written in Rust raise when they panic."""


class SpeechlessError(Exception):
    """One whose own code fails."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class MuteError(Exception):
    """One whose words are no words."""

    def __str__(self) -> str:
        return 7


def raising_nothing(order: int) -> None:
    """All is well."""


def raising(error: Callable[[], BaseException], kind: str) -> Callable[..., Any]:
    """A function that raises, sync or async."""

    async def slow(order: int) -> None:
        raise error()

    def plain(order: int) -> None:
        raise error()

    return slow if kind == "async" else plain


async def test_an_attempt_whose_code_is_not_even_reached_is_ended_and_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """By a fault of our own: what was opened for it is closed, whatever it met first."""
    faults = ["a fault of ours"]

    def faulty(whole: Callable[..., Any]) -> Callable[..., Any]:
        def context(*given: Any) -> Any:
            if faults:
                raise RuntimeError(faults.pop())
            return whole(*given)

        return context

    for owner in (StepWork, DeliveryWork):
        monkeypatch.setattr(owner, "context", faulty(owner.context))
    bench.work(retry=QUICK)(raising_nothing)
    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert "met a fault that is not its own" in caplog.text
    assert bench.outcomes == [(1, "cancelled"), (2, "ok")]
    assert all(one.ended is not None for one in bench.attempts)


BASE_EXCEPTIONS = [KeyboardInterrupt, SystemExit, GeneratorExit, PanicException, asyncio.CancelledError]


@pytest.mark.parametrize("error", BASE_EXCEPTIONS)
@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_what_is_no_exception_is_an_outcome_all_the_same(bench: Bench, kind: str, error: type[BaseException]):
    """It ends neither the worker nor its event loop, is tried as often as anything, and other work goes on."""
    bench.work(retry=Retry(attempts=2, first_delay=0))(raising(lambda: error("why"), kind))
    name = "AttemptCancelledError" if error is asyncio.CancelledError else error.__name__
    async with bench.app:
        await bench.begin(1)
        await bench.begin(2)
        assert [(await bench.ended(one)).error_type for one in (0, 1)] == [name, name]
    assert sorted(bench.outcomes) == [(1, "retry"), (1, "retry"), (2, "given up"), (2, "given up")]


async def test_work_that_awaits_what_was_cancelled_has_failed(bench: Bench):
    """Not tried for ever without a word: nobody has cancelled the work itself."""

    @bench.work(retry=QUICK)
    async def work(order: int) -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(
            False, "AttemptCancelledError", f"{bench.noun} cancelled itself: it awaited something that was cancelled"
        )
    assert [number for number, _ in bench.outcomes] == [1, 2, 3]


async def test_a_group_of_errors_is_recorded_with_what_is_in_it(bench: Bench):
    """As a task group raises it, however deep: each one's class and words."""

    @bench.work(retry=ONCE)
    async def work(order: int) -> None:
        inner = ExceptionGroup("two legs", [OSError("no route"), ValueError("no such bay")])
        raise ExceptionGroup("shipment", [inner, TimeoutError("carrier")])

    async with bench.app:
        await bench.begin()
        end = await bench.ended()
    assert (end.error_type, end.message) == (
        "ExceptionGroup",
        "shipment (2 sub-exceptions): OSError: no route; ValueError: no such bay; TimeoutError: carrier",
    )
    [attempt] = [one.ended for one in bench.attempts if one.ended]
    assert attempt.error is not None
    assert "ValueError: no such bay" in attempt.error.traceback


@pytest.mark.parametrize(
    "hopeless", [NonRetryableError("no bank"), KeyError("bank"), ExceptionGroup("more", [NonRetryableError("no bank")])]
)
async def test_a_group_with_an_error_that_trying_again_can_not_help_is_given_up_at_once(
    bench: Bench, hopeless: Exception
):
    """However many others are in it that it could help."""

    @bench.work(retry=Retry(attempts=3, first_delay=0, non_retryable=(KeyError,)))
    async def work(order: int) -> None:
        raise ExceptionGroup("legs", [OSError("no route"), ExceptionGroup("inner", [TimeoutError(), hopeless])])

    async with bench.app:
        await bench.begin()
        assert not (await bench.ended()).ok
    assert bench.outcomes == [(1, "given up")]


async def test_a_group_of_what_is_no_exception_is_tried_again(bench: Bench):
    """As a task group raises it around a panic."""

    @bench.work(retry=QUICK)
    async def work(order: int) -> None:
        raise BaseExceptionGroup("legs", [PanicException("unwrap"), OSError("no route")])

    async with bench.app:
        await bench.begin()
        end = await bench.ended()
    assert end.message == "legs (2 sub-exceptions): PanicException: unwrap; OSError: no route"
    assert len(bench.outcomes) == 3


@pytest.mark.parametrize("error", [SpeechlessError, MuteError])
async def test_an_error_without_words_is_given_up_like_any_other(bench: Bench, error: type[Exception]):
    """It must not take the worker's own code along."""
    bench.work(retry=QUICK)(raising(error, "sync"))
    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(False, error.__name__, "<exception str() failed>")
    assert [number for number, _ in bench.outcomes] == [1, 2, 3]


async def test_an_error_that_no_text_can_hold_is_written_down_all_the_same(bench: Bench):
    """Half a character in its words must not make the work immortal."""
    bench.work(retry=ONCE)(raising(lambda: OSError("model said \ud83d"), "async"))
    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(False, "OSError", "model said ?")


async def test_an_error_of_many_words_is_written_down_in_part(bench: Bench):
    """The whole answer of a service, say: more than the server takes would never be written down."""
    words = "start " + "x" * 3_000_000 + " end"
    bench.work(retry=ONCE)(raising(lambda: OSError(words), "async"))
    async with bench.app:
        await bench.begin()
        end = await bench.ended()
    assert len(end.message) <= MESSAGE_LIMIT
    assert (end.message[:5], end.message[-3:]) == ("start", "end")


async def test_an_error_that_is_its_own_cause_is_written_down(bench: Bench):
    """Nothing goes round in circles."""

    @bench.work(retry=ONCE)
    async def work(order: int) -> None:
        error = OSError("no route")
        error.__cause__ = error.__context__ = error
        raise error

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(False, "OSError", "no route")


def validator(error: BaseException) -> Any:
    def check(value: int) -> int:
        raise error

    return Annotated[int, AfterValidator(check)]


@pytest.mark.parametrize("error", [KeyError(7), RecursionError("too deep"), PanicException("unwrap"), SystemExit(3)])
async def test_an_argument_that_its_types_own_code_fails_on_is_given_up_at_once(bench: Bench, error: BaseException):
    """Trying again can't help; what a validator raised is said, and its code was part of no attempt's time."""
    called: list[int] = []

    async def work(order: Any) -> None:
        called.append(order)

    work.__annotations__["order"] = validator(error)
    bench.work(retry=QUICK)(work)
    async with bench.app:
        await bench.begin()
        end = await bench.ended()
        await bench.begin()
        assert (await bench.ended(1)).error_type == UndecodableError.__name__
    assert (end.error_type, called) == (UndecodableError.__name__, [])
    asking = "parameter 'order' of step" if bench.kind == "step" else "group"
    assert f"can't be read into what {asking} " in end.message
    assert type(error).__name__ in end.message
    assert bench.outcomes == [(1, "given up"), (1, "given up")]


async def test_an_argument_that_does_not_fit_is_given_up_at_once(bench: Bench):
    """The error says where and why, and not the value."""
    called: list[int] = []

    @bench.work(retry=QUICK)
    async def work(order: dict[str, int]) -> None:
        called.append(1)

    async with bench.app:
        await bench.begin({"parcel": "a secret"})
        end = await bench.ended()
    assert (end.error_type, called) == ("UndecodableError", [])
    assert "parcel: Input should be a valid integer" in end.message
    assert "secret" not in end.message


class Faulty(Recorder):
    """An observer that fails, which it must not."""

    def open(self, begun: StepBegun | DeliveryBegun) -> RecordedAttempt:
        raise LookupError("nobody thought of it")


async def test_a_fault_that_is_not_its_own_is_a_failed_attempt(
    bench: Bench, settings: Settings, caplog: pytest.LogCaptureFixture
):
    """It must end somewhere, with the fault's own words, and not come again for ever as if its worker had died."""
    faulty = type(bench)(settings, Faulty())
    faulty.work(retry=Retry(attempts=2, first_delay=0))(lambda order: None)
    async with faulty.app:
        await faulty.begin()
        assert await faulty.ended() == End(False, "LookupError", "nobody thought of it")
    met = f"{bench.noun} met a fault that is not its own; its attempt has failed"
    assert [record.getMessage() for record in caplog.records] == [met, met]


async def test_what_work_asks_of_the_server_and_can_not_be_is_its_own_failure(bench: Bench):
    """A key that is no text is refused, however often it is tried; the next piece of work is done."""

    @bench.work(retry=QUICK)
    async def work(order: int, ctx: Context) -> None:
        if order == 7:
            ctx.state.put(None, 1)

    async with bench.app:
        await bench.begin(7)
        await bench.begin(8)
        assert not (await bench.ended()).ok
        assert await bench.ended(1) == WELL
