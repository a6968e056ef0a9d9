"""Numbers and times in a reader's words. Pure: now and the reader's time zone are handed in."""

import json
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

DASH: Final = "\N{EN DASH}"
"""Stands where a value is not known, and between the ends of a range."""

TIMES: Final = "\N{MULTIPLICATION SIGN}"
"""Stands before how many there are of something."""

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""A space that no line ends at."""

LINE: Final = 600
"""Characters that a line of somebody's words has at most."""

NAME: Final = 240
"""Characters that a name has at most."""

MESSAGE: Final = 1_500
"""Characters of an error where it is read by itself, at most."""

_PREAMBLE = re.compile(r"the payload of event [0-9a-f-]{36} does not fit what .+? asks for: ")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$:<&])")
#: Where text turns into something else, escaped or not: an address into a link, a name between colons into an icon,
#: and two hyphens into a dash.
_TURNING = re.compile(r"(?=https?://|www\.)|(?<=@)|(?<=:)(?=[\w/+-]+:)|(?<=-)(?=-)", re.IGNORECASE)
_JOINER: Final = "\N{WORD JOINER}"
#: Letters that are written from right to left: Hebrew, Arabic and their kin.
_FROM_RIGHT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"
#: Characters that nobody sees: they command a terminal, turn round what is written after them, or hide in words. What
#: joins letters and emoji (U+200C, U+200D) is a part of how people write.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def duration(span: timedelta | float | None) -> str:
    """Returns a length of time, given as a timedelta or in milliseconds: `12 ms`, `3.4 s`, `2 min`, `5 h`, `3 d`."""
    if span is None:
        return DASH
    millis = span / timedelta(milliseconds=1) if isinstance(span, timedelta) else span
    if millis != millis or millis < 0:
        return DASH
    for limit, unit, size in (
        (1_000, "ms", 1),
        (60_000, "s", 1_000),
        (3_600_000, "min", 60_000),
        (172_800_000, "h", 3_600_000),
    ):
        if round(millis) < limit:
            return f"{_short(millis / size, unit)} {unit}"
    return f"{round(millis / 86_400_000)} d"


def _short(value: float, unit: str) -> str:
    if unit == "s" and value < 10:
        return f"{value:.1f}".removesuffix(".0")
    if unit == "ms" and 0 < value < 1:
        return "<1"
    if unit == "h" and value < 10:
        return f"{value:.1f}".removesuffix(".0")
    return str(round(value))


def between(start: datetime | None, end: datetime | None) -> str:
    """Returns the time from one moment to another, or a dash where either is not known."""
    return DASH if start is None or end is None else duration(max(end - start, timedelta()))


def ago(moment: datetime | None, now: datetime) -> str:
    """Returns how long ago a moment was: `just now`, `41 min ago`; a clock ahead of ours reads as now."""
    if moment is None:
        return DASH
    past = now - moment
    return (
        "just now" if past < timedelta(seconds=2) else f"{duration(timedelta(seconds=int(past.total_seconds())))} ago"
    )


def format_elapsed(since: datetime, now: datetime) -> str:
    """Returns for how long something has lasted: `43 s`; a clock ahead of ours reads as no time."""
    return duration(timedelta(seconds=max(0, int((now - since).total_seconds()))))


def exact(moment: datetime | None, zone: tzinfo = UTC) -> str:
    """Returns a moment to the millisecond in the reader's time zone."""
    if moment is None:
        return DASH
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {local:%Z}".rstrip()


def due(moment: datetime, zone: tzinfo = UTC) -> str:
    """Returns a moment to come in the reader's time zone, to the second."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def clock(moment: datetime | None, now: datetime, zone: tzinfo = UTC) -> str:
    """Returns a moment to the millisecond in the reader's time zone, with its day where that is another one."""
    if moment is None:
        return DASH
    local = moment.astimezone(zone)
    time = f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"
    return time if local.date() == now.astimezone(zone).date() else f"{local:%d %b} {time}"


def share(value: float | None) -> str:
    """Returns a share from 0 to 1 as per cent; small but real ones never read as nought."""
    if value is None or value != value:
        return DASH
    if 0 < value < 0.001:
        return "<0.1 %"
    return f"{value * 100:.1f}".removesuffix(".0") + " %"


def many(number: int, noun: str, plural: str = "") -> str:
    """Returns a number and its noun: `1 attempt`, `2,000 attempts`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(number: int | None) -> str:
    """Returns a number of bytes: `840 B`, `12 KiB`."""
    if number is None:
        return DASH
    return f"{number} B" if number < 1024 else f"{number / 1024:.1f} KiB"


def visible(text: str) -> str:
    """Returns text from data, line by line, in which what nobody sees is told by its code: `⟨U+202E⟩`."""
    return _UNSEEN.sub(_code, text)


def _code(found: re.Match[str]) -> str:
    return f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{ord(found[0]):04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"


def tame(text: object) -> str:
    """Returns text from data on one line, with nothing in it that commands, hides, or turns round what is beside it."""
    return " ".join(visible(str(text)).split())


def plain(text: object, room: int = LINE) -> str:
    """Returns text from data, safe inside Streamlit's Markdown: it shows as it is, on one line, an address too. What is
    longer than `room` characters is clipped, for nobody's words may fill a page; an ellipsis tells it."""
    return _isolate_direction(_MARKDOWN.sub(r"\\\1", _TURNING.sub(_JOINER, clip(tame(text), room))))


def _isolate_direction(text: str) -> str:
    """Returns text so that what is written from right to left turns round nothing that stands beside it."""
    return f"{_ISOLATE}{text}{_END}" if _FROM_RIGHT.search(text) else text


def name(text: object) -> str:
    """Returns what somebody called something, as `plain` text that fits a heading, a label or a cell; what has no name
    is told as well."""
    return plain(text, NAME) or "(no name)"


def make_spoken_label(text: object) -> str:
    """Returns text from data for a label that is read out as it is written: what `plain` would escape is left out."""
    return _TURNING.sub(_JOINER, " ".join(re.sub(r"[^\w.\-]", " ", str(text)).split()))


def clip(text: str, room: int) -> str:
    """Returns text on one line, cut between words to at most `room` characters; what was cut is told by an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= room:
        return line
    kept = line[:room]
    whole = kept.rpartition(" ")[0]
    # A word as long as half of the room is cut itself: better half of it than next to nothing.
    return f"{whole if len(whole) * 2 > room else kept[:-1]}…"


def gist(error: str, room: int) -> str:
    """Returns the part of an error that tells one from the next, clipped; a page that names the event need not say it
    again."""
    return clip(_PREAMBLE.sub("", " ".join(error.split())), room)


def short_id(node_id: str) -> str:
    """Returns the end of an id, where those made at one time differ."""
    return f"…{node_id[-8:]}" if len(node_id) > 12 else node_id


def sentence(code: str) -> str:
    """Returns a code such as `max_attempts` as words."""
    return code.replace("_", " ")


def pretty(text: str | None) -> str:
    """Returns JSON text, indented; other text as it is."""
    if text is None:
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
