"""What each step should be, orchestrated or choreographed: the verdict, its reason, and all that speaks for it."""

from functools import partial
from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Accuracy, Advice, Ground, Leaning, StepAdvice, Verdict
from dashboard import export, live, period, selection, wording
from dashboard.parts import choice, page_watch, table, timespan
from dashboard.views.topology import successors

_STEP: Final = "advised"
_ASKED: Final = "asked"
#: Latencies that somebody may ask for, in milliseconds.
_LATENCIES: Final = {"": "Any", "50": "50 ms", "100": "100 ms", "500": "500 ms", "2000": "2 s", "10000": "10 s"}
_WIDTHS: Final = [3.1, 2.5, 7, 1.5]
_TITLES: Final = ("step", "should be", "because", "runs seen")
#: Steps that are shown.
_MOST: Final = 60
#: Runs of a ground that are links.
_RUNS: Final = 3

_VERDICTS: Final = {
    Verdict.CHOREOGRAPH: ("choreographed", "badge-green", ":material/call_split:"),
    Verdict.ORCHESTRATE: ("orchestrated", "badge-blue", ":material/account_tree:"),
    Verdict.UNCLEAR: ("not clear", "badge-gray", ":material/help:"),
    Verdict.TOO_FEW: ("too few seen", "badge-gray", ":material/hourglass_empty:"),
}
_LEANINGS: Final = {
    Leaning.CHOREOGRAPH: ("choreograph", "badge-green"),
    Leaning.ORCHESTRATE: ("orchestrate", "badge-blue"),
    Leaning.NEITHER: ("neither", "badge-gray"),
    Leaning.UNKNOWN: ("not known", "badge-gray"),
}


def show() -> None:
    """Shows advice for all steps, and all rows of the decision table for the one that is chosen."""
    found = _fetch_advice()
    timespan.show_window(found.window, "Of each workflow the newest runs that have ended are looked at")
    _latency()
    if not found.items:
        st.info("No run has ended in this time. Start some work, or choose another time.", icon=":material/inbox:")
        return
    _share(found)
    export.heading("Steps", "advice", partial(iter, found.items))
    chosen = selection.read(_STEP)
    rows = [row for each in found.items[:_MOST] for row in _rows(each, chosen)]
    table.show("advice", "What each step should be", _WIDTHS, rows, _TITLES, wraps=True)
    if len(found.items) > _MOST:
        st.caption(f"{_MOST} of {len(found.items):,} steps; the file has all.")
    if not chosen:
        st.caption("Choose a step for every row of the decision table, with its figures and the runs that show it.")
    page_watch.watch(lambda: _brief(_fetch_advice()) + successors.brief(), _brief(found) + successors.brief())


def _fetch_advice() -> Advice:
    asked = selection.read(_ASKED)
    return live.advice(period.current(), float(asked) if asked in _LATENCIES and asked else None)


def _latency() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":small[An answer is asked for within]", width="content")
        choice.show("Latency", "advice-asked", _LATENCIES, choice.of(_LATENCIES, _ASKED), _ASKED)


def _share(found: Advice) -> None:
    """Says how many steps are truly critical."""
    if not found.judged:
        st.info(
            f"Nothing is advised yet: no step has ended in {found.least} runs of this time. Choose a longer one.",
            icon=":material/hourglass_empty:",
        )
        return
    share = wording.share(found.critical / found.judged)
    work = "" if found.critical_work is None else f"; they take {wording.share(found.critical_work)} of all work"
    st.markdown(
        f"**{found.critical} of {wording.many(found.judged, 'step')} ({share}) are truly critical**: others wait for "
        f"what they return{work}."
    )


def _rows(of: StepAdvice, chosen: str) -> list[table.Row]:
    key = _key(of)
    is_chosen = key == chosen
    words, look, icon = _VERDICTS[of.verdict]
    where = of.workflow if of.source == OWN_SOURCE else f"{of.workflow} · {of.app}"
    seen = f"{of.n:,}" if of.n >= of.runs else f"{of.n:,} of {of.runs:,}"
    cells = (
        [
            table.make_name_part(of.step, table.STRONG),
            table.Part(wording.clip(where, wording.NAME), table.MUTED, breaks=True),
        ],
        [table.Part(words, look, icon)],
        [table.Part(of.because)],
        [table.Part(table.keep_on_one_line(seen), table.MUTED)],
    )
    link = table.Link({_STEP: None if is_chosen else key})
    rows = [table.Row(cells, link, chosen=is_chosen)]
    return [*rows, *(_ground(ground) for ground in of.grounds), _more(of)] if is_chosen else rows


def _ground(ground: Ground) -> table.Row:
    """Returns a row of the decision table, which leads to the first run that shows it."""
    words, look = _LEANINGS[ground.leans]
    said = [table.Part(ground.says)]
    if ground.share is not None and ground.share.value is not None:
        said.append(table.Part(f"{_interval(ground.share)}, n {ground.n:,}", table.MUTED))
    runs = [
        table.Part(f"run {wording.short_id(run)}", icon=":material/route:", link=_run(run), breaks=not at)
        for at, run in enumerate(ground.runs[:_RUNS])
    ]
    cells: list[table.Cell] = [[table.Part(ground.question)], [table.Part(words, look)], [*said, *runs], []]
    return table.Row(cells, _run(ground.runs[0]) if ground.runs else None, depth=1)


def _interval(share: Accuracy) -> str:
    low = wording.share(share.low).removesuffix(" %")
    return f"{wording.share(share.value)} ({low}{wording.DASH}{wording.share(share.high)})"


def _run(run: str) -> table.Link:
    return table.Link({"run": run}, selection.RUNS)


def _more(of: StepAdvice) -> table.Row:
    """Returns the ways to all that the step did, and to all runs of its workflow."""
    source = None if of.source == OWN_SOURCE else "others"
    step = {"workflow": of.workflow, "step": of.step, "kind": "step", "source": source}
    name = wording.clip(of.workflow, wording.NAME)
    runs = table.Link({"workflow": of.workflow, "source": source}, selection.RUNS)
    all_runs = table.Part(f"All runs of {name}", icon=":material/route:", link=runs)
    cells: list[table.Cell] = [[table.Part("All that it did", icon=":material/speed:")], [], [all_runs], []]
    return table.Row(cells, table.Link(step, selection.STEPS), depth=1)


def _key(of: StepAdvice) -> str:
    return f"{of.app}\n{of.workflow}\n{of.step}"


def _brief(found: Advice) -> str:
    """Returns what is advised, and of how much."""
    return repr([(_key(each), each.verdict, each.n, each.because) for each in found.items])
