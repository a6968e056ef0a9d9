"""Answers what a run waits for, and says why an answer is not taken."""

import json
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, Final
from uuid import UUID

from runtime.clock import format_time
from runtime.codec.encode import encode
from runtime.definitions.options import checked_text
from runtime.errors import AnswerRefusedError, RunNotFoundError
from runtime.server.names import checked_name
from runtime.state.contract import StateStore
from runtime.state.waits import AnswerResult, AnswerSender, OpenWait, wait_member

#: By which way an operator answers.
COMMAND_LINE: Final = "the command line"


async def answer_wait(
    store: StateStore,
    run: UUID,
    name: str,
    value: Any,
    *,
    key: str,
    by: str,
    operator: str = "",
    sender: AnswerSender | None = None,
    way: str = "",
    early: bool = True,
) -> bool:
    """Answers a wait of a run.

    Args:
        store: of its app.
        run: its id.
        name: of the wait; `key` tells apart several of one name.
        value: the answer; pydantic model, dataclass or plain JSON.
        by: who answers.
        operator: the same, where it is to be noted in the audit, with the `way` by which it came.
        sender: whose code answers, where that is a step's or a handler's.
        early: whether it is kept where no step has come to such a wait yet. Code knows what it will wait for; who types
            a name may have mistyped it.

    Returns:
        Whether a step waits for it now; else it is kept for one that will.

    Raises:
        AnswerRefusedError: it does not fit what is waited for, another was first, nobody waits any more,
            or yet.
        RunNotFoundError: there is no such run.
        UnencodableError: it can't travel.
    """
    what = f"the answer to {name!r} of run {run}"
    encoded = encode(value, what)
    member = wait_member(checked_name("wait", name), checked_text("key", key))
    waits = {wait_member(wait.name, wait.key): wait for wait in await store.waits(run)}
    if member in waits:
        _require_fitting(what, waits[member].schema, encoded.data)
    elif not early and not await store.is_wait(run, member):
        await _refuse_unknown(store, run, name, key, waits.values())
    _require_accepted(what, run, await store.answer(run, member, encoded.text, by, operator, sender, way))
    return member in waits


async def _refuse_unknown(store: StateStore, run: UUID, name: str, key: str, waits: Collection[OpenWait]) -> None:
    """Refuses what a run that goes on does not wait for; of one that has ended another error says so."""
    record = await store.get(run)
    if record is None or record.status != "running":
        return
    asked = f"{name!r} (key {key!r})" if key else repr(name)
    known = ", ".join(repr(wait.name) + (f" (key {wait.key!r})" if wait.key else "") for wait in waits)
    close = get_close_matches(name, [wait.name for wait in waits], 1)
    meant = f"; did you mean {close[0]!r}?" if close and close[0] != name else ""
    raise AnswerRefusedError(
        f"run {run} does not wait for {asked}: it waits for {known or 'nothing now'}{meant or '.'} Nothing was kept: "
        "an answer that comes before its wait is kept where it is said to be early (--early, or early in the request)"
    )


def _require_fitting(what: str, schema: str, value: Any) -> None:
    # Heavy, and only answers need them: each worker would import them in vain.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(json.loads(schema)).iter_errors(value))
    if error is not None:
        place = f" at {error.json_path}" if error.json_path != "$" else ""
        raise AnswerRefusedError(f"{what} does not fit{place}: {error.message}; the run goes on waiting")


def _require_accepted(what: str, run: UUID, answering: AnswerResult) -> None:
    match answering.status:
        case "missing":
            raise RunNotFoundError(f"no run has the id {run} on this server: was its data removed?")
        case "answered":
            who = f" by {answering.by}" if answering.by else ""
            raise AnswerRefusedError(f"{what} was given before{who}, at {format_time(answering.at_ms)}")
        case "over":
            raise AnswerRefusedError(f"{what} comes too late: its time was up at {format_time(answering.at_ms)}")
        case "ended":
            raise AnswerRefusedError(f"{what} comes too late: the run is {answering.by}")
