"""The search of the Event view: by any id, or by what an event was about."""

from typing import Final, cast, get_args

import streamlit as st

from collector.models import Event, EventStanding, Named, Node, NodeKind, SearchAnswer
from dashboard import data, export, period, selection, wording
from dashboard.parts import deliveries, links, pages, table, timespan
from dashboard.period import Period

#: Roles of an id that mean one node.
_OF_ONE: Final = ("node", "span", "message", "event", "dead letter", "cause")

#: The parameter of the address that says where a search goes on.
_FURTHER: Final = "further"

#: Characters of a name that a row of a list shows.
_ROOM: Final = 120
#: Letters that are asked for of what was pasted; far more than count.
_LONGEST: Final = 4_000
_STATUS_WIDTH: Final = 200
_WIDTHS: Final = [3.2, 2.4, 5, 1.5]


def bar() -> str:
    """Shows the search box, and what it finds until something is chosen. Returns the id to draw, else an empty text."""
    key = "event-search"
    focus = selection.read("id")
    st.session_state[key] = selection.read("q") or focus
    st.text_input(
        "Search",
        key=key,
        placeholder="Any id, such as an event's or a trace's, a subject such as S1-0042, or text of what is shown",
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_run_search,
        args=(key,),
    )
    wanted = selection.read("q")
    if wanted:
        _results(wanted)
        return ""
    if not focus:
        _recent("Recent events")
    return focus


def _run_search(key: str) -> None:
    wanted = (st.session_state.get(key) or "").strip()[:_LONGEST]
    selection.write(q=None, id=None, node=None, cursor=None, further=None)
    with data.show_errors():
        if focus := _target(data.search(wanted)) if wanted else "":
            selection.write(id=focus)
            return
    selection.write(q=wanted)


def _target(answer: SearchAnswer) -> str:
    """Returns the node that an id means, to draw it; the id itself where nobody knows it, to say so. What has many
    nodes, such as a correlation or a trace, is searched for."""
    roles = {named.role: named.node_id for named in answer.named}
    found = next((roles[role] for role in _OF_ONE if role in roles), "")
    nobody = not (roles or answer.items or answer.next)
    return found or (answer.searched.text if answer.searched.is_id and nobody else "")


def _results(wanted: str) -> None:
    answer = data.search(wanted, selection.read(_FURTHER))
    page = data.events(wanted, period.current(), selection.read("cursor"), pages.size(), status=_status())
    found = page.items
    _show_beginning(answer)
    for named in answer.named:
        _role(named)
    others = [node for node in answer.items if node.kind != NodeKind.EVENT]
    if not found and not others:
        _statuses()
        st.info(
            f"{_describe_no_results(wanted, answer)}{_describe_searched_range(answer)}", icon=":material/search_off:"
        )
        _further(answer)
        if not (answer.next or selection.read(_FURTHER)):
            _recent("Recent events")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        more = "or more, " if page.next else ""
        st.caption(f"{wording.many(len(found), 'event')} found, {more}newest first", width="content")
        _statuses()
        if found:
            export.button("events", data.all_events(wanted, period.current(), _status()))
    timespan.show_window(page.window)
    _list(found)
    pages.show_pager(page.next, sized=True)
    if others:
        st.caption(f"{wording.many(len(others), 'other node')} found, newest first")
        _nodes(others)
    _further(answer)


def _describe_no_results(wanted: str, answer: SearchAnswer) -> str:
    """Says that nothing matches, which is true of all there is only where nothing is left to look through."""
    if answer.next:
        return f"Nothing was found so far that matches **{wording.plain(wanted)}**. "
    return f"Nothing {'further ' if selection.read(_FURTHER) else ''}matches **{wording.plain(wanted)}**. "


def _show_beginning(answer: SearchAnswer) -> None:
    """Says what of a long text was looked for."""
    if answer.searched.beginning:
        st.caption(f"Of a text this long the beginning was looked for: **{wording.plain(answer.searched.beginning)}**")


def _further(answer: SearchAnswer) -> None:
    """Says how far back texts were looked through where that is not all, and offers to go on."""
    if answer.next and answer.back_to:
        st.caption(f"Texts were looked through back to {wording.exact(answer.back_to, data.zone())}.")
    elif answer.next:
        st.caption("There is more, or texts were not looked through yet.")
    pages.show_pager(answer.next, "From the newest", "Look further back", _FURTHER)


def _status() -> EventStanding | None:
    """Returns the status that the address names; None where it is none that events are listed by."""
    status = selection.read("status")
    return cast("EventStanding", status) if status in get_args(EventStanding) else None


