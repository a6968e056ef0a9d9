"""What a worker, its parent and its cells say to each other arrives whole, or not at all."""

import os
from collections.abc import Iterator

import pytest

from runtime.worker.cell_order import CellOrder
from runtime.worker.link import CellLink, LineReader, LineWriter, ParentLink, ParentMessage, write_line

TASK = CellOrder("w1.cell-1", task="run|shipment|pickup")
DELIVERY = CellOrder("w1.cell-2", channel="parcels", group="sms", place="s1-0")


@pytest.fixture
def pipe() -> Iterator[tuple[LineReader, int]]:
    """What is read, and where one writes."""
    read, write = os.pipe()
    lines = LineReader(read)
    yield lines, write
    lines.close()
    os.close(write)


@pytest.mark.parametrize("order", [TASK, DELIVERY])
def test_an_order_is_read_as_it_was_written(order: CellOrder):
    """Its item is the work alone, whoever runs it."""
    assert CellOrder.decode(order.encode()) == order
    assert order.item == CellOrder("another", *order.item).item
    assert TASK.item != DELIVERY.item


@pytest.mark.parametrize("news", [ParentMessage("killed", "w1.cell-1"), ParentMessage("running", "w1.cell-1", TASK)])
def test_news_are_read_as_they_were_written(news: ParentMessage):
    """With the order of a cell that goes on."""
    assert ParentMessage.decode(news.encode()) == news


def test_lines_come_whole_and_in_order(pipe: tuple[LineReader, int]):
    """What has come in part waits for the rest; where nothing has come there is nothing."""
    lines, write = pipe
    assert lines.read() == []
    os.write(write, b"one\ntw")
    assert lines.read() == [b"one"]
    os.write(write, b"o\n")
    write_line(write, b"three")
    assert lines.read() == [b"two", b"three"]


def test_what_there_is_no_room_for_waits_and_comes_in_order(pipe: tuple[LineReader, int]):
    """Whoever says it goes on at once, also where the last line was written in part."""
    lines, write = pipe
    speech, said, heard = LineWriter(write), [b"%d" % number * 9_000 for number in range(30)], list[bytes]()
    for line in said:
        speech.write(line)
    assert speech.count_waiting > 0
    while len(heard) < len(said):
        heard += lines.read() or ()
        speech.flush()
    assert (heard, speech.count_waiting) == (said, 0)


def test_what_waits_to_be_said_is_lost_with_whoever_was_to_hear_it():
    """As all else that is said to nobody."""
    read, write = os.pipe()
    speech = LineWriter(write)
    speech.write(b"x" * 200_000)
    assert speech.count_waiting == 1
    os.close(read)
    speech.flush()
    assert speech.count_waiting == 0
    speech.write(b"y")
    assert speech.count_waiting == 0
    speech.close()


def test_an_end_is_told_from_silence():
    """Once all that was said has been read."""
    read, write = os.pipe()
    lines = LineReader(read)
    write_line(write, b"last")
    os.close(write)
    assert [lines.read(), lines.read()] == [[b"last"], None]
    lines.close()


def test_what_nobody_is_left_to_hear_is_lost_without_an_error():
    """A worker whose parent is gone is about to end, and must end in order."""
    read, write = os.pipe()
    os.close(read)
    link = ParentLink(LineReader(os.dup(write)), write)
    link.send_ready()
    link.order_cell(TASK)
    link.news.close()
    os.close(write)


def test_a_worker_hears_what_its_parent_saw(pipe: tuple[LineReader, int]):
    """In order, and that the parent is gone."""
    lines, write = pipe
    link, heard = ParentLink(lines, write), list[ParentMessage]()
    news = [ParentMessage("lost", "w0"), ParentMessage("ended", "w1.cell-1")]
    for one in news:
        write_line(write, one.encode())
    assert link.read_messages(heard.append)
    assert heard == news
    read, gone = os.pipe()
    os.close(gone)
    silent = ParentLink(LineReader(read), write)
    assert not silent.read_messages(heard.append)
    silent.news.close()


def test_a_cell_that_waits_says_so_once(pipe: tuple[LineReader, int]):
    """However many waits it has at once; then that it goes on, and that it is done."""
    lines, write = pipe
    link = CellLink(write)
    with link.rest(), link.rest():
        assert lines.read() == [b"rests"]
    with link.rest():
        pass
    link.send_holds()
    link.send_done()
    assert lines.read() == [b"works", b"rests", b"works", b"holds", b"done"]
