"""Who works, and what the runs of each app owe, read from the live bus."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.models.base import Model


class UnderWay(Model):
    """An attempt that a worker had under way at its last sign of life, and for how long: of a step its run, and whose
    work it is; a delivery has no run."""

    name: str
    agent: str = ""
    run_id: str | None = None
    seconds: float = 0.0


class Worker(Model):
    """A worker, or a cell: a process of a worker that runs alone what workers left behind that are gone."""

    app: str
    name: str
    host: str
    process: int
    version: str
    slots: int
    """Step attempts, and delivery attempts of each group, that it runs at once."""
    is_cell: bool
    started_at: datetime | None
    silent_seconds: float
    """How long ago it gave its last sign of life."""
    agents: list[str] = Field(default_factory=list)
    """For whom it works; empty for all."""
    only: Literal["", "steps", "groups"] = ""
    """Whether it does steps alone, or groups alone."""
    under_way: int = 0
    """Attempts that it had under way at its last sign of life."""
    doing: list[str] = Field(default_factory=list)
    """The oldest of these, by name."""
    work: list[UnderWay] = Field(default_factory=list)
    """The same, with what is known of each."""
    serves: list[str] = Field(default_factory=list)
    """Of the agents that its code names, or bounds, those whose work it does."""


class WaitingStep(Model):
    """A step that is due, and for how long."""

    run_id: str
    workflow: str
    step: str
    seconds: float
    agent: str | None = None
    """Whose turn it waits for, where it was left to the workers of its agent, or waits for that agent's limit."""


class WaitingKey(Model):
    """Steps of an agent that take turns by key, as limits by key have them: those of one key's value."""

    agent: str
    by: dict[str, str]
    """Names of keys, and their values; empty for runs that began before there was such a limit."""
    due: int
    seconds: float
    """How long the first of them has been due."""

    @property
    def words(self) -> str:
        """The key as people read it. A value is whatever a user is called: it is still to be escaped."""
        return ", ".join(f"{name} {value}" for name, value in self.by.items()) or "runs without a key"


class AgentDue(Model):
    """Steps that are due for an agent and were left to its workers, or wait for its limit."""

    agent: str
    due: int
    oldest: WaitingStep


class UnservedAgent(AgentDue):
    """Steps that are due for an agent which no live worker serves."""


class AgentLimit(Model):
    """What bounds the steps of an agent, over all processes, and what of it is used now; None where nothing is bound,
    0 where the agent is paused."""

    agent: str
    at_once: int | None = None
    at_once_used: int = 0
    calls_per_minute: int | None = None
    calls_used: int = 0
    tokens_per_minute: int | None = None
    tokens_used: int = 0


class AppBacklog(Model):
    """What the runs of an app owe, and who works for it. `suspects` are steps whose worker is gone: each waits for a
    cell, or is in one.

    `unmoved_seconds` says for how long `oldest` has been the step that is due the longest, `suspects_unmoved_seconds`
    the same of `oldest_suspect`, as far as the collector has looked; None where it has not.
    """

    app: str
    workers: int
    """Live workers now; cells don't count."""
    slots: int
    """Step attempts that those can run at once."""
    due: int
    under_way: int
    suspects: int
    oldest: WaitingStep | None = None
    oldest_suspect: WaitingStep | None = None
    unmoved_seconds: float | None = None
    suspects_unmoved_seconds: float | None = None
    unserved: list[UnservedAgent] = Field(default_factory=list)
    """Of the steps that are due, those that no live worker takes: they are for agents that none serves."""
    waiting_keys: list[WaitingKey] = Field(default_factory=list)
    """Of the steps that are due and take turns by key: the few keys of each agent that have waited the longest."""
    lanes: list[AgentDue] = Field(default_factory=list)
    """Of the steps that are due, all that were left to the workers of their agents, or wait for a limit."""
    limits: list[AgentLimit] = Field(default_factory=list)
    declared: dict[str, list[str]] = Field(default_factory=dict)
    """The workflows that the code of its live workers declares, each with the names of its steps."""


class WorkerList(Model):
    """A page of workers, those heard of last first within each app, and what each app's runs owe, as they are at a
    moment. `next` is the cursor of the page after it, or None."""

    items: list[Worker]
    apps: list[AppBacklog]
    next: str | None = None
    at: datetime | None = None
