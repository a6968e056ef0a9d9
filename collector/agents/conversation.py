"""The conversation of a run, put together of its calls: each message once, where it was new; tools' answers with the
calls that asked for them; tries and failures in their place. Pure."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from collector.agents.messages.sources import CallMessages
from collector.agents.messages.tool_names import add_tool_names, collect_tool_names
from collector.models.calls import Call
from collector.models.conversations import Message, Part, Turn

#: Conversations within a run that a call may go on with, the latest ones.
_THREADS: Final = 32

_FAILED: Final = "failed"


@dataclass
class CallExchange:
    """One call, with what it was told and what it answered.

    Attributes:
        call: the call.
        is_model: whether a model was called, and not a tool or the like.
        read: reads what was said; of a tool only where a page shows it, or nothing else tells which call it is.
        call_id: of a tool the id of the call that a model asked for; None where it does not tell.
        step, agent, attempt: where it lies.
    """

    call: Call
    is_model: bool
    read: Callable[[], CallMessages] = CallMessages
    call_id: str | None = None
    step: str | None = None
    agent: str | None = None
    attempt: int = 1

    @cached_property
    def messages(self) -> CallMessages:
        """What it was told and what it answered."""
        return self.read()


@dataclass(slots=True)
class _TurnDraft:
    """A turn of a conversation, whose messages are put together when somebody reads it.

    Attributes:
        heard: the call.
        repeated: how many of its messages were told above.
        continues: the node of the call that it goes on with.
        attempt: which try it is.
    """

    heard: CallExchange
    repeated: int = 0
    continues: str | None = None
    attempt: int = 1


class Turns:
    """The turns of a conversation.

    Args:
        heard: the calls, in order of their beginning.
    """

    def __init__(self, heard: Sequence[CallExchange]) -> None:
        self._joined = _ToolCalls(heard)
        threads: list[_Thread] = []
        prints = _Fingerprints()
        self._told: list[_TurnDraft] = []
        for each in heard:
            if each.is_model:
                self._told.append(_make_model_turn(each, prints.find_all(each.messages.told), threads))
            elif not self._joined.is_in_messages(each):
                self._told.append(_TurnDraft(each))

    def __len__(self) -> int:
        return len(self._told)

    @property
    def are_silent(self) -> bool:
        """Whether none of them says anything new."""
        return not any(told.heard.messages.told[told.repeated :] or told.heard.messages.answered for told in self._told)

    def page(self, first: int, end: int) -> list[Turn]:
        """Returns some of the turns, by their numbers from 0."""
        return [self._turn(told) for told in self._told[first:end]]

    def _turn(self, told: _TurnDraft) -> Turn:
        heard, said = told.heard, told.heard.messages
        messages, answered = said.told[told.repeated :], said.answered
        if heard.is_model:
            messages, answered = self._joined.link_tool_spans(messages), self._joined.link_tool_spans(answered)
        return Turn(
            call=heard.call,
            messages=messages,
            answer=answered,
            step=heard.step,
            agent=heard.agent,
            repeated=told.repeated,
            continues=told.continues,
            attempt=told.attempt,
            step_attempt=heard.attempt,
            notes=said.notes,
        )


@dataclass(slots=True)
class _Thread:
    """A conversation with a model as its latest call had it."""

    node_id: str
    told: list[Hashable]
    answered: list[Message]
    failed: bool
    attempt: int = 1


def _make_model_turn(each: CallExchange, prints: list[Hashable], threads: list[_Thread]) -> _TurnDraft:
    told, answered = each.messages.told, each.messages.answered
    thread, same = _find_longest_thread(threads, prints)
    repeated, attempt = same, 1
    if thread is not None:
        if same == len(thread.told) < len(told) and _is_answer(told[same], thread.answered):
            repeated += 1
        if thread.failed and prints == thread.told:
            attempt = thread.attempt + 1
        if same == len(thread.told):
            threads.remove(thread)
    threads.append(_Thread(each.call.node_id, prints, answered, _has_failed(each), attempt))
    del threads[:-_THREADS]
    return _TurnDraft(each, repeated, thread.node_id if thread is not None and repeated else None, attempt)


def _find_longest_thread(threads: Sequence[_Thread], prints: Sequence[Hashable]) -> tuple[_Thread | None, int]:
    """Returns the conversation that begins most like a call's messages, and how many of them are the same."""
    best: _Thread | None = None
    most = 0
    for thread in reversed(threads):
        same = 0
        for before, now in zip(thread.told, prints, strict=False):
            if before != now:
                break
            same += 1
        if same > most:
            best, most = thread, same
    return best, most


def _fingerprint(message: Message) -> Hashable:
    """Returns by what a message is known again. Thoughts are left out by some when they send it again."""
    said = tuple(
        (
            part.kind,
            part.id or part.name or "",
            "" if part.kind == "tool_call" and part.id else (part.text or "").strip(),
            "" if part.kind == "tool_call" and part.id else (part.uri, part.size, part.digest),
        )
        for part in message.parts
        if part.kind != "reasoning"
    )
    return hash((message.role, said))


