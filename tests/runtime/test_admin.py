"""What an operator sees and does, through the same door as the collector and the command line."""

import asyncio
import re
from uuid import UUID

import pytest

from runtime.admin import Admin, DeadLetterCount
from runtime.causality import identity
from runtime.errors import QueryError, ServerError
from runtime.facts import Discarded, Replayed
from runtime.semconv import DeadLetterReason, NodeKind
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.contract.made import uuid
from tests.runtime.parcels import GROUPS, Parcels
from tests.servers import free_port
from tests.waiting import until


async def test_letters_are_listed_and_filtered(admin: Admin, settings: Settings, facts: Recorder):
    """By channel, group, reason, and any text of theirs."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        ids = await parcels.die(admin, 3)
    everything = (await admin.dead_letters()).items
    assert [letter.dead_ms for letter in everything] == sorted((one.dead_ms for one in everything), reverse=True)
    assert {(letter.group, letter.event_id) for letter in everything} == {(g, id_) for g in GROUPS for id_ in ids}

    async def found(**wanted: str) -> set[tuple[str, UUID]]:
        return {(one.group, one.event_id) for one in (await admin.dead_letters(**wanted)).items}

    assert await found(group="sms") == {("sms", id_) for id_ in ids}
    assert await found(channel="elsewhere") == await found(reason="poison") == await found(state="replayed") == set()
    assert len(await found(reason="non_retryable", state="all")) == 6
    assert await found(q="PARCEL-1") == {(group, ids[1]) for group in GROUPS}
    assert await found(q=" no sms for 2 ") == {("sms", ids[2])}
    assert await found(q=str(ids[0]), group="billing") == {("billing", ids[0])}
    assert await admin.dead_letter_counts() == [
        DeadLetterCount(
            "parcels",
            group,
            DeadLetterReason.NON_RETRYABLE,
            3,
            min(letter.dead_ms for letter in everything if letter.group == group),
        )
        for group in GROUPS
    ]


async def test_what_readers_are_not_told_is_not_found(admin: Admin, settings: Settings, facts: Recorder):
    """Else a secret could be guessed, a letter at a time."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        await parcels.die(admin, 2)
    reader = await Admin.connect(settings.redis_url, lambda text: text.replace("parcel-1", "[redacted]"))
    try:
        assert [letter.subject for letter in (await admin.dead_letters(q="parcel-")).items].count("parcel-1") == 2
        assert (await reader.dead_letters(q="parcel-1")).items == ()
        assert {letter.subject for letter in (await reader.dead_letters(q="parcel-0")).items} == {"parcel-0"}
    finally:
        await reader.close()


@pytest.mark.parametrize("state", ["dead", "all", "replayed", "discarded"])
async def test_pages_together_are_the_whole_list(admin: Admin, settings: Settings, facts: Recorder, state: str):
    """Whatever the order in which letters were settled; none twice, none left out."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        await parcels.die(admin, 12)
    if state != "dead":
        for letter in (await admin.dead_letters()).items[2:22]:  # the youngest is settled first
            if state == "discarded":
                await admin.discard([letter.id], "ann", "lost")
            else:
                await admin.replay([letter.id], "ann")
    whole = [letter.id for letter in (await admin.dead_letters(state=state)).items]
    paged, cursor = [], None
    for _ in range(40):
        page = await admin.dead_letters(state=state, limit=2, cursor=cursor)
        paged += [letter.id for letter in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert paged == whole
    assert len(set(whole)) == {"dead": 24, "all": 24, "replayed": 20, "discarded": 20}[state]


async def test_a_replay_reaches_the_group_that_failed_once(admin: Admin, settings: Settings, facts: Recorder):
    """Twenty clicks at once, one delivery, to that group alone; event and correlation are kept, and it is told once."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        (event,) = await parcels.die(admin, 1)
        parcels.mended.update(GROUPS)
        (letter,) = (await admin.dead_letters(group="sms")).items
        answers = await asyncio.gather(*(admin.replay([letter.id], "ann") for _ in range(20)))
        await until(lambda: len(parcels.seen) == 3)
    assert sorted(parcels.seen) == [("billing", event, 0), ("sms", event, 0), ("sms", event, 1)]
    assert sorted(answer[0].status for answer in answers) == ["already_settled"] * 19 + ["replayed"]
    (told,) = facts.of(Replayed)
    assert (told.kind, told.node_id, told.causation_id) == (NodeKind.REPLAY, identity.replay_id(letter.id), letter.id)
    assert (told.correlation_id, told.event_id, told.round) == (letter.correlation_id, event, 1)
    assert told.operator == "ann"
    begun = next(one.begun for one in facts.attempts if one.begun.round == 1)
    assert begun.causation_id == told.node_id
    assert told.span in begun.links
    assert begun.parent is None
    whole = await admin.dead_letter(letter.id)
    assert whole is not None
    assert (whole.state, whole.replay_outcome, whole.operator) == ("replayed", "ok", "ann")


