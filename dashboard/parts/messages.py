"""Messages between people, agents, models and tools: who spoke, and each piece of what was said.

What others wrote is shown as it is, in blocks of text: it is never read as Markdown or HTML, no image is drawn.
"""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from collector.models import Message, Part
from dashboard import palette, wording
from dashboard.parts import code, links

#: Characters of a text that are shown before it is opened.
FOLD: Final = 1_200

#: Characters of JSON that is not indented.
_ON_ONE_LINE: Final = 100

#: Characters of a name.
_NAME: Final = 80

#: How much of the first line of a folded text its title has.
_TITLE: Final = 90

#: Returns the whole of a text that an answer cut, by its place.
Whole = Callable[[str], str | None]

_ICONS: Final = {
    "system": ":material/settings:",
    "user": ":material/person:",
    "assistant": ":material/smart_toy:",
    "tool": ":material/build:",
}
_FILES: Final = {
    "image": ":material/image:",
    "audio": ":material/graphic_eq:",
    "video": ":material/movie:",
    "file": ":material/attach_file:",
}
#: Ends of answers that a reader should notice, in words; what is no end of a kind of its own is not said.
_FINISHES: Final = {
    "length": "cut off: the limit of tokens was reached",
    "max_tokens": "cut off: the limit of tokens was reached",
    "content_filter": "stopped by a content filter",
    "safety": "stopped by a content filter",
    "error": "ended by an error",
}
_USUAL: Final = (
    "stop",
    "tool_calls",
    "tool_call",
    "end_turn",
    "tool_use",
    "tool-calls",
    "function_call",
    "stop_sequence",
)


def show(messages: Sequence[Message], key: str, place: str = "", whole: Whole | None = None) -> None:
    """Shows messages, one after the other.

    Args:
        messages: what was said.
        key: a name for what is remembered of them, unlike any other.
        place: where they are in the answer, as a JSON pointer.
        whole: how to have a text whole that the answer cut; None where that is elsewhere.
    """
    for at, message in enumerate(messages):
        with st.container(gap="xsmall", key=f"{key}-{at}"):
            st.markdown(_heading(message))
            for number, part in enumerate(message.parts):
                _part(part, f"{key}-{at}-{number}", f"{place}/{at}/parts/{number}/text", whole)
            if not message.parts:
                st.caption("It says nothing.")


def _heading(message: Message) -> str:
    role = wording.plain(message.role, 40)
    name = f" :gray[{wording.plain(message.name, _NAME)}]" if message.name else ""
    said = [f"{_ICONS.get(message.role, ':material/chat:')} **{role}**{name}"]
    said += [f":gray-badge[candidate {message.choice + 1}]"] if message.choice else []
    finish = (message.finish or "").lower()
    if finish in _FINISHES:
        said.append(f":orange-badge[{_FINISHES[finish]}]")
    elif finish and finish not in _USUAL:
        said.append(f":gray-badge[ended: {wording.plain(finish, 60)}]")
    said += [":orange-badge[cut by the sender]"] if message.cut else []
    return " &nbsp;".join(said)


def _part(part: Part, key: str, place: str, whole: Whole | None) -> None:
    match part.kind:
        case "text":
            _text(part.text or "", key, place, whole)
        case "tool_call" | "tool_answer":
            _tool(part, key, place, whole)
        case "reasoning":
            _show_thoughts(part)
        case "refusal":
            st.markdown(":orange-badge[refused]")
            _text(part.text or "", key, place, whole)
        case "raw":
            st.caption("As it came: no convention explains it.")
            _text(part.text or "", key, place, whole, "json" if part.json_text else None)
        case _:
            st.markdown(f"{_FILES[part.kind]} :small[{wording.plain(_file(part))}]")


def _text(text: str, key: str, place: str, whole: Whole | None, language: str | None = None) -> None:
    """Shows a text; a long one is folded, and can be had whole where the answer cut it."""
    pretty = wording.pretty(text) if language == "json" and len(text) > _ON_ONE_LINE else text
    if len(pretty) <= FOLD:
        code.block(pretty, language)
        return
    with st.expander(f"{wording.plain(pretty[:FOLD], _TITLE)} :gray[{len(pretty):,} characters]"):
        asked = f"whole-{key}"
        told = whole(place) if whole is not None and st.session_state.get(asked) else None
        code.block(pretty if told is None else told, language)
        if told is None and whole is not None and "… [cut: " in text[-60:]:
            st.button(
                "Show the whole text",
                key=f"ask-{key}",
                icon=":material/unfold_more:",
                on_click=st.session_state.update,
                args=({asked: True},),
            )


def _tool(part: Part, key: str, place: str, whole: Whole | None) -> None:
    name = wording.plain(part.name, _NAME) if part.name else "a tool"
    said = [f"calls **{name}**" if part.kind == "tool_call" else f"answer of **{name}**"]
    said += [palette.markdown_badge(part.status)] if part.status else []
    said += [f":small[:gray[{wording.duration(part.duration_ms)}]]"] if part.duration_ms is not None else []
    said += [f":orange-badge[{wording.plain(note, 120)}]" for note in part.notes]
    said += [f":red[:small[{wording.plain(wording.gist(part.error, 160))}]]"] if part.error else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(" &nbsp;".join(said), width="content")
        if part.node_id and part.kind == "tool_call":
            links.within("Open", f"{key}-open", {"call": part.node_id}, ":material/arrow_forward:")
    if part.text:
        _text(part.text, key, place, whole, "json" if part.json_text else None)


def _show_thoughts(part: Part) -> None:
    if part.redacted or not part.text:
        st.caption(":material/neurology: Its thoughts were not sent: the provider keeps them back.")
        return
    with st.expander(f"Thoughts :gray[{len(part.text):,} characters]", icon=":material/neurology:"):
        code.block(part.text, None)


def _file(part: Part) -> str:
    size = wording.size(part.size) if part.size is not None else ""
    told = (part.media_type or part.kind, size, part.uri, part.text)
    return " \N{MIDDLE DOT} ".join(each for each in told if each)
