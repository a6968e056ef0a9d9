"""Fills a database with chains of the last day, and runs of agents of others among them, as the collector would store
them, and works out ahead what became of work, as it would within minutes: `<file> <spans>`. With 0 spans
it brings one that was filled before to what the rules of today make of it."""

import random
import sys
import time
from pathlib import Path

from benchmarks import chains
from benchmarks.assistants import Assistants
from benchmarks.programs import talk
from collector.otlp.decode.spans import decode
from collector.store import materialized, rereading
from collector.store.background import create_room_keeper
from collector.store.batch import Batch, merge_batches
from collector.store.database import Database
from collector.store.writer import Writer

_DAY_NS = 86_400 * 10**9

#: Chains of a request, and runs of agents of others of the next one; how many spans both have, and how many of such
#: pairs a transaction.
_CHAINS = 20
_RUNS = 30
_SPANS = 2_130
_PAIRS = 20


def main(file: Path, spans: int) -> None:
    """Stores at least so many, the last of which began just now."""
    database = Database.open(file)
    room = create_room_keeper(database)
    room.start()
    while rereading.reread_slice(database):
        pass
    if spans:
        _fill(database, spans)
    while materialized.materialize_slice(database):
        pass
    room.close()
    database.close()
    talk.print_figures(spans=spans)
    sys.stdin.read()


def _fill(database: Database, spans: int) -> None:
    writer = Writer(database, 10**9)
    writer.start()
    chance = random.Random(1)
    end = time.time_ns() - 10**9
    assistants = Assistants(chance)
    stored = 0
    while stored < spans:
        batches: list[Batch] = []
        while stored < spans and len(batches) < 2 * _PAIRS:
            first = end - int(_DAY_NS * (1 - stored / spans))
            last = first + _DAY_NS * _SPANS // spans
            batches.append(decode(chains.request(first, last, _CHAINS, chance)))
            batches.append(decode(assistants.request(first, last, _RUNS, (stored + _SPANS) / spans)))
            stored += batches[-2].size + batches[-1].size
        writer.submit(merge_batches(batches)).result()
        materialized.materialize_slice(
            database
        )  # what lies behind is read for each part: afterwards each would read all there is
    writer.submit(decode(assistants.one_long_run(end))).result()
    writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
