"""The list of dead letters. What it shows stands still: letters that come in later are announced, never inserted, and
a tick belongs to a letter's id."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from collector.models import DeadLetter
from dashboard import data, live, period, selection, wording
from dashboard.parts import letters, pinned_containers, table
from dashboard.parts.ticks import Ticks
from dashboard.period import Period
from dashboard.views.dead_letters import replay

_KEY: Final = "letters-shown"
_WIDTHS: Final = [2.3, 5.4, 1.8]
#: Characters of an error that a row quotes at most.
_ERROR_ROOM: Final = 110
_FILTERS: Final = ("state", "channel", "group", "reason", "q", "cursor")


@dataclass
class LetterPage:
    """The page that the reader is looking at: which filters made it, its letters by id, where the next page begins, and
    the ids of those that belong there since: they came in, or moved up as others were settled."""

    filters: tuple[str, ...]
    within: Period
    letters: dict[str, DeadLetter]
    next: str | None
    newer: set[str] = field(default_factory=set)

    @property
    def first_page(self) -> bool:
        """Whether nothing newer than this page was there when it was fetched."""
        return not self.filters[_FILTERS.index("cursor")]


def show() -> None:
    """Shows the list."""
    filters = _filters()
    shown: LetterPage | None = st.session_state.get(_KEY)
    if shown is None or (shown.filters, shown.within) != (filters, period.current()):
        shown = st.session_state[_KEY] = _fetch(filters)
    if not shown.letters and not shown.newer:
        _empty(shown)
        _pages(shown)
        return
    _actions(shown)
    found = [_row(letter) for letter in shown.letters.values()]
    table.show("dead-letter", "Dead letters", _WIDTHS, found, ticks=_ticks())
    _pages(shown)


def refresh() -> bool:
    """Looks at the shown page again. Returns whether anything about it changed."""
    shown: LetterPage | None = st.session_state.get(_KEY)
    if shown is None:
        return False
    before = (dict(shown.letters), set(shown.newer))
    fresh = _fetch(shown.filters)
    if shown.first_page:
        shown.newer = fresh.letters.keys() - shown.letters.keys()
    for letter_id, letter in shown.letters.items():
        shown.letters[letter_id] = fresh.letters.get(letter_id) or _fetch_current_letter(letter)
    return before != (shown.letters, shown.newer)


def everything() -> Callable[[], Iterator[DeadLetter]]:
    """Returns a function that yields every letter that the filters let through, of this page and all others; called by
    the download, or when all are sent again."""
    state, channel, group, reason, q, _ = _filters()
    return live.all_dead_letters(period.current(), state=state, channel=channel, group=group, reason=reason, q=q)


def forget() -> None:
    """Lets the list be fetched anew at the next drawing."""
    st.session_state.pop(_KEY, None)


def _filters() -> tuple[str, ...]:
    return tuple(selection.read(name, "dead" if name == "state" else "") for name in _FILTERS)


def _fetch(filters: tuple[str, ...]) -> LetterPage:
    state, channel, group, reason, q, cursor = filters
    within = period.current()
    page = live.dead_letters(within, state=state, channel=channel, group=group, reason=reason, q=q, cursor=cursor)
    return LetterPage(filters, within, {letter.id: letter for letter in page.items}, page.next)


def _fetch_current_letter(letter: DeadLetter) -> DeadLetter:
    """Returns a letter that has left the page, as it is now: somebody settled it, or newer ones pushed it to the next
    page."""
    if letters.waits(letter) or letter.replay_outcome == "pending":
        return data.get_or_none(lambda: live.dead_letter(letter.id)) or letter
    return letter


def _empty(shown: LetterPage) -> None:
    if any(shown.filters[1:]) or shown.within != Period():
        st.info(
            "No letter matches. Clear the filters, the search or the time to see all.", icon=":material/filter_alt_off:"
        )
    elif shown.filters[0] == "dead":
        st.info(
            "No dead letters. A delivery that gives up is kept here until somebody replays it.", icon=":material/inbox:"
        )
    elif shown.filters[0] == "replayed":
        st.info("Nothing has been replayed yet. Tick letters that wait, and press Replay.", icon=":material/inbox:")
    else:
        st.info("Nothing was given up: `causeline dlq discard` gives a letter up for good.", icon=":material/inbox:")


def _actions(shown: LetterPage) -> None:
    """Shows what can be done; always one line high, so that an announcement moves no row."""
    waiting = [letter for letter in shown.letters.values() if letters.waits(letter)]
    chosen = [letter for letter in waiting if letter.id in _ticks().ids]
    every = bool(waiting) and len(chosen) == len(waiting)
    with (
        pinned_containers.above("letter-actions"),
        st.container(horizontal=True, vertical_alignment="center", height=40, border=False),
    ):
        if shown.filters[0] == "dead":
            st.button(
                f"Replay {wording.many(len(chosen), 'letter')}" if chosen else "Replay",
                type="primary",
                icon=":material/replay:",
                disabled=not chosen,
                key="replay",
                on_click=replay.ask,
                args=(chosen,),
            )
            if waiting:
                st.button(
                    "Tick none" if every else _tick_words(len(waiting)),
                    type="tertiary",
                    key="tick-all",
                    on_click=_tick,
                    args=([letter.id for letter in waiting], not every),
                )
            if every and (shown.next or not shown.first_page):
                st.button(
                    "Replay all that match",
                    type="tertiary",
                    icon=":material/replay:",
                    key="replay-all",
                    help=f"Every letter that the filters let through, the newest {replay.MOST:,} at most",
                    on_click=replay.ask_all,
                    args=(everything(),),
                )
        if shown.newer:
            _newer(len(shown.newer))


def _newer(count: int) -> None:
    st.button(
        f"{count} more: show",
        type="tertiary",
        icon=":material/mark_email_unread:",
        key="show-newer",
        on_click=forget,
    )


def _tick_words(waiting: int) -> str:
    return "Tick this one" if waiting == 1 else f"Tick all {waiting} here"


def _ticks() -> Ticks:
    return Ticks.of(replay.TICKS)


def _tick(ids: Sequence[str], on: bool) -> None:  # noqa: FBT001 Streamlit hands a callback its arguments by place
    _ticks().put(ids, on=on)


def _row(letter: DeadLetter) -> table.Row:
    subject = letter.subject or wording.short_id(letter.event_id)
    error = wording.gist(letter.error, _ERROR_ROOM)
    cells = (
        [table.make_name_part(subject, table.STRONG), table.Part(letter.group, table.MUTED)],
        [letters.standing(letter), table.Part(error), table.Part(_tries(letter), table.MUTED)],
        [table.moment(letter.dead_at)],
    )
    tick = table.Tick(letter.id, f"Pick {wording.make_spoken_label(subject)}", fixed=not letters.waits(letter))
    is_read = selection.read("letter") == letter.id
    return table.Row(cells, table.Link({"letter": letter.id}), chosen=is_read, tick=tick)


def _tries(letter: DeadLetter) -> str:
    return wording.many(letter.attempts, "attempt") + (f" · round {letter.round}" if letter.round else "")


def _pages(shown: LetterPage) -> None:
    if shown.first_page and not shown.next:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "First page", type="tertiary", disabled=shown.first_page, on_click=selection.write, kwargs={"cursor": None}
        )
        st.button(
            "Next page",
            type="tertiary",
            disabled=not shown.next,
            on_click=selection.write,
            kwargs={"cursor": shown.next},
        )
