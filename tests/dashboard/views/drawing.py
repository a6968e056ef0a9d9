"""Draws a view in this process, and reads what it says."""

import json
import re
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest


def _script(first: str) -> None:
    from dashboard.app import serve

    serve(first)


def draw(view: str, **parameters: str) -> AppTest:
    """The view with a selection, drawn once; fails on an exception."""
    app = AppTest.from_function(_script, args=(view,), default_timeout=20)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def text_of(app: AppTest) -> str:
    """All that the page says, with plain spaces."""
    parts = [
        *app.header,
        *app.subheader,
        *app.markdown,
        *app.caption,
        *app.info,
        *app.warning,
        *app.success,
        *app.error,
    ]
    said = (
        [str(part.value) for part in parts]
        + [button.label for button in app.button]
        + [link.proto.label for link in app.get("page_link")]
        + [f"{tile['name']} {tile['value']} {tile.get('says', '')}" for tile in tiles_of(app)]
        + [tile["link"]["label"] for tile in tiles_of(app) if "link" in tile]
        + [unescape(re.sub("(?s)<style>.*</style>|<[^>]*>", "", html.proto.body)) for html in app.get("html")]
        + [" ".join(part["text"] for cell in row["cells"] for part in cell) for row in rows_of(app)]
        + [part["text"] for figure in _lists(app) for part in figure["titles"]]
    )
    return "\n".join(said).replace("\N{NO-BREAK SPACE}", " ")


def rows_of(app: AppTest) -> list[dict[str, Any]]:
    """The rows of all lists that are figures, as the browser gets them."""
    return [row for figure in _lists(app) for row in figure["rows"]]


def _lists(app: AppTest) -> list[dict[str, Any]]:
    return drawn_of(app, "list")


def tiles_of(app: AppTest) -> list[dict[str, Any]]:
    """The figures that stand beside each other at the head of a page, as the browser gets them."""
    return [tile for wall in drawn_of(app, "tiles") for tile in wall["tiles"]]


def drawn_of(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What the browser gets to draw all figures of one kind."""
    figures = [figure.proto for figure in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in figures if proto.component_name.endswith(f"causeline_{name}")]


def ticked(app: AppTest) -> set[str]:
    """What is ticked in the lists of a page."""
    return {each for figure in _lists(app) for each in figure.get("ticks", {}).get("ids", ())}
