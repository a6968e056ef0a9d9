"""Sending dead letters again: ask, confirm by name, then watch until each has succeeded or come back."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Final

import streamlit as st

from collector.client import ApiError, CollectorUnavailable
from collector.models import DeadLetter
from dashboard import data, live, wording
from dashboard.parts import links, operator, page_parts
from dashboard.parts.ticks import Ticks
from dashboard.period import Period

#: The list whose ticked letters are sent.
TICKS: Final = "dead-letters"
_ASKED: Final = "replay-asked"
_UNASKED: Final = "replay-unasked"
_WATCHED: Final = "replay-watched"
#: Seconds between two polls of replays that are under way.
_LOOK_EVERY: Final = 1.0
#: Letters in one request, and letters that are polled in one go: so many are answered quickly.
_AT_ONCE: Final = 50
#: Letters that one confirmation sends at most.
MOST: Final = 1_000
#: Letters that are named one by one.
_NAMED: Final = 12
#: What became of letters that nobody gets.
_NOT_SENT: Final = ("not_found", "group_retired")
#: Characters of an error that are quoted at most.
_ERROR_ROOM: Final = 200


def ask(letters: Sequence[DeadLetter]) -> None:
    """Asks for a confirmation at the next drawing; a callback."""
    st.session_state[_ASKED] = list(letters)


def ask_all(every: Callable[[], Iterable[DeadLetter]]) -> None:
    """Asks for a confirmation of all that match now, the newest `MOST` of them; a callback. Letters that come back dead
    meanwhile are not among them, so none is sent twice."""
    try:
        letters = page_parts.get_or_error(lambda: list(islice(every(), MOST)))
    except CollectorUnavailable:
        return  # the page itself says that the collector is away
    if isinstance(letters, ApiError):
        st.session_state[_UNASKED] = letters  # a callback can show nothing
    else:
        ask(letters)


def is_confirmation_open() -> bool:
    """Returns whether a confirmation is open."""
    return bool(st.session_state.get(_ASKED))


def confirm_if_asked() -> None:
    """Shows the confirmation, if somebody asked for it, or why the letters that it is about can't be had."""
    if _UNASKED in st.session_state:
        page_parts.show_failure("The letters to send again", st.session_state.pop(_UNASKED))
    if is_confirmation_open():
        _confirm(st.session_state[_ASKED])


def _close_confirmation() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("Send these letters again?", on_dismiss=_close_confirmation)
def _confirm(letters: list[DeadLetter]) -> None:
    for (group, channel), count in Counter((letter.group, letter.channel) for letter in letters).items():
        st.markdown(
            f"**{wording.many(count, 'letter')}** to **{wording.plain(group)}** only; "
            f"other groups of {wording.plain(channel)} receive nothing."
        )
    rows = [
        f"- {wording.name(letter.subject or letter.event_id)} "
        f":gray[· {wording.plain(wording.gist(letter.error, _ERROR_ROOM))}]"
        for letter in letters[:_NAMED]
    ]
    rows += [f"- and {len(letters) - _NAMED:,} more"] if len(letters) > _NAMED else []
    st.markdown("\n".join(rows))
    who = operator.field()
    send, cancel = st.columns([3, 1])
    if cancel.button("Cancel", width="stretch"):
        _close_confirmation()
        st.rerun()
    if send.button(f"Send {wording.many(len(letters), 'letter')}", type="primary", width="stretch", key="confirm"):
        if who:
            _send(letters, who)
        else:
            st.error("Say who you are: the audit keeps who sent a letter again.", icon=":material/badge:")


