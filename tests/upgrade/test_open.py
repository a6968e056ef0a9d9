"""A home that a release made is opened by the code of today: nothing is lost, and nothing is done twice."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from runtime.embedded import join
from runtime.semconv import NodeKind
from tests.servers import KINDS, find_program
from tests.upgrade import opening, parcels, values
from tests.upgrade.looking import (
    REASONS,
    STATES,
    arrived,
    as_json,
    counters,
    dumped,
    forget_settings,
    payload,
    plain,
    states,
)
from tests.upgrade.opening import Opened, attempt, is_group
from tests.waiting import until_sync

pytestmark = pytest.mark.redis


def test_its_data_is_the_same_in_every_kind_of_server(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in one that did not write it, where no other is on the machine."""
    forget_settings(monkeypatch)
    programs = {kind: program for kind in KINDS if (program := find_program(kind))}
    homes = {kind: opening.unpack(version, tmp_path / kind) for kind in programs}
    servers = {}
    for kind, home in homes.items():
        with monkeypatch.context() as patch:
            patch.setenv("PATH", str(programs[kind].parent if kind == "redis" else tmp_path))
            servers[kind] = join(home)
    dumps = {kind: asyncio.run(dumped(server.url)) for kind, server in servers.items()}
    for server in servers.values():
        server.close()

    assert [kind for kind, home in homes.items() if f"{kind}-server" not in (home / "server.binary").read_text()] == []
    assert all(len(keys) > 50 for keys in dumps.values())
    assert all(keys == next(iter(dumps.values())) for keys in dumps.values())
    until_sync(lambda: not any((home / "server.json").exists() for home in homes.values()), "the servers end")


def test_it_holds_what_its_release_said(opened: Opened) -> None:
    """Every counter of every group, and every letter, before anything of today's app is there."""
    found = opened.looks["found"]
    assert counters(found) == {
        (one["channel"], one["group"]): [one[name] for name in ("owed", *STATES)] for one in opened.known["groups"]
    }
    assert {one.channel: one.published for one in found.channels} == {
        one["channel"]: one["published"] for one in opened.known["groups"]
    }
    assert found.letters.keys() == {one["id"] for one in opened.known["letters"]}


def test_groups_keep_their_place_when_the_app_of_today_comes(opened: Opened) -> None:
    """Also those whose name came from their function: there is each once, and it owes what it owed."""
    found, registered = opened.looks["found"], opened.looks["registered"]
    for one in opened.known["groups"]:
        then, now = found.group(one["channel"], one["group"]), registered.group(one["channel"], one["group"])
        assert states(now) == states(then)
        assert now.owed == then.owed
    assert len(counters(registered)) == len(counters(found))


def test_runs_that_were_under_way_end_well(opened: Opened) -> None:
    """Due, held by a dead worker, waiting for a retry, for others, or for a breaker: all of them."""
    going = [one for one in opened.known["runs"] if one["status"] == "running"]

    assert len(going) > 5
    ends = {one["subject"]: opened.runs[one["id"]] for one in going}
    assert {subject: (status, as_json(result)) for subject, (status, result) in ends.items()} == {
        one["subject"]: ("ok", {"paid": True} if one["workflow"] == "refund" else arrived(one["number"]))
        for one in going
    }


def test_runs_that_had_ended_stay_as_they_were(opened: Opened) -> None:
    """Well, failed and cancelled: their status, their result and why."""
    ended = [one for one in opened.known["runs"] if one["status"] != "running"]

    assert {one["status"] for one in ended} == {"ok", "failed", "cancelled"}
    for one in ended:
        status, result = opened.runs[one["id"]]
        assert status == one["status"]
        if status == "ok":
            assert as_json(result) == json.loads(one["committed"]["pay" if one["workflow"] == "refund" else "delivery"])
        else:
            assert one["id"] in result
            assert one["error"] in result
            assert one["failed_step"] in result


def test_what_was_due_is_done_once_and_nothing_is_done_again(opened: Opened) -> None:
    """Each attempt has the number that follows: those of dead workers count, and so do those before a long wait."""
    assert Counter(map(attempt, opened.attempts["due"])) == Counter(map(tuple, opened.known["due"]))


def test_a_breaker_that_was_open_holds_work_back_until_it_closes(opened: Opened) -> None:
    """A step and a delivery came due while it was open, and were called only afterwards."""
    behind = Counter(map(tuple, opened.known["behind_breaker"]))

    assert not behind & Counter(map(attempt, opened.attempts["due"]))
    assert Counter(map(attempt, opened.attempts["behind_breaker"])) == behind


