"""One dead letter, whole."""

from itertools import groupby

import streamlit as st

from collector.models import AttemptError, DeadLetterDetail, DeadLetterState
from dashboard import data, live, palette, selection, wording
from dashboard.parts import audit, code, failure, letters, links
from dashboard.parts.stamp import stamp
from dashboard.views.dead_letters import replay


def show() -> None:
    """Shows the letter that the URL names."""
    letter_id = selection.read("letter")
    if not letter_id:
        st.info("Choose a letter to see its payload and every attempt's error.", icon=":material/drafts:")
        return
    letter = data.get_or_none(lambda: live.dead_letter(letter_id))
    if letter is None:
        st.warning(f"There is no dead letter **{wording.plain(letter_id)}**.", icon=":material/help:")
        return
    _heading(letter)
    if letter.error:
        failure.show(letter.error)
    _attempts(letter)
    st.markdown("**Payload**")
    code.block(wording.pretty(letter.payload), "json")
    with st.expander("Envelope", icon=":material/mail:"):
        code.block(wording.pretty(letter.envelope), "json")
    audit.brief(live.audit_of(letter.id))
    _ids(letter)


def _heading(letter: DeadLetterDetail) -> None:
    st.subheader(wording.name(letter.subject or wording.short_id(letter.event_id)), anchor=False)
    round_ = f" · round {letter.round}" if letter.round else ""
    st.markdown(
        f"{letters.badge(letter)} &nbsp;{wording.plain(letter.channel)} → **{wording.plain(letter.group)}**{round_}"
    )
    stamp(letter.dead_at, wording.many(letter.attempts, "attempt"))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        if letter.state == DeadLetterState.DEAD:
            st.button("Replay this one", icon=":material/replay:", on_click=replay.ask, args=([letter],))
        # From the event, so that the groups that fared better are in the picture too.
        where = {"id": letter.event_id, "node": letter.id}
        links.to("See it in the picture", selection.EVENT, where, ":material/account_tree:")


def _attempts(letter: DeadLetterDetail) -> None:
    """Shows every attempt of every round; the newest round first, for it is the one that hurts."""
    rounds = [(number, list(each)) for number, each in groupby(letter.history, key=lambda attempt: attempt.round)]
    for number, attempts in reversed(rounds):
        st.markdown(f"**Attempts, round {number}**" if len(rounds) > 1 else "**Attempts**")
        for attempt in attempts:
            _attempt(attempt, opened=attempt is letter.history[-1])


def _attempt(attempt: AttemptError, *, opened: bool) -> None:
    took = wording.between(attempt.started_at, attempt.ended_at)
    how = attempt.error_type or palette.ending(attempt.outcome or "unknown")
    with st.expander(f"**{attempt.attempt}** &nbsp;{wording.plain(how)} · {took}", expanded=opened):
        where = f" by {wording.plain(attempt.worker)}" if attempt.worker else ""
        st.caption(f"{wording.exact(attempt.started_at, data.zone())}{where}")
        if attempt.message:
            st.markdown(wording.plain(attempt.message, wording.MESSAGE))
        if attempt.traceback:
            code.block(attempt.traceback, "python")


def _ids(letter: DeadLetterDetail) -> None:
    ids = {
        "Dead letter": letter.id,
        "Event": letter.event_id,
        "Delivery": letter.delivery_id,
        "Correlation": letter.correlation_id,
        "Replay": letter.replay_id,
    }
    with st.expander("Ids", icon=":material/fingerprint:"):
        for name, value in ids.items():
            if value:
                st.caption(name)
                code.block(value)
