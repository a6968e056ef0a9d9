"""An event is published from the command line, at once or for later, against a real server."""

import uuid
from pathlib import Path

import pytest

from tests.runtime.cli.commands import Call, Ended

pytestmark = pytest.mark.redis

APP = """
from causeline import App

app = App("shop")


@app.subscribe("orders")
def take(order: dict) -> None:
    pass
"""


class Shop:
    """Publishes in the name of an app, each time from a file of its own: commands run in one process here."""

    def __init__(self, call: Call, folder: Path) -> None:
        self._call = call
        self._folder = folder

    def publish(self, *words: str) -> Ended:
        """`causeline publish APP WORDS`."""
        file = self._folder / f"shop_{uuid.uuid4().hex}.py"
        file.write_text(APP)
        return self._call("publish", file, *words)


@pytest.fixture
def shop(call: Call, tmp_path: Path) -> Shop:
    return Shop(call, tmp_path)


def test_an_event_is_held_back_and_its_id_is_said(call: Call, shop: Shop) -> None:
    """`groups list` says how many a channel holds back; under a key it is published once."""
    said = [shop.publish("orders", '{"n": 7}', "--delay", "60", "--key", "k") for _ in range(2)]
    assert said[0] == said[1]
    assert said[0].out.startswith("event ")
    assert "orders: 1 held back" in call("groups", "list").out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("{n: 7}",), "the payload for channel orders is not valid JSON"),
        (("7", "--delay", "-1"), "delay= of an event for channel orders can't be -1.0"),
        (("7", "--delay", "5", "--expires", "5"), "can't expire after 5 s, for it is held back for 5 s"),
    ],
)
def test_what_can_not_be_published_is_said_in_a_line(shop: Shop, words: tuple[str, ...], expected: str) -> None:
    """The status is that of a mistake."""
    ended = shop.publish("orders", *words)
    assert (ended.status, ended.err.count("\n"), expected in ended.err) == (2, 1, True)