def test_values_of_the_release_are_read_as_the_types_that_are_asked_for(opened: Opened) -> None:
    """Inputs, results, payloads and state of runs: models, whole numbers as keys, bytes, NaN."""
    seen: Counter[str] = Counter()
    for row in opened.rows():
        wanted = values.written_by_the_release(opened, row)
        mine = {name: value for name, value in row["seen"].items() if name in wanted}
        assert mine == {name: wanted[name] for name in mine}, attempt(row)
        seen.update(mine.keys())

    names = {"order", "tags", "pickup", "sorting", "weighing", "transit", "check", "state", "receipt", "plain", "bill"}
    assert seen.keys() == names


def test_state_of_groups_and_of_the_app_is_found(opened: Opened) -> None:
    """What the first event of each group left there, and what the app put."""
    handled = [row for row in opened.rows() if row["key"] in parcels.HANDLERS.values()]

    assert {row["key"] for row in handled} == set(parcels.HANDLERS.values())
    for row in handled:
        assert row["seen"]["first"] == values.first_of(opened, row["key"]), attempt(row)
    assert repr(opened.rates) == opened.known["rates"]


def test_letters_are_listed_with_their_payload_and_every_attempt(opened: Opened) -> None:
    """Of every reason, whatever became of them."""
    found = opened.looks["registered"].letters

    assert {one["reason"] for one in opened.known["letters"]} == REASONS
    for one in opened.known["letters"]:
        letter = found[one["id"]]
        assert is_group(letter.group, one["group"])
        assert plain(letter) == {name: one[name] for name in plain(letter)}
        assert letter.payload == payload(one["envelope"])
        if one["reason"] != "poison":  # of which no attempt failed: the collector says it in its own words
            assert letter.error == one["error"].strip(": ")
        history = [[past.round, past.attempt, past.error_type, past.message] for past in letter.history]
        assert history == one["history"]
        assert all(past.traceback for past in letter.history if past.error_type)


def test_letters_of_the_release_are_replayed_and_those_that_can_not_be_read_die_again(opened: Opened) -> None:
    """Each to the group that failed, in the round that follows."""
    dead = [one for one in opened.known["letters"] if one["state"] == "dead"]
    before, after = opened.looks["done"].letters, opened.looks["replayed"].letters

    assert Counter(map(attempt, opened.attempts["replayed"])) == Counter(map(tuple, opened.known["replayed"]))
    assert {one.dead_letter_id: one.status for one in opened.settled} == {one["id"]: "replayed" for one in dead}
    for one in dead:
        outcome = "dead" if one["reason"] == "undecodable" else "ok"
        letter = after[one["id"]]
        assert (letter.state, letter.replay_outcome, letter.operator) == ("replayed", outcome, "grace")
    born = [after[id_] for id_ in after.keys() - before.keys()]
    assert Counter((one.event_id, one.round, one.reason) for one in born) == Counter(
        (one["event"], one["round"] + 1, one["reason"]) for one in dead if one["reason"] == "undecodable"
    )
    assert {len(one.history) for one in born} == {2}


def test_letters_that_were_settled_stay_settled(opened: Opened) -> None:
    """The replay that had not been delivered yet has ended well; the audit tells all that operators did."""
    after = opened.looks["replayed"]
    for one in opened.known["letters"]:
        if one["state"] != "dead":
            letter = after.letters[one["id"]]
            outcome = "ok" if one["replay_outcome"] == "pending" else one["replay_outcome"] or None
            assert (letter.state, letter.replay_outcome, letter.operator) == (one["state"], outcome, one["operator"])
    audit = [
        {"action": one.action, "letter": one.dead_letter_id, "operator": one.operator, "reason": one.reason}
        for one in after.audit
    ]
    assert opened.looks["found"].audit == after.audit[-len(opened.known["audit"]) :]
    assert audit[-len(opened.known["audit"]) :] == opened.known["audit"]


@pytest.mark.parametrize("when", ["found", "registered", "done", "replayed"])
def test_the_ledger_adds_up_for_every_group(opened: Opened, when: str) -> None:
    """What a group owes is done, waits, or is dead."""
    groups = [group for channel in opened.looks[when].channels for group in channel.groups]

    assert [(one.group, one.owed) for one in groups if sum(states(one)) != one.owed] == []


def test_counters_are_those_of_the_release_and_what_was_done_since(opened: Opened) -> None:
    """Group by group; a copy of what was done counts as done and calls nobody."""
    found, done = opened.looks["found"], opened.looks["done"]
    worked = Counter(row["key"] for what in ("due", "behind_breaker") for row in opened.attempts[what])
    for one in opened.known["groups"]:
        channel, name = one["channel"], one["group"]
        then, now = found.group(channel, name), done.group(channel, name)
        if name == opening.UNSERVED:
            assert (now.done, now.pending) == (0, done.channel(channel).published)
        else:
            since = worked[parcels.HANDLERS[name]] + opened.known["copies"].get(channel, 0)
            assert states(now) == [then.done + since, 0, 0, then.dead, then.discarded]


