"""Reads in the background what texts the stored spans say (`texts.py`): nobody waits for that at a start."""

from collections.abc import Callable
from typing import Final

from collector.store.background import Background, create_sliced_background
from collector.store.database import Database
from collector.store.queries import Query

#: Seconds from one look to the next, and to the first one: a start, and who waited for it, come first.
_INTERVAL: Final = 2.0
_FIRST: Final = 1.0

#: Spans whose texts are read at once: a hundred thousand took 40 MiB more.
_PORTION: Final = 30_000


def load_texts(database: Database) -> bool:
    """Reads all of it, if it is not known.

    Args:
        database: the store.

    Returns:
        False: nothing is left.

    Raises:
        StoreError: when the store can't be used now.
    """
    texts = database.texts
    if not texts.is_known:
        with database.reading() as session:
            # Whoever stores spans and tells nobody what they say has said so before, or is in the snapshot.
            with database.block_writes():
                version = texts.version
                session.one(Query.LISTS_EXTENT)  # the snapshot begins with its first question
            texts.learn(session.tables(Query.INGEST_STORED_TEXTS, _PORTION), version)
    return False


def background(
    database: Database, first: float = _FIRST, *, may_begin: Callable[[], bool] = lambda: True
) -> Background:
    """Returns what does so where something was stored that nobody told.

    Args:
        database: the store.
        first: seconds to the first look.
        may_begin: whether what has to be read before is read.
    """

    def look() -> bool:
        return may_begin() and load_texts(database)

    return create_sliced_background("learning", database, look, _INTERVAL, first, "texts could not be read")
