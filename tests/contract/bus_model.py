"""What a bus promises, in plain Python: one channel, its groups, and where everything is that they owe."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final, Literal

from runtime.bus.deliveries import Loss

SUSPECTS: Final = "~suspects"
KILLS: Final = 1
VANISHINGS: Final = 2
"""So many losses make poison."""

State = Literal["unread", "held", "waiting", "due", "done", "dead", "discarded", "expired"]
#: A delivery of an event: its number and round.
Key = tuple[int, int]
#: A consumer, and the place where it holds something.
Hand = tuple[str, str]


@dataclass(eq=False)
class Entry:
    """An entry of the channel. `id` is the server's, as numbers that can be compared."""

    id: tuple[int, int]
    number: int
    foreign: bool


@dataclass(eq=False)
class Owed:
    """One thing that a group owes. Where it is held it has a place, as `runtime.bus.contract.place` writes it."""

    key: Key
    foreign: bool = False
    booked: bool = True
    state: State = "unread"
    consumer: str = ""
    place: str = ""
    later: bool = False


@dataclass(eq=False)
class Record:
    """What is remembered of a delivery under way, over all of its entries."""

    begun: int = 0
    fails: int = 0
    killed: int = 0
    vanished: int = 0
    suspect: bool = False
    holder: Hand | None = None
    kept: bool = False
    retried: dict[int, str] = field(default_factory=dict)
    postponed: Hand | None = None


@dataclass(eq=False)
class Letter:
    """A dead letter."""

    state: Literal["dead", "replayed", "discarded"] = "dead"
    by: Hand | None = None
    outcome: str = ""


