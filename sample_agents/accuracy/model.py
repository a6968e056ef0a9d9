"""A language model as the agents know it: messages in, one reply out."""

from dataclasses import dataclass
from typing import Protocol

from sample_agents.accuracy.conversation import Messages


class ModelError(Exception):
    """Raised when a call gets no answer; another try may.

    Attributes:
        kind: a short word for it, such as a status code: `error.type`.
        retry_after: seconds to wait that whoever refused has named; None where nobody did.
    """

    def __init__(self, words: str, kind: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.kind = kind
        self.retry_after = retry_after


class ModelRefusedError(ModelError):
    """Raised when the same call would be refused again: a wrong key, a model that is not there."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered. Tokens, seconds to the first chunk and cost (US dollars) are None where nobody says."""

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    model: str = ""
    id: str = ""
    finish_reason: str = ""
    first_chunk_seconds: float | None = None
    cost: float | None = None


class Model(Protocol):
    """Something that answers.

    Attributes:
        name: as requests name it.
        provider: who serves it, for `gen_ai.provider.name`.
        is_streamed: whether answers come in chunks.
    """

    @property
    def name(self) -> str: ...

    @property
    def provider(self) -> str: ...

    @property
    def is_streamed(self) -> bool: ...

    def reply(self, messages: Messages) -> Reply:
        """Answers; may block.

        Raises:
            ModelError: there is no answer.
        """
        ...
