"""Who asks."""

from pydantic import Field

from collector.models.base import Model


class AccessAnswer(Model):
    """Whether tokens are asked for, whose was presented, and what it is good for: `ingest`, `read`, `operate`,
    `delegate`. Without tokens, `name` is None and everybody may do everything."""

    tokens_needed: bool
    name: str | None = None
    scopes: list[str] = Field(default_factory=list)
