"""One run: how it stands, its steps as a picture and as a table, and the events that they published."""

from datetime import datetime
from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Event, Run, RunDetail, RunStep
from dashboard import data, live, palette, selection, wording
from dashboard.figures import critical_path, dag, pending_steps
from dashboard.figures.folded_graphs import FoldedSteps, of_steps
from dashboard.parts import (
    audit,
    calls,
    choice,
    components,
    confirmation,
    deliveries,
    folds,
    links,
    list_section,
    table,
    usage,
)
from dashboard.parts.stamp import stamp
from dashboard.views.runs import conversation, lives, run_actions, run_stream, steps, timing, undos
from dashboard.views.runs.listing import describe_resumptions, foreign_name
from dashboard.views.values import attempt_values

_PICTURES: Final = {"": "Graph", "waterfall": "Waterfall"}
#: Steps that are drawn and listed at once.
_STEPS: Final = 100
#: Events that are listed.
_EVENTS: Final = 50
#: Their columns: where, who received it, and when.
_EVENT_WIDTHS: Final = [3.4, 6, 2]
_CUT: Final = ":material/content_cut:"


def show(run_id: str) -> None:
    """Shows the run."""
    conversation.ask_ahead(run_id)
    detail = data.get_or_none(lambda: data.run(run_id))
    links.within(
        "All runs",
        "all-runs",
        dict.fromkeys(("run", "node", "values", "with", steps.FROM, conversation.FROM, folds.UNFOLDED)),
        ":material/arrow_back:",
    )
    if detail is None:
        st.warning(f"There is no run **{wording.plain(run_id)}**.", icon=":material/help:")
        return
    _heading(detail)
    confirmation.show_last_result(detail.run.run_id)
    run_actions.waits(detail)
    run_actions.show_parked_work(detail)
    run_stream.show(detail)
    lives.show(detail.lives)
    undos.show(detail)
    if detail.truncated:
        st.info("This run has more steps, or events, than an answer holds: the first are shown.", icon=_CUT)
    keep = [selection.read("node")]
    folded = of_steps(run_id, detail.steps, folds.get_unfolded_ids(), keep, detail.items_left_out)
    part = list(list_section.of(folded.steps, _STEPS, "Steps", steps.FROM))
    if len(part) < len(folded.steps):
        steps.way_to_failed(folded.steps)
    if part and _is_waterfall_chosen():
        folds.buttons(folded.groups, "run")
        timing.show(detail, part)
    elif part or _to_come(detail, part, folded):
        folds.buttons(folded.groups, "run")
        _graph(detail, part, folded)
    is_own = detail.run.source == OWN_SOURCE
    if part or is_own:
        steps.show(part)
    _values_of(detail)
    _calls(detail)
    conversation.show(run_id)
    _children(detail)
    if is_own:
        _events(detail.events)
    if detail.server is not None:
        audit.brief(live.audit_of_run(detail.run.run_id))
    _keep_up(run_id, detail)


def _graph(detail: RunDetail, part: list[RunStep], folded: FoldedSteps) -> None:
    path = critical_path.path(detail.steps)
    waited_for = {folded.stand_in.get(step.node_id, step.node_id) for step in path} if len(path) > 1 else set()
    drawing = dag.lay_out([*part, *_to_come(detail, part, folded)], waited_for).as_data()
    selected = selection.read("node")
    key = f"dag-{detail.run.run_id}"
    components.mount("dag", key, {"drawing": drawing, "selected": selected}, pick=folds.pick)


def _to_come(detail: RunDetail, part: list[RunStep], folded: FoldedSteps) -> list[RunStep]:
    """Returns the steps that have not begun, where all that have are drawn before them."""
    is_whole = len(part) == len(folded.steps) and not detail.truncated
    return (
        pending_steps.make_pending_steps(part, detail.server.to_come, data.now()) if detail.server and is_whole else []
    )


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(run_id: str, drawn: RunDetail) -> None:
    """Draws the run again only when it has changed, and never while somebody confirms what is to be done with it."""
    if confirmation.is_confirmation_open():
        return
    with data.show_errors():
        if data.get_or_none(lambda: data.run(run_id)) != drawn:
            st.rerun()


