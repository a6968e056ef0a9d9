"""Blocks of code: what stands in them is words, whatever it looks like."""

import pytest

from dashboard.parts import code


@pytest.mark.parametrize("language", ["json", "python", None])
def test_no_tag_of_a_text_becomes_one(monkeypatch: pytest.MonkeyPatch, language: str | None) -> None:
    """In a key, in a value, outside of both; coloured or not."""
    shown: list[str] = []
    monkeypatch.setattr(code.st, "html", shown.append)  # type: ignore[attr-defined] # Streamlit's
    code.block('<b>{"<script>": "<img src=x onerror=alert(1)>", "n": 12}</b>', language)
    assert "&lt;script&gt;" in shown[0]
    assert not {"<b>", "<script>", "<img"} & set(shown[0].replace(">", ">\n").replace("<", "\n<").split())


def test_json_has_colours_by_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, texts, numbers; a number within a text is text."""
    shown: list[str] = []
    monkeypatch.setattr(code.st, "html", shown.append)  # type: ignore[attr-defined] # Streamlit's
    code.block('{"a": "b 12", "c": -1.5, "d": null}', "json")
    for kind, text in (("key", "a"), ("string", "b 12")):
        assert f'<span class="{kind}">&quot;{text}&quot;</span>' in shown[0]
    assert '<span class="number">-1.5</span>' in shown[0]
    assert '<span class="number">null</span>' in shown[0]
