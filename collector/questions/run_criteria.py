"""Which runs are asked for."""

from dataclasses import dataclass
from uuid import UUID

from collector.models import NodeStatus


@dataclass(frozen=True, slots=True)
class RunCriteria:
    """Of which runs; None for all.

    Attributes:
        workflow: of this workflow, or of what somebody else's run is called.
        status: with this status; one that no run can have finds none.
        waiting: where `status` asks for what waits, which of ours do, as the server has it: spans do not tell.
        q: an id of anything that the run is part of, in any form, or text of what is shown of it and its steps.
        app: in which this service has a part; of ours, of this service.
        agent: in which this agent has a part.
        model: in which this model is called.
        session: of this conversation.
        source: `own` for those of our runtime, `others` for those of anybody else.
    """

    workflow: str | None = None
    status: NodeStatus | None = None
    q: str | None = None
    app: str | None = None
    agent: str | None = None
    model: str | None = None
    session: str | None = None
    source: str | None = None
    waiting: tuple[UUID, ...] = ()

    @property
    def name_values(self) -> dict[str, str | None]:
        """The names that are asked for, as queries take them."""
        return {name: getattr(self, name) for name in ("workflow", "app", "agent", "model", "session")}

    @property
    def is_of_others(self) -> bool:
        """Whether only runs of others can be meant."""
        return self.source == "others"
