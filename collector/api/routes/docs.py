"""A page that says what there is to ask, without scripts: FastAPI's own pages load theirs from elsewhere."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2230 }
code, dt { font-family: ui-monospace, monospace; font-size: .92em } h2 { margin: 2.2rem 0 .4rem }
section { border-top: 1px solid #dfe2ea; padding: .7rem 0 } b { color: #3d56c5; margin-right: .6rem }
p { margin: .2rem 0 } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0 }
dd { margin: 0; color: #5d6576 }
"""

#: Nothing is loaded from anywhere, and this one style is the only one.
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_INTRODUCTION: Final = """
<p>Errors are <code>{"error": {"code", "message", "hint"}}</code>. Where tokens are asked for, send
<code>Authorization: Bearer ...</code>: with the scope <code>read</code> for GET, <code>operate</code> for POST, and
<code>ingest</code> for OTLP (<code>POST /v1/traces</code>, <code>/v1/logs</code>, <code>/v1/metrics</code>). For
programs: <a href="/openapi.json">openapi.json</a>.</p>
"""


def router(app: FastAPI) -> APIRouter:
    """Returns the route of the page.

    Args:
        app: whose routes it describes.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()), headers={"content-security-policy": _POLICY})

    return routes


def page(described: Mapping[str, Any]) -> str:
    """Returns the page of an OpenAPI description."""
    schemas = described.get("components", {}).get("schemas", {})
    body = "".join(_sections(described["paths"], schemas))
    title = escape(str(described["info"]["title"]))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{_INTRODUCTION}{body}</body></html>"
    )


def _sections(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    heading = ""
    for path, methods in paths.items():
        for method, what in methods.items():
            tag = str((what.get("tags") or ["more"])[0])
            if tag != heading:
                heading = tag
                yield f"<h2>{escape(tag.capitalize())}</h2>"
            yield _section(method.upper(), path, what, schemas)


def _section(method: str, path: str, what: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    words = escape(str(what.get("description") or what.get("summary") or ""))
    fields = [
        (parameter["name"], str(parameter.get("description") or ""), bool(parameter.get("required")))
        for parameter in what.get("parameters", ())
    ]
    fields += _fields(_schema_name(_json(what.get("requestBody", {}))), schemas)
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}{' (required)' if required else ''}</dd>"
        for name, text, required in fields
    )
    answer = _schema_name(_json(what.get("responses", {}).get("200", {})))
    returns = f"<p>Returns <code>{escape(answer)}</code></p>" if answer else ""
    listed = f"<dl>{rows}</dl>" if rows else ""
    return f"<section><b>{method}</b><code>{escape(path)}</code><p>{words}</p>{listed}{returns}</section>"


def _json(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _schema_name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _fields(name: str, schemas: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    schema = schemas.get(name, {})
    required = schema.get("required", ())
    return [
        (field, str(about.get("description") or about.get("type") or ""), field in required)
        for field, about in schema.get("properties", {}).items()
    ]
