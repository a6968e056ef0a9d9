"""A model behind an OpenAI-compatible endpoint: chat completions, streamed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import requests

from sample_agents.accuracy import stream
from sample_agents.accuracy.conversation import Messages
from sample_agents.accuracy.model import ModelError, ModelRefusedError, Reply

#: What is worth another try among refusals; all others below 500 would come again.
_PASSING: Final = frozenset({408, 409, 425, 429})

#: Characters of a refusal that are told on.
_EXCERPT: Final = 200


@dataclass(frozen=True)
class Endpoint:
    """A `Model`.

    Attributes:
        base_url: what `/chat/completions` is below, such as `http://127.0.0.1:11434/v1`.
        name: of the model.
        key: presented as a bearer token; empty for none. Never told on, not even where the endpoint repeats it.
        timeout: seconds without a word from the endpoint.
    """

    base_url: str
    name: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0

    @property
    def provider(self) -> str:
        """The endpoint's host: whose software answers there is not known."""
        return urlsplit(self.base_url).hostname or "openai"

    @property
    def is_streamed(self) -> bool:
        return True

    def reply(self, messages: Messages) -> Reply:
        """Asks; see `Model`."""
        try:
            return self._ask(messages)
        except ModelError as error:
            error.args = (self._without_key(str(error)),)
            raise
        except requests.RequestException as error:
            # Its own words hold the address, which may hold a password.
            raise ModelError(f"{self.provider} gave no answer: {type(error).__name__}", type(error).__name__) from None

    def _ask(self, messages: Messages) -> Reply:
        began = time.monotonic()
        body = {
            "model": self.name,
            "messages": [message.model_dump() for message in messages],
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        url = self.base_url.rstrip("/") + "/chat/completions"
        # `auth` is given in any case: without it `requests` would look for a password in the user's `.netrc`.
        with requests.post(url, json=body, auth=self._present, timeout=self.timeout, stream=True) as response:
            if response.status_code != requests.codes.ok:
                raise self._refusal(response)
            response.encoding = "utf-8"
            if "event-stream" not in response.headers.get("Content-Type", ""):
                return stream.parse_response(response.text)
            return stream.parse_stream(_lines(response), lambda: time.monotonic() - began)

    def _present(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request

    def _refusal(self, response: requests.Response) -> ModelError:
        status = response.status_code
        words = " ".join(response.text[:_EXCERPT].split())
        said = f"{self.provider} refuses with {status}: {words}"
        if status < 500 and status not in _PASSING:
            return ModelRefusedError(said, str(status))
        return ModelError(said, str(status), _seconds(response.headers.get("Retry-After", "")))

    def _without_key(self, words: str) -> str:
        return words.replace(self.key, "***") if self.key else words


def _lines(response: requests.Response) -> Iterator[str]:
    """Lines as they come.

    Raises:
        ModelError: the connection ended amid the stream.
    """
    try:
        for line in response.iter_lines(chunk_size=1, decode_unicode=True):
            yield str(line)
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError):
        raise ModelError("the stream broke off: the connection ended", "broken_stream") from None


def _seconds(retry_after: str) -> float | None:
    """Seconds that a `Retry-After` names, by number or date (RFC 9110, 10.2.3); None where it names none."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
