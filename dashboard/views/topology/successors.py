"""Steps beside their choreographed successors: who does each, how far the two agree, and what can be done about it."""

from functools import partial
from typing import Final

import streamlit as st

from collector.client import ApiError
from collector.models import Difference, Disagreement, ShadowedStep, ShadowList, StepMode
from dashboard import data, keys, live, selection, wording
from dashboard.parts import confirmation, links, page_parts, rows, table
from dashboard.parts.confirmation import Act

#: What is said of acts on steps is said beside their list.
ABOUT: Final = "successors"
_CHOSEN: Final = "shadowed"
_WIDTHS: Final = [3, 2.2, 1.5, 2.6, 3.2, 3]
_TITLES: Final = ("step", "done by", "since", "compared", "agreement", "")
_LAST_WIDTHS: Final = [2, 2, 8]
_LAST_TITLES: Final = ("when", "of", "what did not agree")
_MODES: Final[dict[StepMode, str]] = {
    "step": ":gray-badge[:material/account_tree: itself]",
    "shadow": ":blue-badge[:material/compare_arrows: itself, compared]",
    "moved": ":green-badge[:material/call_split: successor]",
}


def show() -> None:
    """Shows steps that have a successor; nothing where there are none."""
    page_parts.show("Steps and their successors", page_parts.get_or_error(live.shadows), _show)


def _show(shadows: ShadowList) -> None:
    found = shadows.items
    if not found:
        return
    st.subheader("Steps and their successors", anchor=False)
    confirmation.show_last_result(ABOUT)
    with rows.of("successors"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for one in found:
            _row(one)
    chosen = next((one for one in found if _key(one) == selection.read(_CHOSEN)), None)
    if chosen is not None:
        _last(chosen)


def brief() -> str:
    """Returns how steps with a successor stand, for whoever keeps the page up to date."""
    found = page_parts.get_or_error(live.shadows)
    if isinstance(found, ApiError):
        return repr(found)
    return repr([(_key(one), one.mode, one.agreement.n, one.failed, one.waiting) for one in found.items])


def _row(one: ShadowedStep) -> None:
    name, mode, since, compared, agreed, press = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        words = f"{wording.name(one.step)} :gray[{wording.plain(one.workflow)}]"
        links.within(words, keys.key("successor", _key(one)), {_CHOSEN: _key(one)})
    mode.markdown(_MODES[one.mode])
    since.markdown(f":small[{wording.ago(one.since, data.now())}]" if one.since else wording.DASH)
    compared.markdown(f":small[{_describe_coverage(one)}]")
    agreed.markdown(f":small[{_describe_agreement(one)}]")
    with press, st.container(horizontal=True, gap="small"):
        _buttons(one)


def _describe_coverage(one: ShadowedStep) -> str:
    """Coverage first: agreement says nothing of what was not compared."""
    of = "" if one.coverage is None else f", {wording.share(one.coverage)} covered"
    rest = {"failed": one.failed, "left out": one.left_out, "wait": one.waiting}
    more = ", ".join(f"{count:,} {what}" for what, count in rest.items() if count)
    return f"{one.agreement.n:,}{of}" + (f"; {more}" if more else "")


def _describe_agreement(one: ShadowedStep) -> str:
    found = one.agreement
    if found.value is None:
        return wording.DASH
    low = wording.share(found.low).removesuffix(" %")
    return f"**{wording.share(found.value)}** ({low}{wording.DASH}{wording.share(found.high)})"


def _buttons(one: ShadowedStep) -> None:
    acts = {"move": ("Move", _move(one)), "back": ("Move back", _back(one)), "anew": ("Compare anew", _anew(one))}
    for name in {"step": ("back", "move"), "shadow": ("move", "anew"), "moved": ("back",)}[one.mode]:
        label, act = acts[name]
        label = "Compare" if (name, one.mode) == ("back", "step") else label
        st.button(label, key=keys.key(name, _key(one)), type="tertiary", on_click=confirmation.ask, args=(act,))


def _move(one: ShadowedStep) -> Act:
    known = (
        f"compared {_describe_coverage(one)}; {_describe_agreement(one)} agree"
        if one.agreement.n
        else "nothing was compared"
    )
    return Act(
        about=ABOUT,
        title="Move this step to its successor?",
        words=f"From now on group **{wording.plain(one.group)}** does the work of {_name(one)}, whose own code is not "
        f"called any more; runs don't wait for it. What was seen of it: {known}. What has begun ends as it began.",
        verb="Move this step",
        do=partial(_switch, one, "moved", "is done by its successor now"),
        wants_reason=True,
    )


def _back(one: ShadowedStep) -> Act:
    return Act(
        about=ABOUT,
        title="Have this step done by its own code?",
        words=f"From now on the own code of {_name(one)} does it, and its successor is compared beside it, without "
        "effect. What was published before is still done by the successor.",
        verb="Move this step back",
        do=partial(_switch, one, "shadow", "is done by its own code now, and compared"),
        wants_reason=True,
    )


def _anew(one: ShadowedStep) -> Act:
    def do(who: str, why: str) -> str:
        live.compare_anew(one.app, one.workflow, one.step, who, why)
        return f"{_name(one)} is compared anew."

    return Act(
        about=ABOUT,
        title="Compare this step anew?",
        words=f"The {one.agreement.n:,} comparisons of {_name(one)} so far are forgotten: they say nothing of a "
        "successor that was mended since.",
        verb="Compare anew",
        do=do,
        wants_reason=True,
    )


def _switch(one: ShadowedStep, mode: StepMode, words: str, who: str, why: str) -> str:
    live.switch_step(one.app, one.workflow, one.step, mode, who, why)
    return f"Step {_name(one)} {words}."


def _last(one: ShadowedStep) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        listens = f":small[group {wording.plain(one.group)} of channel {wording.plain(one.channel)}]"
        st.markdown(f"{_name(one)} &nbsp;{listens}", width="content")
        links.within("Close", "close-successor", {_CHOSEN: None}, ":material/close:")
    if not one.last:
        st.caption("Nothing that was compared differs.")
        return
    told = list(map(_disagreement, one.last))
    table.show("disagreements", "What did not agree lately", _LAST_WIDTHS, told, _LAST_TITLES, wraps=True)


def _disagreement(found: Disagreement) -> table.Row:
    said = [table.Part(found.error, table.RED)] if found.error else list(map(_difference, found.differences))
    subject = found.subject or wording.short_id(found.event_id)
    cells = ([table.moment(found.at)], [table.make_name_part(subject, table.STRONG)], said)
    return table.Row(cells, table.Link({"id": found.event_id}, selection.EVENT))


def _difference(one: Difference) -> table.Part:
    return table.Part(f"{one.field}: {one.step} by the step, {one.successor} by its successor", breaks=True)


def _name(one: ShadowedStep) -> str:
    return f"**{wording.plain(one.step)}**"


def _key(one: ShadowedStep) -> str:
    return f"{one.app}\n{one.workflow}\n{one.step}"
