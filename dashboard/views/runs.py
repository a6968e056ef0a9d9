"""Runs: what happened in this run?"""

from typing import Final

import streamlit as st

from collector.models import Event, Run, RunDetail, RunPage, RunStep
from dashboard import data, export, palette, selection, wording
from dashboard.figures import dag
from dashboard.parts import components, links
from dashboard.parts.stamp import stamp

_STATUSES: Final = {"": "All", "running": "Running", "ok": "Ok", "failed": "Failed", "cancelled": "Cancelled"}
_STEP_WIDTHS: Final = [2.6, 1.9, 1.2, 1.3, 3.2, 3.2, 1.4]
_STEP_TITLES: Final = ("step", "status", "attempts", "took", "reads", "writes", "score")


def render() -> None:
    """Shows the view."""
    st.header("What happened in this run?", anchor=False)
    with data.shown_errors():
        run_id = selection.read("run")
        if run_id:
            _one(run_id)
        else:
            _list()


def _list() -> None:
    _filters()
    page = data.runs(selection.read("q"), selection.read("status"), selection.read("cursor"))
    if not page.items:
        _empty()
        return
    if page.window and page.window.fallback:
        st.info("The last hour was quiet. Shown are the latest runs before it.", icon=":material/history:")
    for run in page.items:
        _row(run)
    _pages(page)


def _filters() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "runs-status"
        st.session_state[key] = selection.read("status") if selection.read("status") in _STATUSES else ""
        st.segmented_control(
            "Status", list(_STATUSES), format_func=lambda each: _STATUSES[each], key=key, on_change=selection.follow,
            args=("status", key, "cursor"), label_visibility="collapsed", required=True,
        )  # fmt: skip
        key = selection.bound("q", "runs-q")
        st.text_input(
            "Search", key=key, placeholder="Subject, such as S1-0042, or a run's id", icon=":material/search:",
            on_change=selection.follow, args=("q", key, "cursor"), label_visibility="collapsed", width=340,
        )  # fmt: skip
        export.button("runs", data.all_runs(selection.read("q"), selection.read("status")))


def _empty() -> None:
    if selection.read("q") or selection.read("status"):
        st.info("No run matches. Clear the search or choose another status.", icon=":material/filter_alt_off:")
    else:
        st.info("No runs yet. Start one, such as with `causeline demo`, and it appears here.", icon=":material/inbox:")


def _row(run: Run) -> None:
    with st.container(border=True, key=f"run-{run.run_id}"):
        what, state, facts, when, go = st.columns([3.4, 1.8, 3.4, 1.8, 1.3], vertical_alignment="center")
        subject = wording.plain(run.subject or wording.short_id(run.run_id))
        what.markdown(f"**{subject}** &nbsp;:gray[{wording.plain(run.workflow)}]")
        state.markdown(palette.markdown_badge(run.status))
        parts = [wording.many(run.steps, "step"), wording.duration(run.duration_ms)]
        parts += [wording.many(run.failed_steps, "failed", "failed")] if run.failed_steps else []
        parts += [wording.many(run.retries, "retry", "retries")] if run.retries else []
        facts.markdown(f":small[{' · '.join(parts)}]")
        with when:
            stamp(run.start)
        with go:
            links.within("Open", f"open-{run.run_id}", {"run": run.run_id}, ":material/arrow_forward:")


def _pages(page: RunPage) -> None:
    cursor = selection.read("cursor")
    if not cursor and not page.next:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("First page", type="tertiary", disabled=not cursor, on_click=selection.write, kwargs={"cursor": None})
        st.button("Next page", type="tertiary", disabled=not page.next, on_click=selection.write,
                  kwargs={"cursor": page.next})  # fmt: skip


def _one(run_id: str) -> None:
    detail = data.found(lambda: data.run(run_id))
    links.within("All runs", "all-runs", {"run": None, "node": None}, ":material/arrow_back:")
    if detail is None:
        st.warning(f"There is no run **{wording.plain(run_id)}**.", icon=":material/help:")
        return
    _heading(detail)
    components.mount(
        "dag", f"dag-{run_id}", {"drawing": dag.lay_out(detail).as_data(), "selected": selection.read("node")}
    )
    _steps(detail.steps)
    _events(detail.events)
    _keep_up(run_id, repr(detail))


@st.fragment(run_every=data.LOOK_EVERY)
def _keep_up(run_id: str, drawn: str) -> None:
    """Draws the run again only when it has changed."""
    with data.shown_errors():
        if repr(data.found(lambda: data.run(run_id))) != drawn:
            st.rerun()


def _heading(detail: RunDetail) -> None:
    run = detail.run
    subject = wording.plain(run.subject or wording.short_id(run.run_id))
    st.subheader(f"{subject} :gray[{wording.plain(run.workflow)}]", anchor=False)
    took = "still going on" if run.end is None else f"took {wording.duration(run.duration_ms)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"{palette.markdown_badge(run.status)} &nbsp;{took}", width="content")
        links.to("See it in the picture", selection.EVENT, {"id": run.run_id}, ":material/account_tree:")
    stamp(run.start, f"run {run.run_id}")


def _steps(steps: list[RunStep]) -> None:
    with st.container(border=True, gap="xsmall"):
        for cell, title in zip(st.columns(_STEP_WIDTHS), _STEP_TITLES, strict=True):
            cell.caption(title)
        for step in steps:
            _step(step)


def _step(step: RunStep) -> None:
    cells = st.columns(_STEP_WIDTHS, vertical_alignment="center")
    with cells[0]:
        chosen = selection.read("node") == step.node_id
        name = f"**:primary[{wording.plain(step.step)}]**" if chosen else wording.plain(step.step)
        links.to(name, selection.EVENT, {"id": step.node_id}, ":material/account_tree:")
    cells[1].markdown(palette.markdown_badge(step.status))
    cells[2].markdown(f"{step.attempts:,}")
    cells[3].markdown(wording.duration(step.duration_ms))
    for cell, keys in zip(cells[4:6], (step.keys_read, step.keys_written), strict=True):
        cell.markdown(" ".join(f":gray-badge[{wording.plain(key)}]" for key in keys) or wording.DASH)
    cells[6].markdown(wording.DASH if step.score is None else f"{step.score:g}")
    if step.error:
        st.markdown(f":red[:small[{wording.plain(step.error)}]]")


def _events(events: list[Event]) -> None:
    st.subheader("Events it published", anchor=False)
    if not events:
        st.caption("It published no events.")
    for event in events:
        with st.container(border=True):
            what, groups, when = st.columns([3.4, 6, 2], vertical_alignment="center")
            with what:
                where = {"id": event.event_id}
                links.to(wording.plain(event.channel), selection.EVENT, where, ":material/account_tree:")
            badges = [f"{palette.markdown_badge(each.status)} {wording.plain(each.group)}" for each in event.deliveries]
            groups.markdown(" &nbsp; ".join(badges) or ":gray[no deliveries yet]")
            with when:
                stamp(event.time)