def _heading(detail: RunDetail) -> None:
    run = detail.run
    is_own = run.source == OWN_SOURCE
    subject = wording.name(run.subject or wording.short_id(run.run_id))
    st.subheader(f"{subject} :gray[{wording.name(run.workflow)}]" if is_own else foreign_name(run), anchor=False)
    facts = [_goes_on(detail) if run.end is None else f"took {wording.duration(run.duration_ms)}"]
    facts += [describe_resumptions(run)] if run.life > 1 else []
    due = _deadline(detail)
    facts += [f"has to end by {wording.exact(due, data.zone())}"] if due else []
    facts += [f"version {wording.plain(run.version)}"] if run.version else []
    facts += [f"agent {wording.plain(run.agent)}"] if run.agent and not is_own else []
    facts += [f"user {wording.plain(run.user)}"] if run.user else []
    facts += [wording.plain(part) for part in _describe_usage(run) if part]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"{undos.badge(detail)} &nbsp;{' · '.join(facts)}", width="content")
        if detail.steps:
            links.to("See it in the picture", selection.EVENT, {"id": run.run_id}, ":material/account_tree:")
        _session(run)
        run_actions.buttons(detail)
    stamp(run.start, f"run {run.run_id}")


def _deadline(detail: RunDetail) -> datetime | None:
    """Returns when a run that goes on has to have ended."""
    return detail.server.deadline if detail.server and detail.run.end is None else None


def _goes_on(detail: RunDetail) -> str:
    """Returns that a run goes on, or what it waits for and since when."""
    waits = detail.server.waits if detail.server else []
    if not waits and detail.server and detail.server.parked:
        return f"parked for {wording.format_elapsed(detail.server.parked[0].since, data.now())}: a budget is spent"
    if not waits:
        return "still going on"
    first = min(waits, key=lambda wait: wait.since)
    return f"waiting for {wording.plain(first.name)} for {wording.format_elapsed(first.since, data.now())}"


def _describe_usage(run: Run) -> tuple[str, ...]:
    return usage.brief(run.usage), usage.describe_own_usage(run.own_usage), usage.describe_missing_usage(run.usage)


def _is_waterfall_chosen() -> bool:
    """Lets the reader choose between what led to what and when it was; whether it is the latter."""
    chosen = choice.of(_PICTURES, "picture")
    choice.show("Picture", "run-picture", _PICTURES, chosen, "picture")
    return bool(chosen)


def _session(run: Run) -> None:
    """Links to the session that a run is a turn of."""
    if run.session:
        label = f"Session {wording.name(run.session)}"
        links.to(label, selection.SESSIONS, {"session": run.session}, ":material/forum:")


def _values_of(detail: RunDetail) -> None:
    """Shows the values of the step that the address names."""
    chosen = selection.read("values")
    step = next((each for each in detail.steps if each.node_id == chosen), None)
    node = data.get_or_none(lambda: data.node(chosen)) if step else None
    if step is None or node is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Values of {wording.name(step.name)}", anchor=False)
            links.within("Close", "close-values", {"values": None, "attempt": None, "with": None}, ":material/close:")
        attempt_values.show(node, detail)


def _calls(detail: RunDetail) -> None:
    """Shows what was called, step by step, and what was called outside of all."""
    if detail.calls and not detail.steps:
        st.subheader("What it called", anchor=False)
    elif detail.calls:
        st.subheader("Called outside of its steps", anchor=False)
    if detail.calls:
        table.show("run-call", "Calls", calls.WIDTHS, calls.rows(detail.calls, detail.run.run_id))


def _children(detail: RunDetail) -> None:
    """Links to the runs that this one started, and to the one that started it."""
    if detail.parent_run:
        links.within("The run that started it", "parent-run", {"run": detail.parent_run}, ":material/arrow_upward:")
    if not detail.children:
        return
    st.subheader("Runs that it started", anchor=False)
    with st.container(border=True, gap="xsmall"):
        for child in detail.children:
            what, state, facts = st.columns([4, 2, 5], vertical_alignment="center")
            with what:
                links.within(foreign_name(child), f"child-{child.run_id}", {"run": child.run_id})
            state.markdown(palette.markdown_badge(child.status))
            parts = [
                wording.duration(child.duration_ms),
                wording.many(child.steps, "step"),
                wording.plain(usage.brief(child.usage)),
            ]
            facts.markdown(f":small[{' · '.join(part for part in parts if part)}]")


def _events(events: list[Event]) -> None:
    st.subheader("Events it published", anchor=False)
    if not events:
        st.caption("It published no events.")
    if events:
        found = [_event(event) for event in events[:_EVENTS]]
        table.show("run-event", "Events it published", _EVENT_WIDTHS, found)
    if len(events) > _EVENTS:
        st.caption(f"The first {_EVENTS} of {len(events):,} events; each step's picture has those that it published.")


def _event(event: Event) -> table.Row:
    cells = (
        [table.Part(wording.clip(event.channel, wording.NAME) or "(no name)", icon=":material/account_tree:")],
        deliveries.parts(event.deliveries) or [table.Part("no deliveries yet", table.MUTED)],
        [table.Part(wording.ago(event.time, data.now()), "time", tip=wording.exact(event.time, data.zone()))],
    )
    return table.Row(cells, table.Link({"id": event.event_id}, selection.EVENT))
