"""What an author says of RabbitMQ is refused where it can't be, when it is said."""

from typing import Any

import pytest

from runtime import App
from runtime.definitions.serving import Serving
from runtime.errors import DefinitionError

DeclarationOf = dict[str, Any]


@pytest.mark.parametrize(
    ("declared", "given", "words"),
    [
        ("inbound", {"queue": "", "channel": "c"}, "queue '' can't be read: its name is a text of 1 to 255 bytes"),
        ("inbound", {"queue": "q" * 256, "channel": "c"}, "can't be read: its name is a text"),
        ("inbound", {"queue": 1, "channel": "c"}, "queue 1 can't be read"),
        ("inbound", {"queue": "q", "channel": "two words"}, "channel name 'two words' can't be used"),
        ("inbound", {"queue": "q", "channel": "c", "prefetch": 0}, "queue q can't be read with prefetch 0: take 1 to"),
        ("inbound", {"queue": "q", "channel": "c", "prefetch": "x"}, "queue q can't be read with prefetch 'x'"),
        ("inbound", {"queue": "q", "channel": "c", "prefetch": 2.5}, "queue q can't be read with prefetch 2.5"),
        ("inbound", {"queue": "q", "channel": "c", "prefetch": True}, "queue q can't be read with prefetch True"),
        ("inbound", {"queue": "q", "channel": "c", "declare": "no"}, "declare of queue 'q' can't be 'no': give"),
        ("inbound", {"queue": "q", "channel": "c", "agent": "a b"}, "agent name 'a b' can't be used"),
        ("outbound", {"channel": "c", "exchange": None}, "channel c can't go to exchange None"),
        ("outbound", {"channel": "c", "exchange": "x", "routing_key": "k" * 256}, "texts of 255 bytes at most"),
        ("outbound", {"channel": "c", "exchange": "x", "at_once": 0}, "can't send 0 messages at once: take 1 to"),
        ("outbound", {"channel": "c", "exchange": "x", "at_once": 1.5}, "can't send 1.5 messages at once"),
        ("outbound", {"channel": "c", "exchange": "x", "order_by": "a..b"}, "'rabbitmq.x' can't be ordered by 'a..b'"),
        ("outbound", {"channel": "c", "exchange": "x", "order_by": 3}, "group 'rabbitmq.x' can't be ordered by 3"),
        ("outbound", {"channel": "c", "exchange": "x", "agent": 3}, "the agent of group 'rabbitmq.x' can't be 3"),
        ("outbound", {"channel": "c", "exchange": "x", "retry": 3}, "retry"),
        ("dead_letters", {"queue": "two words"}, "channel name 'two words' can't be used"),
        ("dead_letters", {"queue": None}, "channel name None can't be used"),
    ],
)
def test_what_can_not_be_is_refused_by_name(declared: str, given: DeclarationOf, words: str) -> None:
    """With what to give instead."""
    with pytest.raises(DefinitionError) as refused:
        getattr(App("shop").rabbitmq, declared)(**given)
    assert words in str(refused.value)


def test_a_queue_is_read_once_and_a_group_sends_once() -> None:
    """Each message of a queue that is read twice would go to one of the two."""
    app = App("shop")
    app.rabbitmq.inbound(queue="q", channel="a")
    with pytest.raises(DefinitionError, match="queue q is read twice"):
        app.rabbitmq.dead_letters(queue="q")
    app.rabbitmq.outbound(channel="c", exchange="x", routing_key="one")
    with pytest.raises(DefinitionError, match=r"group 'rabbitmq\.x' of channel c has two handlers: rename one group"):
        app.rabbitmq.outbound(channel="c", exchange="x", routing_key="two")
    app.rabbitmq.outbound(channel="c", exchange="x", routing_key="two", group="rabbitmq.x.two")


def test_names_that_no_group_can_have_are_made_ones() -> None:
    """Exchanges are named more freely than groups."""
    app = App("shop")
    app.rabbitmq.outbound(channel="c", exchange="ein Tausch: ü")
    assert [one.group for one in app.build().subscriptions] == ["rabbitmq.ein-Tausch---"]


def test_a_worker_for_other_agents_or_for_steps_alone_reads_no_queue() -> None:
    """And one for its agent reads it, and does nothing else."""
    app = App("shop")
    app.rabbitmq.inbound(queue="q", channel="a")
    app.rabbitmq.inbound(queue="r", channel="a", agent="importer")

    @app.subscribe("a", group="books", agent="clerk")
    async def enter(payload: Any) -> None: ...

    built = app.build()
    queues = {
        words: [one.queue for one in serving.inbounds(built)]
        for words, serving in {
            "all": Serving(),
            "rabbitmq": Serving(frozenset({"rabbitmq"})),
            "importer": Serving(frozenset({"importer"})),
            "clerk": Serving(frozenset({"clerk"})),
            "steps": Serving(only="steps"),
            "groups": Serving(only="groups"),
        }.items()
    }
    assert queues == {
        "all": ["q", "r"],
        "rabbitmq": ["q"],
        "importer": ["r"],
        "clerk": [],
        "steps": [],
        "groups": ["q", "r"],
    }
    Serving(frozenset({"importer"})).require_work(built)
    with pytest.raises(DefinitionError, match="are for clerk, importer, rabbitmq"):
        Serving(frozenset({"nobody"})).require_work(built)


def test_an_app_that_only_reads_a_queue_has_something_to_do() -> None:
    """Its events are others' to handle."""
    app = App("shop")
    app.rabbitmq.inbound(queue="q", channel="a")
    Serving().require_work(app.build())
