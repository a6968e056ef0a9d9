"""Asking the collector, by its public HTTP API alone: the runtime knows no collector."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, InvalidURL
from typing import Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from runtime import home, settings
from runtime.errors import ServerError
from runtime.server.address import without_password
from runtime.tokens import OwnToken
from runtime.tokens.own_token import is_same_server

#: Seconds for one answer.
_LIMIT: Final = 30.0
#: Hosts that are asked directly, whatever proxy the environment names.
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

#: A shape of `runtime.cli.collector_answers`.
Shape = TypeVar("Shape")


def ask_collector(
    collector: str,
    path: str,
    shape: type[Shape],
    parameters: Mapping[str, str | None] | None = None,
    missing: str = "",
    *,
    as_stranger: bool = False,
) -> Shape:
    """One answer of the collector, as plain JSON with all that it has.

    Args:
        collector: its address, such as `http://127.0.0.1:4318`.
        path: such as `/api/runs`.
        shape: which fields the answer must have, of which kinds; a `TypedDict`.
        parameters: of the query; None values are left out.
        missing: what to do where there is no such thing, instead of the collector's hint, which speaks of its API.
        as_stranger: whether to present no token.

    Raises:
        ServerError: when it is not there, or says no, in its own words; and when the answer has another shape: another
            program may answer in JSON, or a collector of another release.
    """
    query = urllib.parse.urlencode({name: value for name, value in (parameters or {}).items() if value is not None})
    url = f"{collector.rstrip('/')}{path}" + (f"?{query}" if query else "")
    request = urllib.request.Request(url)  # noqa: S310 the setting begins with http:// or https://
    loaded = settings.load()
    if not as_stranger and is_same_server(url, loaded.collector_url):
        token = OwnToken.find(
            home.locate_home(loaded.home), loaded.collector_url, loaded.token.get_secret_value(), loaded.token_file
        )
        for name, value in token.headers().items():
            request.add_unredirected_header(name, value)  # shown to nobody whom an answer names
    status, body = _send(collector, request, loaded)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise ServerError(_refusal_message(collector, status, body, missing))
    return _parse_answer(collector, body, shape)


def _send(collector: str, request: urllib.request.Request, loaded: settings.Settings) -> tuple[int, bytes]:
    """Returns status and body of what is answered, whoever answers."""
    try:
        with _build_opener(request.full_url, loaded).open(request, timeout=_LIMIT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, _read_body(error)
    except InvalidURL:  # its words may hold a part of a password
        raise ServerError(
            f"CAUSELINE_COLLECTOR_URL={without_password(collector)!r} can't be used: its port must be a number, and "
            "what is special in a password be written with a percent sign"
        ) from None
    except HTTPException as error:
        raise ServerError(_stranger_message(collector, f"it speaks no HTTP: {type(error).__name__}")) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise ServerError(
            f"no collector answers at {without_password(collector)} ({reason}): start it with `causeline collector`, "
            f"or name another in CAUSELINE_COLLECTOR_URL{_certificate_hint(reason)}"
        ) from None


def _read_body(error: urllib.error.HTTPError) -> bytes:
    """Returns the body of a refusal, as far as it came."""
    try:
        with error:
            return error.read()
    except (HTTPException, OSError):
        return b""


def _parse_answer(collector: str, body: bytes, shape: type[Shape]) -> Shape:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ServerError(_stranger_message(collector, "what it says is not JSON")) from None
    if not isinstance(found, dict):
        raise ServerError(_stranger_message(collector, "what it says is not a JSON object"))
    try:
        TypeAdapter(shape).validate_python(found, strict=True)
    except ValidationError as error:  # its words quote what was sent
        raise ServerError(_stranger_message(collector, _describe_mismatch(error))) from None
    return cast("Shape", found)


def _describe_mismatch(error: ValidationError) -> str:
    """Returns the first field that an answer lacks, or has of another kind."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = ".".join(map(str, first["loc"]))
    return f"its answer has no {name!r}" if first["type"] == "missing" else f"its answer has a strange {name!r}"


def _build_opener(url: str, loaded: settings.Settings) -> urllib.request.OpenerDirector:
    trusted = ssl.create_default_context(cafile=loaded.tls_ca.expanduser() if loaded.tls_ca else None)
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=trusted)]
    if urllib.parse.urlsplit(url).hostname in _LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _certificate_hint(reason: object) -> str:
    is_distrust = isinstance(reason, ssl.SSLCertVerificationError)
    return "; the file of its certificate's authority belongs into CAUSELINE_TLS_CA" if is_distrust else ""


def _refusal_message(collector: str, status: int, body: bytes, missing: str) -> str:
    try:
        error = json.loads(body)["error"]
        message, hint = str(error["message"]), str(error.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return _stranger_message(collector, f"status {status}")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return message  # its hint speaks of the API, and what is wrong is a word on the command line
    if status == HTTPStatus.NOT_FOUND and missing:
        hint = missing
    return f"{message}: {hint}" if hint else message


def _stranger_message(collector: str, reason: str) -> str:
    place = without_password(collector)
    return f"what answers at {place} is not a collector ({reason}): name the collector in CAUSELINE_COLLECTOR_URL"
