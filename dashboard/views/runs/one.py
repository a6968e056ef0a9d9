"""One run: how it stands, its lives, its steps, and the events that they published."""

from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Event, NodeStatus, Run, RunDetail, RunLife, RunStep
from dashboard import data, palette, selection, wording
from dashboard.figures import dag
from dashboard.parts import acting, audit, calls, choice, components, deliveries, links, stretch, usage
from dashboard.parts.stamp import stamp
from dashboard.views.runs import conversation, operating, timing
from dashboard.views.runs.listing import foreign_name, resumed
from dashboard.views.values import shown

_PICTURES: Final = {"": "Graph", "waterfall": "Waterfall"}
#: Columns of the table of steps, with their widths; the last ones where some step has such.
_STEP_COLUMNS: Final = {
    "step": 2.6,
    "status": 1.9,
    "attempts": 1.2,
    "took": 1.3,
    "reads": 3.2,
    "writes": 3.2,
    "score": 1.4,
}
#: Characters of an error that a life quotes at most.
_ERROR_ROOM: Final = 160
#: Steps that are drawn and listed at once, and the address's parameter that says where they begin.
_STEPS: Final = 100
_FROM: Final = "from"
#: Events that are listed.
_EVENTS: Final = 50
_CUT: Final = ":material/content_cut:"


def show(run_id: str) -> None:
    """Shows the run."""
    detail = data.found(lambda: data.run(run_id))
    links.within(
        "All runs",
        "all-runs",
        {"run": None, "node": None, "values": None, "with": None, _FROM: None, conversation.FROM: None},
        ":material/arrow_back:",
    )
    if detail is None:
        st.warning(f"There is no run **{wording.plain(run_id)}**.", icon=":material/help:")
        return
    _heading(detail)
    acting.said(detail.run.run_id)
    _lives(detail.lives)
    if detail.truncated:
        st.info("This run has more steps, or events, than an answer holds: the first are shown.", icon=_CUT)
    steps = list(stretch.of(detail.steps, _STEPS, "Steps", _FROM))
    if len(steps) < len(detail.steps):
        _failed(detail.steps)
    if steps and _as_waterfall():
        timing.show(detail, steps)
    elif steps:
        drawing = dag.lay_out(detail.model_copy(update={"steps": steps})).as_data()
        components.mount("dag", f"dag-{run_id}", {"drawing": drawing, "selected": selection.read("node")})
    is_own = detail.run.source == OWN_SOURCE
    if steps or is_own:
        _steps(steps)
    _values_of(detail)
    _calls(detail)
    conversation.show(run_id)
    _children(detail)
    if is_own:
        _events(detail.events)
    if detail.server is not None:
        audit.brief(data.audit_of_run(detail.run.run_id))
    _keep_up(run_id, repr(detail))


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(run_id: str, drawn: str) -> None:
    """Draws the run again only when it has changed, and never while somebody confirms what is to be done with it."""
    if acting.asked():
        return
    with data.shown_errors():
        if repr(data.found(lambda: data.run(run_id))) != drawn:
            st.rerun()


def _heading(detail: RunDetail) -> None:
    run = detail.run
    is_own = run.source == OWN_SOURCE
    subject = wording.name(run.subject or wording.short_id(run.run_id))
    st.subheader(f"{subject} :gray[{wording.name(run.workflow)}]" if is_own else foreign_name(run), anchor=False)
    facts = ["still going on" if run.end is None else f"took {wording.duration(run.duration_ms)}"]
    facts += [resumed(run)] if run.life > 1 else []
    facts += [f"version {wording.plain(run.version)}"] if run.version else []
    facts += [f"agent {wording.plain(run.agent)}"] if run.agent and not is_own else []
    facts += [f"user {wording.plain(run.user)}"] if run.user else []
    facts += [wording.plain(part) for part in _spent(run) if part]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"{palette.markdown_badge(run.status)} &nbsp;{' · '.join(facts)}", width="content")
        if detail.steps:
            links.to("See it in the picture", selection.EVENT, {"id": run.run_id}, ":material/account_tree:")
        _session(run)
        operating.buttons(detail)
    stamp(run.start, f"run {run.run_id}")


def _spent(run: Run) -> tuple[str, ...]:
    return usage.brief(run.usage), usage.own(run.own_usage), usage.missing(run.usage)


def _as_waterfall() -> bool:
    """Lets the reader choose between what led to what and when it was; the choice stands in the address."""
    chosen = choice.of(_PICTURES, "picture")
    choice.show("Picture", "run-picture", _PICTURES, chosen, "picture")
    return bool(chosen)


def _session(run: Run) -> None:
    """Links to the session that a run is a turn of."""
    if run.session:
        label = f"Session {wording.name(run.session)}"
        links.to(label, selection.SESSIONS, {"session": run.session}, ":material/forum:")


def _lives(lives: list[RunLife]) -> None:
    """Shows what the run failed of, and each of its lives where it has several."""
    if len(lives) < 2:
        for life in lives:
            if failure := _failure(life):
                st.markdown(f":red[:small[{failure}]]")
        return
    st.markdown("**Its lives**, the latest of which says how it stands")
    for life in lives:
        took = "still going on" if life.end is None else f"took {wording.between(life.start, life.end)}"
        said = " · ".join(part for part in (took, _failure(life)) if part)
        st.markdown(f"**{life.life}** &nbsp;{palette.markdown_badge(life.status)} &nbsp;:small[{said}]")


