"""Who is there: by agent, with what each does, what bounds it, and what waits."""

import re

from collector.models import AgentDue, AgentLimit, AppBacklog, UnderWay, WaitingStep, Worker, WorkerList
from dashboard import wording
from dashboard.views.workers import agents
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def worker(name: str, silent: float = 0.1, **facts: object) -> Worker:
    """A worker of an app, heard of so many seconds ago."""
    known: dict[str, object] = {
        "app": "crew",
        "name": name,
        "host": "h",
        "process": 1,
        "version": "1",
        "slots": 4,
        "is_cell": False,
        "started_at": None,
        "silent_seconds": silent,
    }
    return Worker.model_validate(known | facts)


def app(workers: int, due: int = 0, **facts: object) -> AppBacklog:
    """What an app owes."""
    known: dict[str, object] = {
        "app": "crew",
        "workers": workers,
        "slots": 4,
        "due": due,
        "under_way": 0,
        "suspects": 0,
    }
    return AppBacklog.model_validate(known | facts)


def waits(agent: str, count: int) -> AgentDue:
    """Steps that are due for an agent."""
    return AgentDue(agent=agent, due=count, oldest=WaitingStep(run_id="r", workflow="w", step="s", seconds=3))


def test_who_serves_an_agent_is_alive_and_does_its_work() -> None:
    """One that is silent serves nobody any more; who is there for all does what is for no agent of a name, too."""
    work = [UnderWay(name="w/s of run r", agent="research", run_id="r"), UnderWay(name="w/t of run r", agent="t")]
    items = [
        worker("gone", 99, serves=["research"]),
        worker("all", serves=["research", "review"]),
        worker("one", agents=["research"], serves=["research"], work=work),
    ]
    found = agents.list_agents(WorkerList(items=items, apps=[app(2)]))
    assert [(one.name, [w.name for w in one.workers], [w.name for w in one.work]) for one in found] == [
        ("research", ["all", "one"], ["w/s of run r"]),
        ("review", ["all"], []),
        ("", ["all"], ["w/t of run r"]),
    ]


def test_what_nobody_serves_comes_first_and_then_what_waits_for_its_limit() -> None:
    """Those need a look. What is due for no agent is counted apart."""
    lanes = [waits("research", 2), waits("review", 3)]
    limit = AgentLimit(agent="research", at_once=1, at_once_used=1)
    oldest = WaitingStep(run_id="r", workflow="w", step="s", seconds=3)
    facts = {"lanes": lanes, "limits": [limit], "oldest": oldest, "unserved": [lanes[1].model_dump()]}
    items = [worker("all", serves=["research", "draft"])]
    found = agents.list_agents(WorkerList(items=items, apps=[app(1, due=7, **facts)]))
    assert [(one.name, one.is_served, one.is_full, one.due.due if one.due else 0) for one in found] == [
        ("review", False, False, 3),
        ("research", True, True, 2),
        ("draft", True, False, 0),
        ("", True, False, 2),
    ]


def test_agents_are_shown_with_work_limits_and_what_waits(at_collector: FakeCollector, world: World) -> None:
    """Each piece leads to its run, and what waits to that of the oldest step."""
    page = draw("workers")
    run, other = list(world.runs)[:2]
    by_agent = {row["cells"][0][0]["text"]: row for row in rows_of(page) if len(row["cells"]) == 5}

    def said(name: str) -> list[str]:
        cells = by_agent[name]["cells"]
        return [" ".join(part["text"] for part in cell).replace(wording.NO_BREAK, " ") for cell in cells]

    assert said("research")[1:] == [
        "2 workers 1.4",
        "shipment/sorting for 1 min shipment/sorting for 1 min",
        "2 of 2 at once 3 of 60 calls a minute",
        "5 steps, the first for 2 min for its limit",
    ]
    assert said("review")[1::3] == ["no worker", "2 steps, the first for 2 min nobody serves it"]
    links = [part["href"] for part in by_agent["research"]["cells"][2] if "href" in part]
    assert [re.findall("run=([^&]*)", link) for link in links] == [[run], [other]]


def test_before_anybody_works_it_is_said_how_to_begin(at_collector: FakeCollector, world: World) -> None:
    """An empty page is no answer."""
    world.events.clear()
    assert "causeline worker module:app" in text_of(draw("workers"))


def test_one_app_is_seen_alone(at_collector: FakeCollector) -> None:
    """And one click leads to all of them."""
    page = draw("workers", app="logistics")
    assert "Only :blue-badge[logistics]" in text_of(page)
