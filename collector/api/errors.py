"""The one map from errors to what the API answers. Every body is `{"error": {"code", "message", "hint"}}`. Senders of
telemetry are answered by `otlp/refusals.py`."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from collector.api.conditional_requests import NotModified
from collector.api.headers import make_safe
from collector.api.second_try import request_second_try
from collector.errors import (
    ArchiveError,
    BadQueryError,
    BusUnavailableError,
    CollectorError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OverloadedError,
    RoomError,
    StoreError,
    TooMuchError,
    UnfinishedError,
)
from collector.models import ErrorAnswer, ErrorBody
from collector.otlp import responses
from collector.otlp.signals import is_telemetry
from runtime.admin import (
    AnswerRefusedError,
    BreakerNotFoundError,
    BudgetNotFoundError,
    CauselineError,
    GroupInUseError,
    GroupNotFoundError,
    QueryError,
    RunGoesOnError,
    RunNotFailedError,
    RunNotFoundError,
    ScheduleInUseError,
    ScheduleNotFoundError,
    StepNotFoundError,
)

_LOG: Final = logging.getLogger(__name__)

#: Seconds after which whoever asked may ask again, where that is likely to help.
RETRY_SECONDS: Final = 1

#: What to do about something that is not there.
_SEARCH: Final = {
    "run": "look for it by subject: /api/runs?q=...",
    "step": "see /api/steps for what there is, and widen the window with start and end",
    "budget": "see /api/budgets for what there is",
    "dead letter": "see /api/dead-letters for what there is",
    "rule": "see /api/alerts for what there is",
    "silence": "it may be over: see /api/alerts for what there is",
    "trace": "look for the event instead: /api/events?q=...; what is older than /api/storage says is kept no longer",
}

#: What the bus refuses to operators: status, code, and what to do.
_REFUSALS: Final[dict[type[CauselineError], tuple[int, str, str]]] = {
    ScheduleNotFoundError: (404, "not_found", "see /api/schedules for what there is"),
    ScheduleInUseError: (409, "schedule_in_use", "a worker that was killed counts as live until its lease is over"),
    RunNotFoundError: (404, "not_found", _SEARCH["run"]),
    RunGoesOnError: (409, "run_goes_on", "see how it stands: /api/runs/{run_id}"),
    BreakerNotFoundError: (404, "not_found", "see /api/breakers for what there is"),
    StepNotFoundError: (404, "not_found", "see /api/shadows for what there is"),
    BudgetNotFoundError: (404, "not_found", _SEARCH["budget"]),
    AnswerRefusedError: (409, "answer_refused", "see what it waits for: /api/runs/{run_id}"),
    RunNotFailedError: (409, "run_not_failed", "see how it stands: /api/runs/{run_id}"),
    GroupNotFoundError: (404, "not_found", "see /api/channels for what there is"),
    GroupInUseError: (409, "group_in_use", "a worker that was killed counts as live until its lease is over"),
}
#: What the framework itself refuses: code, and what to do.
_BY_STATUS: Final = {
    404: ("not_found", "see /docs for what there is"),
    405: ("method_not_allowed", "see /docs for what there is"),
    413: ("too_large", "send less at once"),
}
_START_BUS: Final = "start the workers' Redis server, or set CAUSELINE_REDIS_URL; the collector reconnects by itself"
_WAIT: Final = "ask again; if it stays like this, see whether the disk is full, or start the collector again"
_LESS: Final = (
    "ask again in a moment: what was worked out of steps of others, calls and runs over a long time is kept part by "
    "part; or ask for less: a shorter window, a lower limit"
)
_SMALLER: Final = "ask for less: a shorter window, a lower limit"
_SEARCH_EVENTS: Final = (
    "check the id, or look for it by subject, correlation or payload: /api/events?q=...; what is older than "
    "/api/storage says is kept no longer"
)


def install(app: FastAPI) -> None:
    """Makes an application answer every error in the one shape."""
    app.add_exception_handler(CollectorError, _answer_collector_error)
    app.add_exception_handler(QueryError, _answer_query_error)
    app.add_exception_handler(RoomError, _answer_room)
    app.add_exception_handler(UnfinishedError, _answer_unfinished)
    app.add_exception_handler(NotModified, _answer_not_modified)
    for refusal in _REFUSALS:
        app.add_exception_handler(refusal, _answer_refusal)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(ClientDisconnect, _answer_disconnect)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(Exception, _answer_unexpected)


def make_error_answer(status: int, code: str, message: str, hint: str = "", retry_after: int = 0) -> JSONResponse:
    """Returns an error in the one shape: HTTP status, a word for programs, a sentence, what to do, when (seconds)."""
    body = ErrorAnswer(error=ErrorBody(code=code, message=message, hint=hint))
    return JSONResponse(body.model_dump(), status, {"Retry-After": str(retry_after)} if retry_after else None)


def make_busy_answer(message: str) -> JSONResponse:
    """Returns that the collector is there, but can't answer now."""
    return make_error_answer(503, "busy", message, _LESS, RETRY_SECONDS)


