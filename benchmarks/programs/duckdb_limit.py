"""The limit of what can be stored: DuckDB alone, in batches of 50,000 ready rows of Arrow, with one thread or several:
five batches at least, which its own checkpoints interrupt as they do in a collector.

`<folder> <threads> <spans>`
"""

import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.programs import talk
from benchmarks.requests import request
from collector.otlp.decode.spans import decode

_BATCH = 50_000
_FEWEST = 5

#: Spans that are decoded at once.
_PART = 2_000


def main(folder: Path, threads: int, spans: int) -> None:
    """Inserts all, each batch in a transaction of its own."""
    parts = [decode(request(_PART).SerializeToString()).tables for _ in range(_BATCH // _PART)]
    tables = {name: pa.concat_tables([part[name] for part in parts]) for name in ("spans", "events", "links")}
    file = folder / f"limit-{time.time_ns()}.duckdb"
    database = duckdb.connect(file, config={"threads": threads})
    for name, table in tables.items():
        database.register(f"ready_{name}", table)
        database.execute(f"CREATE TABLE {name} AS FROM ready_{name} LIMIT 0")
    talk.announce_ready()
    begun, cpu = time.perf_counter(), talk.cpu_s()
    batches = max(_FEWEST, spans // _BATCH)
    for _ in range(batches):
        database.execute("BEGIN")
        for name in tables:
            database.execute(f"INSERT INTO {name} FROM ready_{name}")
        database.execute("COMMIT")
    stored, took, used = batches * _BATCH, time.perf_counter() - begun, talk.cpu_s() - cpu
    database.execute("CHECKPOINT")
    talk.print_figures(per_s=stored / took, cpu=used / stored * 1e6, bytes=file.stat().st_size / stored)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
