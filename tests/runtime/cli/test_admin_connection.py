"""What an operator sees and does from the command line, against a real server."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
import typer
from pydantic import SecretStr

from runtime import App, Budget, Context, Event, NonRetryableError, Retry
from runtime.admin import Admin
from runtime.cli.apps import load
from runtime.errors import RunFailedError
from runtime.resilience.limits import Limit
from runtime.state.presence import WorkerActivity, WorkerRecord, WorkPiece
from runtime.state.tasks import Task
from tests.runtime.cli.commands import Call, Ended
from tests.waiting import until

pytestmark = pytest.mark.redis

UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
ODD = "S-1 <b>[red]x[/red] \u202e\x1b[31m"

T = TypeVar("T")


class Shop:
    """An app whose second step fails until the world is mended, and whose only group gives all events up."""

    def __init__(self) -> None:
        self.app = App("shop", version="1.4 [b]")
        self.order = self.app.workflow("order", number=int, card=SecretStr)
        self.is_mended = False
        self.order.step(name="reserve")(lambda number, card: number)
        self.order.step(name="pay", retry=Retry(attempts=1))(self.pay)
        self.app.subscribe("orders", group="books")(self.book)

    def pay(self, reserve: int) -> int:
        if not self.is_mended:
            raise ValueError("no [red]money[/red]")
        return reserve

    def book(self, event: Event[int]) -> None:
        raise NonRetryableError("no books")

    def do(self, work: Callable[[], Awaitable[T]], *, works: bool = True) -> T:
        """Does something while the app works, or is only connected."""

        async def connected() -> T:
            async with self.app if works else self.app.client():
                return await work()

        return asyncio.run(connected())

    async def start(self) -> UUID:
        return (await self.app.start(self.order, subject=ODD, number=7, card=SecretStr("4929"))).id

    async def fail(self) -> UUID:
        run = await self.start()
        with pytest.raises(RunFailedError):
            await (await self.app.get_run(run)).result(10)
        return run

    async def publish(self) -> UUID:
        return await self.app.publish("orders", 1)


def test_a_run_is_shown_with_what_it_failed_of_and_without_its_secrets(call: Call) -> None:
    """Text of others is neither markup nor a command to the terminal, and the codec's notes are nobody's business."""
    shop = Shop()
    run = shop.do(shop.fail)
    ended = call("runs", "show", run)
    assert (ended.status, ended.err) == (0, "")
    lines = {line.partition("  ")[0]: line.partition("  ")[2].strip() for line in ended.out.splitlines()}
    assert lines["run"] == str(run)
    assert (lines["app"], lines["version"], lines["workflow"]) == ("shop", "1.4 [b]", "order")
    assert (lines["status"], lines["failed step"]) == ("failed", "pay")
    assert lines["error"] == "ValueError: no [red]money[/red]"
    assert lines["subject"] == "S-1 <b>[red]x[/red] \ufffd\ufffd[31m"
    assert ended.out.endswith('inputs\nnumber = 7\ncard = "**********"\n')


def test_the_keys_of_a_run_are_listed_and_one_is_printed_without_its_secrets(call: Call) -> None:
    """Who reads them the collector knows; what the server keeps is shown without it."""
    shop = Shop()
    run = shop.do(shop.fail)
    ended = call("state", "show", run)
    lines = [line.split() for line in ended.out.splitlines()]
    assert lines[0] == ["key", "kind", "bytes", "written", "by", "read", "by"]
    assert [line[:2] for line in lines[1:4]] == [["number", "input"], ["card", "input"], ["reserve", "result"]]
    assert (lines[1][2], lines[3][2:4]) == ("1", ["1", "reserve"])
    assert "who reads and writes them is not known: no collector answers at" in ended.out
    assert "4929" not in ended.out
    assert call("state", "show", run, "--key", "reserve") == Ended(0, "7\n", "")
    assert call("state", "show", run, "--key", "card").out == '"**********"\n'
    missing = call("state", "show", run, "--key", "hub")
    assert (missing.status, missing.err) == (
        2,
        f"causeline: run {run} has no key 'hub': `causeline state show {run}` lists those it has\n",
    )
    assert "no app has a run" in call("state", "show", UNKNOWN).err


def test_a_failed_run_is_resumed_once_and_the_audit_knows_who_did_it(call: Call) -> None:
    """What it then is can't be resumed again, and is said."""
    shop = Shop()
    run = shop.do(shop.fail)
    assert call("runs", "resume", run, "--by", "ada [b]") == Ended(0, f"run {run} goes on\n", "")
    again = call("runs", "resume", run, "--by", "bob")
    assert again == Ended(2, "", f"causeline: run {run} is running: only a run that failed can be resumed\n")
    shop.is_mended = True
    shop.do(lambda: result(shop, run))
    assert "ok, resumed once" in call("runs", "show", run).out
    assert call("runs", "resume", run).err == f"causeline: run {run} is ok: only a run that failed can be resumed\n"
    audit = call("audit").out
    assert audit.count("resume") == 1
    assert "ada [b]" in audit
    assert "from step pay" in audit


