"""What a handler writes to a PostgreSQL database of its own is written once for each event, however often it comes."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from runtime import App, Context, Event
from runtime.admin import Admin
from runtime.causality import identity
from runtime.definitions.inboxes import checked_inbox
from runtime.errors import (
    CommandRefusedError,
    DefinitionError,
    ServerDeniedError,
    ServerUnavailableError,
    SettingsError,
)
from runtime.inbox.contract import HandlerEffects, InboxEntry
from runtime.inbox.inboxes import Inboxes
from runtime.inbox.postgres import PostgresInbox
from runtime.semconv import DeliveryOutcome, InboxState
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.contract.made import outgoing, uuid
from tests.postgres_servers import PostgresServer
from tests.runtime.proxy import Proxy
from tests.runtime.state.postgres.ways import by_way_of
from tests.runtime.worker.bench import CHANNEL, NAME, ONCE, QUICK, HandlerBench
from tests.waiting import until

ENTRY = InboxEntry("orders", "books", uuid(1))
WHAT = "inbox= of group books"


@pytest.fixture
def books(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database with a table of the user's own."""
    postgres_server.empty()
    with psycopg.connect(postgres_server.url, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS causeline.inbox")
        owner.execute("CREATE TABLE booked (number integer NOT NULL)")
        yield postgres_server.url
        owner.execute("DROP TABLE booked")


def booked(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM booked ORDER BY number")]


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM causeline.inbox").fetchone() or (0,)
        return int(count)


async def _book(ctx: Context, number: int) -> None:
    connection = await ctx.transaction()
    await connection.execute("INSERT INTO booked VALUES (%s)", (number,))


async def test_what_a_handler_writes_is_committed_with_a_row_that_names_the_event(
    handling: HandlerBench, facts: Recorder, books: str
):
    """The first that comes makes the table; what it publishes and puts is acknowledged after."""
    noted: list[int] = []

    @handling.work(inbox=books)
    async def work(event: Event[int], ctx: Context) -> None:
        await _book(ctx, event.data)
        assert await ctx.transaction() is await ctx.transaction()
        ctx.publish("noted", event.data)
        ctx.state.put("last", event.data)

    @handling.app.subscribe("noted")
    async def note(number: int) -> None:
        noted.append(number)

    async with handling.app:
        await handling.begin(7)
        await handling.ended()
        await until(lambda: noted == [7], "the event has come")
        assert await handling.app.session.bus.read_state(CHANNEL, NAME, "last") == "7"
    assert (booked(books), rows(books)) == ([7], 1)
    assert [one.ended.inbox for one in facts.attempts if one.ended and one.begun.agent == NAME] == [InboxState.APPLIED]


@pytest.mark.parametrize("when", ["raises", "cannot commit", "leaves it broken"])
async def test_an_attempt_that_fails_writes_nothing(handling: HandlerBench, facts: Recorder, books: str, when: str):
    """Whether its code fails, or its commit; the next one writes all of it."""
    with psycopg.connect(books, autocommit=True) as owner:
        owner.execute("ALTER TABLE booked ADD UNIQUE (number) DEFERRABLE INITIALLY DEFERRED")

    @handling.work(inbox=books, retry=QUICK)
    async def work(event: Event[int], ctx: Context) -> None:
        await _book(ctx, event.data)
        if ctx.attempt > 1:
            return
        if when == "raises":
            raise OSError("no ink")
        connection = await ctx.transaction()
        if when == "cannot commit":
            await connection.execute("INSERT INTO booked VALUES (%s)", (event.data,))
        else:
            with suppress(psycopg.Error):
                await connection.execute("SELECT 1 / 0")

    async with handling.app:
        await handling.begin(7)
        await handling.ended()
    assert (booked(books), rows(books)) == ([7], 1)
    outcomes = [(one.ended.outcome, one.ended.inbox) for one in facts.attempts if one.ended]
    assert outcomes == [(DeliveryOutcome.RETRY, None), (DeliveryOutcome.OK, InboxState.APPLIED)]


async def test_a_delivery_that_was_applied_and_not_acknowledged_is_only_acknowledged(
    handling: HandlerBench, facts: Recorder, books: str, monkeypatch: pytest.MonkeyPatch
):
    """The handler does not run again; what it published is published, what it put is put."""
    ran, noted = [], []

    @handling.work(inbox=books, retry=QUICK)
    async def work(event: Event[int], ctx: Context) -> None:
        ran.append(ctx.attempt)
        await _book(ctx, event.data)
        ctx.publish("noted", event.data)
        ctx.state.put("last", "\ud83d" if event.data < 0 else event.data)

    @handling.app.subscribe("noted")
    async def note(number: int) -> None:
        noted.append(number)

    async with handling.app as app:
        bus = app.session.bus
        acknowledge = type(bus).ack

        async def cut_off(self, delivery, *rest):  # type: ignore[no-untyped-def]  # what it is given is handed on
            if delivery.channel == CHANNEL and len(facts.attempts) < 2:
                raise RuntimeError("cut off between the commit and the acknowledgement")
            return await acknowledge(self, delivery, *rest)

        monkeypatch.setattr(type(bus), "ack", cut_off)
        await handling.begin(7)
        await handling.ended()
        await until(lambda: noted == [7], "the event has come")
        assert await bus.read_state(CHANNEL, NAME, "last") == "7"
    assert (ran, booked(books), rows(books)) == ([1], [7], 1)
    told = [one.ended for one in facts.attempts if one.ended and one.begun.agent == NAME]
    assert [(one.outcome, one.inbox) for one in told][-1] == (DeliveryOutcome.OK, InboxState.ALREADY_APPLIED)


async def test_a_letter_whose_event_was_applied_is_replayed_without_its_handler(
    handling: HandlerBench, facts: Recorder, books: str, monkeypatch: pytest.MonkeyPatch
):
    """A replay is of the same event."""
    ran = []

    @handling.work(inbox=books, retry=ONCE)
    async def work(event: Event[int], ctx: Context) -> None:
        ran.append(ctx.attempt)
        await _book(ctx, event.data)

    async with handling.app as app:
        bus = app.session.bus
        acknowledge = type(bus).ack

        async def cut_off(self, delivery, *rest):  # type: ignore[no-untyped-def]  # what it is given is handed on
            if not delivery.round:
                raise RuntimeError("cut off")
            return await acknowledge(self, delivery, *rest)

        monkeypatch.setattr(type(bus), "ack", cut_off)
        event = await handling.begin(7)
        letter = await handling.letter()
        admin = await Admin.connect(app.session.settings.redis_url)
        await admin.replay([letter.id], "ada")
        await admin.close()
        again = identity.delivery_id(event, NAME, 1)
        await until(
            lambda: any(one.begun.node_id == again and one.ended for one in facts.attempts), "the replay has ended"
        )
    assert (ran, booked(books)) == ([1], [7])
    last = facts.attempts[-1].ended
    assert last is not None
    assert (last.outcome, last.inbox) == (DeliveryOutcome.OK, InboxState.ALREADY_APPLIED)


async def test_of_two_attempts_at_once_one_writes_and_the_other_is_told(books: str):
    """As where a paused worker goes on after its work was given to another: it drops what it wrote."""
    inbox = PostgresInbox(books, WHAT, 90)
    first, second = inbox.new_transaction(ENTRY), inbox.new_transaction(ENTRY)
    for writing in (first, second):
        await (await writing.connection()).execute("INSERT INTO booked VALUES (1)")
    effects = HandlerEffects((outgoing(5),), {"a\0 \ud83d".encode(errors="replace").decode(): '"\\u0000"'}, {"b": "1"})
    assert await first.commit(effects)
    assert not await second.commit(HandlerEffects((), {}, {}))
    assert (booked(books), second.is_open) == ([1], False)
    assert await inbox.find_effects(ENTRY) == effects
    assert await inbox.find_effects(InboxEntry("orders", "books", uuid(2))) is None
    assert await inbox.find_effects(InboxEntry("orders", "others", uuid(1))) is None
    await inbox.close()


async def test_a_transaction_can_not_be_committed_by_hand_and_has_savepoints(books: str):
    """What would come apart from the row is refused by the driver."""
    inbox = PostgresInbox(books, WHAT, 90)
    writing = inbox.new_transaction(ENTRY)
    connection = await writing.connection()
    with pytest.raises(psycopg.ProgrammingError):
        await connection.commit()
    with suppress(ZeroDivisionError):
        async with connection.transaction():
            await connection.execute("INSERT INTO booked VALUES (2)")
            raise ZeroDivisionError
    await connection.execute("INSERT INTO booked VALUES (3)")
    assert await writing.commit(HandlerEffects((), {}, {}))
    assert booked(books) == [3]
    await inbox.close()


async def test_a_commit_whose_answer_is_lost_is_found_by_the_next_attempt(postgres_server: PostgresServer, books: str):
    """Whoever committed says that nobody knows; the row tells."""
    async with Proxy(postgres_server.url) as proxy:
        inbox = PostgresInbox(by_way_of(proxy, postgres_server.url), WHAT, 90)
        writing = inbox.new_transaction(ENTRY)
        await (await writing.connection()).execute("INSERT INTO booked VALUES (4)")
        proxy.lose_answer_to("COMMIT")
        with pytest.raises(ServerUnavailableError):
            await writing.commit(HandlerEffects((), {"a": "1"}, {}))
        assert proxy.lost == 1
        assert await inbox.find_effects(ENTRY) == HandlerEffects((), {"a": "1"}, {})
        await inbox.close()
    assert booked(books) == [4]


async def test_what_was_rolled_back_is_closed_to_whoever_has_kept_it(books: str):
    """Code that is left behind after its timeout must not speak within another's transaction."""
    inbox = PostgresInbox(books, WHAT, 90)
    writing = inbox.new_transaction(ENTRY)
    connection = await writing.connection()
    await connection.execute("INSERT INTO booked VALUES (5)")
    await writing.roll_back()
    await writing.roll_back()
    assert connection.closed
    assert (booked(books), rows(books)) == ([], 0)
    await inbox.close()


async def test_rows_that_are_too_old_are_removed(books: str):
    """By whoever comes first after a while."""
    inbox = PostgresInbox(books, WHAT, 90)
    for number in (1, 2):
        writing = inbox.new_transaction(InboxEntry("orders", "books", uuid(number)))
        await writing.connection()
        await writing.commit(HandlerEffects((), {}, {}))
    with psycopg.connect(books, autocommit=True) as owner:
        owner.execute("UPDATE causeline.inbox SET at = now() - interval '91 days' WHERE event = %s", (uuid(1),))
    await inbox.close()
    other = PostgresInbox(books, WHAT, 90)
    assert await other.find_effects(InboxEntry("orders", "books", uuid(2))) is not None
    await other.close()
    assert rows(books) == 1


async def test_many_that_come_first_make_one_table(books: str):
    """Each finds it."""
    inboxes = [PostgresInbox(books, WHAT, 90) for _ in range(5)]
    assert await asyncio.gather(*(inbox.find_effects(ENTRY) for inbox in inboxes)) == [None] * 5
    for inbox in inboxes:
        await inbox.close()


@pytest.fixture
def guests(postgres_server: PostgresServer) -> Iterator[tuple[str, psycopg.Connection]]:
    """The address of a database for a user who may create no schema there, and a connection of its owner's."""
    with psycopg.connect(postgres_server.admin, autocommit=True) as admin:
        admin.execute("CREATE DATABASE visited")
        admin.execute("CREATE ROLE visitor LOGIN")
        try:
            with psycopg.connect(postgres_server.admin.rpartition("/")[0] + "/visited", autocommit=True) as owner:
                yield postgres_server.url.replace("causeline@", "visitor@").rpartition("/")[0] + "/visited", owner
        finally:
            admin.execute("DROP DATABASE visited WITH (FORCE)")
            admin.execute("DROP ROLE visitor")


async def test_who_may_create_no_schema_is_told_what_to_grant_and_needs_no_more(
    guests: tuple[str, psycopg.Connection],
):
    """Where its owner has made one for this user, the table is made in it; in one of another user's that is told."""
    url, owner = guests
    inbox = PostgresInbox(url, WHAT, 90)
    with pytest.raises(CommandRefusedError, match="CREATE SCHEMA causeline AUTHORIZATION"):
        await inbox.find_effects(ENTRY)
    owner.execute("CREATE SCHEMA causeline")
    with pytest.raises(CommandRefusedError, match="GRANT USAGE, CREATE ON SCHEMA causeline"):
        await inbox.find_effects(ENTRY)
    owner.execute("DROP SCHEMA causeline")
    owner.execute("CREATE SCHEMA causeline AUTHORIZATION visitor")
    assert await inbox.find_effects(ENTRY) is None
    await inbox.close()


async def test_a_table_that_is_gone_is_made_again(books: str):
    """As of a database that was put back from before: one attempt fails, and no more."""
    inbox = PostgresInbox(books, WHAT, 90)
    assert await inbox.find_effects(ENTRY) is None
    with psycopg.connect(books, autocommit=True) as owner:
        owner.execute("DROP TABLE causeline.inbox")
    with pytest.raises(CommandRefusedError):
        await inbox.find_effects(ENTRY)
    assert await inbox.find_effects(ENTRY) is None
    await inbox.close()


async def test_a_database_that_lets_nobody_in_is_named_where_it_was_said(postgres_server: PostgresServer):
    """Without its password."""
    url = postgres_server.url.replace("//causeline@", "//nobody:secret@")
    with pytest.raises(ServerDeniedError, match="the database in inbox= of group books") as caught:
        await PostgresInbox(url, WHAT, 90).find_effects(ENTRY)
    assert "secret" not in str(caught.value)
    with pytest.raises(SettingsError, match=r"inbox= of group books='postgresql://.*can't be used"):
        Inboxes().of("postgresql://ann:secret@[half/x", "books")


@pytest.mark.parametrize("work", ["step", "handler"])
async def test_work_without_an_inbox_has_no_transaction(settings: Settings, facts: Recorder, work: str):
    """It is told what would have one."""
    app, told = App("logistics", settings=settings, observer=facts), []

    async def ask(order: int, ctx: Context) -> None:
        with pytest.raises(DefinitionError, match=r"subscribe\(\.\.\., inbox=URL\)"):
            await ctx.transaction()
        told.append(order)

    workflow = app.workflow("shipment", order=int)
    workflow.step(name="ask")(ask)
    app.subscribe(CHANNEL, group=NAME)(ask)
    async with app:
        await (app.start(workflow, order=7) if work == "step" else app.publish(CHANNEL, 7))
        await until(lambda: told == [7], "it was asked")


def test_an_inbox_that_can_not_be_is_refused_when_it_is_declared():
    """By the group's name, and without the address."""

    async def handle(order: int) -> None: ...

    assert checked_inbox("group 'a'", None, handle, ephemeral=False) == ""
    with pytest.raises(
        DefinitionError, match=r"^inbox= of group 'a' is not an address of a PostgreSQL database: write"
    ):
        checked_inbox("group 'a'", "mysql://secret@x", handle, ephemeral=False)
    with pytest.raises(DefinitionError, match="group 'a' is ephemeral, and has an inbox"):
        checked_inbox("group 'a'", "postgresql://x/y", handle, ephemeral=True)
    with pytest.raises(DefinitionError, match="its handler is sync: make it async"):
        checked_inbox("group 'a'", "postgresql://x/y", lambda order: order, ephemeral=False)
