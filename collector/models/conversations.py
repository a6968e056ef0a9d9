"""What was said between people, agents, models and tools; and sessions, which are conversations over many runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from collector.models.base import Model, NodeStatus, Page, Window
from collector.models.calls import Call, Usage
from collector.models.runs import Run

PartKind = Literal["text", "tool_call", "tool_answer", "reasoning", "image", "audio", "video", "file", "refusal", "raw"]


class Part(Model):
    """One piece of a message.

    `text` is what was said: of a `tool_call` its arguments, of a `tool_answer` the answer, of `raw` what no convention
    explains, as it came. `json_text` says that it is JSON. Images and other files are placeholders: `media_type`,
    `size` in bytes where it is known, and `uri` where they lie elsewhere; what is encoded within a message is never
    told whole. `redacted`: the provider held the text back.

    `digest` tells apart what is encoded, and is not sent.

    `id` and `name` are of the tool's call. In a run's conversation `node_id` is the call of the tool itself where that
    was recorded, with how it went.
    """

    kind: PartKind
    text: str | None = None
    json_text: bool = False
    id: str | None = None
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    uri: str | None = None
    digest: str | None = Field(default=None, exclude=True)
    redacted: bool = False
    notes: list[str] = Field(default_factory=list)
    node_id: str | None = None
    status: NodeStatus | None = None
    duration_ms: float | None = None
    error: str | None = None


class Message(Model):
    """One message. `role` is `system`, `user`, `assistant` or `tool`, or whatever else a sender calls it.

    `finish` is why a model ended its answer. `choice` counts the candidates of one answer from 0: those above are no
    turns. `cut`: the sender cut the text that it was in, so that it ends early.
    """

    role: str
    parts: list[Part]
    name: str | None = None
    finish: str | None = None
    choice: int = 0
    cut: bool = False


class Turn(Model):
    """One call in the conversation of a run, in order of their beginning.

    `messages` are the new ones of those that a model was sent, `answer` is what it said; of a tool its arguments and
    its answer. `repeated` counts what was sent again and is told further up, at `continues`, the call whose
    conversation this one goes on with. `attempt` counts tries: the same messages were sent again after a failure.
    `step`, `agent` and `step_attempt` are of the step that it lies in.
    """

    call: Call
    messages: list[Message] = Field(default_factory=list)
    answer: list[Message] = Field(default_factory=list)
    repeated: int = 0
    continues: str | None = None
    attempt: int = 1
    step: str | None = None
    agent: str | None = None
    step_attempt: int = 1
    notes: list[str] = Field(default_factory=list)


class Conversation(Model):
    """What was said in a run. `calls` are all there are of models and tools, `turns` those of this answer: `next` is
    `first` of the following ones, None where there are none. `children` are runs that its tools started, which have
    conversations of their own."""

    run_id: str
    turns: list[Turn]
    calls: int = 0
    first: int = 0
    next: int | None = None
    children: list[Run] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    truncated: bool = False


class OfferedTool(Model):
    """A tool that a model was offered; `definition` is JSON text as it was sent."""

    name: str
    description: str = ""
    definition: str = ""


class CallDetail(Model):
    """One call of a model, a tool or anything else that an agent calls.

    `parameters` are those of the request. `messages` are all that were sent, `answer` is what came back. `tools` are
    those that were offered; None where the sender does not say. `source` is the convention that messages were read by.
    `output_per_second` is the rate of a streamed answer, from its first part on. `run_id` is the run that it belongs
    to.
    """

    call: Call
    messages: list[Message]
    answer: list[Message]
    parameters: dict[str, Any] = Field(default_factory=dict)
    tools: list[OfferedTool] | None = None
    finish_reasons: list[str] = Field(default_factory=list)
    streamed: bool | None = None
    output_per_second: float | None = None
    reported_cost: float | None = None
    response_id: str | None = None
    service_tier: str | None = None
    source: str = ""
    run_id: str | None = None
    session: str | None = None
    user: str | None = None
    agent: str | None = None
    trace_id: str = ""
    notes: list[str] = Field(default_factory=list)
    truncated: bool = False


class SessionBrief(Model):
    """One session: a conversation over many runs. `users` are those that its runs tell of, a few at most.

    `first` is when it began, `last` when what is known of it ended, `latest` when the latest thing in it began,
    by which lists are sorted. `usage` is of the calls of models; None where none was recorded.
    """

    session: str
    users: list[str] = Field(default_factory=list)
    services: list[str] = Field(default_factory=list)
    runs: int = 0
    running: int = 0
    failed: int = 0
    first: datetime
    last: datetime
    latest: datetime
    usage: Usage | None = None


class SessionPage(Page[SessionBrief]):
    """One page of sessions, those first in which something happened last; `window` is None for all time."""

    window: Window | None = None
    kept_since: datetime | None = None


class SessionRun(Model):
    """One run of a session: what it was asked, and what it answered, each None where it is not told."""

    run: Run
    asked: Message | None = None
    answered: Message | None = None


class SessionDetail(Page[SessionRun]):
    """A session with a page of its runs, oldest first; `window` is the range that they began in, None for all time."""

    session: SessionBrief
    window: Window | None = None