class _Fingerprints:
    """By what messages are known again; of one that was read once and sent often, found once."""

    def __init__(self) -> None:
        self._known: dict[int, Hashable] = {}
        self._held: list[Message] = []

    def find_all(self, messages: Sequence[Message]) -> list[Hashable]:
        """Returns the fingerprints of messages."""
        found = list(map(self._known.get, map(id, messages)))
        at = 0
        for _ in range(found.count(None)):  # of a long history the last ones are new
            at = found.index(None, at)
            found[at] = self._compute(messages[at])
        return found

    def _compute(self, message: Message) -> Hashable:
        self._held.append(message)  # so that no other has its id
        found = self._known[id(message)] = _fingerprint(message)
        return found


def _is_answer(message: Message, answered: Sequence[Message]) -> bool:
    """Returns whether a message is what a model answered before, however it is written now."""
    if message.role != "assistant" or not answered:
        return False
    calls = _call_ids(message)
    for answer in answered:
        if _fingerprint(answer) == _fingerprint(message) or (calls and calls == _call_ids(answer)):
            return True
        if not calls and _joined_text(message) and _joined_text(message) == _joined_text(answer):
            return True
    return False


def _call_ids(message: Message) -> list[str]:
    return [part.id for part in message.parts if part.kind == "tool_call" and part.id]


def _joined_text(message: Message) -> str:
    return "".join(part.text or "" for part in message.parts if part.kind == "text").strip()


class _ToolCalls:
    """Calls of tools, each with what a model asked for. Of several tries at one, the last that ended well is the one
    that a model was told of; the others are told of as turns.

    Args:
        heard: all calls, in order of their beginning.
    """

    def __init__(self, heard: Sequence[CallExchange]) -> None:
        self._by_id: dict[str, CallExchange] = {}
        different: dict[int, Message] = {}
        for each in heard:
            if each.is_model:
                different.update(zip(map(id, each.messages.told), each.messages.told, strict=True))
        self._told = {
            part.id
            for message in different.values()
            for part in message.parts
            if part.kind == "tool_answer" and part.id
        }
        answers = (message for each in heard if each.is_model for message in each.messages.answered)
        self._names = collect_tool_names((*different.values(), *answers))
        for each, id_ in _match_tool_calls(heard):
            before = self._by_id.get(id_)
            if before is None or _has_failed(before) or not _has_failed(each):
                self._by_id[id_] = each
        self._ids = {each.call.node_id: id_ for id_, each in self._by_id.items()}

    def is_in_messages(self, each: CallExchange) -> bool:
        """Returns whether a tool's call and answer are told in the messages of models."""
        return self._ids.get(each.call.node_id) in self._told

    def link_tool_spans(self, messages: Sequence[Message]) -> list[Message]:
        """Returns messages in which calls of tools, and their answers, tell of the tools' own spans."""
        messages = add_tool_names(messages, self._names)
        return [
            message.model_copy(update={"parts": [self._link_tool_span(part) for part in message.parts]})
            if any(part.id in self._by_id for part in message.parts if part.id)
            else message
            for message in messages
        ]

    def _link_tool_span(self, part: Part) -> Part:
        tool = self._by_id.get(part.id or "")
        if tool is None or part.kind not in ("tool_call", "tool_answer"):
            return part
        call = tool.call
        told = {"node_id": call.node_id, "status": call.status, "duration_ms": call.duration_ms, "error": call.error}
        return part.model_copy(update={**told, "name": part.name or call.name})


def _match_tool_calls(heard: Sequence[CallExchange]) -> list[tuple[CallExchange, str]]:
    """Returns calls of tools, each with the id of what a model asked for."""
    found: list[tuple[CallExchange, str]] = []
    waiting: list[Part] = []
    failed: list[Part] = []  # may be tried again, until the model is asked for more
    for each in heard:
        if each.is_model:
            waiting += [
                part for message in each.messages.answered for part in message.parts if part.kind == "tool_call"
            ]
            failed.clear()
            continue
        asked = _find_request(each, [*waiting, *failed])
        if asked is not None:
            (waiting if any(part is asked for part in waiting) else failed).remove(asked)
            if _has_failed(each):
                failed.append(asked)
        if id_ := each.call_id or (asked.id if asked is not None else None):
            found.append((each, id_))
    return found


def _has_failed(each: CallExchange) -> bool:
    return each.call.status == _FAILED


def _find_request(tool: CallExchange, waiting: Sequence[Part]) -> Part | None:
    """Returns what a model asked for that a tool's call is; by its id, else by name and arguments, else by name."""
    if tool.call_id:
        return next((part for part in waiting if part.id == tool.call_id), None)
    named = [part for part in waiting if part.name == tool.call.name]
    if not named:
        return None
    given = {part.text for message in tool.messages.told for part in message.parts}
    return next((part for part in named if part.text in given), named[0])
