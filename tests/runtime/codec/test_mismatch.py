"""What does not fit a type is told by place and reason; what it was stays where it is."""

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Discriminator, TypeAdapter, ValidationError

from runtime import App, Event
from runtime.bus.records import DeadLetter
from runtime.codec.mismatch import describe_mismatch
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.errors import UndecodableError
from runtime.settings import Settings
from tests.runtime.telemetry.receiver import Receiver
from tests.waiting import until

SECRET = "hunter2"  # noqa: S105 nobody's


@dataclass
class Login:
    user: str
    password: int


class Card(BaseModel):
    kind: Literal["card"]


class Cash(BaseModel):
    kind: Literal["cash"]


def refusal(type_: Any, value: Any) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(type_).validate_python(value)
    return raised.value


def test_each_mismatch_is_a_line_of_place_and_reason():
    """Places as keys and numbers, apart by dots."""
    said = describe_mismatch(refusal(dict[str, list[Login]], {"logins": [{"password": SECRET}]}))
    assert said.splitlines() == [
        "logins.0.user: Field required",
        "logins.0.password: Input should be a valid integer, unable to parse string as an integer",
    ]


def test_what_does_not_fit_as_a_whole_has_no_place():
    """The reason alone."""
    assert describe_mismatch(refusal(int, [])) == "Input should be a valid integer"


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (int, SECRET),
        (Login, {"user": [SECRET], "password": SECRET}),
        (Login, SECRET),
        (Literal["card", "cash"], SECRET),
        (Annotated[Card | Cash, Discriminator("kind")], {"kind": SECRET}),
    ],
    ids=["a value", "values within", "the whole", "a choice", "the tag of a union"],
)
def test_no_value_is_quoted(type_: Any, value: Any):
    """Whatever the reason."""
    error = refusal(type_, value)
    assert SECRET in str(error)
    assert SECRET not in describe_mismatch(error)


@pytest.fixture
def told(redis_url: str, tmp_path: Path) -> Any:
    """Settings whose spans go to a receiver, and the receiver."""
    receiver = Receiver()
    yield Settings(redis_url=redis_url, home=tmp_path, collector_url=receiver.url), receiver
    receiver.close()


async def test_a_payload_that_does_not_fit_leaves_no_secret_in_spans_and_errors(told: tuple[Settings, Receiver]):
    """The letter's envelope keeps the payload, for a replay; its error says the place."""
    settings, receiver = told
    app = App("logistics", settings=settings)

    @app.subscribe("logins")
    async def greet(event: Event[Login]) -> None: ...

    async with app:
        await app.publish("logins", {"user": "ada", "password": SECRET})
        letter = await _letter(app)
    (attempt,) = letter.history
    assert SECRET not in f"{letter.message} {attempt.message} {attempt.traceback}"
    assert "password: [redacted] should be a valid integer" in attempt.message
    assert any("should be a valid integer" in str(span) for span in receiver.spans)
    assert [span.name for span in receiver.spans if SECRET in str(span)] == []


async def test_an_input_that_does_not_fit_is_told_without_it(told: tuple[Settings, Receiver]):
    """In the error's traceback neither, which a log may hold."""
    app = App("logistics", settings=told[0])
    workflow = app.workflow("session", login=Login)
    workflow.step(name="greet")(lambda login: None)
    async with app.client():
        with pytest.raises(UndecodableError, match=r"input 'login' .*: password: Input should be") as raised:
            await app.start(workflow, login={"user": "ada", "password": SECRET})
    assert SECRET not in "".join(traceback.format_exception(raised.value))


async def _letter(app: App) -> DeadLetter:
    letters = DeadLetters(app.session.server.client)

    async def ids() -> list[Any]:
        return [letter.id for letter in (await letters.page(LetterFilter(), 10, None)).items]

    letter = await letters.get((await until(ids))[0])
    assert letter is not None
    return letter