async def _answer_room(request: Request, error: Exception) -> Response:
    return (
        make_busy_answer(str(error))
        if request_second_try(request.scope)
        else await _answer_collector_error(request, error)
    )  # nobody gets the first


async def _answer_unfinished(_: Request, error: Exception) -> Response:
    return make_error_answer(503, "unfinished", str(error), "ask again: it goes on from there", RETRY_SECONDS)


async def _answer_collector_error(request: Request, error: Exception) -> Response:
    if isinstance(error, NotFoundError):
        return make_error_answer(404, "not_found", str(error), error.see or _SEARCH.get(error.what, _SEARCH_EVENTS))
    if isinstance(error, ConflictError):
        return make_error_answer(409, error.code, str(error), error.hint)
    if isinstance(error, ArchiveError):
        return make_error_answer(422, "bad_archive", str(error), "make it with `causeline collector export`")
    if isinstance(error, ForbiddenError):
        return make_error_answer(403, "forbidden", str(error), error.hint)
    if isinstance(error, BadQueryError):
        return await _answer_query_error(request, error)
    if isinstance(error, BusUnavailableError):
        return make_error_answer(503, "bus_unavailable", str(error), _START_BUS)
    if isinstance(error, OverloadedError):
        return make_busy_answer(str(error))
    if isinstance(error, TooMuchError):
        return make_error_answer(422, "too_much", str(error), _SMALLER)
    if isinstance(error, StoreError):
        _LOG.error("%s", error)
        return make_error_answer(503, "store_unavailable", "the store can't be used now", _WAIT, RETRY_SECONDS)
    return await _answer_unexpected(request, error)


async def _answer_not_modified(_: Request, answered: Exception) -> Response:
    assert isinstance(answered, NotModified)  # noqa: S101 registered for nothing else
    return Response(status_code=304, headers={"etag": answered.token, "cache-control": "no-cache", "vary": "accept"})


async def _answer_query_error(_: Request, error: Exception) -> JSONResponse:
    return make_error_answer(422, "bad_request", str(error), "see /docs")


async def _answer_refusal(request: Request, error: Exception) -> JSONResponse:
    status, code, hint = next(said for refusal, said in _REFUSALS.items() if isinstance(error, refusal))
    return make_error_answer(status, code, str(error), hint.format_map({"run_id": "ID", **request.path_params}))


async def _answer_http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 registered for nothing else
    code, hint = _BY_STATUS.get(error.status_code, ("error", ""))
    said = make_error_answer(error.status_code, code, str(error.detail), hint)
    said.headers.update(error.headers or {})
    return said


async def _answer_disconnect(_: Request, __: Exception) -> Response:
    """Nobody reads it; whoever hangs up, or is cut off, before its body is there is no fault of ours to log."""
    return Response(status_code=400)


async def _answer_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 registered for nothing else
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return make_error_answer(422, "bad_request", f"{where}: {first['msg']}", "see /docs")


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    if is_telemetry(request.url.path):
        response = responses.make_internal_error(request.headers.get("content-type", ""))
    else:
        response = make_error_answer(500, "internal", "the collector failed to answer", "its log says more")
    make_safe(response.headers)  # this answer is given outside of everything that stands before the routes
    return response