async def test_a_discard_is_told_and_audited(admin: Admin, settings: Settings, facts: Recorder):
    """With the operator's words; a second one is not."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        await parcels.die(admin, 1)
    (letter,) = (await admin.dead_letters(group="sms")).items
    for expected in ("discarded", "already_settled"):
        (settlement,) = await admin.discard([letter.id], "ann", "parcel lost")
        assert settlement.status == expected
    (told,) = facts.of(Discarded)
    assert (told.node_id, told.causation_id) == (identity.discard_id(letter.id), letter.id)
    assert (told.operator, told.reason, told.group) == ("ann", "parcel lost", "sms")
    (line,) = (await admin.audit()).items
    assert (line.action, line.operator, line.reason) == ("discard", "ann", "parcel lost")


async def test_many_are_settled_in_the_order_asked(admin: Admin, settings: Settings, facts: Recorder):
    """What is not there is said to be not there."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        await parcels.die(admin, 2)
    ids = [letter.id for letter in (await admin.dead_letters()).items]
    asked = [ids[2], uuid(404), ids[0]]
    answers = await admin.replay(asked, "ann")
    assert [(one.dead_letter_id, one.status) for one in answers] == [
        (ids[2], "replayed"),
        (uuid(404), "not_found"),
        (ids[0], "replayed"),
    ]
    assert await admin.dead_letter(uuid(404)) is None
    assert [one.status for one in await admin.discard([uuid(404)], "ann", "")] == ["not_found"]


async def test_pages_of_the_audit_together_are_the_whole(admin: Admin, settings: Settings, facts: Recorder):
    """Newest first, also where several groups were settled within one millisecond."""
    parcels = Parcels(settings, facts)
    async with parcels.app:
        await parcels.die(admin, 5)
    for group in GROUPS:  # as if all had been done in the same millisecond
        for number, letter in enumerate((await admin.dead_letters(group=group)).items):
            await admin._server.client.xadd(
                f"causeline:1:{{parcels.0}}:aud:{group}",
                {"action": "replay", "letter": str(letter.id), "event": str(letter.event_id), "operator": "ann"},
                id=f"1000-{number}",
            )
    whole = [(one.group, one.dead_letter_id) for one in (await admin.audit()).items]
    paged, cursor = [], None
    for _ in range(20):
        page = await admin.audit(limit=3, cursor=cursor)
        paged += [(one.group, one.dead_letter_id) for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert paged == whole
    assert len(set(whole)) == 10


@pytest.mark.parametrize("cursor", ["odd", "1", "1_", "²_x", "٣_x", "-1_x", "9" * 16 + "_x", "x1_x"])
async def test_a_cursor_that_no_page_gave_is_refused(admin: Admin, settings: Settings, cursor: str):
    """Taken for none, it would show the first page again, and a script that pages would never end."""
    for ask in (admin.dead_letters, admin.audit):
        with pytest.raises(QueryError, match=re.escape(repr(cursor))):
            await ask(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_page_has_room_for_a_row(admin: Admin, limit: int):
    """The next would begin behind none."""
    for ask in (admin.dead_letters, admin.audit):
        with pytest.raises(QueryError, match=f"a page can't have {limit} rows: ask for at least 1"):
            await ask(limit=limit)


async def test_a_server_that_is_not_there_is_told(settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch):
    """With what to do about it."""
    monkeypatch.setenv("CAUSELINE_HOME", str(settings.home))
    with pytest.raises(ServerError, match=r"no Redis or Valkey server answers at .* CAUSELINE_REDIS_URL"):
        await Admin.connect(f"redis://:secret@127.0.0.1:{free_port()}/0")
