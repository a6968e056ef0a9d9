"""The limit of what can be stored: DuckDB alone, in batches of 50,000 ready rows of Arrow, with one thread or several.

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


def main(folder: Path, threads: int, spans: int) -> None:
    """Inserts all, each batch in a transaction of its own."""
    some = decode(request(2_000).SerializeToString()).tables
    tables = {name: pa.concat_tables([some[name]] * (_BATCH // 2_000)) for name in ("spans", "events", "links")}
    database = duckdb.connect(folder / f"limit-{time.time_ns()}.duckdb", config={"threads": threads})
    for name, table in tables.items():
        database.register(f"ready_{name}", table)
        database.execute(f"CREATE TABLE {name} AS FROM ready_{name} LIMIT 0")
    talk.ready()
    begun, cpu = time.perf_counter(), talk.cpu_s()
    for _ in range(max(1, spans // _BATCH)):
        database.execute("BEGIN")
        for name in tables:
            database.execute(f"INSERT INTO {name} FROM ready_{name}")
        database.execute("COMMIT")
    stored = max(1, spans // _BATCH) * _BATCH
    talk.tell(per_s=stored / (time.perf_counter() - begun), cpu=(talk.cpu_s() - cpu) / stored * 1e6)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