def _send(letters: Sequence[DeadLetter], who: str) -> None:
    operator.remember(who)
    watched: dict[str, DeadLetter] = {}
    retired = 0
    bar = st.progress(0.0) if len(letters) > _AT_ONCE else None
    try:
        for first in range(0, len(letters), _AT_ONCE):
            some = {letter.id: letter for letter in letters[first : first + _AT_ONCE]}
            answer = live.replay(list(some), who)
            sent = [item.dead_letter_id for item in answer.items if item.status not in _NOT_SENT]
            retired += sum(item.status == "group_retired" for item in answer.items)
            watched |= {each: some[each].model_copy(update={"replay_outcome": "pending"}) for each in sent}
            if bar is not None:
                bar.progress(min(1.0, (first + _AT_ONCE) / len(letters)))
    except ApiError as error:
        st.error(
            f"{wording.plain(error.message)}  \n{wording.plain(error.hint)}  \n"
            f"{wording.many(len(watched), 'letter')} of {len(letters):,} went before.",
            icon=":material/report:",
        )
        return
    st.session_state[_WATCHED] = watched
    Ticks.of(TICKS).put((letter.id for letter in letters), on=False)
    if retired:
        whose, them = ("its", "it") if retired == 1 else ("their", "them")
        st.error(
            f"{wording.many(retired, 'letter')} can't be sent: {whose} group was retired, and nobody would process "
            f"{them}. {wording.many(len(watched), 'letter')} went.",
            icon=":material/report:",
        )
        return
    _close_confirmation()
    st.rerun()


def progress() -> None:
    """Shows how the letters that were sent last fare, until the reader puts it away."""
    if not st.session_state.get(_WATCHED):
        return
    if _list_pending_ids(_refresh_sent_letters()):
        st.fragment(_progress, run_every=_LOOK_EVERY)(pending=True)
    else:
        _progress(pending=False)


def _refresh_sent_letters() -> list[DeadLetter]:
    """Returns the letters that were sent; looks again at some of those that have not ended."""
    watched: dict[str, DeadLetter] = st.session_state[_WATCHED]
    for letter_id in _list_pending_ids(watched.values())[:_AT_ONCE]:
        again = data.get_or_none(partial(live.dead_letter, letter_id))
        if again is None:
            del watched[letter_id]
        else:
            watched[letter_id] = again
    return list(watched.values())


def _list_pending_ids(letters: Iterable[DeadLetter]) -> list[str]:
    return [letter.id for letter in letters if letter.replay_outcome == "pending"]


def _progress(*, pending: bool) -> None:
    with data.show_errors():
        letters = _refresh_sent_letters()
        if pending and not _list_pending_ids(letters):
            # The list beside it shows the same letters: draw the whole page once they have all ended.
            st.rerun()
        _bar(letters)
        back = [] if pending else [letter for letter in letters if letter.replay_outcome == "dead"]
        for letter in back[:_NAMED]:
            _show_returned_letter(letter)
        if len(back) > _NAMED:
            st.caption(f"And {len(back) - _NAMED} more came back; they wait in the list.")


def _bar(letters: Sequence[DeadLetter]) -> None:
    counts = Counter(letter.replay_outcome for letter in letters)
    total = len(letters)
    ended = counts["ok"] + counts["dead"]
    parts = [f"**{counts['ok']} of {total} succeeded**"]
    parts += [f"{counts['dead']} came back dead"] if counts["dead"] else []
    parts += [f"{total - ended} on {'its' if total - ended == 1 else 'their'} way"] if ended < total else []
    with st.container(border=True, key="replay-progress"):
        said, away = st.columns([10, 1.2], vertical_alignment="center")
        said.progress(ended / total if total else 1.0, text=" · ".join(parts))
        if away.button("Close", type="tertiary", key="replay-close"):
            st.session_state.pop(_WATCHED)
            st.rerun()


def _show_returned_letter(letter: DeadLetter) -> None:
    """Shows a letter whose replay failed: the new one, of the next round."""
    page = live.dead_letters(
        Period(), state="dead", channel=letter.channel, group=letter.group, reason="", q=letter.event_id, cursor=""
    )
    again = next((each for each in page.items if each.round > letter.round), None)
    if again is None:
        return
    links.within(
        f"{wording.name(letter.subject or wording.short_id(letter.event_id))} came back as a new letter, "
        f"round {again.round}: {wording.plain(wording.gist(again.error, _ERROR_ROOM))}",
        f"again-{again.id}",
        {"letter": again.id},
        ":material/undo:",
    )
