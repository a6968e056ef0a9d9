"""Whatever a request is refused for, its sender learns whether to send it again: over HTTP, over gRPC."""

from collections.abc import Iterator

import grpc
import pytest
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from collector import errors
from collector.otlp import refusals, responses
from collector.otlp.grpc import _refuse

#: What passes by itself, so that the specification has it sent again.
_TRANSIENT = (errors.OverloadedError, errors.StoreError)


def kinds(*of: type[errors.CollectorError]) -> Iterator[type[errors.CollectorError]]:
    """Classes, and all that derive from them."""
    for kind in of:
        yield kind
        yield from kinds(*kind.__subclasses__())


class AbortedError(Exception):
    """How gRPC ends a call."""


class Context:
    """A call that is refused."""

    trailing: tuple[tuple[str, bytes], ...] = ()
    code: grpc.StatusCode | None = None

    def set_trailing_metadata(self, trailing: tuple[tuple[str, bytes], ...]) -> None:
        """Keeps them."""
        self.trailing = trailing

    async def abort(self, code: grpc.StatusCode, _: str) -> None:
        """Ends the call."""
        self.code = code
        raise AbortedError


async def refused(error: errors.CollectorError) -> Context:
    """A call that was refused for an error."""
    context = Context()
    with pytest.raises(AbortedError):
        await _refuse(context, error)  # type: ignore[arg-type]  # all of it that is used
    return context


@pytest.mark.parametrize("kind", [*kinds(*_TRANSIENT)])
async def test_what_passes_by_itself_is_sent_again(kind: type[errors.CollectorError]) -> None:
    """Or the batch would be lost. 503 and UNAVAILABLE are both of those that the specification calls retryable."""
    answer = responses.make_refusal(kind("busy"), responses.PROTOBUF)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert Status.FromString(bytes(answer.body)) == Status(code=Code.UNAVAILABLE, message="busy")

    call = await refused(kind("busy"))
    ((name, told),) = call.trailing
    retry = RetryInfo()
    assert (call.code, name) == (grpc.StatusCode.UNAVAILABLE, "grpc-status-details-bin")
    assert Status.FromString(told).details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 1


@pytest.mark.parametrize("kind", [kind for kind in kinds(*refusals.REFUSED) if not issubclass(kind, _TRANSIENT)])
async def test_what_does_not_pass_is_told_without_a_time_to_try_again_at(kind: type[errors.CollectorError]) -> None:
    """It is never a fault of the collector's, which is what 500 and UNKNOWN say."""
    answer = responses.make_refusal(kind("no"), responses.PROTOBUF)
    call = await refused(kind("no"))
    assert 400 <= answer.status_code < 500
    assert "retry-after" not in answer.headers
    assert call.code in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    )
    assert call.trailing == ()


def test_a_question_that_did_not_fit_into_memory_counts_as_not_stored() -> None:
    """What derives from an error counts as that does; what is no refusal counts as other."""
    assert refusals.find_refusal(errors.RoomError("more")).reason == "not_stored"
    assert refusals.find_refusal(errors.UnfinishedError("more")).reason == "overloaded"
    assert refusals.find_refusal(errors.NotFoundError("run", "1")).reason == "other"
