"""The API's own description (OpenAPI): what FastAPI can't know of it is added here, in one place."""

import inspect
import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from collector.api import arrow, run_stream
from collector.models import API_VERSION, Page

_DESCRIPTION: Final = """What Causeline's collector knows: runs, events, causes and effects, traces, figures, and the
live bus.

**Promise.** The version counts what is promised: within version 1 fields, parameters and routes may join, none leave or
change their meaning, and a program has to ignore fields that it does not know.

**Time.** A list or a figure says which time it covers (`window`, null for all time; `at` for a moment of the live bus).
`start` and `end`, or `last`, choose another. Without them a list is of the last hour, or of the latest hour with data
(`window.fallback`), and where it is filtered or searched, of all time.

**Pages.** `next` of an answer is the `cursor` of the page after it. Pages neither repeat nor skip, whatever is stored
meanwhile.

**Tables.** With `Accept: application/vnd.apache.arrow.stream` an answer that is a table comes as Arrow record batches;
the schema's metadata holds the rest of it as JSON, under `causeline`.

**Polling.** Every answer has an `ETag`. Sent as `If-None-Match`, it is answered with 304 where nothing has changed,
which costs next to nothing. An age may be five seconds older then, and a time range that ends now thirty.

**Errors.** Every error has the body `{"error": {"code", "message", "hint"}}`: a word for programs, what happened, and
what to do."""

_JSON: Final = "application/json"

#: Answers that are no success, by status: when, and with which operations.
_ERRORS: Final = {
    "304": "Nothing has changed since the answer whose `ETag` was sent",
    "404": "There is nothing of this id or name",
    "406": "An answer that is not a table was asked for as one",
    "409": "It does not stand as the request needs it",
    "422": "A parameter, or the body, can't be right; the message names it",
    "503": "The store, or the live bus, can't be asked now, or too many ask; `Retry-After` says when to ask again",
}


def install(app: FastAPI) -> None:
    """Makes an application describe itself whole at /openapi.json."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe_api(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # as FastAPI's manual has it


def operation_id(route: APIRoute) -> str:
    """Returns a name for an operation that other programs may be generated from: its subject, and what it does."""
    subject = route.path_format.removeprefix("/api/").partition("/")[0] or "health"
    return re.sub(r"[^a-z]+", "_", f"{subject}_{route.name}".lower()).strip("_")


def _describe_api(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=API_VERSION, description=_DESCRIPTION, routes=app.routes)
    tables = {
        name
        for name, model in schema["components"]["schemas"].items()
        if any(_fields(model).get(field, {}).get("type") == "array" for field in ("items", "spans"))
    }
    for name, model in schema["components"]["schemas"].items():
        if name.startswith("Page_"):
            model["description"] = inspect.getdoc(Page)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation, tables)
    schema["components"]["schemas"].pop("HTTPValidationError", None)
    schema["components"]["schemas"].pop("ValidationError", None)
    return schema


def _fields(model: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = model.get("properties", {})
    return fields


def _complete_operation(path: str, method: str, operation: dict[str, Any], tables: set[str]) -> None:
    responses = operation["responses"]
    for status in _possible_statuses(path, method):
        responses[status] = {"description": _ERRORS[status]}
        if status != "304":
            shape = {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}
            responses[status]["content"] = {"application/json": shape}
    content = responses["200"].get("content", {})
    if (
        method == "get"
        and _JSON in content
        and content["application/json"]["schema"].get("$ref", "").rpartition("/")[2] in tables
    ):
        content[arrow.STREAM] = {"schema": {"type": "string", "format": "binary"}}


def _possible_statuses(path: str, method: str) -> list[str]:
    """Returns the statuses beside 200 that an operation can answer with."""
    of_one = "{" in path or path.endswith(("/one", "/retire", "/node", "/event", "/causality"))
    is_answered_anew = path in (run_stream.PATH, run_stream.PAGE_PATH)  # by a stream, which nobody has already
    found = ["304", "406"] if method == "get" and path.startswith("/api/") and not is_answered_anew else []
    found += ["404"] if of_one else []
    found += ["409"] if method == "post" else []
    return [*found, "422", "503"]
