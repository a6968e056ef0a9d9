"""What is read from the live bus, and what is done there."""

from dataclasses import replace

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from collector.models import DeadLetterState
from collector.operations import letter_search
from runtime.admin import AttemptRecord, ChannelLedger, DeadLetter, GroupLedger
from runtime.causality import identity
from runtime.semconv import DeadLetterReason
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import MS, ORIGIN_NS, uid


def letter(number: int, reason: DeadLetterReason = DeadLetterReason.MAX_ATTEMPTS, group: str = "sms") -> DeadLetter:
    """A letter that waits."""
    event = uid(f"event {number}")
    delivery = identity.delivery_id(event, group, 0)
    return DeadLetter(
        id=identity.dead_letter_id(delivery),
        channel=CHANNEL,
        group=group,
        event_id=event,
        delivery_id=delivery,
        round=0,
        reason=reason,
        attempts=2,
        dead_ms=ORIGIN_NS // MS + number,
        state="dead",
        envelope=f'{{"id": "{event}", "data": {{"number": "S-{number:04d}"}}}}',
        error_type="GatewayError",
        message="down",
        subject=f"S-{number:04d}",
        correlation_id=uid("correlation"),
        history=(
            AttemptRecord(1, 0, ORIGIN_NS // MS, ORIGIN_NS // MS + 5, "w1", "ab", "cd", "GatewayError", "down", "tb"),
        ),
    )


@pytest.fixture
def letters(bus: MemoryBus) -> list[DeadLetter]:
    """Five letters, two of them poison."""
    letters = [letter(n, DeadLetterReason.POISON if n > 2 else DeadLetterReason.MAX_ATTEMPTS) for n in range(5)]
    for one in letters:
        bus.put(one)
    return letters


def test_letters_are_listed_filtered_and_paged(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """Newest first, without their history."""
    first = client.dead_letters(limit=3)
    rest = client.dead_letters(limit=3, cursor=first.next)
    assert [one.subject for one in (*first.items, *rest.items)] == [f"S-000{n}" for n in (4, 3, 2, 1, 0)]
    assert rest.next is None
    assert [one.subject for one in client.dead_letters(reason="poison").items] == ["S-0004", "S-0003"]
    assert [one.subject for one in client.dead_letters(q="S-0002").items] == ["S-0002"]
    assert client.dead_letters(group="billing").items == []
    assert first.items[0].error == "GatewayError: down"
    assert first.items[0].dead_at.isoformat() == "2026-01-01T00:00:00.004000+00:00"


def test_the_summary_counts_by_channel_group_and_reason(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """And in all."""
    summary = client.dead_letter_summary()
    assert [(entry.group, entry.reason, entry.count) for entry in summary.items] == [
        ("sms", "max_attempts", 3),
        ("sms", "poison", 2),
    ]
    assert summary.total == 5


def test_one_letter_is_whole(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """Envelope, payload, every attempt with its traceback."""
    detail = client.dead_letter(str(letters[1].id))
    assert detail.envelope == letters[1].envelope
    assert detail.payload == '{"number": "S-0001"}'
    assert [(a.attempt, a.worker, a.message, a.traceback) for a in detail.history] == [(1, "w1", "down", "tb")]


def test_a_letter_whose_envelope_cannot_be_read_is_shown_all_the_same(client: CollectorClient, bus: MemoryBus) -> None:
    """That may be why it is dead."""
    broken = replace(letter(1), envelope="{not json")
    bus.put(broken)
    detail = client.dead_letter(str(broken.id))
    assert (detail.envelope, detail.payload) == ("{not json", None)


def test_a_replay_settles_once_and_is_audited(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """Asked twice, and for what is not there, it says so; in the order asked."""
    ids = [str(letters[2].id), str(uid("nothing")), "no id", str(letters[0].id), str(letters[2].id)]

    first = client.replay(ids, "ada")
    second = client.replay(ids[:1], "bob")

    statuses = [entry.status for entry in first.items]
    assert statuses == ["replayed", "not_found", "not_found", "replayed", "replayed"]
    assert [entry.dead_letter_id for entry in first.items] == ids
    assert first.items[0].replay_id == str(identity.replay_id(letters[2].id))
    assert first.items[0].delivery_id == str(identity.delivery_id(letters[2].event_id, "sms", 1))
    assert [entry.status for entry in second.items] == ["already_settled"]
    assert [(entry.action, entry.operator) for entry in client.audit().items] == [("replay", "ada")] * 2
    assert len(client.dead_letters().items) == 3
    assert {one.state for one in client.dead_letters(state="replayed").items} == {DeadLetterState.REPLAYED}


def test_all_that_match_are_replayed_the_newest_first(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """So many as asked for, and the answer says how many are left."""
    poison = client.replay_matching("ada", reason="poison", group="sms", channel=CHANNEL)
    text = client.replay_matching("ada", q="S-000", most=1)
    rest = client.replay_matching("ada")
    again = client.replay_matching("ada")

    assert [entry.dead_letter_id for entry in poison.items] == [str(letters[4].id), str(letters[3].id)]
    assert [entry.dead_letter_id for entry in text.items] == [str(letters[2].id)]
    assert [entry.dead_letter_id for entry in rest.items] == [str(letters[1].id), str(letters[0].id)]
    assert {entry.status for entry in (*poison.items, *text.items, *rest.items)} == {"replayed"}
    assert poison.items[0].replay_id == str(identity.replay_id(letters[4].id))
    assert (poison.remaining, text.remaining, rest.remaining) == (0, 2, 0)
    assert (again.items, again.remaining) == ([], 0)
    assert client.replay([str(letters[0].id)], "ada").remaining is None


def test_what_does_not_match_stays(client: CollectorClient, bus: MemoryBus, letters: list[DeadLetter]) -> None:
    """Of another channel, group or reason, or without the text."""
    for wanted in ({"channel": "other"}, {"group": "billing"}, {"reason": "expired"}, {"q": "S-9"}):
        answer = client.replay_matching("ada", **wanted)
        assert (answer.items, answer.remaining) == ([], 0)
    assert client.dead_letter_summary().total == 5
    assert bus.records == []


def test_letters_with_a_text_are_counted_up_to_a_bound(
    client: CollectorClient, letters: list[DeadLetter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them has to be read."""
    monkeypatch.setattr(letter_search, "REMAINING_LIMIT", 3)
    assert client.replay_matching("ada", q="S-000", most=1).remaining == 3
    assert client.replay_matching("ada", most=1).remaining == 3


def test_the_audit_of_one_letter(client: CollectorClient, letters: list[DeadLetter], collector: LiveCollector) -> None:
    """Only what was done with it; an id that is none is refused."""
    first, second = str(letters[0].id), str(letters[1].id)
    client.replay([first, second], "ada")
    assert [entry.dead_letter_id for entry in client.audit(dead_letter_id=first).items] == [first]
    assert client.audit(dead_letter_id=str(letters[2].id)).items == []
    with pytest.raises(ApiError) as raised:
        client.audit(dead_letter_id="none")
    assert (raised.value.status, raised.value.code) == (422, "bad_request")


def test_a_discard_keeps_its_reason(client: CollectorClient, letters: list[DeadLetter]) -> None:
    """Who, and why."""
    answer = client.discard([str(letters[0].id)], "ada", "customer is gone")
    assert [(entry.status, entry.replay_id) for entry in answer.items] == [
        ("discarded", str(identity.discard_id(letters[0].id)))
    ]
    assert [(entry.action, entry.reason) for entry in client.audit().items] == [("discard", "customer is gone")]


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "operator": "ada"},
        {"ids": ["x"] * 1001, "operator": "ada"},
        {"ids": ["x"], "operator": ""},
        {"operator": "ada"},
        {"filter": {}},
        {"filter": {}, "ids": ["x"], "operator": "ada"},
        {"filter": {"chanel": "typo"}, "operator": "ada"},
        {"filter": {}, "most": 0, "operator": "ada"},
        {"filter": {}, "most": 1001, "operator": "ada"},
    ],
)
def test_a_request_without_letters_or_operator_is_refused(
    collector: LiveCollector, bus: MemoryBus, letters: list[DeadLetter], body: dict[str, object]
) -> None:
    """Nobody replays anonymously, or more than was meant."""
    response = httpx.post(f"{collector.url}/api/dead-letters/replay", json=body, trust_env=False, timeout=60)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "bad_request"
    assert bus.records == []


def test_only_named_letters_are_discarded(collector: LiveCollector, letters: list[DeadLetter]) -> None:
    """What is given up is gone; nobody does that to whatever matches."""
    body = {"filter": {}, "operator": "ada", "reason": "no use"}
    response = httpx.post(f"{collector.url}/api/dead-letters/discard", json=body, trust_env=False, timeout=60)
    assert response.status_code == 422


def test_channels_and_ledger_compare_bus_and_spans(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """What was lost on the way of the spans shows as a difference."""
    collector.tell(Shipment(1).story, Shipment(2).story)
    billing = GroupLedger("billing", owed=3, done=3, pending=0, retrying=0, dead=0, discarded=0, consumers=1)
    sms = GroupLedger("sms", 3, 2, 1, 0, 0, 0, consumers=1, oldest_unprocessed_ms=1500)
    bus.ledger = [ChannelLedger(CHANNEL, 3, (sms, billing))]

    channels = client.channels().items
    ledger = client.ledger().items

    assert [(channel.channel, channel.published) for channel in channels] == [(CHANNEL, 3)]
    assert [(group.group, group.oldest_unprocessed_seconds) for group in channels[0].groups] == [
        ("billing", None),
        ("sms", 1.5),
    ]
    assert [(row.group, row.spans_done, row.spans_dead, row.difference) for row in ledger] == [
        ("billing", 2, 0, 1),
        ("sms", 2, 0, 0),
    ]


def test_bus_routes_say_that_the_bus_is_away_and_recover(
    client: CollectorClient, bus: MemoryBus, letters: list[DeadLetter], collector: LiveCollector
) -> None:
    """503 with a hint; the store's own routes go on."""
    assert client.health().bus.connected
    bus.away = "Connection refused"
    asks = (
        client.channels,
        client.ledger,
        client.audit,
        client.dead_letters,
        client.dead_letter_summary,
        lambda: client.dead_letter(str(letters[0].id)),
        lambda: client.replay([str(letters[0].id)], "ada"),
        lambda: client.replay_matching("ada"),
        lambda: client.discard([str(letters[0].id)], "ada", "no"),
        client.workers,
        lambda: client.cancel_run(str(letters[0].id), "ada"),
        lambda: client.resume_run(str(letters[0].id), "ada"),
        lambda: client.retire_group("c", "g", "ada", "no"),
    )
    for ask in asks:
        with pytest.raises(ApiError) as raised:
            ask()
        assert (raised.value.status, raised.value.code) == (503, "bus_unavailable")
        assert "CAUSELINE_REDIS_URL" in raised.value.hint
    overview = client.overview()
    assert (overview.bus.connected, overview.totals.dead_now) == (False, None)
    assert client.runs().items == []

    bus.away = ""
    collector.link._failed_at = float("-inf")  # as if the pause were over
    assert client.overview().totals.dead_now == 5
    assert len(client.dead_letters().items) == 5
