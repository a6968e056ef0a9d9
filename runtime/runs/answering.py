"""Answers what a run waits for, and says why an answer is not taken."""

import json
from typing import Any
from uuid import UUID

from runtime.clock import in_words
from runtime.codec.encode import encode
from runtime.definitions.options import checked_text
from runtime.errors import AnswerRefusedError, RunNotFoundError
from runtime.server.names import checked_name
from runtime.state.contract import StateStore
from runtime.state.waits import Answering, Sender, wait_member


async def answer(
    store: StateStore,
    run: UUID,
    name: str,
    value: Any,
    *,
    key: str,
    by: str,
    operator: str = "",
    sender: Sender | None = None,
) -> None:
    """Answers a wait of a run.

    Args:
        store: of its app.
        run: its id.
        name: of the wait; `key` tells apart several of one name.
        value: the answer; pydantic model, dataclass or plain JSON.
        by: who answers.
        operator: the same, where it is to be noted in the audit.
        sender: whose code answers, where that is a step's or a handler's.

    Raises:
        AnswerRefusedError: it does not fit what is waited for, another was first, or nobody waits any more.
        RunNotFoundError: there is no such run.
        UnencodableError: it can't travel.
    """
    what = f"the answer to {name!r} of run {run}"
    encoded = encode(value, what)
    member = wait_member(checked_name("wait", name), checked_text("key", key))
    for wait in await store.waits(run):
        if wait_member(wait.name, wait.key) == member:
            _require_fitting(what, wait.schema, encoded.data)
    _require_taken(what, run, await store.answer(run, member, encoded.text, by, operator, sender))


def _require_fitting(what: str, schema: str, value: Any) -> None:
    # Heavy, and only answers need them: each worker would import them in vain.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(json.loads(schema)).iter_errors(value))
    if error is not None:
        place = f" at {error.json_path}" if error.json_path != "$" else ""
        raise AnswerRefusedError(f"{what} does not fit{place}: {error.message}; the run goes on waiting")


def _require_taken(what: str, run: UUID, answering: Answering) -> None:
    match answering.status:
        case "missing":
            raise RunNotFoundError(f"no run has the id {run} on this server: was its data removed?")
        case "answered":
            who = f" by {answering.by}" if answering.by else ""
            raise AnswerRefusedError(f"{what} was given before{who}, at {in_words(answering.at_ms)}")
        case "over":
            raise AnswerRefusedError(f"{what} comes too late: its time was up at {in_words(answering.at_ms)}")
        case "ended":
            raise AnswerRefusedError(f"{what} comes too late: the run is {answering.by}")
