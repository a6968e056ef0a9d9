"""How a dead letter stands, in the same words wherever it is shown."""

from collector.models import DeadLetter, DeadLetterState, NodeStatus
from dashboard import palette, wording

_ENDED = {"ok": ":green-badge[:material/check: succeeded]", "dead": ":red-badge[:material/undo: came back dead]"}
_ON_ITS_WAY = ":violet-badge[:material/hourglass_top: on its way]"


def waits(letter: DeadLetter) -> bool:
    """Returns whether nobody has settled it yet."""
    return letter.state == DeadLetterState.DEAD


def badge(letter: DeadLetter) -> str:
    """Returns how a letter stands, as a Markdown badge; a replay with how it ended."""
    if letter.state == DeadLetterState.DISCARDED:
        return palette.markdown_badge(NodeStatus.DISCARDED)
    if waits(letter):
        return f":red-badge[:material/mail: {wording.plain(wording.sentence(letter.reason))}]"
    return _ENDED.get(letter.replay_outcome or "", _ON_ITS_WAY)


def fate(letter: DeadLetter) -> str:
    """Returns who settled a letter, and why, as Markdown; empty while it waits."""
    if waits(letter):
        return ""
    did = "Discarded" if letter.state == DeadLetterState.DISCARDED else "Replayed"
    who = f" by **{wording.plain(letter.operator)}**" if letter.operator else ""
    return f"{did}{who}" + (f": {wording.plain(letter.why)}" if letter.why else "")
