"""Server-sent events of a streamed chat completion, put together to one reply. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sample_agents.accuracy.model import ModelError, Reply


def events(lines: Iterable[str]) -> Iterator[str]:
    """The data of each server-sent event; comments and other fields are passed over."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def parse_stream(lines: Iterable[str], elapsed: Callable[[], float]) -> Reply:
    """The reply of a stream.

    Args:
        lines: of the response, without their ends.
        elapsed: seconds since the request was sent.

    Raises:
        ModelError: the stream says an error, is no JSON, or ends before the answer does.
    """
    texts: list[str] = []
    last: dict[str, Any] = {}
    first: float | None = None
    is_over = False
    for data in events(lines):
        if data.strip() == "[DONE]":
            is_over = True
            break
        chunk = parse_object(data)
        choice = next(iter(chunk.get("choices") or ()), None) or {}
        text = (choice.get("delta") or {}).get("content") or ""
        if text and first is None:
            first = elapsed()
        texts.append(text)
        said = {
            "finish_reason": choice.get("finish_reason"),
            **{key: chunk.get(key) for key in ("id", "model", "usage")},
        }
        last |= {key: value for key, value in said.items() if value}
    if not is_over and "finish_reason" not in last:
        raise ModelError(f"the stream broke off after {len(texts)} chunks", "broken_stream")
    return make_reply("".join(texts), last, first)


def parse_response(text: str) -> Reply:
    """The reply of a response that came in one piece.

    Raises:
        ModelError: it is no JSON, says an error, or holds no answer.
    """
    said = parse_object(text)
    choice = next(iter(said.get("choices") or ()), None)
    if not isinstance(choice, dict):
        raise ModelError(f"the response holds no answer: {text:.200}", "no_answer")
    content = (choice.get("message") or {}).get("content") or ""
    return make_reply(content, said | {"finish_reason": choice.get("finish_reason")}, None)


def parse_object(text: str) -> dict[str, Any]:
    """A JSON object of the endpoint.

    Raises:
        ModelError: it is none, or says an error.
    """
    try:
        said = json.loads(text)
    except ValueError:
        raise ModelError(f"the endpoint sent no JSON: {text:.200}", "invalid_json") from None
    if not isinstance(said, dict):
        raise ModelError(f"the endpoint sent no JSON object: {text:.200}", "invalid_json")
    if said.get("error"):
        raise ModelError(f"the endpoint says: {json.dumps(said['error']):.200}", "endpoint_error")
    return said


def make_reply(text: str, said: dict[str, Any], first: float | None) -> Reply:
    """A reply from the fields that chunks and whole responses share; what has another type is left out."""
    usage = said.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    cost = usage.get("cost")
    return Reply(
        text=text,
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        model=str(said.get("model") or ""),
        id=str(said.get("id") or ""),
        finish_reason=str(said.get("finish_reason") or ""),
        first_chunk_seconds=first,
        cost=float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
