"""How a dead letter stands, in the same words wherever it is shown."""

from typing import Final

from collector.models import DeadLetter, DeadLetterState, NodeStatus
from dashboard import palette, wording
from dashboard.parts import table

#: How replays ended, by outcome: hue, icon, words.
_ENDED: Final = {
    "ok": ("green", ":material/check:", "succeeded"),
    "dead": ("red", ":material/undo:", "came back dead"),
}
_ON_ITS_WAY: Final = ("violet", ":material/hourglass_top:", "on its way")


def waits(letter: DeadLetter) -> bool:
    """Returns whether a letter waits: nobody has settled it yet."""
    return letter.state == DeadLetterState.DEAD


def badge(letter: DeadLetter) -> str:
    """Returns how a letter stands, as a Markdown badge; a replay with how it ended."""
    hue, icon, words = _standing(letter)
    return f":{hue}-badge[{icon} {wording.plain(words)}]"


def standing(letter: DeadLetter) -> table.Part:
    """Returns how a letter stands as a part of a list's row; a replay with how it ended."""
    hue, icon, words = _standing(letter)
    return table.Part(words, f"badge-{hue}", icon)


def _standing(letter: DeadLetter) -> tuple[str, str, str]:
    if letter.state == DeadLetterState.DISCARDED:
        look = palette.LOOKS[NodeStatus.DISCARDED]
        return look.hue, look.icon, look.word
    if waits(letter):
        return "red", ":material/mail:", wording.sentence(letter.reason)
    return _ENDED.get(letter.replay_outcome or "", _ON_ITS_WAY)


def fate(letter: DeadLetter) -> str:
    """Returns who settled a letter, and why, as Markdown; empty while it waits."""
    if waits(letter):
        return ""
    did = "Discarded" if letter.state == DeadLetterState.DISCARDED else "Replayed"
    who = f" by **{wording.plain(letter.operator)}**" if letter.operator else ""
    return f"{did}{who}" + (f": {wording.plain(letter.why)}" if letter.why else "")
