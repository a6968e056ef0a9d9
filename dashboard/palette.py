"""One colour, one word and one icon for every status: the only place that decides how a status looks.

Colours are names of the theme's palette; a picture reads them from the theme's CSS variables, so that one decision
serves light and dark.
"""

from dataclasses import dataclass
from typing import Final, Literal

from collector.models import NodeStatus, Severity

Hue = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]


@dataclass(frozen=True)
class Look:
    """How a status looks: a hue of the theme, a CSS variable for pictures, a word and a Material icon."""

    hue: Hue
    variable: str
    word: str
    icon: str


LOOKS: Final[dict[NodeStatus, Look]] = {
    NodeStatus.OK: Look("green", "--st-green-color", "ok", ":material/check_circle:"),
    NodeStatus.RUNNING: Look("blue", "--st-blue-color", "running", ":material/play_circle:"),
    NodeStatus.RETRYING: Look("orange", "--st-orange-color", "retrying", ":material/autorenew:"),
    NodeStatus.LOST: Look("yellow", "--st-yellow-color", "lost", ":material/link_off:"),
    NodeStatus.FAILED: Look("red", "--st-red-text-color", "failed", ":material/error:"),
    NodeStatus.DEAD: Look("red", "--st-red-color", "dead", ":material/mark_email_unread:"),
    NodeStatus.REPLAYED: Look("violet", "--st-violet-color", "replayed", ":material/replay:"),
    NodeStatus.DISCARDED: Look("gray", "--st-gray-text-color", "discarded", ":material/delete:"),
    NodeStatus.CANCELLED: Look("gray", "--st-gray-color", "cancelled", ":material/cancel:"),
    NodeStatus.UNDOING: Look("orange", "--st-orange-text-color", "undoing", ":material/undo:"),
    NodeStatus.WAITING: Look("violet", "--st-violet-color", "waiting", ":material/person_raised_hand:"),
    NodeStatus.SKIPPED: Look("gray", "--st-gray-background-color", "skipped", ":material/step_over:"),
    NodeStatus.MOVED: Look("gray", "--st-gray-background-color", "moved", ":material/move_up:"),
    NodeStatus.DUPLICATE: Look("gray", "--st-gray-color", "duplicate", ":material/content_copy:"),
    NodeStatus.EXPIRED: Look("gray", "--st-gray-background-color", "expired", ":material/hourglass_disabled:"),
    NodeStatus.UNKNOWN: Look("gray", "--st-gray-color", "not recorded", ":material/help:"),
}

_OUTCOMES: Final[dict[str, NodeStatus]] = {
    "ok": NodeStatus.OK,
    "retry": NodeStatus.RETRYING,
    "failed": NodeStatus.FAILED,
    "dead_letter": NodeStatus.DEAD,
    "cancelled": NodeStatus.CANCELLED,
    "skipped": NodeStatus.SKIPPED,
    "moved": NodeStatus.MOVED,
    "spread": NodeStatus.RUNNING,
    "gathered": NodeStatus.OK,
    "duplicate": NodeStatus.DUPLICATE,
    "expired": NodeStatus.EXPIRED,
    "lost": NodeStatus.LOST,
    "stale": NodeStatus.UNKNOWN,
    "waiting": NodeStatus.WAITING,
    "pending": NodeStatus.RUNNING,
    "": NodeStatus.RUNNING,
}

#: What is said of an attempt that ended without an error of its own, and not well either.
_ENDINGS: Final = {
    "": "still going on",
    "cancelled": "cut off",
    "waiting": "left to wait for an answer",
    "skipped": "not to be done, as its condition says",
    "moved": "left to its successor",
    "spread": "its items set going",
    "gathered": "results of its items gathered",
    "duplicate": "found it done",
    "expired": "came too late: its event had expired",
    "lost": "lost, its worker is gone",
    "stale": "overtaken by another",
    "unknown": "not recorded",
}

SEVERITY: Final[tuple[NodeStatus, ...]] = (
    NodeStatus.DEAD,
    NodeStatus.FAILED,
    NodeStatus.LOST,
    NodeStatus.RETRYING,
    NodeStatus.UNDOING,
    NodeStatus.WAITING,
    NodeStatus.RUNNING,
    NodeStatus.UNKNOWN,
    NodeStatus.REPLAYED,
    NodeStatus.CANCELLED,
    NodeStatus.DISCARDED,
    NodeStatus.DUPLICATE,
    NodeStatus.EXPIRED,
    NodeStatus.OK,
    NodeStatus.MOVED,
    NodeStatus.SKIPPED,
)
"""Worst first: of several nodes drawn as one, the worst gives the colour."""


def of_outcome(outcome: str) -> NodeStatus:
    """Returns the status that an attempt with this outcome is coloured by; of a newer collector's outcome, unknown."""
    return _OUTCOMES.get(outcome, NodeStatus.UNKNOWN)


def ending(outcome: str) -> str:
    """Returns what there is to say of how an attempt ended; empty where its time and its error say it all."""
    return _ENDINGS.get(outcome, "")


def worst(statuses: list[NodeStatus]) -> NodeStatus:
    """Returns the worst of some statuses; unknown when there are none."""
    return min(statuses, key=SEVERITY.index, default=NodeStatus.UNKNOWN)


def markdown_badge(status: NodeStatus) -> str:
    """Returns a status as Streamlit's Markdown badge."""
    look = LOOKS[status]
    return f":{look.hue}-badge[{look.icon} {look.word}]"


#: How bad something is: the look of its row's icon, and that icon.
SEVERITIES: Final[dict[Severity, tuple[str, str]]] = {
    Severity.ERROR: ("ink-red", ":material/error:"),
    Severity.WARNING: ("ink-orange", ":material/warning:"),
    Severity.INFO: ("ink-blue", ":material/info:"),
}