def test_events_are_published_once(opened: Opened) -> None:
    """Those that dead workers left in outboxes too, and the one that had been carried is not carried again."""
    found, done = opened.looks["found"], opened.looks["done"]
    worked = Counter(row["key"] for what in ("due", "behind_breaker") for row in opened.attempts[what])
    since = {parcels.DELIVERED: worked["delivery"], parcels.BILLED: worked["billing"], parcels.LOST: 0}

    assert {one.channel: one.published for one in done.channels} == {
        channel: found.channel(channel).published + number + opened.known["on_their_way"].get(channel, 0)
        for channel, number in since.items()
    }


def test_the_collector_tells_of_all_runs_as_they_ended(opened: Opened) -> None:
    """Those that its database held, those that waited in the spool, and ends that nobody had told."""
    assert opened.told is not None
    ends = {one["id"]: "ok" if one["status"] == "running" else one["status"] for one in opened.known["runs"]}

    assert {id_: run.status.value for id_, run in opened.told.runs.items() if id_ in ends} == ends
    assert {run.subject for id_, run in opened.told.runs.items() if id_ not in ends} == {"lost-behind", "lost-once"}
    assert opened.told.stored >= opened.known["stored"] + opened.known["spooled"]


def test_the_collector_tells_of_events_of_then_and_now(opened: Opened) -> None:
    """Every event that was published, with how its groups fared, replays included."""
    assert opened.told is not None
    events = {(one.channel, one.subject): one for one in opened.told.events}
    lost = {subject for subject in opened.known["numbers"] if subject.startswith("lost")}
    never = {"failed", "cancelled"}

    assert len(events) == len(opened.told.events)
    assert {subject for channel, subject in events if channel == parcels.LOST} == lost
    delivered = {subject for channel, subject in events if channel == parcels.DELIVERED}
    assert delivered == opened.known["numbers"].keys() - lost - never | {"no-receipt", None}
    for subject, group, round_ in (("mended", "billing", 1), ("sms-down", "sms", 1), ("crossing", "board", 0)):
        deliveries = events[parcels.DELIVERED, subject].deliveries
        assert [(one.status.value, one.round) for one in deliveries if is_group(one.group, group)] == [("ok", round_)]


def test_the_collector_tells_of_letters_and_of_what_operators_did(opened: Opened) -> None:
    """Also of the letter and the replay that nobody had lived to tell of."""
    assert opened.told is not None
    found, nodes = opened.looks["found"].letters, opened.told.nodes
    settled = {one["id"]: one for one in opened.known["letters"] if one["state"] != "dead"}

    for one in opened.known["letters"]:
        node = nodes[one["id"]].node
        assert (node.kind, node.reason, node.event_id) == (NodeKind.DEAD_LETTER, one["reason"], one["event"])
    for id_, one in settled.items():
        replay = nodes[found[id_].replay_id or ""]
        assert replay.node.kind == (NodeKind.DISCARD if one["state"] == "discarded" else NodeKind.REPLAY)
        assert replay.causes == [id_]


def test_the_collector_counts_steps_of_then_and_now_together(opened: Opened) -> None:
    """Each step of both workflows, and each group."""
    assert opened.told is not None
    steps = {(one.workflow, one.step): one for one in opened.told.steps if one.kind == NodeKind.STEP}
    groups = [(one.workflow, one.step) for one in opened.told.steps if one.kind == NodeKind.DELIVERY]
    shipped = [one for one in opened.known["runs"] if one["workflow"] == "shipment"]

    assert {step for workflow, step in steps if workflow == "refund"} == {"check", "pay"}
    assert {step for workflow, step in steps if workflow == "shipment"} == {*shipped[0]["committed"]}
    # Spans of attempts whose worker died in the same moment are lost; of pickups, those of one run.
    assert steps["shipment", "pickup"].nodes >= len(shipped) - 3
    for one in opened.known["groups"]:
        served = [name for channel, name in groups if channel == one["channel"] and is_group(name, one["group"])]
        assert bool(served) == (one["group"] != opening.UNSERVED)


def test_one_causal_graph_joins_what_happened_then_and_now(opened: Opened) -> None:
    """A run that began while the collector was up, went on while it was away, and ended today."""
    assert opened.told is not None
    graph = opened.told.graph
    kinds = Counter(node.kind for node in graph.nodes)

    assert kinds == {NodeKind.RUN: 1, NodeKind.STEP: 5, NodeKind.EVENT: 2, NodeKind.DELIVERY: 4}
    assert {node.status.value for node in graph.nodes} == {"ok"}
    assert {node.name: node.attempts for node in graph.nodes if node.attempts > 1} == {"weighing": 2, "transit": 2}
    assert graph.holes == []
    assert not graph.truncated
