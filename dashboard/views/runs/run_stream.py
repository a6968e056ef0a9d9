"""What the steps of a run stream, while they do."""

from typing import Final

import streamlit as st

from collector.models import NodeStatus, RunDetail
from dashboard import live, wording
from dashboard.parts import code
from dashboard.parts.streamed_text import RunText

#: Seconds between two looks at what is being said.
_LOOK_EVERY: Final = 1.0
#: Pages of a stream that one look reads at most; the next one goes on.
_PAGES: Final = 40
#: Steps whose words are shown.
_STEPS: Final = 20


def show(detail: RunDetail) -> None:
    """Shows what a run has streamed; nothing where it streamed nothing, or the workers' server does not know the run
    any more."""
    if detail.server is None:
        return
    run_id = detail.run.run_id
    if detail.server.status == NodeStatus.RUNNING:
        _live(run_id)
    else:
        _draw(_read(run_id))


@st.fragment(run_every=_LOOK_EVERY)
def _live(run_id: str) -> None:
    _draw(_read(run_id))


def _read(run_id: str) -> RunText:
    """Returns what has been heard up to now; of what was read before nothing is asked again."""
    key = f"streamed-{run_id}"
    streamed: RunText = st.session_state.setdefault(key, RunText())
    if streamed.is_over:  # it may have been resumed
        streamed = st.session_state[key] = RunText()
    for _ in range(_PAGES):
        page = live.fetch_run_stream(run_id, streamed.last)
        if page is None:
            break
        streamed.add_events(page.items)
        if page.complete:
            break
    return streamed


def _draw(streamed: RunText) -> None:
    if not streamed.steps and not streamed.gone:
        return
    st.subheader("What its steps stream" if not streamed.is_over else "What its steps streamed", anchor=False)
    if streamed.gone:
        st.caption(f"The first {wording.many(streamed.gone, 'entry', 'entries')} are kept no longer.")
    spoke = list(streamed.steps.values())
    if len(spoke) > _STEPS:
        st.caption(f"The {_STEPS} steps that were heard first are shown, of {len(spoke):,}.")
    for spoken in spoke[:_STEPS]:
        facts = f" &nbsp;:small[:gray[{wording.plain(spoken.facts)}]]" if spoken.facts else ""
        st.markdown(f"**{wording.plain(spoken.step)}**{facts}")
        code.block(spoken.text)
