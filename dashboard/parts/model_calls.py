"""What calls of language models took, as metrics say: a small table."""

from typing import Final

import streamlit as st

from collector.models import ModelFigures
from dashboard import wording

_WIDTHS: Final = [2.6, 2.8, 1.2, 1.4, 1.4, 1.2, 1.2, 1.5]
_TITLES: Final = ("model", "service", "calls", "tokens in", "tokens out", "p50", "p95", "first token, p95")


def show(models: list[ModelFigures]) -> None:
    """Shows the table of calls of models; nothing where no metrics tell of any call."""
    if not models:
        return
    st.subheader("Calls of models", anchor=False)
    st.caption("As their clients and servers measured them; times are estimated from histograms.")
    with st.container(border=True, gap="xsmall"):
        for cell, title in zip(st.columns(_WIDTHS, gap="xsmall", vertical_alignment="bottom"), _TITLES, strict=True):
            cell.caption(title)
        for model in models:
            _row(model)


def _row(model: ModelFigures) -> None:
    side = " :gray-badge[server]" if model.side == "server" else ""
    texts = (
        (wording.plain(model.model) or ":gray[not named]") + side,
        f":gray[{wording.plain(model.service)}]",
        *(_number(each) for each in (model.calls, model.input_tokens, model.output_tokens)),
        *(wording.duration(each) for each in (model.p50_ms, model.p95_ms, model.first_token_p95_ms)),
    )
    for cell, text in zip(st.columns(_WIDTHS, gap="xsmall", vertical_alignment="center"), texts, strict=True):
        cell.markdown(f":small[{text}]")


def _number(number: int | None) -> str:
    return wording.DASH if number is None else f"{number:,}"