async def result(shop: Shop, run: UUID) -> UUID:
    assert await (await shop.app.get_run(run)).result(10) == 7
    return run


def test_a_run_shows_its_deadline_while_it_goes_on(call: Call) -> None:
    """Not once it is over."""
    shop = Shop()

    async def start() -> UUID:
        return (await shop.app.start(shop.order, number=7, card=SecretStr("4929"), deadline=3600)).id

    run = shop.do(start, works=False)
    assert "deadline" in call("runs", "show", run).out
    call("runs", "cancel", run)
    assert "deadline" not in call("runs", "show", run).out


def test_a_run_is_cancelled_once_and_stays_so(call: Call) -> None:
    """A second call says that it had ended; it can't be resumed."""
    shop = Shop()
    run = shop.do(shop.start, works=False)
    assert call("runs", "cancel", run, "--by", "ada") == Ended(0, f"run {run} is cancelled\n", "")
    assert call("runs", "cancel", run, "--by", "bob") == Ended(0, f"run {run} had ended before\n", "")
    refused = call("runs", "resume", run)
    assert refused == Ended(2, "", f"causeline: run {run} is cancelled: only a run that failed can be resumed\n")
    audit = call("audit").out
    assert (audit.count("cancel"), "ada" in audit, "bob" in audit) == (1, True, False)


