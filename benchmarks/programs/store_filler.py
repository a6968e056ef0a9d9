"""Fills a database with chains of the last day, as the collector would store them, and works out ahead what became of
work, as it would within minutes: `<file> <spans>`."""

import random
import sys
import time
from pathlib import Path

from benchmarks import chains
from benchmarks.programs import talk
from collector.otlp.decode.spans import decode
from collector.store import materialized, rereading
from collector.store.batch import merge
from collector.store.database import Database
from collector.store.writer import Writer

_DAY_NS = 86_400 * 10**9

#: Chains of a request, and requests of a transaction.
_CHAINS = 20
_REQUESTS = 20


def main(file: Path, spans: int) -> None:
    """Stores at least so many, the last of which began just now."""
    database = Database.open(file)
    rereading.step(database)  # nothing was stored by older rules
    writer = Writer(database, 10**9)
    writer.start()
    chance = random.Random(1)
    end = time.time_ns() - 10**9
    stored = 0
    while stored < spans:
        batches = []
        for _ in range(_REQUESTS):
            share = stored / spans
            first = end - int(_DAY_NS * (1 - share))
            batches.append(decode(chains.request(first, first + _DAY_NS * _CHAINS * 97 // spans, _CHAINS, chance)))
            stored += batches[-1].size
        writer.submit(merge(batches)).result()
    writer.close()
    while materialized.step(database):
        pass
    database.close()
    talk.tell(spans=stored)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
