"""Draws a view in this process, and reads what it says."""

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
    """All that the page says."""
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
    return "\n".join(
        [str(part.value) for part in parts]
        + [button.label for button in app.button]
        + [link.proto.label for link in app.get("page_link")]
        + [f"{metric.label} {metric.value}" for metric in app.metric]
        + [str(code.value) for code in app.code]
    )