def test_what_a_run_has_done_is_undone_and_what_could_not_be_is_tried_again(call: Call) -> None:
    """The page says which step, and how to go on; afterwards there is nothing left to undo, nor to go on from."""
    shop = Shop()
    is_away = True

    def refund(book: int | None) -> None:
        if is_away:
            raise OSError("the bank is away")

    flow = shop.app.workflow("undone", number=int)
    flow.step(name="book", undo=refund, retry=Retry(attempts=1))(lambda number: number)
    flow.step(name="ship", retry=Retry(attempts=1))(lambda book: 1 // 0)

    async def fail() -> UUID:
        run = await shop.app.start(flow, number=7)
        with pytest.raises(RunFailedError):
            await run.result(10)
        return run.id

    run = shop.do(fail)
    page = call("runs", "show", run).out
    assert "failed, undone in part: try again with `causeline runs undo`" in page
    assert "OSError: the bank is away" in page
    is_away = False
    assert call("runs", "undo", run, "--by", "ada") == Ended(0, f"run {run} is being undone\n", "")
    assert "undoing, then failed" in call("runs", "show", run).out

    async def work() -> UUID:
        await shop.app.drain(10)
        return run

    shop.do(work)
    assert "failed, undone" in call("runs", "show", run).out
    assert call("runs", "undo", run) == Ended(0, f"run {run} has nothing to undo\n", "")
    resumed = call("runs", "resume", run)
    assert resumed.err == (
        f"causeline: run {run} was undone when it failed: what it would go on from is gone; start it anew\n"
    )
    assert "undo" in call("audit").out


def test_runs_are_moved_to_the_shape_of_the_code(call: Call, tmp_path: Path) -> None:
    """What a newer version has added is done; who said so is known."""
    former = App("deployed")
    flow = former.workflow("order", number=int)
    flow.step(name="reserve")(lambda number: number)

    async def start() -> UUID:
        async with former.client():
            return (await former.start(flow, number=7)).id

    run = asyncio.run(start())
    (tmp_path / "deployed.py").write_text(
        "from causeline import App\n"
        "app = App('deployed')\n"
        "flow = app.workflow('order', number=int)\n"
        "flow.step(name='reserve')(lambda number: number)\n"
        "flow.step(name='ship')(lambda reserve: reserve)\n"
    )
    program = str(tmp_path / "deployed.py")
    moved = call("runs", "move", program, "--by", "ada")
    assert moved.out.splitlines() == [
        f"run {run} of order: moved: 0 of 2 steps stay as they are",
        "1 runs have the shape of deployed as its code is now",
    ]
    (tmp_path / "later.py").write_text((tmp_path / "deployed.py").read_text())
    again = call("runs", "move", tmp_path / "later.py")
    assert (again.err, again.out) == ("", "0 runs have the shape of deployed as its code is now\n")


def test_a_budget_is_seen_raised_and_cancelled(call: Call) -> None:
    """What is parked under it goes on, or ends."""
    shop = Shop()
    shop.is_mended = True

    async def start() -> UUID:
        run = await shop.app.start(shop.order, number=7, card=SecretStr("4929"), budget=Budget(hops=1, tokens=9))
        await shop.app.drain(10)
        return run.id

    assert "no budgets" in call("budgets", "list").out
    run = shop.do(start)
    listed = call("budgets", "list").out
    assert str(run) in listed
    assert "run of order" in listed
    assert "0 of 9 tokens, 1 of 1 hops" in listed
    shown = call("budgets", "show", run).out
    assert "run of order of shop, spent: 0 of 9 tokens, 1 of 1 hops" in shown
    assert f"step 'pay' of run {run}" in shown
    assert call("budgets", "raise", run).err == ("causeline: say what is added: --usd, --tokens, --hops or --minutes\n")
    raised = call("budgets", "raise", run, "--hops", 1, "--by", "ada")
    assert raised.out == f"budget {run} is raised; 1 parked steps and deliveries ask again\n"
    cancelled = call("budgets", "cancel", run, "--by", "ada")
    assert cancelled.out == f"budget {run} is cancelled; 0 parked steps and deliveries end\n"
    assert "cancelled by ada" in call("budgets", "list").out
    assert call("budgets", "show", UNKNOWN).err == (
        f"causeline: no budget was declared with the run or event {UNKNOWN} on this server\n"
    )


def test_a_run_that_goes_on_is_not_undone(call: Call) -> None:
    """It says what to do instead."""
    shop = Shop()
    run = shop.do(shop.start, works=False)
    refused = call("runs", "undo", run)
    assert refused == Ended(2, "", f"causeline: run {run} goes on: cancel it, and what it has done is undone\n")


def test_a_run_s_stream_is_printed_to_its_end(call: Call) -> None:
    """From the beginning, or behind an offset."""
    shop = Shop()
    shop.is_mended = True

    async def speak(context: Context) -> int:
        await context.stream("Hello")
        await context.stream(ODD)
        return 1

    talk = shop.app.workflow("talk")
    talk.step(name="speak")(speak)

    async def ended() -> UUID:
        run = await shop.app.start(talk)
        await run.result(10)
        return run.id

    run = shop.do(ended)
    told = call("runs", "stream", run).out
    assert told.splitlines()[0] == "--- step speak, attempt 1 ---"
    assert told.splitlines()[-1] == "--- the run is ok ---"
    assert "HelloS-1 <b>[red]x[/red]" in told
    lines = [json.loads(line) for line in call("runs", "stream", run, "--json", "--after", 1).out.splitlines()]
    assert [(line["kind"], line["offset"], line.get("value")) for line in lines] == [
        ("chunk", 2, ODD),
        ("end", 2, None),
    ]
    refused = call("runs", "stream", run, "--after", 3)
    assert (refused.status, "streamed nothing with offset 3: the last one is 2" in refused.err) == (2, True)


@pytest.mark.parametrize("action", ["show", "stream", "cancel", "resume", "undo"])
def test_a_run_that_no_app_has_is_one_line(call: Call, action: str) -> None:
    """On an empty server, and on one whose apps have others."""
    for _ in range(2):
        ended = call("runs", action, UNKNOWN)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith(f"causeline: no app has a run {UNKNOWN} on this server")
        assert ended.err.count("\n") == 1
        shop = Shop()
        shop.do(shop.start, works=False)


def test_groups_are_listed_with_what_they_owe_and_who_serves_them(call: Call) -> None:
    """Nobody who works is said never to have been heard of."""
    assert call("groups", "list") == Ended(0, "no groups\n", "")
    shop = Shop()
    shop.do(shop.publish)
    head, row = call("groups", "list").out.splitlines()
    assert head.split("  ")[0] == "channel"
    assert row.split() == ["orders", "books", "shop", "0", "0", "0", "1", "0", "0", "unknown"]
    assert call("workers") == Ended(0, "no workers\n", "")

    async def looking() -> UUID:
        seen.append(await asyncio.to_thread(call, "groups", "list"))
        seen.append(await asyncio.to_thread(call, "workers"))
        return UNKNOWN

    seen: list[Ended] = []
    shop.do(looking)
    groups, workers = (ended.out.splitlines()[1].split() for ended in seen)
    assert groups == ["orders", "books", "shop", "1", "0", "0", "1", "0", "0", "now"]
    assert workers[1:5] == ["shop", "all", "1.4", "[b]"]
    assert "16" in workers


def test_an_agent_without_workers_is_named(call: Call) -> None:
    """With what is due for it, below those who work."""
    shop = Shop()

    async def waiting() -> UUID:
        run = await shop.start()
        await shop.app.session.store.set_aside({Task(run, "order", "reserve"): "reserve"})
        limits = (Limit("pay", at_once=2, tokens_per_minute=9_000),)
        record = WorkerRecord("w1", "host", 7, 4, "2", 1, agents=("pay",), only="steps", limits=limits)
        await shop.app.session.presence.join(record)
        await shop.app.session.presence.beat(
            "w1", WorkerActivity(3, tuple(WorkPiece(f"order/pay of run {n}") for n in (1, 2)))
        )
        seen.append(await asyncio.to_thread(call, "workers"))
        return run

    seen: list[Ended] = []
    shop.do(waiting, works=False)
    _, row, more, rest, limit, unserved = seen[0].out.splitlines()
    assert row.split()[:5] == ["w1", "shop", "pay", "(steps)", "2"]
    assert (row.split()[-4:], more.split()) == (["order/pay", "of", "run", "1"], ["order/pay", "of", "run", "2"])
    assert rest.split() == ["and", "1", "more"]
    assert limit == "shop: agent pay has used 0 of 2 at once, 0 of 9,000 tokens in the last minute"
    assert unserved == "shop: 1 step is due for agent reserve, the first for 0 s, and no live worker serves it"


def test_what_takes_turns_by_key_is_told_with_the_keys_that_wait_the_longest(call: Call) -> None:
    """A value is somebody's words: they are shown as they are, and change nothing of the line."""
    shop = Shop()

    async def waiting() -> UUID:
        store = shop.app.session.store
        limits = [Limit("agent reserve by tenant", 1, key="tenant")]
        for value in ("[red]acme[/]", "it's", "", "more", "late"):
            run = await shop.start()
            if value:
                await store._client.hset(store.keys.run(run), "by", json.dumps({"tenant": value}))
            task = Task(run, "order", "reserve")
            await store.set_aside({task: "reserve"}, {task: limits})
        seen.append(await asyncio.to_thread(call, "workers"))
        return run

    seen: list[Ended] = []
    shop.do(waiting, works=False)
    assert seen[0].out.splitlines()[-1] == (
        "shop: 5 steps are due for agent reserve, the first for 0 s; in turn by key, the longest: "
        "tenant '[red]acme[/]' 1 for 0 s, "
        'tenant "it\'s" 1 for 0 s, runs without a key 1 for 0 s, and no live worker serves it'
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--agent", "serch"), "nothing in app crew is for agent 'serch': did you mean 'search'? its steps and"),
        (("--only", "groups"), "app crew has no groups: such a worker would have nothing to do"),
    ],
)
def test_a_worker_that_would_have_nothing_to_do_is_refused(
    call: Call, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    """Before it connects, in one line."""
    crew = tmp_path / f"crew{words[0].replace('-', '_')}.py"  # modules of one name are refused in one process
    crew.write_text(
        "from runtime import App\napp = App('crew')\napp.workflow('w').step(name='x', agent='search')(lambda: 1)\n"
    )
    ended = call("worker", crew, *words, "--concurrency", 2)
    assert ended.status == 2
    assert ended.err.startswith(f"causeline: {why}")
    assert ended.err.count("\n") == 1


def test_a_group_is_retired_only_by_somebody_who_says_why_and_means_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it owed is said; its letters stay readable, and nobody is told that a replay of them was sent."""
    shop = Shop()
    shop.do(shop.publish)
    shop.do(shop.publish, works=False)
    assert "Missing option '--because'" in call("groups", "retire", "orders", "books").err
    monkeypatch.setattr("typer.confirm", refuse)
    refused = call("groups", "retire", "orders", "books", "--because", "renamed")
    assert refused == Ended(1, "", "causeline: nothing was done\n")
    retired = call("groups", "retire", "orders", "books", "--because", "re[b]named", "--by", "ada", "--yes")
    said = "retired books of orders; it owed 1 due, 0 waiting for another attempt; 1 dead letter stays readable\n"
    assert retired == Ended(0, said, "")
    again = call("groups", "retire", "orders", "books", "--because", "renamed", "--yes")
    assert again == Ended(2, "", "causeline: channel orders has no group 'books'; it has: none\n")
    assert "re[b]named" in call("audit").out
    replayed = call("dlq", "replay", "--all", "--yes")
    assert "nothing: its group was retired" in replayed.out
    assert "discarded" in call("dlq", "discard", "--all", "--because", "gone", "--yes").out


def refuse(*_: object, **__: object) -> None:
    raise typer.Abort


def test_a_group_that_is_served_or_unknown_is_not_retired(call: Call) -> None:
    """The first is in use, and of the second it is said which there are."""
    shop = Shop()
    words = ("--because", "renamed", "--yes")

    async def retire() -> UUID:
        seen.append(await asyncio.to_thread(call, "groups", "retire", "orders", "books", *words))
        return UNKNOWN

    seen: list[Ended] = []
    shop.do(retire)
    assert seen[0].status == 2
    assert "books of channel orders is served by 1 live worker of app shop: remove its handler" in seen[0].err
    unknown = call("groups", "retire", "orders", "bo[b]oks", *words)
    assert unknown == Ended(2, "", "causeline: channel orders has no group 'bo[b]oks'; it has: books\n")
    nowhere = call("groups", "retire", "nowhere", "books", *words)
    there_is = "there is no channel nowhere: `causeline groups list` shows what there is"
    assert nowhere == Ended(2, "", f"causeline: {there_is}\n")


@pytest.mark.parametrize("words", [("groups", "list"), ("workers",), ("audit",), ("runs", "show", UNKNOWN)])
def test_a_server_that_is_away_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """As everywhere."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://127.0.0.1:1/0")
    ended = call(*words)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith("causeline: no Redis or Valkey server")