def _failure(life: RunLife) -> str:
    """Returns what a life failed of, as Markdown; empty where it did not."""
    parts = [f"failed at **{wording.plain(life.failed_step)}**"] if life.failed_step else []
    parts += [wording.plain(wording.gist(life.error, _ERROR_ROOM))] if life.error else []
    return ": ".join(parts)


def _steps(steps: list[RunStep]) -> None:
    if not steps:
        st.info(
            "No step of it is recorded: none has begun, or this run is not sampled. What is above is what the workers' "
            "server knows.",
            icon=":material/visibility_off:",
        )
        return
    shown_columns = _columns(steps)
    with st.container(border=True, gap="xsmall"):
        for cell, title in zip(st.columns(list(shown_columns.values())), shown_columns, strict=True):
            cell.caption(title)
        for step in steps:
            _step(step, shown_columns)


def _columns(steps: list[RunStep]) -> dict[str, float]:
    """Returns the columns that hold something: no program of others tells which keys a step reads and writes."""
    holds = {
        "reads": any(step.keys_read for step in steps),
        "writes": any(step.keys_written for step in steps),
        "score": any(step.score is not None or step.scores for step in steps),
    }
    return {name: width for name, width in _STEP_COLUMNS.items() if holds.get(name, True)}


def _failed(steps: list[RunStep]) -> None:
    """Shows the way to the first step that failed, where it is far down."""
    places = [at for at, step in enumerate(steps) if step.status == NodeStatus.FAILED]
    if places:
        label = f"{wording.many(len(places), 'step')} failed: see the first"
        links.within(label, "first-failed", {_FROM: str(places[0]) if places[0] else None}, ":material/error:")


def _step(step: RunStep, shown_columns: dict[str, float]) -> None:
    cells = dict(zip(shown_columns, st.columns(list(shown_columns.values()), vertical_alignment="center"), strict=True))
    with cells["step"]:
        chosen = selection.read("node") == step.node_id
        name = f"**:primary[{wording.name(step.step)}]**" if chosen else wording.name(step.step)
        links.to(name, selection.EVENT, {"id": step.node_id}, ":material/account_tree:")
    told = {
        "status": palette.markdown_badge(step.status),
        "attempts": f"{step.attempts:,}",
        "took": wording.duration(step.duration_ms),
        "reads": _keys(step.keys_read),
        "writes": _keys(step.keys_written),
        "score": _scores(step),
    }
    for name, text in told.items():
        if name in cells:
            cells[name].markdown(text)
    if step.error:
        st.markdown(f":red[:small[{wording.plain(step.error)}]]")
    _values(step)
    if step.calls:
        with st.container(key=f"called-{step.node_id}", gap="xsmall"):
            calls.show(step.calls, f"calls-{step.node_id}")


def _keys(keys: list[str]) -> str:
    return " ".join(f":gray-badge[{wording.plain(key)}]" for key in keys) or wording.DASH


def _values(step: RunStep) -> None:
    """Shows the beginning of what a step was given and returned, and the way to all of it."""
    told = [
        f":gray-badge[{word}] {text}"
        for word, text in (("in", shown.excerpt(step.input)), ("out", shown.excerpt(step.result)))
        if text
    ]
    if not told:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[{' &nbsp; '.join(told)}]", width="stretch")
        where = {"values": step.node_id, "attempt": None, "with": None}
        links.within("Values", f"values-{step.node_id}", where, ":material/data_object:")


def _values_of(detail: RunDetail) -> None:
    """Shows the values of the step that the address names."""
    chosen = selection.read("values")
    step = next((each for each in detail.steps if each.node_id == chosen), None)
    node = data.found(lambda: data.node(chosen)) if step else None
    if step is None or node is None:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Values of {wording.name(step.step)}", anchor=False)
            links.within("Close", "close-values", {"values": None, "attempt": None, "with": None}, ":material/close:")
        shown.show(node, detail)


def _calls(detail: RunDetail) -> None:
    """Shows what was called, step by step, and what was called outside of all."""
    if detail.calls and not detail.steps:
        st.subheader("What it called", anchor=False)
    elif detail.calls:
        st.subheader("Called outside of its steps", anchor=False)
    if detail.calls:
        with st.container(border=True, gap="xsmall"):
            calls.show(detail.calls, f"calls-{detail.run.run_id}")


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


def _scores(step: RunStep) -> str:
    """Returns what a step was scored, each score by its name where it has several."""
    if len(step.scores) < 2:
        return wording.DASH if step.score is None else f"{step.score:g}"
    return "  \n".join(f":small[{wording.plain(name)} {score:g}]" for name, score in step.scores.items())


def _events(events: list[Event]) -> None:
    st.subheader("Events it published", anchor=False)
    if not events:
        st.caption("It published no events.")
    for event in events[:_EVENTS]:
        with st.container(border=True):
            what, groups, when = st.columns([3.4, 6, 2], vertical_alignment="center")
            with what:
                where = {"id": event.event_id}
                links.to(wording.plain(event.channel), selection.EVENT, where, ":material/account_tree:")
            groups.markdown(deliveries.badges(event.deliveries) or ":gray[no deliveries yet]")
            with when:
                stamp(event.time)
    if len(events) > _EVENTS:
        st.caption(f"The first {_EVENTS} of {len(events):,} events; each step's picture has those that it published.")
