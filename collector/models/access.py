"""Who asks."""

from typing import Final

from pydantic import Field

from collector.models.base import Model

#: Header that names the person for whom a holder of the scope `delegate` asks, percent-encoded.
OPERATOR_HEADER: Final = "causeline-operator"


class AccessAnswer(Model):
    """Whether tokens are asked for, whose was presented, and what it is good for: `ingest`, `read`, `operate`,
    `delegate`. Without tokens, `name` is None and everybody may do everything."""

    tokens_needed: bool
    name: str | None = None
    scopes: list[str] = Field(default_factory=list)
