"""Accuracy along chains, put together tie by tie, is what all records say at once."""

import random
from collections.abc import Iterator
from uuid import UUID

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.otlp.decode.spans import decode
from collector.questions import chains
from collector.questions.windows import Range
from collector.store import materialized
from collector.store.database import Database, Row
from collector.store.records import RecordWriter
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.api.test_accuracy import scored
from tests.collector.questions.all_depths import truth
from tests.collector.story import MS, ORIGIN_NS, Story, Where, place, uid

#: Stories, and orders in which their spans come; more of them in the battery.
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(2, 10))]
#: The times that are asked about: all, and parts of it that cut chains in two.
RANGES = [Range(0, 2**62, None), *(Range(ORIGIN_NS + at * MS, ORIGIN_NS + (at + 400) * MS, None) for at in (100,))]


class Chance:
    """A story whose nodes have random causes among those before them, or none, or one that nobody knows."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.story = Story()
        self._made: list[tuple[UUID, str]] = []
        self._correlations = [None, *[uid("one")] * 9, uid("another")]
        self._at = 0

    def tell(self, nodes: int) -> list[Span]:
        """So many nodes, in a random order."""
        for number in range(nodes):
            self.random.choice((self._run, self._event, self._event))(f"node-{number}")
        spans = self.story.spans
        self.random.shuffle(spans)
        return spans

    def _cause(self) -> tuple[UUID | None, str]:
        if self.random.random() < 0.1:
            return self.random.choice(((None, ""), (uid("unknown"), "unknown")))
        return self.random.choice(self._made[-3:] or [(None, "")])

    def _node(self, kind: NodeKind, node: UUID, where: Where, **more: str | int) -> Span:
        self._at += self.random.randrange(12)
        cause = self._cause()[0] if kind in (NodeKind.RUN, NodeKind.EVENT) else None
        correlation = self.random.choice(self._correlations)
        return self.story.node(
            kind, node, kind.value, where, cause=cause, correlation=correlation, at=self._at, more=more
        )

    def _run(self, name: str) -> None:
        node = uid(name)
        of_run = {semconv.WORKFLOW: self.random.choice("ab"), semconv.RUN_ID: str(node)}
        self._node(NodeKind.RUN, node, place(name, "start"), **of_run)
        for index in range(self.random.randrange(3)):
            step = identity.step_id(node, f"step-{index}")
            more: dict[str, str | int] = {**of_run, semconv.STEP: f"step-{index}"}
            if self.random.random() < 0.8:
                more[semconv.DEPTH] = self.random.randrange(4)
            if self.random.random() < 0.5:
                more[semconv.CONTEXT_SIZE] = self.random.randrange(2_000)
            self._attempts(NodeKind.STEP, step, name, f"step-{index}", more)
            self._made.append((step, name))

    def _event(self, name: str) -> None:
        node, channel = uid(name), self.random.choice("xy")
        about = {semconv.CHANNEL: channel, semconv.EVENT_ID: str(node)}
        size = {semconv.PAYLOAD_SIZE: self.random.randrange(900)}
        self._node(NodeKind.EVENT, node, place(name, "event"), **about, **size)
        for group in range(self.random.randrange(3)):
            delivery = identity.delivery_id(node, f"group-{group}", 0)
            round_ = self.random.choice((0, 0, 0, 1))
            more: dict[str, str | int] = {**about, semconv.GROUP: f"group-{group}", semconv.ROUND: round_}
            if self.random.random() < 0.15:
                letter: dict[str, str | int] = {
                    **about,
                    semconv.ROUND: 0,
                    semconv.ATTEMPTS: 0,
                    semconv.REASON: "max_attempts",
                }
                where = place(name, f"letter-{group}")
                self.story.node(
                    NodeKind.DEAD_LETTER,
                    identity.dead_letter_id(delivery),
                    "dead_letter",
                    where,
                    cause=delivery,
                    correlation=self.random.choice(self._correlations),
                    at=self._at,
                    more=letter,
                )
            else:
                self._attempts(NodeKind.DELIVERY, delivery, name, f"group-{group}", more)
            self._made.append((delivery, name))

    def _attempts(self, kind: NodeKind, node: UUID, trace: str, name: str, more: dict[str, str | int]) -> None:
        for attempt in range(1, self.random.randint(1, 2) + 1):
            where = place(trace, f"{name}-{attempt}")
            told = {**more, semconv.ATTEMPT: attempt, semconv.OUTCOME: self.random.choice(("ok", "retry", "skipped"))}
            if self.random.random() < 0.3:
                marker = {**more, semconv.ATTEMPT: attempt, semconv.PENDING: True}
                aside = place(trace, f"{name}-{attempt}-marker")
                self.story.node(kind, node, name, aside, at=self._at, more=marker, parent=where)
                if self.random.random() < 0.4:
                    continue
            span = self._node(kind, node, where, **told)
            for score in ("correct", "polite"):
                if self.random.random() < 0.5:
                    scored(span, self.random.choice((0.0, 1.0, 7.0)), score)
            self._calls(trace, where, f"{name}-{attempt}")

    def _calls(self, trace: str, parent: Where, name: str) -> None:
        for number in range(self.random.choice((0, 0, 1, 2))):
            kind = self.random.choice(("chat", "invoke_agent"))
            tokens = self.random.randrange(3_000)
            said = {"gen_ai.operation.name": kind, "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": tokens}
            where = place(trace, f"{name}-call-{number}")
            self.story.add(f"{kind} m", where, parent=parent, attributes=said, at=self._at)
            parent = self.random.choice((parent, where))


def asked(database: Database) -> Iterator[tuple[list[Row], list[Row]]]:
    """What is answered of each range, and what should be."""
    for within in RANGES:
        with database.reading() as session:
            yield chains.count_scored_nodes(session, within), truth(database, within)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_records_come_accuracy_is_that_of_all_of_them(
    seed: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many ties are followed one by one, and whatever was worked out ahead meanwhile."""
    chance = Chance(seed)
    spans, deepest = chance.tell(40), 0
    records = RecordWriter(database)
    while spans:
        count = chance.random.choice((60, 120))
        with database.writing() as session:
            records.write(session, decode(Story().request(spans[:count])))
        del spans[:count]
        if chance.random.random() < 0.5:
            materialized.materialize_slice(database, chance.random.choice((10, 1_000)))
        monkeypatch.setattr(chains, "_ONE_BY_ONE", chance.random.choice((0, 2, 32)))
        for found, expected in asked(database):
            assert found == expected
            deepest = max([deepest, *(row["depth"] for row in expected)])
    assert deepest > 2  # beyond what is followed one by one
    assert {row["token_octave"] is None for row in expected} == {True, False}