def _statuses() -> None:
    """Shows the filter by how those stand who received an event."""
    key = "events-status"
    st.session_state[key] = _status() or ""
    st.selectbox(
        "Status",
        ["", *get_args(EventStanding)],
        key=key,
        on_change=selection.follow,
        format_func=lambda each: wording.sentence(each) if each else "Any status",
        args=("status", key, "cursor"),
        label_visibility="collapsed",
        width=_STATUS_WIDTH,
        help="Events with which some group, in its newest round, or some other program stands so",
    )


def _role(named: Named) -> None:
    what = f"The {named.role} of {wording.many(named.records, 'record')}"
    st.markdown(f"{what}, from {wording.exact(named.first, data.zone())} to {wording.exact(named.last, data.zone())}")


def _describe_searched_range(answer: SearchAnswer) -> str:
    """Says what a search that found nothing looked at."""
    searched = answer.searched
    if answer.next:
        no_id = searched.is_id and not answer.named
        return f"Not everything was looked through yet{', but no id is like that' if no_id else ''}."
    if searched.first is None or searched.last is None:
        return "Nothing is stored yet."
    where = f"all {wording.many(searched.records, 'span')} stored" if searched.records > 1 else "the one span stored"
    times = f"{wording.exact(searched.first, data.zone())} to {wording.exact(searched.last, data.zone())}"
    return f"Looked at {where}, from {times}, for text{' and for ids' if searched.is_id and not answer.named else ''}."


def _nodes(nodes: list[Node]) -> None:
    table.show("node", "Nodes found", _WIDTHS, [_node(node) for node in nodes])


def _node(node: Node) -> table.Row:
    about = wording.clip(node.subject or wording.short_id(node.id), _ROOM)
    how = [table.badge(node.status), *([table.Part(wording.clip(node.error, _ROOM))] if node.error else [])]
    cells = (
        [table.make_name_part(about, table.STRONG), table.Part(wording.clip(node.name, _ROOM), table.MUTED)],
        [table.Part(wording.sentence(node.kind))],
        how,
        [table.moment(node.start)],
    )
    return table.Row(cells, _make_node_link(node.id))


def _recent(title: str) -> None:
    channel = selection.read("channel")
    page = data.events("", period.current(), selection.read("cursor"), pages.size(), _status(), channel)
    events = page.items
    if not events and (_status() or channel):
        _statuses()
        _channel(channel)
        what = "with which anybody stands so" if _status() else "of that channel"
        st.info(f"No event {what}. Choose another, or another time.", icon=":material/filter_alt_off:")
        pages.show_pager(page.next)
        return
    if not events and period.current() != Period():
        st.info("No event in this time. Choose another at the top.", icon=":material/filter_alt_off:")
        return
    if not events:
        st.info(
            "No events yet. Start some work, such as `causeline demo logistics`, and it appears here.",
            icon=":material/inbox:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False, width="content")
        _statuses()
        _channel(channel)
        export.button("events", data.all_events("", period.current(), _status(), channel))
    timespan.show_window(page.window)
    _list(events)
    pages.show_pager(page.next, sized=True)


def _channel(name: str) -> None:
    """Shows that events of one channel alone are listed, and the way to all others."""
    if name:
        everything = {"channel": None, "cursor": None}
        links.within(f"of channel **{wording.plain(name)}**", "events-of", everything, ":material/filter_alt_off:")


def unknown(focus: str) -> None:
    """Says what the id asked for is where it is no node's, or that nothing has it, and offers what there is."""
    answer = data.search(focus)
    if answer.named:
        for named in answer.named:
            _role(named)
        _nodes(answer.items)
        return
    st.warning(
        f"Nothing is recorded under **{wording.plain(focus)}**. It may not have arrived yet, may not have been "
        f"sampled, or may be past its retention. {_describe_searched_range(answer)} Search above, or take a "
        "recent event.",
        icon=":material/help:",
    )
    _recent("Recent events")


def _list(events: list[Event]) -> None:
    table.show("event", "Events", _WIDTHS, [_event(event) for event in events])


def _event(event: Event) -> table.Row:
    cells = (
        [table.make_name_part(event.subject or wording.short_id(event.event_id), table.STRONG, _ROOM)],
        [table.Part(wording.clip(event.channel, _ROOM), table.MUTED)],
        deliveries.parts(event.deliveries, event.groups) or [table.Part("no deliveries", table.MUTED)],
        [table.moment(event.time)],
    )
    return table.Row(cells, _make_node_link(event.event_id))


def _make_node_link(node_id: str) -> table.Link:
    return table.Link({"id": node_id, "q": None, "node": None, "cursor": None, "further": None})