#: A step that waits for an answer, and one whose call may cost 300 tokens.
CREW = """
from causeline import App, Context, Usage
app = App("crew")
feature = app.workflow("feature", wish=str)

async def think(wish: str) -> str:
    return wish

@feature.step
async def ask(ctx: Context) -> bool:
    return await ctx.wait_for("approval", into=bool)

@feature.step
async def write(wish: str, ctx: Context) -> str:
    return await ctx.once("think", think, wish, at_most=Usage(tokens=300))
"""


def test_a_run_that_waits_for_its_budget_says_so_and_who_mistypes_a_wait_is_told(call: Call, tmp_path: Path) -> None:
    """Begun from the command line with a budget: what it needs, what is left, and what to do about it."""
    code = tmp_path / "crew_of_two.py"
    code.write_text(CREW)
    bad = call("runs", "start", code, "feature", "wish=dark", "--budget", "tokens=274,euro=2")
    del sys.modules[code.stem]  # each command is a process of its own
    assert "'euro=2' is not a limit: write such as usd=2,tokens=200000" in bad.err
    begun = call("runs", "start", code, "feature", "wish=dark", "--subject", "S-1", "--budget", "tokens=274")
    assert begun.err == ""
    run = UUID(begun.out.split()[-1])
    del sys.modules[code.stem]
    app = load(str(code))

    async def work() -> None:
        async def is_stuck() -> bool:
            account = await app.session.accounts.get(run)
            return bool(account and account.parked and await app.session.store.waits(run))

        async with app:
            await until(is_stuck, "one step waits, the other is parked")

    asyncio.run(work())
    shown = call("runs", "show", run)
    assert "running, waits for an answer, parked: a budget is spent" in shown.out
    assert "needs 300 tokens, 274 left, of the budget of run of feature for S-1" in shown.out
    assert f"causeline budgets raise {run} with --tokens" in shown.out
    assert "needs 300 tokens, 274 left" in call("budgets", "show", run).out
    typo = call("runs", "answer", run, "aproval", "true", "--by", "ann")
    assert (typo.status, "did you mean 'approval'?" in typo.err) == (2, True)
    early = call("runs", "answer", run, "later", "true", "--by", "ann", "--early")
    assert (early.status, "the answer is kept" in early.out) == (0, True)
    assert call("runs", "answer", run, "approval", "true", "--by", "ann").out == f"run {run} goes on\n"
    assert "approval, from step ask, by the command line" in call("audit").out