class Group:
    """A group. Args: `unread`, what it owes at its birth; `last`, the entry that it begins after."""

    def __init__(self, unread: list[Owed], last: tuple[int, int]) -> None:
        self.owed = list(unread)
        self.unread = list(unread)
        self.last = last
        self.due: list[Owed] = []
        self.waiting: dict[Key, Owed] = {}
        self.held: dict[str, Owed] = {}
        self.records: dict[Key, Record] = {}
        self.letters: dict[Key, Letter] = {}
        self.dead: dict[Key, Owed] = {}
        self.done_by: dict[int, Hand] = {}
        self.lapsed_by: dict[int, Hand] = {}

    @property
    def can_be_read(self) -> bool:
        return bool(self.unread or self.due)

    @property
    def has_suspects(self) -> bool:
        return any(one.consumer == SUSPECTS for one in self.held.values())

    def ledger(self) -> dict[str, int]:
        """The counters that are not zero."""
        names = {"unread": "pending", "held": "pending", "due": "pending", "waiting": "retrying"}
        counts = Counter(names.get(one.state, one.state) for one in self.owed if one.booked)
        return {"owed": counts.total()} | dict(counts) if counts else {}

    def add(self, owed: Owed) -> None:
        """Something was published."""
        self.owed.append(owed)
        self.unread.append(owed)

    def take(self, consumer: str, limit: int) -> list[Owed]:
        """What a read hands out, in order; a due retry with nothing behind it is done instead."""
        share = max(1, limit // 2)
        retries = self.due[:share]
        events = self.unread[: limit - len(retries)]
        more = self.due[share : share + limit - len(retries) - len(events)]
        del self.due[: len(retries) + len(more)], self.unread[: len(events)]
        first, later = ([one for one in due if not self._drop(one)] for due in (retries, more))
        found = [*first, *events, *later]
        for one in found:
            one.state, one.consumer = "held", consumer
        return found

    def holds(self, consumer: str, known: Container[str] = ()) -> list[Owed]:
        """What a consumer holds without knowing it, events first; what has nothing behind it is done instead."""
        unknown = [spot for spot in self.held if spot not in known]
        return [one for kind in "sr" for one in self._in(kind, consumer, unknown)]

    def _in(self, kind: str, consumer: str, places: Container[str]) -> list[Owed]:
        mine = [one for spot, one in self.held.items() if spot in places and one.consumer == consumer]
        found = sorted((one for one in mine if one.place[0] == kind), key=lambda one: entry_id(one.place))
        return [one for one in found if kind == "s" or not self._drop(one)]

    def owner(self, hand: Hand) -> Owed | None:
        """What is held by this hand."""
        found = self.held.get(hand[1])
        return found if found and found.consumer == hand[0] else None

    def begin(self, hand: Hand, *, isolated: bool) -> tuple[str, int, int]:
        """The status, the attempt's number, and how many before it failed."""
        owed = self.owner(hand)
        if owed is None:
            return "stale", 0, 0
        owed.booked = True
        number, round_ = owed.key
        is_done = round_ == 0 and (number in self.done_by or number in self.lapsed_by)
        if owed.key in self.letters or is_done or (hand[1][0] == "r" and owed.key not in self.records):
            self._end(owed, "done")
            self.records.pop(owed.key, None)
            return "duplicate", 0, 0
        record = self.records.setdefault(owed.key, Record())
        if record.holder != hand:
            if record.suspect and not isolated:
                owed.consumer = SUSPECTS
                return "suspect", 0, 0
            if record.killed >= KILLS or record.vanished >= VANISHINGS:
                return "poison", record.begun, 0
            record.begun += 1
            record.holder = hand
            record.retried.pop(record.begun, None)
        return "ok", record.begun, record.fails

    def ack(self, hand: Hand, key: Key) -> bool:
        owed = self.owner(hand)
        if owed is None:
            return self.done_by.get(key[0]) == hand
        self._end(owed, "done")
        self.records.pop(key, None)
        self.done_by[key[0]] = hand
        self.lapsed_by.pop(key[0], None)
        self._tell_origin(key, "ok")
        return True

    def lapse(self, hand: Hand, key: Key) -> bool:
        owed = self.owner(hand)
        if owed is None:
            return self.lapsed_by.get(key[0]) == hand
        if key[0] in self.done_by or key[0] in self.lapsed_by:
            return False
        owed.booked = True
        self._end(owed, "expired")
        self.records.pop(key, None)
        self.lapsed_by[key[0]] = hand
        return True

    def retry(self, hand: Hand, key: Key, attempt: int, text: str) -> bool:
        owed = self.owner(hand)
        record = self.records.get(key)
        if owed is None:
            return record is not None and record.retried.get(attempt) == text
        record = self.records.setdefault(key, Record())
        record.retried[attempt] = text
        record.suspect = False
        record.fails += 1
        self._put_off(owed, record, later=False)
        return True

    def postpone(self, hand: Hand, key: Key, *, later: bool) -> bool:
        owed = self.owner(hand)
        record = self.records.get(key)
        if owed is None:
            return record is not None and record.postponed == hand
        record = self.records.setdefault(key, Record())
        record.postponed = hand
        self._put_off(owed, record, later=later)
        return True

    def bury(self, hand: Hand, key: Key) -> bool:
        owed = self.owner(hand)
        if owed is None:
            return key in self.letters and self.letters[key].by == hand
        self.records.pop(key, None)
        letter = self.letters.setdefault(key, Letter())
        letter.state, letter.by, letter.outcome = "dead", hand, ""
        if key in self.dead:
            self._end(owed, "done")
        else:
            self._end(owed, "dead")
            self.dead[key] = owed
        self._tell_origin(key, "dead")
        return True

    def forfeit(self, consumer: str, blame: Loss, places: Container[str] | None = None) -> list[Owed]:
        """Takes what a consumer holds, or what it holds at these places; what was taken."""
        taken = []
        for kind in "sr":
            for one in self._in(kind, consumer, list(self.held) if places is None else places):
                taken.append(one)
                self._take(one, blame)
        return taken

    def _take(self, one: Owed, blame: Loss) -> None:
        record = self.records.setdefault(one.key, Record())
        if record.holder != (one.consumer, one.place):
            self._put_off(one, record, later=False)
            return
        one.consumer, record.holder = SUSPECTS, None
        record.suspect = record.kept = True
        record.killed += blame == "killed"
        record.vanished += blame == "vanished"

    def settle_letter(self, key: Key, *, replay: bool) -> str:
        """What an operator is told."""
        letter = self.letters[key]
        if letter.state != "dead":
            return "already_settled"
        owed = self.dead.pop(key)
        if not replay:
            letter.state, owed.state = "discarded", "discarded"
            return "discarded"
        letter.state, letter.outcome = "replayed", "pending"
        owed.state, owed.key = "due", (key[0], key[1] + 1)
        self.due.append(owed)
        self.records.setdefault(owed.key, Record()).kept = True
        return "replayed"

    def promote(self, keys: list[Key]) -> None:
        """These came due, in this order."""
        assert set(keys) == {key for key, owed in self.waiting.items() if not owed.later}
        for key in keys:
            owed = self.waiting.pop(key)
            owed.state = "due"
            self.due.append(owed)

    def needs_from(self) -> tuple[int, int]:
        """The first entry of the channel that it may still need."""
        held = [entry_id(place) for place in self.held if place[0] == "s"]
        return min(held, default=(self.last[0], self.last[1] + 1))

    def _tell_origin(self, key: Key, outcome: str) -> None:
        if key[1]:
            self.letters[key[0], key[1] - 1].outcome = outcome

    def _end(self, owed: Owed, state: State) -> None:
        self.held.pop(owed.place, None)
        owed.state, owed.place, owed.consumer = state, "", ""

    def _put_off(self, owed: Owed, record: Record, *, later: bool) -> None:
        if record.holder == (owed.consumer, owed.place):
            record.holder = None
        owed.booked = record.kept = True
        if owed.key in self.waiting:
            self.waiting[owed.key].later = later
            self._end(owed, "done")
            return
        self._end(owed, "waiting")
        owed.later = later
        self.waiting[owed.key] = owed

    def _drop(self, owed: Owed) -> bool:
        record = self.records.get(owed.key)
        if record is not None and record.kept:
            return False
        self._end(owed, "done")
        return True


def entry_id(text: str) -> tuple[int, int]:
    """A place, or the id of an entry, as numbers that can be compared."""
    ms, _, number = text.lstrip("sr").partition("-")
    return int(ms), int(number)