def test_the_end_of_an_id_is_enough_where_one_run_has_it(call: Call) -> None:
    """As lists show it; a slip is told from an id, and nobody guesses between two."""
    shop = Shop()
    run = shop.do(shop.start, works=False)
    assert str(run) in call("runs", "show", f"…{str(run)[-8:]}").out
    assert str(run) in call("runs", "show", str(run)[-6:]).out
    digit = "0" if str(run)[-1] != "0" else "1"
    assert "no run ends with" in call("runs", "show", str(run)[-8:-1] + digit).err
    assert "is not the id of a run: give it whole" in call("runs", "cancel", "first").err


def test_a_run_says_that_its_next_undo_waits_for_an_attempt_that_was_cut_off(call: Call) -> None:
    """Until when, for nothing else of it goes on meanwhile."""
    shop = Shop()
    flow = shop.app.workflow("held", number=int)
    flow.step(name="book", undo=lambda book: None)(lambda number: number)

    async def cut_off() -> UUID:
        run, store = await shop.app.start(flow, number=7), shop.app.session.store
        assert await store.claim(Task(run.id, "held", "book"), "w1|1", 30_000, (), has_undo=True)
        await run.cancel()
        return run.id

    run = shop.do(cut_off, works=False)
    page = " ".join(call("runs", "show", run).out.split())
    assert "next undo of step book, at " in page
    assert "an attempt at it was cut off, and may go on until its lease is over" in page


def test_steps_of_a_run_that_have_not_begun_are_known_with_those_that_they_wait_for(call: Call) -> None:
    """In the order of the shape that the run began with; whatever has begun is not among them."""
    shop = Shop()
    flow = shop.app.workflow("coming", number=int)
    flow.step(name="book")(lambda number: number)
    flow.step(name="ship")(lambda book: book)

    async def coming() -> list[dict[str, tuple[str, ...]]]:
        run, store = await shop.app.start(flow, number=7), shop.app.session.store
        admin = await Admin.connect(shop.app.session.server.url)
        try:
            found = await admin.run(run.id)
            assert found is not None
            before = await admin.to_come(found)
            assert await store.claim(Task(run.id, "coming", "book"), "w1|1", 30_000, ())
            return [before, await admin.to_come(found)]
        finally:
            await admin.close()

    assert shop.do(coming, works=False) == [{"book": (), "ship": ("book",)}, {"ship": ("book",)}]
